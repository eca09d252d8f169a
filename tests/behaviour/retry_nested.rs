//! A retry inside another, on one function and on two.

use failsafe::{fallback, retry};

use crate::support::*;

#[retry(max = 2)]
#[retry(max = 1)]
async fn twice(body: &Body) -> Res {
    body.run().await
}

#[retry]
#[retry]
async fn both_default(body: &Body) -> Res {
    body.run().await
}

// GO Retry nested, by quirk 19: each pass through the inner retry has its own state: 3 x 2 and 3 x 3 attempts.
#[tokio::test(start_paused = true)]
async fn each_pass_of_the_inner_retry_starts_anew() {
    let body = Body::new("F");
    assert_eq!((twice(&body).await, body.runs()), (DOWN, 6));
    let body = Body::new("F");
    assert_eq!((both_default(&body).await, body.runs()), (DOWN, 9));
}

#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
async fn eight(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
#[retry(max = 1)]
async fn nine(body: &Body) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn each_of_many_has_a_state_of_its_own() {
    let body = Body::new("F");
    assert_eq!((eight(&body).await, body.runs()), (DOWN, 256));
    let body = Body::new("F");
    assert_eq!((nine(&body).await, body.runs()), (DOWN, 512));
}

#[retry(
    max = 10,
    on_failure = |_| outer.add("failure"),
    on_success = |_| outer.add("success"),
)]
#[retry(
    max = 1,
    on_failure = |_| inner.add("failure"),
    on_success = |_| inner.add("success"),
)]
async fn heard(body: &Body, outer: &Notes, inner: &Notes) -> Res {
    body.run().await
}

// GO Retry nested: outer 10, inner 1 retries, fails 5 times and then succeeds: 6 attempts. The inner retry sees each of
// them (quirk 19: failsafe-go's would be transparent after its first pass), the outer one a pass of two.
#[tokio::test(start_paused = true)]
async fn the_outer_retry_sees_one_outcome_for_each_pass() {
    let (outer, inner) = (Notes::new(), Notes::new());
    let body = Body::new("FFFFFS");
    assert_eq!((heard(&body, &outer, &inner).await, body.runs()), (Ok(6), 6));
    assert_eq!(outer.take(), ["failure", "failure", "success"]);
    let seen = inner.take();
    assert_eq!(seen.len(), 6);
    assert_eq!(seen.iter().filter(|note| *note == "failure").count(), 5);
}

#[fallback(value = Ok(0))]
#[retry(
    max = 3,
    handle(Err(Error::Argument)),
    on_failure = |_| outer.add("failure"),
    on_success = |_| outer.add("success"),
)]
#[retry(
    max = 2,
    handle(Err(Error::State)),
    on_failure = |_| inner.add("failure"),
    on_success = |_| inner.add("success"),
)]
async fn argument_outside(body: &Body, outer: &Notes, inner: &Notes) -> Res {
    body.run().await
}

#[fallback(value = Ok(0))]
#[retry(
    max = 2,
    handle(Err(Error::State)),
    on_failure = |_| inner.add("failure"),
    on_success = |_| inner.add("success"),
)]
#[retry(
    max = 3,
    handle(Err(Error::Argument)),
    on_failure = |_| outer.add("failure"),
    on_success = |_| outer.add("success"),
)]
async fn state_outside(body: &Body, outer: &Notes, inner: &Notes) -> Res {
    body.run().await
}

// GO Retry nested: Fallback(R2[ErrArg,3](R1[ErrState,2])) with alternating errors. By quirk 19 R1 inside starts anew with
// each pass, and never runs out: 8 attempts instead of 5. With the order swapped there is no such difference: R1 sees
// 3 passes, all failures, R2 sees 5 attempts, 2 of them failures.
#[tokio::test(start_paused = true)]
async fn two_retries_each_for_its_own_error() {
    let count = |notes: &Notes| {
        let notes = notes.take();
        let failures = notes.iter().filter(|note| *note == "failure").count();
        (notes.len(), failures)
    };
    let (r2, r1) = (Notes::new(), Notes::new());
    let body = Body::new("TATATATAT");
    assert_eq!((argument_outside(&body, &r2, &r1).await, body.runs()), (Ok(0), 8));
    assert_eq!((count(&r1), count(&r2)), ((8, 4), (4, 4)));
    let body = Body::new("TATATATAT");
    assert_eq!((state_outside(&body, &r2, &r1).await, body.runs()), (Ok(0), 5));
    assert_eq!((count(&r1), count(&r2)), ((3, 3), (5, 2)));
}

#[retry(max = 1)]
async fn leaf(body: &Body) -> Res {
    body.run().await
}

#[retry(max = 1)]
async fn caller(body: &Body) -> Res {
    leaf(body).await
}

// Retries of functions that call each other multiply, as written.
#[tokio::test(start_paused = true)]
async fn a_function_with_a_retry_called_from_another() {
    let body = Body::new("F");
    assert_eq!((caller(&body).await, body.runs()), (DOWN, 4));
}
