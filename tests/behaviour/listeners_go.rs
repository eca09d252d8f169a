//! The listener tests of failsafe-go: Fallback(Retry(Breaker)), and each other policy alone.

use failsafe::{bulkhead, cache, circuit_breaker, fallback, hedge, rate_limiter, retry};

use crate::support::*;

/// What is counted, in this order.
const WANTED: [&str; 11] = [
    "retry retry",
    "retry retry_scheduled",
    "retry failure",
    "retry success",
    "retry retries_exceeded",
    "retry abort",
    "circuit_breaker state_changed",
    "circuit_breaker success",
    "circuit_breaker failure",
    "fallback success",
    "fallback fallback",
];

/// Calls a function under a registry of its own; the outcome, what is counted, and whether the call was a success.
macro_rules! heard {
    ($function:ident, $script:literal) => {
        alone(async {
            let mut heard = Heard::new();
            let mut done = Heard::new();
            let outcome = $function(&Body::new($script)).await;
            (outcome, heard.counts(WANTED), done.done()[0].2)
        })
        .await
    };
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry(max = 10, handle(Err(Error::Down) | Ok(..=4)))]
#[circuit_breaker(name = "go: 1", delay = "0s", handle(Err(Error::Down) | Ok(..=4)))]
async fn succeeds(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: 2 errors, false, false, true: retry 4, scheduled 4, failures 4, success 1, exceeded 0, state changes 9,
// breaker ok 1/fail 4, fallback done 0/ok 1, success.
#[tokio::test(start_paused = true)]
async fn two_errors_two_bad_values_and_a_good_one() {
    let counts = [4, 4, 4, 1, 0, 0, 9, 1, 4, 1, 0];
    assert_eq!(heard!(succeeds, "FFS"), (Ok(5), counts, true));
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[cache(key = 1_u8, name = "go: cached")]
#[retry(max = 10, handle(Err(Error::Down) | Ok(..=4)))]
#[circuit_breaker(name = "go: 9", delay = "0s", handle(Err(Error::Down) | Ok(..=4)))]
async fn cached(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: the same with a cache outside the retry: cached 1, miss 1, hit 0, and nothing else changes. The second
// call is a hit, of which none of the policies inside hears.
#[tokio::test(start_paused = true)]
async fn a_cache_between_fallback_and_retry() {
    alone(async {
        let (mut heard, mut kept) = (Heard::new(), Heard::new());
        let cache = ["cache cached", "cache miss", "cache hit"];
        let body = Body::new("FFS");
        assert_eq!(cached(&body).await, Ok(5));
        assert_eq!(heard.counts(WANTED), [4, 4, 4, 1, 0, 0, 9, 1, 4, 1, 0]);
        assert_eq!(kept.counts(cache), [1, 1, 0]);
        assert_eq!((cached(&body).await, body.runs()), (Ok(5), 5));
        assert_eq!(heard.counts(WANTED), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(kept.counts(cache), [0, 0, 1]);
    })
    .await;
}

#[rate_limiter(name = "go: limited", smooth = "10/s")]
async fn limited(body: &Body) -> Res {
    body.run().await
}

#[bulkhead(1, name = "go: bounded")]
async fn bounded(body: &Body) -> Res {
    body.run().await
}

#[hedge("10ms", max = 2, name = "go: hedged")]
async fn hedged(body: &Body) -> Res {
    body.run().await
}

#[cache(key = 1_u8, name = "go: kept")]
async fn kept(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: rate limiter S,F,(110 ms),S,F,F: exceeded 3, done 5 (2/3); bulkhead full x2: 2 events, 2 failures; cache
// twice: cached 1, miss 1, hit 1, success 2; hedge: 2 events, success 1.
#[tokio::test(start_paused = true)]
async fn each_policy_alone() {
    alone(async {
        let (mut heard, mut done) = (Heard::new(), Heard::new());
        let mut ended = || {
            let calls = done.done();
            let successes = calls.iter().filter(|(.., success)| *success).count();
            (successes, calls.len() - successes)
        };
        let body = Body::new("S");
        for waits in [0, 0, 110, 0, 0] {
            pass(waits).await;
            let _ = limited(&body).await;
        }
        assert_eq!((heard.counts(["rate_limiter rejected"]), ended()), ([3], (2, 3)));
        let bulkhead = failsafe::registry().bulkhead("go: bounded").unwrap();
        let held = bulkhead.try_acquire();
        assert!(bounded(&body).await.is_err() && bounded(&body).await.is_err());
        drop(held);
        assert_eq!((heard.counts(["bulkhead rejected"]), ended()), ([2], (0, 2)));
        assert_eq!(kept(&body).await, kept(&body).await);
        let counts = heard.counts(["cache cached", "cache miss", "cache hit"]);
        assert_eq!((counts, ended()), ([1, 1, 1], (2, 0)));
        assert!(hedged(&Body::taking("S", ms(100))).await.is_ok());
        assert_eq!((heard.counts(["hedge hedge"]), ended()), ([2], (1, 0)));
    })
    .await;
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry(max = 10, handle(Err(Error::Down)))]
#[circuit_breaker(name = "go: 2", delay = "0s")]
async fn unhandled(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: unhandled final error: retry 2, failures 2 and 1 success of the retry, 5 changes, 3 failures of the
// breaker, failure.
#[tokio::test(start_paused = true)]
async fn an_unhandled_error_at_the_end() {
    let counts = [2, 2, 2, 1, 0, 0, 5, 0, 3, 1, 0];
    assert_eq!(heard!(unhandled, "FFT"), (Err(Error::State), counts, false));
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry(max = 3)]
#[circuit_breaker(name = "go: 3", delay = "0s")]
async fn exceeded(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: exceeded with 3 retries: retry 3, exceeded 1, failures 4, changes 7.
#[tokio::test(start_paused = true)]
async fn retries_that_run_out() {
    let counts = [3, 3, 4, 0, 1, 0, 7, 0, 4, 1, 0];
    assert_eq!(heard!(exceeded, "F"), (DOWN, counts, false));
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry(max = 3, abort(Err(Error::State)))]
#[circuit_breaker(name = "go: 4", delay = "0s")]
async fn aborted(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: abort on the 4th attempt: abort 1, exceeded 0, retry 3, failures 4.
#[tokio::test(start_paused = true)]
async fn an_abort_at_the_last_attempt() {
    let counts = [3, 3, 4, 0, 0, 1, 7, 0, 4, 1, 0];
    assert_eq!(heard!(aborted, "FFFT"), (Err(Error::State), counts, false));
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry]
#[circuit_breaker(name = "go: 5", handle(Err(Error::State)))]
async fn only_retry_fails(body: &Body) -> Res {
    body.run().await
}

#[fallback(value = Ok(0), handle(Err(Error::Argument)))]
#[retry(handle(Err(Error::State)))]
#[circuit_breaker(name = "go: 6")]
async fn only_breaker_fails(body: &Body) -> Res {
    body.run().await
}

#[fallback(error = Error::Down)]
#[retry(handle(Err(Error::State)))]
#[circuit_breaker(name = "go: 7", handle(Err(Error::State)))]
async fn only_fallback_fails(body: &Body) -> Res {
    body.run().await
}

// GO Listeners: failing retry with non-matching breaker and fallback: retry fail 3, breaker ok 3, fallback ok 1; failing
// breaker: retry ok 1, breaker fail 1, fallback ok 1; failing fallback: retry ok 1, breaker ok 1, fallback 1; each failure.
#[tokio::test(start_paused = true)]
async fn each_policy_judges_for_itself() {
    let counts = [2, 2, 3, 0, 1, 0, 0, 3, 0, 1, 0];
    assert_eq!(heard!(only_retry_fails, "F"), (DOWN, counts, false));
    let counts = [0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0];
    assert_eq!(heard!(only_breaker_fails, "F"), (DOWN, counts, false));
    let counts = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1];
    assert_eq!(heard!(only_fallback_fails, "F"), (DOWN, counts, false));
}

#[fallback(value = Ok(0))]
#[retry(max = 10)]
#[circuit_breaker(name = "go: 8", delay = "0s")]
async fn third_panics(body: &Body) -> Res {
    let outcome = body.run().await;
    assert!(body.runs() < 3, "the third run");
    outcome
}

// GO Listeners: panic after 2 errors: retry 2, failures 2, changes 4, and nobody is told that the call is over.
#[tokio::test(start_paused = true)]
async fn a_panic_after_two_errors() {
    alone(async {
        let (mut heard, mut done) = (Heard::new(), Heard::new());
        let registry = failsafe::registry();
        let task = tokio::spawn(registry.scope(async { third_panics(&Body::new("F")).await }));
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(heard.counts(WANTED), [2, 2, 2, 0, 0, 0, 4, 0, 2, 0, 0]);
        assert!(done.done().is_empty());
    })
    .await;
}

// GO Breaker: OnClose (3/5): failures 2, successes 3 in the state it left.
#[tokio::test(start_paused = true)]
async fn on_close_has_the_counts_of_the_trial_calls() {
    static CLOSED: Notes = Notes::new();
    #[circuit_breaker(name = "go: closes", successes = "3/5", on_close = |event| {
        let metrics = event.metrics();
        CLOSED.add(format!("{} {}", metrics.failures(), metrics.successes()));
    })]
    async fn closes(body: &Body) -> Res {
        body.run().await
    }
    alone(async {
        failsafe::registry().circuit_breaker("go: closes").unwrap().half_open();
        let body = Body::new("FSFSS");
        for _ in 0..5 {
            let _ = closes(&body).await;
        }
        assert_eq!(CLOSED.take(), ["2 3"]);
    })
    .await;
}
