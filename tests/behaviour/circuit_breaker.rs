//! When a breaker opens, and what happens then: calls in order, as the TCK has them.

use failsafe::circuit_breaker::State;
use failsafe::{circuit_breaker, registry};

use crate::support::*;

/// Calls a guarded function for each letter: `S` and `F` are what its body does, `.` must be refused without running it,
/// `|` lets so many milliseconds pass.
macro_rules! calls {
    ($function:path, $script:expr, $pause:expr) => {{
        let mut ran = 0_u32;
        for (place, letter) in $script.chars().enumerate() {
            match letter {
                '|' => pass($pause).await,
                '.' => {
                    let body = Body::new("S");
                    assert_eq!($function(&body).await, OPEN, "call {place} of {}", $script);
                    assert_eq!(body.runs(), 0);
                }
                letter => {
                    let body = Body::new(&letter.to_string());
                    let expected = if letter == 'S' { Ok(1) } else { DOWN };
                    assert_eq!($function(&body).await, expected, "call {place} of {}", $script);
                    ran += 1;
                }
            }
        }
        ran
    }};
}

#[circuit_breaker(failures = "75% of 4", successes = 2, delay = "50s")]
async fn long(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "75% of 4", successes = 2, delay = "1ms")]
async fn short(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "75% of 4", successes = 1, delay = "1s")]
async fn one_success(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "75% of 4", successes = 3, delay = "1s")]
async fn three_successes(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "100% of 2", delay = "50s")]
async fn of_two(body: &Body) -> Res {
    body.run().await
}

// CB-01: 4 failures, then closed to all. CB-05: another function has its own threshold (CB-06).
#[tokio::test(start_paused = true)]
async fn it_opens_when_its_window_is_full_of_failures() {
    alone(async {
        assert_eq!(calls!(long, "FFFF...", 0), 4);
        assert_eq!(calls!(of_two, "FF.....", 0), 2);
    })
    .await;
}

// CB-02, CB-07: after its delay it lets trial calls through, and they close it.
#[tokio::test(start_paused = true)]
async fn after_its_delay_successes_close_it() {
    alone(async {
        assert_eq!(calls!(short, "FFFF|SSS", 500), 7);
    })
    .await;
}

// CB-03: one success closes it, and the window is empty. CB-04: a failure among the trial calls opens it at once.
#[tokio::test(start_paused = true)]
async fn half_open_a_success_closes_and_a_failure_opens_it() {
    alone(async {
        assert_eq!(calls!(one_success, "FFFF.|SFFFF.", 2_000), 9);
        assert_eq!(calls!(three_successes, "FFFF.|SSF.", 2_000), 7);
    })
    .await;
}

#[circuit_breaker(failures = "50% of 4", successes = 1, delay = "50s")]
async fn rolling(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "50% of 4", successes = 1, delay = "50s")]
async fn rolling_on(body: &Body) -> Res {
    body.run().await
}

// CB-08: it opens on the success that fills the window. CB-09: the oldest call slides out of it.
#[tokio::test(start_paused = true)]
async fn the_window_rolls() {
    alone(async {
        assert_eq!(calls!(rolling, "SFFS.", 0), 4);
        assert_eq!(calls!(rolling_on, "SFSSF.", 0), 5);
    })
    .await;
}

#[circuit_breaker(failures = "75% of 4", successes = 1, delay = "1s")]
async fn initial_success(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "75% of 4", successes = 1, delay = "1s")]
async fn late_success(body: &Body) -> Res {
    body.run().await
}

// CB-10: a success first. CB-11: a success last, on which it opens.
#[tokio::test(start_paused = true)]
async fn a_success_in_the_window_does_not_keep_it_closed() {
    alone(async {
        assert_eq!(calls!(initial_success, "SFFF.|SSFFF.", 2_000), 9);
        assert_eq!(calls!(late_success, "FFFS.|SFFFS.", 2_000), 9);
    })
    .await;
}

#[circuit_breaker]
async fn default(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "2/3")]
async fn two_of_three(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = 3)]
async fn three(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "3/4")]
async fn three_of_four(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = 2)]
async fn two(body: &Body) -> Res {
    body.run().await
}

// GO Breaker: default opens after 1 failure; ratio 2/3: F,S closed, F open; threshold 3: F,S,F,F closed, F open; ratio
// 3/4 and threshold 2 stay closed with S,F alternating. The default delay is one minute.
#[tokio::test(start_paused = true)]
async fn counted_thresholds() {
    alone(async {
        calls!(default, "SSF.", 0);
        calls!(two_of_three, "FSF.", 0);
        calls!(three, "FSFFF.", 0);
        calls!(three_of_four, "SF".repeat(20), 0);
        calls!(two, "SF".repeat(20), 0);
        pass(59_999).await;
        calls!(default, ".|S", 1);
    })
    .await;
}

#[circuit_breaker(failures = "5/10", delay = "0s")]
async fn five_of_ten(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "10/10")]
async fn ten(body: &Body) -> Res {
    body.run().await
}

// GO Breaker: stats: 7 alternating records: fail 3 (.43), ok 4 (.57); then 15 with every 4th failing: a window of 10:
// 2 (.2) of 8 (.8).
#[tokio::test(start_paused = true)]
async fn metrics_count_the_window() {
    alone(async {
        calls!(ten, "SFSFSFS", 0);
        let breaker =
            registry().circuit_breaker("behaviour::behaviour::circuit_breaker::ten").unwrap();
        let metrics = breaker.metrics();
        assert_eq!((metrics.failures(), metrics.successes(), metrics.executions()), (3, 4, 7));
        assert_eq!((metrics.failure_rate(), metrics.success_rate()), (0.43, 0.57));
        calls!(ten, "FSSSFSSSFSSSFSS", 0);
        let metrics = breaker.metrics();
        assert_eq!((metrics.failures(), metrics.successes()), (2, 8));
        assert_eq!((metrics.failure_rate(), metrics.success_rate()), (0.2, 0.8));
        calls!(five_of_ten, "FFFFF", 0);
        let name = "behaviour::behaviour::circuit_breaker::five_of_ten";
        let breaker = registry().circuit_breaker(name).unwrap();
        assert_eq!(breaker.state(), State::Open);
        // While it is open, what opened it is shown.
        assert_eq!(breaker.metrics().failures(), 5);
    })
    .await;
}

// GO Breaker stats: half-open (15 of 20), 15 records with every 3rd failing: 5 (.33) of 10 (.67).
#[tokio::test(start_paused = true)]
async fn metrics_count_trial_calls() {
    let breaker = failsafe::CircuitBreaker::builder().successes("15/20").build();
    breaker.half_open();
    for record in 1..=15 {
        let permit = breaker.try_acquire().unwrap();
        if record % 3 == 0 { permit.failure() } else { permit.success() }
    }
    let metrics = breaker.metrics();
    assert_eq!((metrics.failures(), metrics.successes()), (5, 10));
    assert_eq!((metrics.failure_rate(), metrics.success_rate()), (0.33, 0.67));
}

#[circuit_breaker(failures = "2 in 200ms", delay = "0s")]
async fn timed(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(failures = "50% of 3 in 200ms", delay = "0s")]
async fn timed_rate(body: &Body) -> Res {
    body.run().await
}

fn state_of(function: &str) -> State {
    let name = format!("behaviour::behaviour::circuit_breaker::{function}");
    registry().circuit_breaker(&name).unwrap().state()
}

/// Calls a function for each letter and asserts the state after it.
macro_rules! states {
    ($function:ident: $($letters:literal => $state:ident),+ $(,)?) => {{
        $(
            calls!($function, $letters, 210);
            assert_eq!(state_of(stringify!($function)), State::$state, "after {}", $letters);
        )+
    }};
}

// GO Pipeline: time threshold 2 in 200 ms, delay 0: F,T,(210 ms)F,T,(50 ms) closed,F->open,F->half,F->open,F->half,
// T->closed.
#[tokio::test(start_paused = true)]
async fn failures_within_a_period() {
    alone(async {
        states!(timed: "FS|FS" => Closed);
        pass(50).await;
        states!(timed: "F" => Open, "F" => HalfOpen, "F" => Open, "F" => HalfOpen, "S" => Closed);
    })
    .await;
}

// GO Pipeline: rate .5/3/200 ms: F,T,(210)F,T,(50)T closed,F->open, F->half, F half, F->open, F->half, T, T->closed.
#[tokio::test(start_paused = true)]
async fn a_rate_within_a_period() {
    alone(async {
        states!(timed_rate: "FS|FS" => Closed);
        pass(50).await;
        states!(timed_rate: "S" => Closed, "F" => Open, "F" => HalfOpen, "F" => HalfOpen, "F" => Open);
        states!(timed_rate: "F" => HalfOpen, "S" => HalfOpen, "S" => Closed);
    })
    .await;
}

// GO quirk 13: 50 % is 50 %: 99 of 200 do not open it, though they show as 0.5.
#[tokio::test(start_paused = true)]
async fn ratios_are_exact() {
    let breaker = failsafe::CircuitBreaker::builder().failures("50% of 200").build();
    let record = |failed: bool| match breaker.try_acquire() {
        Some(permit) if failed => permit.failure(),
        Some(permit) => permit.success(),
        None => panic!("it is closed"),
    };
    (0..101).for_each(|_| record(false));
    (0..99).for_each(|_| record(true));
    assert_eq!((breaker.state(), breaker.metrics().failure_rate()), (State::Closed, 0.5));
    // The oldest success slides out.
    record(true);
    assert_eq!(breaker.state(), State::Open);
}
