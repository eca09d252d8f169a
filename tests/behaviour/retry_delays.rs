//! How long a retry waits.

use std::time::Duration;

use failsafe::testing::{VirtualTime, with_chance};
use failsafe::{Registry, Retry, retry};

use crate::support::*;

/// Runs a test on paused time in which every draw of chance is the same.
fn with_draws<T>(draw: f64, test: impl AsyncFnOnce() -> T) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    with_chance(std::iter::repeat_n(draw, 1_000), || runtime.block_on(test())).0
}

/// The times between the attempts of an async and of a blocking function that always fails, in milliseconds.
macro_rules! delays {
    ($name:ident) => {{
        let body = Body::new("F");
        let _ = $name::run(&body).await;
        let mut heard = Vec::new();
        VirtualTime::new().blocking(|| {
            Registry::new().scope_blocking(|| {
                let mut events = failsafe::events::subscribe();
                let _ = $name::block(&Body::new("F"));
                heard = events.drain();
            })
        });
        let scheduled: Vec<u128> = heard
            .iter()
            .filter_map(|event| match event.what {
                failsafe::events::What::RetryScheduled(delay) => Some(delay.as_millis()),
                _ => None,
            })
            .collect();
        assert_eq!(body.gaps(), scheduled, "the async and the blocking function wait differently");
        scheduled
    }};
}

guarded!(
    #[retry(max = 2, delay = "100ms")]
    fixed
);
guarded!(
    #[retry(max = 6, backoff = "1ms..10ms")]
    backoff
);
guarded!(
    #[retry(max = 5, backoff = 2s..30s)]
    backoff_in_seconds
);
guarded!(
    #[retry(max = 4, backoff = "1ms..10ms", factor = 3)]
    tripling
);
guarded!(
    #[retry(max = 3, backoff = "7ms..7ms")]
    narrow
);

// GO Retry: backoff 1 to 10 ms, six delays; 2 to 30 s: 2, 4, 8, 16, 30. GO 2.2: factor 3; a zero delay is none.
#[tokio::test(start_paused = true)]
async fn a_backoff_grows_by_its_factor_up_to_its_longest() {
    assert_eq!(delays!(fixed), [100, 100]);
    assert_eq!(delays!(backoff), [1, 2, 4, 8, 10, 10]);
    assert_eq!(delays!(backoff_in_seconds), [2_000, 4_000, 8_000, 16_000, 30_000]);
    assert_eq!(delays!(tripling), [1, 3, 9, 10]);
    assert_eq!(delays!(narrow), [7, 7, 7]);
}

const HALF: Duration = ms(500);

guarded!(
    #[retry(max = 1, delay = HALF)]
    constant
);
guarded!(
    #[retry(max = 1, delay = 1.5s)]
    literal
);
guarded!(
    #[retry(max = 1, delay = "1m30s")]
    text
);

#[tokio::test(start_paused = true)]
async fn a_delay_is_a_text_a_literal_or_a_constant() {
    assert_eq!(delays!(constant), [500]);
    assert_eq!(delays!(literal), [1_500]);
    assert_eq!(delays!(text), [90_000]);
}

guarded!(
    #[retry(max = 3, delay_with = |outcome| outcome.err().map(|_| ms(30)))]
    computed
);
guarded!(
    #[retry(max = 3, backoff = "1ms..9ms", delay_with = |outcome| {
    (*outcome == Err(Error::Argument)).then_some(ms(50))
})]
    computed_or_not
);

// GO Retry: DelayFunc. GO 2.2: it does not move the backoff on, and is not capped by its longest.
#[tokio::test(start_paused = true)]
async fn delay_with_goes_before_the_configured_delay() {
    assert_eq!(delays!(computed), [30, 30, 30]);
    let body = Body::new("FAF");
    assert_eq!(computed_or_not::run(&body).await, DOWN);
    assert_eq!(body.gaps(), [1, 50, 2]);
}

#[retry(delay_with = |outcome| { asked.add(format!("{outcome:?}")); Duration::ZERO })]
async fn noted(body: &Body, asked: &Notes) -> Res {
    body.run().await
}

// GO Retry: DelayFunc is called once for each retry: twice for 3 attempts, never on success.
#[tokio::test(start_paused = true)]
async fn delay_with_is_asked_once_for_each_retry() {
    let asked = Notes::new();
    assert_eq!(noted(&Body::new("FAF"), &asked).await, DOWN);
    assert_eq!(asked.take(), ["Err(Down)", "Err(Argument)"]);
    assert_eq!(noted(&Body::new("S"), &asked).await, Ok(1));
    assert!(asked.take().is_empty());
}

guarded!(
    #[retry(max = unlimited, max_duration = "1s", delay = "300ms")]
    bounded
);
guarded!(
    #[retry(max = unlimited, max_duration = "5ms", delay = "3ms")]
    bounded_short
);

// GO 2.2: a delay is cut to what is left: 3 ms, then what is left of 5 ms. A failure at the end itself is the last.
#[tokio::test(start_paused = true)]
async fn max_duration_cuts_the_last_delay() {
    assert_eq!(delays!(bounded), [300, 300, 300, 100]);
    assert_eq!(delays!(bounded_short), [3, 2]);
}

#[retry(max = 90, max_duration = "1s", delay = "1ms", jitter = "200ms")]
async fn jittered_for_a_second(body: &Body) -> Res {
    body.run().await
}

// RT-02: a body of 100 ms fails for a second: more than one run and fewer than 11, whatever the jitter.
#[test]
fn max_duration_bounds_the_number_of_runs() {
    // The longest delays first: 100 + 201 + 100 + 201 + ..; the shortest: one body after the other.
    for (draw, runs) in [(0.0, 4), (0.5, 10), (1.0, 10)] {
        let ran = with_draws(draw, async || {
            let body = Body::taking("F", ms(100));
            assert_eq!(jittered_for_a_second(&body).await, DOWN);
            body.runs()
        });
        assert_eq!(ran, runs, "draws of {draw}");
        assert!(1 < ran && ran < 11);
    }
}

#[retry(max = 10, max_duration = "3200ms", delay = "400ms", jitter = "400ms")]
async fn widely_jittered(body: &Body) -> Res {
    body.run().await
}

// RT-03: a delay of 400 ms that varies by 400 ms: more than 4 runs, no gap above 800 ms.
#[test]
fn jitter_varies_a_delay_to_either_side() {
    for (draw, gap, runs) in [(0.0, 800, 5), (0.25, 600, 7), (0.75, 200, 11), (1.0, 0, 11)] {
        let (gaps, ran) = with_draws(draw, async || {
            let body = Body::new("F");
            assert_eq!(widely_jittered(&body).await, DOWN);
            (body.gaps(), body.runs())
        });
        assert_eq!(ran, runs, "draws of {draw}");
        assert_eq!(gaps[0], gap, "draws of {draw}");
    }
}

#[retry(max = 3, delay = "0s", jitter = "400ms")]
async fn jitter_of_nothing(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 3, delay = "100ms", jitter = "400ms")]
async fn jitter_above_the_delay(body: &Body) -> Res {
    body.run().await
}

// RT-04 is otherwise here, as in failsafe-go: a zero delay does not vary. A jitter above the delay never gives less than
// zero.
#[test]
fn no_delay_is_varied_and_none_is_negative() {
    let gaps = with_draws(0.0, async || {
        let body = Body::new("F");
        assert_eq!(jitter_of_nothing(&body).await, DOWN);
        body.gaps()
    });
    assert_eq!(gaps, [0, 0, 0]);
    let gaps = with_draws(1.0, async || {
        let body = Body::new("F");
        assert_eq!(jitter_above_the_delay(&body).await, DOWN);
        body.gaps()
    });
    assert_eq!(gaps, [0, 0, 0]);
}

guarded!(
    #[retry(max = 1, random_delay = "10ms..110ms")]
    random
);
guarded!(
    #[retry(max = 1, delay = "100ms", jitter = 0.5)]
    share
);
guarded!(
    #[retry(max = 2, backoff = "100ms..1s", jitter = 0.1)]
    jittered_backoff
);

// GO 2.2: the random helpers; a backoff grows from the delay before jitter.
#[test]
fn random_delays_and_shares() {
    let drawn = |draw, code: fn() -> u128| with_chance(std::iter::repeat_n(draw, 8), code).0;
    let random = [0.0, 0.25, 0.5, 0.75].map(|draw| drawn(draw, || span(random::block)));
    assert_eq!(random, [10, 35, 60, 85]);
    let shares = [0.0, 0.25, 0.5, 0.75, 1.0].map(|draw| drawn(draw, || span(share::block)));
    assert_eq!(shares, [150, 125, 100, 75, 50]);
    // 110 + 220: twice 100, not twice 110.
    assert_eq!(drawn(0.0, || span(jittered_backoff::block)), 330);
}

/// How long a call that fails waits in all.
fn span(body: fn(&Body) -> Res) -> u128 {
    let time = VirtualTime::new();
    assert_eq!(time.blocking(|| body(&Body::new("F"))), DOWN);
    time.elapsed().as_millis()
}

// For every draw there can be, the wait is within its bounds.
#[test]
fn every_draw_is_within_the_bounds() {
    for _ in 0..200 {
        assert!((10..=110).contains(&span(random::block)));
        assert!((50..=150).contains(&span(share::block)));
        assert!((270..=330).contains(&span(jittered_backoff::block)));
    }
}

// GO Retry: MaxDuration 100 ms with a second attempt of 120 ms: 2/2, exceeded.
#[tokio::test(start_paused = true)]
async fn a_failure_after_max_duration_is_the_last() {
    #[retry(max_duration = "100ms", exhausted = "error")]
    async fn bounded(body: &Body, second: Duration) -> Res {
        if body.runs() == 1 {
            tokio::time::sleep(second).await;
        }
        body.run().await
    }
    let body = Body::new("F");
    assert_eq!(bounded(&body, ms(120)).await, EXCEEDED);
    assert_eq!(body.runs(), 2);
    // A success after it is a success.
    let body = Body::new("FS");
    assert_eq!(bounded(&body, ms(120)).await, Ok(2));
    // One nanosecond before the end there is another attempt; at the end itself there is none.
    let body = Body::new("F");
    assert_eq!(bounded(&body, ms(99)).await, EXCEEDED);
    assert_eq!(body.runs(), 3);
    let body = Body::new("F");
    assert_eq!(bounded(&body, ms(100)).await, EXCEEDED);
    assert_eq!(body.runs(), 2);
}

// The same through a builder.
#[tokio::test(start_paused = true)]
async fn a_built_retry_waits_as_the_attribute_does() {
    let retry = Retry::builder().max(5).backoff("1ms..10ms").factor(3.0).build();
    let guarded = failsafe::with(retry);
    let body = Body::new("F");
    assert_eq!(guarded.run(|| body.run()).await, DOWN);
    assert_eq!(body.gaps(), [1, 3, 9, 10, 10]);
}
