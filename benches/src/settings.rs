//! The one configuration that every contender gets (`ours` spells the same values as attribute literals).

use std::time::Duration;

/// Retries after the first attempt.
pub(crate) const MAX_RETRIES: u32 = 2;
/// First backoff delay; it doubles for each further retry. No jitter.
pub(crate) const FIRST_DELAY: Duration = Duration::from_millis(100);
/// Where the backoff stops growing.
pub(crate) const MAX_DELAY: Duration = Duration::from_secs(1);
/// Failures in a row that open the breaker.
pub(crate) const FAILURES: u32 = 5;
/// How long an open breaker refuses calls.
pub(crate) const OPEN_FOR: Duration = Duration::from_secs(30);
/// Most one attempt may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(1);
