//! The policies with state whose settings change while the program runs, as a table: how to bring each
//! to where it refuses, and how to call it.

use super::declared::Error;
use failsafe::testing::with_chance;
use failsafe::{
    Bulkhead, Kind, Prioritizer, adaptive_limiter, adaptive_throttler, bulkhead, circuit_breaker,
    policy, rate_limiter, registry, retry,
};
use std::any::Any;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

pub(crate) type Res = Result<u32, Error>;

/// One of the policies.
pub(crate) struct Case {
    pub(crate) policy: &'static str,
    pub(crate) kind: Kind,
    /// Brings it to where it refuses, for as long as what it returns is alive.
    pub(crate) fill: fn() -> Box<dyn Any>,
    /// The asynchronous and the blocking form.
    pub(crate) calls: [fn() -> Res; 2],
    /// What is in use, in its snapshot.
    pub(crate) gauge: &'static str,
}

impl Case {
    /// What it says of itself.
    pub(crate) fn gauge(&self) -> Option<failsafe::Detail> {
        let all = registry().snapshot().policies;
        let one = all.into_iter().find(|one| one.policy == self.policy && one.name == "live");
        one?.details.get(self.gauge).cloned()
    }

    pub(crate) fn is_refused(&self, call: usize) -> bool {
        match self.calls[call]() {
            Err(Error::Rejected(kind)) => {
                assert_eq!(kind, self.kind);
                true
            }
            _ => false,
        }
    }
}

/// The outcome of a call that does not wait; chance is against it.
fn now(call: impl Future<Output = Res>) -> Res {
    let mut call = pin!(call);
    let poll = || call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    match with_chance([0.0; 4], poll).0 {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("it waits"),
    }
}

fn at_once(call: impl FnOnce() -> Res) -> Res {
    with_chance([0.0; 4], call).0
}

#[circuit_breaker(name = "live", failures = "3/5", successes = "2/3", delay = "1m")]
pub(crate) async fn breaker(result: Res, takes: Duration) -> Res {
    body(result, takes).await
}

#[circuit_breaker(name = "live")]
pub(crate) fn breaker_blocking(result: Res) -> Res {
    result
}

#[rate_limiter(name = "live", bursty = "1/1m")]
pub(crate) async fn limiter() -> Res {
    Ok(1)
}

#[rate_limiter(name = "live")]
pub(crate) fn limiter_blocking() -> Res {
    Ok(1)
}

#[bulkhead(1, name = "live")]
pub(crate) async fn place(takes: Duration) -> Res {
    body(Ok(1), takes).await
}

#[bulkhead(name = "live")]
pub(crate) fn place_blocking() -> Res {
    Ok(1)
}

#[bulkhead(1, name = "live keys", key = key)]
pub(crate) async fn place_of(key: u32, takes: Duration) -> Res {
    let _ = key;
    body(Ok(1), takes).await
}

#[adaptive_limiter(name = "live")]
pub(crate) async fn adaptive(takes: Duration) -> Res {
    body(Ok(1), takes).await
}

#[adaptive_limiter(name = "live")]
fn adaptive_blocking() -> Res {
    Ok(1)
}

#[adaptive_throttler(name = "live", failure_rate = "50% of 1 in 1m")]
pub(crate) async fn throttled() -> Res {
    Ok(1)
}

#[adaptive_throttler(name = "live")]
fn throttled_blocking() -> Res {
    Ok(1)
}

pub(crate) static BUDGET: failsafe::Budget =
    policy!(budget(name = "live", max_rate = 0.0, min_concurrency = 1));

#[retry(max = 1, budget = BUDGET)]
pub(crate) async fn budgeted(takes: Duration) -> Res {
    body(Err(Error::Down), takes).await
}

#[retry(max = 1, budget = BUDGET)]
fn budgeted_blocking() -> Res {
    Err(Error::Down)
}

/// The prioritizer lets nobody through once it is calibrated under pressure.
pub(crate) static SHEDDING: Prioritizer =
    policy!(prioritizer(name = "live", window = 4, every = "1h"));

#[adaptive_throttler(name = "live shed", prioritizer = SHEDDING, max_rejection = 1.0)]
pub(crate) async fn shed() -> Res {
    Ok(1)
}

/// All that can let a call wait, around a body that gives way.
#[rate_limiter(name = "busy", smooth = "1/s")]
#[bulkhead(1, name = "busy")]
#[adaptive_limiter(name = "busy")]
#[circuit_breaker(name = "busy")]
pub(crate) async fn yielding() -> Res {
    tokio::task::yield_now().await;
    Ok(1)
}

async fn body(result: Res, takes: Duration) -> Res {
    if !takes.is_zero() {
        tokio::time::sleep(takes).await;
    }
    result
}

pub(crate) fn pool() -> &'static Bulkhead {
    Box::leak(Box::new(registry().bulkhead("live").unwrap()))
}

const fn zero() -> Duration {
    Duration::ZERO
}

pub(crate) const CASES: [Case; 6] = [
    Case {
        policy: "circuit_breaker",
        kind: Kind::CircuitOpen,
        fill: || {
            registry().circuit_breaker("live").unwrap().open();
            Box::new(())
        },
        calls: [|| now(breaker(Ok(1), zero())), || at_once(|| breaker_blocking(Ok(1)))],
        gauge: "state",
    },
    Case {
        policy: "rate_limiter",
        kind: Kind::RateLimited,
        fill: || Box::new(registry().rate_limiter("live").unwrap().try_acquire(1)),
        calls: [|| now(limiter()), || at_once(limiter_blocking)],
        gauge: "available",
    },
    Case {
        policy: "bulkhead",
        kind: Kind::BulkheadFull,
        fill: || Box::new(pool().try_acquire()),
        calls: [|| now(place(zero())), || at_once(place_blocking)],
        gauge: "in_flight",
    },
    Case {
        policy: "adaptive_limiter",
        kind: Kind::LimitExceeded,
        fill: || {
            let limiter = Box::leak(Box::new(registry().adaptive_limiter("live").unwrap()));
            Box::new(std::iter::from_fn(|| limiter.try_acquire()).collect::<Vec<_>>())
        },
        calls: [|| now(adaptive(zero())), || at_once(adaptive_blocking)],
        gauge: "in_flight",
    },
    Case {
        policy: "adaptive_throttler",
        kind: Kind::Throttled,
        fill: || {
            registry().adaptive_throttler("live").unwrap().record_failure();
            Box::new(())
        },
        calls: [|| now(throttled()), || at_once(throttled_blocking)],
        gauge: "executions",
    },
    Case {
        policy: "budget",
        kind: Kind::BudgetExceeded,
        fill: || Box::new(BUDGET.try_acquire()),
        calls: [|| now(budgeted(zero())), || at_once(budgeted_blocking)],
        gauge: "extras",
    },
];
