//! What generated code uses.

pub use crate::as_policy::AsPolicy;
pub use crate::attempt::{Call, run, track};
pub use crate::circuit_breaker::{KeyedCircuitBreaker, Unheard, calls as breaker_calls};
pub use crate::clock::{block, wait};
pub use crate::events::active as is_heard;
pub use crate::fallback::{
    DeclaredFallback, answer, answer_async, answer_later, answer_now, calls as fallback_calls,
    instead,
};
pub use crate::outcome::{
    DescribeAny, DescribeDebug, DescribeDisplay, Flow, JudgeAny, JudgeOutcome, Probe, Straw,
    TakeError, TakeNothing,
};
pub use crate::retry::{Next as RetryNext, Run as RetryRun, calls as retry_calls};
pub use crate::site::{AnyConfig, Declaration, Entry};
pub use crate::timeout::within;
pub use crate::{
    __circuit_breaker as circuit_breaker, __declare as declare, __describe as describe,
    __done as done, __failed as failed, __fallback as fallback, __retry as retry,
};
pub use inventory;

use crate::events::{self, What};
use crate::label::Label;
use crate::outcome::Reject;
use crate::rejected::Rejected;
use std::time::Duration;

/// A value of a type, in code that is never run: it tells an async closure what it returns.
pub fn ty<T>() -> T {
    unreachable!("this code is only type-checked")
}

/// Makes an attempt: the body may run again, so each argument that it uses up must be `Clone`, and
/// it cannot write through `&self` or `&T`.
pub fn attempt<F: Clone>(body: &F) -> F {
    body.clone()
}

/// Runs a body that runs once.
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// What the caller gets of a rejection.
pub fn reject<R: Reject>(rejected: Rejected) -> R {
    R::reject(rejected)
}

/// What the caller gets where no rejection can come out of the policies.
pub fn absorbed<R>(flow: Flow<R>) -> R {
    flow.unwrap_or_else(|rejected| unreachable!("no policy here rejects, but: {rejected}"))
}

/// The error that the attribute's `map_err` makes of a rejection.
pub fn map_err<E>(rejected: Rejected, convert: impl FnOnce(Rejected) -> E) -> E {
    convert(rejected)
}

/// Asks a predicate of an attribute.
pub fn test<R>(outcome: &R, test: impl FnOnce(&R) -> bool) -> bool {
    test(outcome)
}

/// Tells a listener of an attribute, whatever it returns.
pub fn hear<E, T>(event: &E, listener: impl FnOnce(&E) -> T) {
    let _ = listener(event);
}

/// Asks a delay function of an attribute; a rejection has no outcome to ask about.
pub fn delay<R, D: Into<Option<Duration>>>(
    flow: &Flow<R>,
    compute: impl FnOnce(&R) -> D,
) -> Option<Duration> {
    flow.as_ref().ok().and_then(|outcome| compute(outcome).into())
}

/// Tells that a call is over.
#[cold]
pub fn done(call: &Call, path: &'static str, success: bool) {
    let path = path.strip_suffix("::here").unwrap_or(path).trim_end_matches("::{{closure}}");
    let success = success && !call.is_judged_failure();
    events::emit("call", || Label::Unnamed(path), call.counters(), What::Done { success });
}

/// Options of named policies as types: two declarations of one name are compared by the compiler.
/// The numbers are lengths of arrays, as it compares layouts.
pub mod options {
    macro_rules! options {
        ($($(#[$doc:meta])* $option:ident)*) => {$(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Debug)]
            pub struct $option<const A: usize, const B: usize>([u8; A], [u8; B]);
        )*};
    }

    options! {
        /// Failures, and of how many calls.
        Failures
        /// The share of failures in billionths.
        Rate
        /// The period in seconds and nanoseconds.
        Period
        /// Successes, and of how many trial calls.
        Successes
        /// The delay in seconds and nanoseconds.
        Delay
        /// The other end of the delay in seconds and nanoseconds.
        DelayTo
        /// The limit for slow calls in seconds and nanoseconds.
        Slow
        /// The limit in seconds and nanoseconds.
        Limit
        /// The most retries, and whether running out is an error.
        Max
        /// The upper half of the bits of the factor.
        Factor
        /// The jitter in seconds and nanoseconds.
        Jitter
        /// The upper half of the bits of the jitter's share.
        JitterFactor
        /// The longest duration in seconds and nanoseconds.
        MaxDuration
    }
}
