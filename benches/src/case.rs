//! One measured call: what it is called, how it is made, how large its future is.

use std::fmt;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Which policies are around the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// None.
    Plain,
    /// None, around an operation that yields once.
    PlainYield,
    /// A closed breaker, a successful call.
    CircuitBreaker,
    /// A retry whose first attempt succeeds.
    Retry,
    /// A timeout whose operation is ready at once.
    TimeoutReady,
    /// A timeout whose operation yields once.
    TimeoutYield,
    /// A rate limiter with permits left.
    RateLimiter,
    /// A bulkhead with places left.
    Bulkhead,
    /// A fallback that is not needed.
    Fallback,
    /// A feature that is on.
    FeatureToggle,
    /// A fail-fast that has not failed.
    FailFast,
    /// A hedge whose first attempt is in time.
    Hedge,
    /// A value that the cache has.
    CacheHit,
    /// An adaptive limiter below its limit.
    AdaptiveLimiter,
    /// A throttler that has seen no failure.
    AdaptiveThrottler,
    /// Retry around breaker around timeout, the operation ready at once.
    Stack,
    /// Retry around breaker around timeout, the operation yields once.
    StackYield,
}

impl Group {
    /// The name in the table and in criterion.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::PlainYield => "plain_yield",
            Self::CircuitBreaker => "circuit_breaker",
            Self::Retry => "retry",
            Self::TimeoutReady => "timeout_ready",
            Self::TimeoutYield => "timeout_yield",
            Self::RateLimiter => "rate_limiter",
            Self::Bulkhead => "bulkhead",
            Self::Fallback => "fallback",
            Self::FeatureToggle => "feature_toggle",
            Self::FailFast => "fail_fast",
            Self::Hedge => "hedge",
            Self::CacheHit => "cache_hit",
            Self::AdaptiveLimiter => "adaptive_limiter",
            Self::AdaptiveThrottler => "adaptive_throttler",
            Self::Stack => "stack",
            Self::StackYield => "stack_yield",
        }
    }
}

/// Who runs the policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// Nobody: the bare `async fn`.
    Plain,
    /// The attributes of this workspace.
    Ours,
    /// The same written out by hand.
    ByHand,
    /// Put together by hand: backon, failsafe 1.3, governor, tokio's timeout and semaphore.
    Assembled,
    /// seatbelt 0.11.
    Seatbelt,
    /// tower-resilience 0.13.
    TowerResilience,
}

impl Contender {
    /// Whether it is other people's libraries.
    pub fn is_peer(self) -> bool {
        matches!(self, Self::Assembled | Self::Seatbelt | Self::TowerResilience)
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Plain => "plain async fn",
            Self::Ours => "ours",
            Self::ByHand => "by hand",
            Self::Assembled => "backon, failsafe 1.3, tokio, ..",
            Self::Seatbelt => "seatbelt 0.11",
            Self::TowerResilience => "tower-resilience 0.13",
        })
    }
}

/// One call to measure.
pub struct Case {
    /// The policies.
    pub group: Group,
    /// Who runs them.
    pub contender: Contender,
    /// `size_of_val` of the future that the caller holds. What a boxed future hides is in the heap bytes.
    pub future_bytes: usize,
    batch: Box<dyn FnMut(u64)>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.group.name(), self.contender)
    }
}

impl Case {
    /// A case that makes its future with `call`. Calling `call` and driving what it returns is what is timed.
    pub(crate) fn new<F, R, E>(
        group: Group,
        contender: Contender,
        mut call: impl FnMut(u64) -> F + 'static,
    ) -> Self
    where
        F: Future<Output = Result<R, E>>,
        E: fmt::Debug,
    {
        let future_bytes = size_of_val(&call(0));
        let batch = Box::new(move |calls| {
            for i in 0..calls {
                let outcome = drive(pin!(call(black_box(i))));
                // A refused call is cheap: without this check a broken setup would win.
                black_box(outcome.unwrap_or_else(|e| panic!("a measured call failed: {e:?}")));
            }
        });
        Self { group, contender, future_bytes, batch }
    }

    /// Makes `calls` calls.
    ///
    /// # Panics
    /// When a call fails. Outside a tokio runtime some contenders panic too.
    pub fn run(&mut self, calls: u64) {
        (self.batch)(calls);
    }
}

/// Polls until ready: the least an executor can do, and the same for everybody.
///
/// Through a pointer the compiler knows nothing about, as an executor polls a task. Inlined into the loop around it, a
/// call that never waits melts into its neighbours, and what remains says more about the optimiser than about the call.
fn drive<T>(future: Pin<&mut dyn Future<Output = T>>) -> T {
    let mut future = black_box(future);
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
    }
}
