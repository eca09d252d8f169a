//! Scenarios of `circuit_breaker`.

use failsafe::{CircuitBreaker, Kind, circuit_breaker, registry};

use crate::harness::*;

const OPEN: Res = rejected(Kind::CircuitOpen);

forms! {
    twice,
    #[circuit_breaker(name = "forms: breaker", failures = 2, successes = 2, delay = "1s")],
    CircuitBreaker::builder().name("forms: breaker").failures(2).successes(2).delay("1s").build(),
}

// GO Breaker: open 1/0; half-open after the delay; it closes after enough successes, and opens again after a failure.
#[test]
fn it_opens_half_opens_and_closes() {
    check(
        &twice::forms(),
        [
            call("F", DOWN).told(&["circuit_breaker failure"]).into(),
            call("S", Ok(1)).into(),
            call("F", DOWN).into(),
            shows("state", "closed"),
            call("F", DOWN)
                .told(&["circuit_breaker failure", "circuit_breaker state_changed closed -> open"])
                .into(),
            call("S", OPEN)
                .of(1, 0)
                .told(&["circuit_breaker rejected: circuit breaker open"])
                .into(),
            pass(999),
            call("S", OPEN).of(1, 0).into(),
            shows("remaining_delay_ms", "1"),
            pass(1),
            call("S", Ok(1)).into(),
            shows("state", "half_open"),
            call("S", Ok(1)).into(),
            shows("state", "closed"),
            shows("failures", "0"),
        ],
    );
    check(
        &twice::forms(),
        [
            hand("it is half-opened", || breaker().half_open()),
            call("S", Ok(1)).into(),
            call("F", DOWN).into(),
            shows("state", "open"),
        ],
    );
}

fn breaker() -> CircuitBreaker {
    registry().circuit_breaker("forms: breaker").unwrap()
}

// GO Breaker: half-open lets no more through than it needs to know. By hand it is forced open, and let go.
#[test]
fn half_open_has_so_many_places_and_hands_can_switch_it() {
    check(
        &twice::forms(),
        [
            hand("it is half-opened", || breaker().half_open()),
            call("N N S", OPEN).into(),
            shows("state", "open"),
            hand("it is closed", || breaker().close()),
            call("N N S", Ok(3)).into(),
            hand("it is opened for good", || breaker().force_open()),
            pass(3_600_000),
            call("S", OPEN).of(1, 0).into(),
        ],
    );
}

forms! {
    ratio,
    #[circuit_breaker(name = "forms: ratio", failures = "2/3", delay = "1s", handle(Err(Error::Down)))],
    CircuitBreaker::builder()
        .name("forms: ratio")
        .failures("2/3")
        .delay("1s")
        .handle_if(|outcome: &Res| *outcome == DOWN)
        .build(),
}

// GO Breaker: ratio 2/3: F, S closed, F open. What no condition names is a success.
#[test]
fn so_many_of_the_last_open_it() {
    check(
        &ratio::forms(),
        [
            call("F", DOWN).into(),
            call("A", ARGUMENT).told(&["circuit_breaker success"]).into(),
            shows("state", "closed"),
            call("F", DOWN).into(),
            shows("state", "open"),
        ],
    );
}

forms! {
    timed,
    #[circuit_breaker(name = "forms: timed", failures = "2 in 1s", slow = "100ms")],
    CircuitBreaker::builder().name("forms: timed").failures("2 in 1s").slow("100ms").build(),
}

// GO Breaker: failures within a time; a slow success counts as one.
#[test]
fn so_many_within_a_time_open_it_and_slow_calls_count() {
    check(
        &timed::forms(),
        [
            call("F", DOWN).into(),
            pass(1_500),
            call("F", DOWN).into(),
            shows("state", "closed"),
            pass(1_500),
            call("S100", Ok(1)).took(100).into(),
            shows("failures", "0"),
            call("S101", Ok(1)).took(101).told(&["circuit_breaker failure"]).into(),
            call("F", DOWN).into(),
            shows("state", "open"),
        ],
    );
}
