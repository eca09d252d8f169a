//! Scenarios of `rate_limiter`.

use failsafe::{Kind, RateLimiter, rate_limiter, registry};

use crate::harness::*;

const LIMITED: Res = rejected(Kind::RateLimited);

forms! {
    bursty,
    #[rate_limiter(name = "forms: bursty", bursty = "2/1s")],
    RateLimiter::bursty("2/1s").name("forms: bursty").build(),
}

// GO Rate limiter: so many at the start of each period, and none beyond: 1/0. Each attempt needs its own permit.
#[test]
fn so_many_calls_go_through_in_a_period() {
    check(
        &bursty::forms(),
        [
            call("S", Ok(1)).told(&[]).into(),
            call("F", DOWN).into(),
            call("S", LIMITED)
                .of(1, 0)
                .told(&["rate_limiter rejected: rate limit exceeded"])
                .into(),
            shows("available", "0"),
            pass(999),
            call("S", LIMITED).of(1, 0).into(),
            pass(1),
            call("N S", Ok(2)).into(),
            call("S", LIMITED).of(1, 0).into(),
            hand("it is reset", || registry().rate_limiter("forms: bursty").unwrap().reset()),
            call("N N S", LIMITED).into(),
        ],
    );
}

forms! {
    smooth,
    #[rate_limiter(name = "forms: smooth", smooth = "10/s", wait = "150ms")],
    RateLimiter::smooth("10/s").name("forms: smooth").wait("150ms").build(),
}

// GO Rate limiter: 3 acquires at intervals of 100 ms: equal intervals, for which calls wait.
#[test]
fn calls_wait_for_their_interval() {
    check(
        &smooth::forms(),
        [
            call("S", Ok(1)).into(),
            call("S", Ok(1)).took(100).into(),
            call("S30", Ok(1)).took(130).into(),
            call("S", Ok(1)).took(70).into(),
            pass(1_000),
            call("N S", Ok(2)).took(100).into(),
        ],
    );
}

// GO Rate limiter: max wait 0, 100 ok, the third needs 200: it is refused at once, and costs nothing.
#[test]
fn who_would_wait_too_long_is_refused_at_once() {
    check(
        &smooth::asynchronous_forms(),
        [
            together([
                call("S", Ok(1)),
                call("S", Ok(1)).took(100),
                call("S", LIMITED),
                call("S", Ok(1)).took(140).after(60),
            ]),
            shows("owed", "0"),
        ],
    );
}

forms! {
    rare,
    #[rate_limiter(name = "forms: rare", bursty = "1/1h", wait = "500ms")],
    RateLimiter::bursty("1/1h").name("forms: rare").wait("500ms").build(),
}

// GO Rate limiter: an interval of 1 h rejects 1/0; shortly before its end the next call waits.
#[test]
fn a_long_period_refuses() {
    check(
        &rare::forms(),
        [
            call("S", Ok(1)).into(),
            call("S", LIMITED).of(1, 0).into(),
            pass(3_599_500),
            call("S", Ok(1)).took(500).into(),
            call("S", LIMITED).of(1, 0).into(),
        ],
    );
}
