//! `#[inline]`, `#[must_use]`, `#[cfg]`, `cfg` on parameters, documentation.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

/// Documented.
#[inline]
#[must_use = "it is a future of a number"]
#[cfg(test)]
#[retry(max = 2)]
#[timeout("1s")]
#[doc = "More."]
async fn get(
    #[cfg(test)] name: String,
    #[cfg(not(test))] name: u32,
    #[cfg(test)] out: &mut u32,
) -> Option<usize> {
    tokio::task::yield_now().await;
    *out += 1;
    RUNS.third().ok().map(|_| name.len())
}

#[tokio::test(start_paused = true)]
async fn are_kept() {
    let mut out = 0;
    assert_eq!(send(get("four".into(), &mut out)).await, Some(4));
    assert_eq!(out, 3);
}
