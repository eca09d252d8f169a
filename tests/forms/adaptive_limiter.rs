//! Scenarios of `adaptive_limiter`.

use failsafe::{AdaptiveLimiter, Kind, adaptive_limiter};

use crate::harness::*;

const EXCEEDED: Res = rejected(Kind::LimitExceeded);

forms! {
    fixed,
    #[adaptive_limiter(name = "forms: fixed", limits = "1..2", initial = 2)],
    AdaptiveLimiter::builder().name("forms: fixed").limits("1..2").initial(2).build(),
}

// GO Adaptive limiter: ok 1/1; full 1/0 and an event.
#[test]
fn so_many_calls_run_at_a_time() {
    check(
        &fixed::forms(),
        [
            call("S", Ok(1)).into(),
            call("N S", Ok(2)).into(),
            call("N N S", EXCEEDED).told(&["adaptive_limiter rejected: limit exceeded"]).into(),
            call("N F", DOWN).into(),
            shows("in_flight", "0"),
        ],
    );
}

forms! {
    patient,
    #[adaptive_limiter(name = "forms: waiting", limits = "1..1", wait = "20ms")],
    AdaptiveLimiter::builder().name("forms: waiting").limits("1..1").wait("20ms").build(),
}

// GO Adaptive limiter: max wait 20 ms: 1/0; waits and is admitted.
#[test]
fn a_call_waits_so_long() {
    check(&patient::forms(), [call("N S", EXCEEDED).took(20).into(), shows("queued", "0")]);
    check(
        &patient::asynchronous_forms(),
        [
            together([
                call("S15", Ok(1)).took(15),
                call("S15", Ok(1)).took(30),
                call("S", EXCEEDED).took(20),
            ]),
            shows("in_flight", "0"),
        ],
    );
}

forms! {
    adapting,
    #[adaptive_limiter(name = "forms: adapting", limits = "1..30", initial = 1, samples = 1, window = "0s..1s")],
    AdaptiveLimiter::builder()
        .name("forms: adapting")
        .limits("1..30")
        .initial(1)
        .samples(1)
        .window("0s..1s")
        .build(),
}

// Calls whose latency stays the same raise the limit; calls that fail are no samples (quirk 28).
#[test]
fn the_limit_follows_the_latency() {
    check(
        &adapting::forms(),
        [
            call("F1", DOWN).took(1).into(),
            shows("limit", "1"),
            call("S100", Ok(1)).took(100).into(),
            pass(1_000),
            call("S100", Ok(1)).took(100).into(),
            pass(1_000),
            call("S100", Ok(1)).took(100).into(),
            pass(1_000),
            shows("baseline_ms", "100"),
            shows("limit", "4"),
            call("N N N N S", EXCEEDED).into(),
            call("N N N S", Ok(4)).into(),
        ],
    );
}

forms! {
    async queueing,
    #[adaptive_limiter(name = "forms: queueing", limits = "1..1", queue = "1..1")],
    AdaptiveLimiter::builder().name("forms: queueing").limits("1..1").queue("1..1").build(),
}

// GO Adaptive limiter: 1 x 1 full + queue 1: rejected + event; who waits in the queue waits for as long as it takes.
#[test]
fn calls_wait_in_a_queue_of_some_length() {
    check(
        &queueing::forms(),
        [
            together([
                call("S100", Ok(1)).took(100),
                call("F100", DOWN).took(200),
                call("S", EXCEEDED),
                call("S10", Ok(1)).took(60).after(150),
            ]),
            shows("queued", "0"),
            shows("in_flight", "0"),
            call("S", Ok(1)).told(&[]).into(),
        ],
    );
}
