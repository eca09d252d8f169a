//! `extern "C"`. (`unsafe fn`, which this workspace forbids, is in `ui-tests/edition-2021`.)

use std::num::NonZeroU32;

use failsafe::retry;

use super::support::Runs;

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
extern "C" fn get(add: u32) -> Option<NonZeroU32> {
    NonZeroU32::new(RUNS.third().ok()? + add)
}

#[test]
fn runs_three_times() {
    assert_eq!(get(1).map(NonZeroU32::get), Some(4));
    assert_eq!(RUNS.total(), 3);
}
