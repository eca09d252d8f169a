//! What a failure is: patterns, predicates, rejections, and how they add up.

use failsafe::{circuit_breaker, fallback, registry, retry, timeout};

use crate::support::*;

const LIMIT: u32 = 3;

fn is_bad(outcome: &Res) -> bool {
    outcome.is_ok_and(|run| run == 1)
}

guarded!(
    #[retry(max = 9, handle(Err(Error::Down)), handle(Ok(2)), handle_if = is_bad)]
    several
);
guarded!(
    #[retry(max = 9, handle(Ok(run) if *run < LIMIT))]
    guard
);
guarded!(
    #[retry(max = 9, handle_if = |outcome| matches!(outcome, Ok(1..=3)))]
    closure
);
guarded!(
    #[retry(max = 9, handle(Err(_)), abort(Err(Error::Argument)), abort_if = |outcome| outcome == &Err(Error::State))]
    two_aborts
);
guarded!(
    #[retry(max = 9, abort(Ok(_)))]
    abort_on_success
);

// GO 1.8, 1.9: conditions of one kind and of several are OR-ed, and replace "any failure".
#[tokio::test(start_paused = true)]
async fn conditions_add_up() {
    assert_eq!(call!(several, "S"), (Ok(3), 3));
    assert_eq!(call!(several, "FSS"), (Ok(3), 3));
    assert_eq!(call!(several, "A"), (Err(Error::Argument), 1));
    assert_eq!(call!(guard, "S"), (Ok(3), 3));
    assert_eq!(call!(closure, "S"), (Ok(4), 4));
    assert_eq!(call!(two_aborts, "FA"), (Err(Error::Argument), 2));
    assert_eq!(call!(two_aborts, "FFT"), (Err(Error::State), 3));
    // An abort condition is asked about failures only.
    assert_eq!(call!(abort_on_success, "FFS"), (Ok(3), 3));
}

struct Picky {
    least: u32,
}

impl Picky {
    #[retry(max = 9, handle_if = |outcome| outcome.is_ok_and(|run| run < self.least + extra))]
    async fn at_least(&self, body: &Body, extra: u32) -> Res {
        body.run().await
    }

    #[retry(max = 9, handle(Ok(run) if *run < self.least + extra))]
    fn blocking(&self, body: &Body, extra: u32) -> Res {
        body.block()
    }

    #[circuit_breaker(name = "conditions: self", handle_if = |outcome| self.is_outage(outcome))]
    async fn guarded(&self, body: &Body) -> Res {
        body.run().await
    }

    fn is_outage(&self, outcome: &Res) -> bool {
        *outcome == DOWN && self.least == 2
    }
}

// Conditions see the function's arguments and `self`.
#[tokio::test(start_paused = true)]
async fn conditions_see_arguments_and_self() {
    let picky = Picky { least: 2 };
    assert_eq!(picky.at_least(&Body::new("S"), 2).await, Ok(4));
    assert_eq!(picky.blocking(&Body::new("S"), 3), Ok(5));
    alone(async {
        assert_eq!(picky.guarded(&Body::new("A")).await, Err(Error::Argument));
        assert_eq!(picky.guarded(&Body::new("F")).await, DOWN);
        assert_eq!(picky.guarded(&Body::new("S")).await, OPEN);
    })
    .await;
}

#[retry(max = 3, handle(Err(Error::State)))]
#[timeout("10ms")]
async fn without_rejections(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 3, handle(Err(Error::State)), handle_rejected(Kind::Timeout))]
#[timeout("10ms")]
async fn with_rejections(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 3, handle_rejected(Kind::Timeout | Kind::CircuitOpen), abort_rejected(Kind::CircuitOpen))]
#[circuit_breaker(name = "conditions: two", failures = 2)]
#[timeout("10ms")]
async fn aborts_when_open(body: &Body) -> Res {
    body.run().await
}

// Explicit conditions replace rejections by inner policies too; `handle_rejected` adds them back, by kind;
// `abort_rejected` ends the retries.
#[tokio::test(start_paused = true)]
async fn rejections_are_handled_by_their_kind() {
    let slow = || Body::taking("S", ms(100));
    let body = slow();
    assert_eq!((without_rejections(&body).await, body.runs()), (TIMED_OUT, 1));
    let body = slow();
    assert_eq!((with_rejections(&body).await, body.runs()), (TIMED_OUT, 4));
    let body = Body::new("T");
    assert_eq!((with_rejections(&body).await, body.runs()), (Err(Error::State), 4));
    let body = Body::new("F");
    assert_eq!((with_rejections(&body).await, body.runs()), (DOWN, 1));
    alone(async {
        let mut heard = Heard::new();
        let body = slow();
        assert_eq!((aborts_when_open(&body).await, body.runs()), (OPEN, 2));
        let wanted = ["retry abort", "retry retries_exceeded", "retry retry"];
        assert_eq!(heard.counts(wanted), [1, 0, 2]);
    })
    .await;
}

#[circuit_breaker(name = "conditions: breaker", failures = 2, handle(Err(Error::Down)))]
async fn counts_one_error(body: &Body) -> Res {
    body.run().await
}

// CB hierarchy tables: what a breaker does not handle is a success to it.
#[tokio::test(start_paused = true)]
async fn an_unhandled_error_is_a_success_for_the_breaker() {
    alone(async {
        let breaker = registry().circuit_breaker("conditions: breaker").unwrap();
        for script in ["F", "A", "F", "T"] {
            assert!(counts_one_error(&Body::new(script)).await.is_err());
        }
        assert!(breaker.is_closed());
        assert_eq!((breaker.metrics().failures(), breaker.metrics().successes()), (1, 1));
        assert_eq!(counts_one_error(&Body::new("F")).await, DOWN);
        assert_eq!(counts_one_error(&Body::new("F")).await, DOWN);
        assert_eq!(counts_one_error(&Body::new("F")).await, OPEN);
    })
    .await;
}

#[derive(Debug, Clone, PartialEq)]
enum Reply {
    Good(u32),
    Bad,
}

impl failsafe::Outcome for Reply {
    fn is_failure(&self) -> bool {
        *self == Self::Bad
    }
}

impl failsafe::Reject for Reply {
    fn reject(_: failsafe::Rejected) -> Self {
        Self::Bad
    }
}

#[retry(max = 2)]
#[circuit_breaker(name = "conditions: reply", failures = 3)]
async fn reply(body: &Body) -> Reply {
    body.run().await.map_or(Reply::Bad, Reply::Good)
}

#[fallback(value = Reply::Good(0), handle(Reply::Good(1)))]
fn blocking_reply(body: &Body) -> Reply {
    body.block().map_or(Reply::Bad, Reply::Good)
}

// A type of one's own says itself what a failure is; conditions go before it.
#[tokio::test(start_paused = true)]
async fn a_type_of_ones_own_says_what_a_failure_is() {
    alone(async {
        assert_eq!(reply(&Body::new("FFS")).await, Reply::Good(3));
        let body = Body::new("F");
        assert_eq!((reply(&body).await, body.runs()), (Reply::Bad, 3));
        let body = Body::new("S");
        assert_eq!((reply(&body).await, body.runs()), (Reply::Bad, 0));
    })
    .await;
    assert_eq!(blocking_reply(&Body::new("F")), Reply::Bad);
    assert_eq!(blocking_reply(&Body::new("S")), Reply::Good(0));
}
