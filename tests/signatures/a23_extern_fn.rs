//! `extern "C"`. (`unsafe fn` is forbidden in this workspace; it is in the ui tests.)

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
