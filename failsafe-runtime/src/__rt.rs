//! What generated code uses.

pub use crate::adaptive_limiter::KeyedAdaptiveLimiter;
pub use crate::adaptive_throttler::{KeyedAdaptiveThrottler, calls as adaptive_throttler_calls};
pub use crate::as_policy::AsPolicy;
pub use crate::attempt::{Call, run, track};
pub use crate::budget::{Held, Hold, Unlimited};
pub use crate::bulkhead::KeyedBulkhead;
pub use crate::cache::{
    DeclaredCache, Holds as CacheHolds, KeyProbe as CacheKeyProbe, Shape as CacheShape,
    begin as cache_begin, given as cache_store, hears as cache_hears, instance as cache_instance,
    keeping as cache_keeping,
};
pub use crate::circuit_breaker::{
    KeyedCircuitBreaker, calls as breaker_calls, plain as plain_breaker,
};
pub use crate::clock::{block, wait};
pub use crate::events::active as is_heard;
pub use crate::fail_fast::{
    KeyedFailFast, calls as fail_fast_calls, probing, probing_now, shared as shared_probe,
    shared_now as shared_probe_now,
};
pub use crate::fallback::{
    DeclaredFallback, answer, answer_async, answer_later, answer_now, answering,
    calls as fallback_calls, error_instead, instead,
};
pub use crate::feature_toggle::{Slot as ToggleSlot, ask, otherwise};
pub use crate::hedge::{calls as hedge_calls, race};
pub use crate::listener::Unheard;
pub use crate::outcome::{Flow, FromError, done};
pub use crate::rate_limiter::KeyedRateLimiter;
pub use crate::retry::{Run as RetryRun, calls as retry_calls, plain as plain_retry};
pub use crate::site::{AnyConfig, Declaration, Entry, path_of};
pub use crate::steps::{
    Attempt, FlowAttempt, course, flow_without_body, timed_course, without_body,
};
pub use crate::timeout::within;
pub use crate::typed::{
    Describe, DescribeAny, DescribeDebug, DescribeDisplay, Judge, JudgeAny, JudgeOutcome,
    LeaveAsReturned, LeaveNever, TakeError, TakeNothing, Typed, answers, as_outcome, can_fail,
    can_reject, may_leave, returned,
};
pub use crate::{
    __adaptive_limiter as adaptive_limiter, __adaptive_throttler as adaptive_throttler,
    __answers as typed_answers, __bulkhead as bulkhead, __cache as cache,
    __cache_holds as cache_holds, __can_leave as can_leave, __circuit_breaker as circuit_breaker,
    __declare as declare, __describe as describe, __done as done, __fail_fast as fail_fast,
    __failed as failed, __fallback as fallback, __feature_toggle as feature_toggle,
    __hedge as hedge, __judge as judge, __last_words as last_words, __leave as leave,
    __rate_limiter as rate_limiter, __retry as retry, __timeout as timeout,
};
pub use inventory;

use crate::adaptive_throttler::AdaptiveThrottlerEvent;
use crate::circuit_breaker::CircuitBreakerEvent;
use crate::fallback::FallbackEvent;
use crate::outcome::{Outcome, Reject};
use crate::priority::{Caller, Level, Priority};
use crate::rejected::Rejected;
use crate::retry::RetryEvent;
use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

/// A value of a type, in code that is never run: it tells an async closure what it returns.
pub fn ty<T>() -> T {
    unreachable!("this code is only type-checked")
}

/// Makes an attempt. The compiler shows the comment.
pub fn attempt<F>(body: &F) -> F
where
    F: Clone, // the body may run again: each argument it uses up must be `Clone`, and it cannot write through `&self` or `&T`
{
    body.clone()
}

/// Starts an attempt; its own copy of the body is gone when this returns, and takes no room in the
/// future of the call. The compiler shows the comment.
#[inline]
pub fn start<F, A>(body: &F) -> A
where
    F: Clone, // the body may run again: each argument it uses up must be `Clone`, and it cannot write through `&self` or `&T`
    F: FnOnce() -> A,
{
    body.clone()()
}

/// The type of the outcome of an attempt, for who has none yet: a function that is never called.
pub const fn outcome_of<F, A, R>(_attempt: &F) -> fn() -> R
where
    F: FnOnce(Call) -> A,
    A: Future<Output = (Flow<R>, Call)>,
{
    ty::<R>
}

/// Tells success from failure.
pub fn is_failure<R: Outcome>(outcome: &R) -> bool {
    outcome.is_failure()
}

/// The instance that an attribute names.
pub fn instance<P, I: AsPolicy<P>>(instance: &I) -> &P {
    instance.as_policy()
}

/// Runs a body that runs once.
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// What the caller gets of a rejection. It is the same for all functions of one return type.
#[cold]
#[inline(never)]
pub fn reject<R: Reject>(rejected: Rejected) -> R {
    R::reject(rejected)
}

/// What the caller gets where no rejection can come out of the policies.
pub fn absorbed<R>(flow: Flow<R>) -> R {
    flow.unwrap_or_else(|rejected| unreachable!("no policy here rejects, but: {rejected}"))
}

/// What the caller gets where the attribute's `map_err` makes an error of a rejection.
pub fn map_err<R: FromError>(flow: Flow<R>, convert: impl FnOnce(Rejected) -> R::Error) -> R {
    flow.unwrap_or_else(|rejected| R::from_error(convert(rejected)))
}

/// Asks a predicate of an attribute.
pub fn test<R>(outcome: &R, test: impl FnOnce(&R) -> bool) -> bool {
    test(outcome)
}

/// The listeners of a retry; the outcome tells them their type.
pub const fn retry_hears<R, L>(_outcome: &Flow<R>, listeners: L) -> L
where
    L: Fn(&RetryEvent<'_, R>),
{
    listeners
}

/// The listeners of a circuit breaker; the outcome tells them their type.
pub const fn circuit_breaker_hears<R, L>(_outcome: &Flow<R>, listeners: L) -> L
where
    L: Fn(&CircuitBreakerEvent<'_, R>),
{
    listeners
}

/// The listeners of an adaptive throttler; the outcome tells them their type.
pub const fn adaptive_throttler_hears<R, L>(_outcome: &Flow<R>, listeners: L) -> L
where
    L: Fn(&AdaptiveThrottlerEvent<'_, R>),
{
    listeners
}

/// The listeners of a fallback; the outcome tells them their type.
pub const fn fallback_hears<R, L>(_outcome: &Flow<R>, listeners: L) -> L
where
    L: Fn(&FallbackEvent<'_, R>),
{
    listeners
}

/// Says how important a call is.
pub fn caller_priority(caller: Caller, priority: impl IntoPriority) -> Caller {
    match priority.into_priority() {
        Some(priority) => caller.priority(priority),
        None => caller,
    }
}

/// Says how important a call is, to the level.
pub fn caller_level(caller: Caller, level: impl IntoLevel) -> Caller {
    match level.into_level() {
        Some(level) => caller.level(level),
        None => caller,
    }
}

/// Says for whom a call is made.
pub fn caller_user(caller: Caller, user: &(impl Display + ?Sized)) -> Caller {
    caller.user(user)
}

/// Who makes a call, by what is stronger and what is weaker.
#[expect(clippy::needless_pass_by_value, reason = "generated code has both as values")]
pub fn caller_or(caller: Caller, weaker: Caller) -> Caller {
    caller.or(&weaker)
}

/// The same, where both say parts of one: the level of the weaker is not that of another priority.
pub fn caller_beside(caller: Caller, weaker: Caller) -> Caller {
    caller.beside(weaker)
}

/// What `priority` may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a priority",
    label = "this must be a `failsafe::Priority` or an `Option` of one"
)]
pub trait IntoPriority {
    /// The priority; `None` is what the caller around says.
    fn into_priority(self) -> Option<Priority>;
}

impl IntoPriority for Priority {
    fn into_priority(self) -> Option<Priority> {
        Some(self)
    }
}

impl IntoPriority for Option<Priority> {
    fn into_priority(self) -> Option<Priority> {
        self
    }
}

/// What `level` may be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a level",
    label = "this must be a number from 0 to 499, a `failsafe::Level`, or an `Option` of one"
)]
pub trait IntoLevel {
    /// The level; `None` is what the caller around says.
    fn into_level(self) -> Option<Level>;
}

macro_rules! into_level {
    ($($level:ty),*) => {$(
        impl IntoLevel for $level {
            fn into_level(self) -> Option<Level> {
                Some(self.into())
            }
        }
    )*};
}

into_level!(Level, i32, i64, u16, u32, u64, usize);

impl<L: IntoLevel> IntoLevel for Option<L> {
    fn into_level(self) -> Option<Level> {
        self.and_then(L::into_level)
    }
}

/// Tells a listener of an attribute, whatever it returns.
pub fn hear<E, T>(event: &E, listener: impl FnOnce(&E) -> T) {
    let _ = listener(event);
}

/// Asks a delay function of an attribute; a rejection has no outcome to ask about.
pub fn delay<R, D: IntoDelay>(flow: &Flow<R>, compute: impl FnOnce(&R) -> D) -> Option<Duration> {
    flow.as_ref().ok().and_then(|outcome| compute(outcome).into_delay())
}

/// Asks a delay function of a hedge.
pub fn hedge_delay<D: IntoDelay>(
    hedges: u32,
    compute: impl FnOnce(u32) -> D,
) -> Option<Option<Duration>> {
    Some(compute(hedges).into_delay())
}

/// What a delay function may return.
#[diagnostic::on_unimplemented(
    message = "`delay_with` returns `{Self}`, which is not a delay",
    label = "this must return a `Duration` or an `Option<Duration>`"
)]
pub trait IntoDelay {
    /// The delay; `None` is the configured one, or none.
    fn into_delay(self) -> Option<Duration>;
}

impl IntoDelay for Duration {
    fn into_delay(self) -> Option<Duration> {
        Some(self)
    }
}

impl IntoDelay for Option<Duration> {
    fn into_delay(self) -> Option<Duration> {
        self
    }
}

/// The limit that so many calls in flight allow at the most, by a function of an attribute.
pub fn shared_max_limit_with<L: Into<f64>>(in_flight: u32, compute: impl FnOnce(u32) -> L) -> f64 {
    compute(in_flight).into()
}

/// Options of named policies as types: two declarations of one name are compared by the compiler.
/// The numbers are lengths of arrays, as it compares layouts; a third one tells the options apart.
pub mod options {
    macro_rules! options {
        ($($(#[$doc:meta])* $option:ident = $tag:literal)*) => {$(
            $(#[$doc])*
            #[repr(C)]
            #[derive(Debug)]
            pub struct $option<const A: usize, const B: usize>([u8; A], [u8; B], [u8; $tag]);
        )*};
    }

    options! {
        /// Failures, and of how many calls.
        Failures = 1
        /// The share of failures in billionths.
        Rate = 2
        /// The period in seconds and nanoseconds.
        Period = 3
        /// Successes, and of how many trial calls.
        Successes = 4
        /// The delay in seconds and nanoseconds.
        Delay = 5
        /// The other end of the delay in seconds and nanoseconds.
        DelayTo = 6
        /// The limit for slow calls in seconds and nanoseconds.
        Slow = 7
        /// The limit in seconds and nanoseconds.
        Limit = 8
        /// The most retries, and whether running out is an error.
        Max = 9
        /// The upper half of the bits of the factor.
        Factor = 10
        /// The jitter in seconds and nanoseconds.
        Jitter = 11
        /// The upper half of the bits of the jitter's share.
        JitterFactor = 12
        /// The longest duration in seconds and nanoseconds.
        MaxDuration = 13
        /// The places of a bulkhead, and those in its queue.
        Places = 19
        /// The longest wait for a place in seconds and nanoseconds.
        PlaceWait = 20
        /// The time to live in seconds and nanoseconds.
        TimeToLive = 40
        /// How many values a cache keeps, and nothing.
        Capacity = 41
        /// The permits of a smooth and of a bursty rate.
        Permits = 14
        /// The period of a smooth rate in seconds and nanoseconds.
        Smooth = 15
        /// The period of a bursty rate in seconds and nanoseconds.
        Bursty = 16
        /// The longest wait in seconds and nanoseconds.
        Wait = 17
        /// The extra executions that a budget always grants.
        MinConcurrency = 91
        /// The fewest calls that decide, and nothing.
        FewestCalls = 131
        /// The most that may be refused, in billionths, and nothing.
        MaxRejection = 132
        /// The calls whose levels are remembered, and the users.
        Remembered = 121
        /// How often it is calibrated, in seconds and nanoseconds.
        Every = 122
        /// The time in which usage counts, in seconds and nanoseconds.
        UsageWindow = 123
        /// The least and the greatest limit.
        Limits = 141
        /// The limit it begins with.
        Initial = 142
        /// The most keys that are kept, and nothing.
        MaxKeys = 31
        /// The time after which an unused key may go, in seconds and nanoseconds.
        KeyIdle = 32
        /// The halves of the bits of the factor from calls in flight to the limit.
        LimitFactor = 143
        /// The halves of the bits of what that factor decays by.
        LimitDecay = 144
        /// The halves of the bits of what that factor decays to.
        LeastFactor = 145
        /// The time in which the most calls in flight bound the limit, in seconds and nanoseconds.
        Stabilization = 146
        /// The shortest window in seconds and nanoseconds.
        WindowFrom = 147
        /// The longest window in seconds and nanoseconds.
        WindowTo = 148
        /// The samples of a window, and the windows of a correlation.
        Samples = 149
        /// The halves of the bits of the quantile.
        SampleQuantile = 150
        /// The windows of the baseline, and whether the limit shrinks when idle.
        Baseline = 151
        /// How far the baseline may rise, in billionths.
        DriftRate = 152
        /// In how much time, in seconds and nanoseconds.
        DriftPeriod = 153
        /// The halves of the bits of the queue that refuses some.
        QueueFrom = 154
        /// The halves of the bits of the queue that refuses all.
        QueueTo = 155
        /// The longest wait for a permit in seconds and nanoseconds.
        PermitWait = 156
        /// Whether it is on at the start, and nothing.
        Enabled = 18
        /// The most hedges, and whether any outcome ends the race.
        Hedges = 21
        /// The delay before a hedge in seconds and nanoseconds.
        HedgeDelay = 22
        /// The upper half of the bits of the quantile.
        Quantile = 23
        /// Over how many attempts a quantile is taken, and after how many it is used.
        QuantileOf = 24
    }
}

/// What the conditions of an attribute may name.
pub mod kinds {
    pub use crate::rejected::Kind;
}
