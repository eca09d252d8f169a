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
/// Permits of a rate limiter in a second: more than any contender can use.
pub(crate) const PERMITS: u32 = 1_000_000_000;
/// Calls at once.
pub(crate) const PLACES: usize = 10;
/// What a cache is keyed by: so many values.
pub(crate) const VALUES: u64 = 8;
/// When a hedge would start.
pub(crate) const HEDGE: Duration = Duration::from_secs(1);
/// The highest limit of concurrent calls, and the first.
pub(crate) const LIMITS: (usize, usize) = (200, 20);
