//! What a fallback answers, and for what.

use failsafe::{Failure, Fallback, Rejected, circuit_breaker, fallback, retry, timeout};

use crate::support::*;

guarded!(
    #[fallback(value = Ok(0))]
    value
);
guarded!(
    #[fallback(error = Error::State)]
    error
);
guarded!(
    #[fallback(with = |failure| match failure {
    Failure::Outcome(Err(Error::Down)) => Ok(10),
    Failure::Outcome(Err(error)) => Err(error),
    _ => Ok(99),
})]
    with
);

// GO Fallback: value, error, function using LastError; no failure is untouched. FB-07: without any other policy.
#[tokio::test(start_paused = true)]
async fn it_answers_a_failure_with_a_value_an_error_or_a_function_of_it() {
    assert_eq!(call!(value, "F"), (Ok(0), 1));
    assert_eq!(call!(value, "S"), (Ok(1), 1));
    assert_eq!(call!(error, "F"), (Err(Error::State), 1));
    assert_eq!(call!(error, "S"), (Ok(1), 1));
    assert_eq!(call!(with, "F"), (Ok(10), 1));
    assert_eq!(call!(with, "A"), (Err(Error::Argument), 1));
}

guarded!(
    #[fallback(value = Ok(0), handle(Ok(2..)))]
    of_values
);
guarded!(
    #[fallback(value = Ok(0), handle(Err(Error::Down)))]
    of_one_error
);
guarded!(
    #[fallback(value = Ok(0), handle_if = Result::is_ok)]
    of_successes
);

// GO Fallback: HandleResult(500): 400 untouched, 500 -> 0; HandleErrors matching. FB hierarchy tables: what it does not
// handle comes out as it is.
#[tokio::test(start_paused = true)]
async fn it_answers_only_what_its_conditions_name() {
    assert_eq!(call!(of_values, "S"), (Ok(1), 1));
    assert_eq!(call!(of_values, "F"), (DOWN, 1));
    assert_eq!(call!(of_one_error, "F"), (Ok(0), 1));
    assert_eq!(call!(of_one_error, "A"), (Err(Error::Argument), 1));
    assert_eq!(call!(of_successes, "S"), (Ok(0), 1));
    let body = Body::new("S");
    assert_eq!((of_values::run(&body).await, of_values::run(&body).await), (Ok(1), Ok(0)));
}

struct Service {
    fallbacks: std::sync::atomic::AtomicU32,
}

impl Service {
    #[retry(max = 0)]
    #[fallback(error = Error::State)]
    async fn stays_a_failure(&self, body: &Body) -> Res {
        body.run().await
    }

    #[fallback(with = |failure| self.count(failure, name, &numbers))]
    async fn counted(&self, body: &Body, name: &str, numbers: Vec<u32>) -> Res {
        let _ = numbers.len();
        body.run().await
    }

    fn count(&self, failure: Failure<Res>, name: &str, numbers: &[u32]) -> Res {
        assert!(matches!(failure, Failure::Outcome(Err(Error::Down))));
        assert_eq!((name, numbers), ("name", [1, 2].as_slice()));
        Ok(34 + self.fallbacks.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
    }

    #[fallback(with = Self::without_arguments)]
    async fn method(&self, body: &Body) -> Res {
        body.run().await
    }

    fn without_arguments(_: Failure<Res>) -> Res {
        Ok(7)
    }

    #[fallback(with = async |_| self.later().await)]
    async fn asynchronous(&self, body: &Body) -> Res {
        body.run().await
    }

    async fn later(&self) -> Res {
        pass(100).await;
        Ok(8)
    }
}

// GO Fallback: a fallback that gives an error stays a failure. FB-02: a handler with state: 34 then 35. FB-05, FB-06,
// FB-08: with or without the arguments of the call; the handler sees `self`, arguments and failure. FB-12: private
// methods, associated functions, closures, async closures.
#[tokio::test(start_paused = true)]
async fn the_answer_is_code_that_sees_the_call() {
    let service = Service { fallbacks: 0.into() };
    let body = Body::new("F");
    assert_eq!(service.counted(&body, "name", vec![1, 2]).await, Ok(34));
    assert_eq!(service.counted(&body, "name", vec![1, 2]).await, Ok(35));
    assert_eq!(service.method(&body).await, Ok(7));
    let begun = tokio::time::Instant::now();
    assert_eq!((service.asynchronous(&body).await, begun.elapsed()), (Ok(8), ms(100)));
    alone(async {
        let mut heard = Heard::new();
        assert_eq!(service.stays_a_failure(&body).await, Err(Error::State));
        assert_eq!(heard.done(), [(1, 1, false)]);
    })
    .await;
}

fn generic<T: Default, E>(_: Failure<Result<T, E>>) -> Result<T, E> {
    Ok(T::default())
}

async fn generic_later<T: Default, E>(_: Failure<Result<T, E>>) -> Result<T, E> {
    pass(1).await;
    Ok(T::default())
}

mod elsewhere {
    use super::*;

    pub(super) fn answer(failure: Failure<Res>) -> Res {
        failure.outcome().unwrap().map_err(|_| Error::State)
    }
}

#[fallback(with = generic)]
async fn by_generic(body: &Body) -> Res {
    body.run().await
}

#[fallback(with = generic_later)]
async fn by_generic_later(body: &Body) -> Res {
    body.run().await
}

#[fallback(with = elsewhere::answer)]
async fn by_path(body: &Body) -> Res {
    body.run().await
}

#[fallback(with = |_| async move { pass(1).await; Ok(u32::try_from(text.len()).unwrap()) })]
async fn by_async_block(body: &Body, text: String) -> Res {
    body.run().await
}

#[fallback(with = generic)]
async fn lists(fails: bool) -> Result<Vec<std::collections::HashSet<u8>>, Error> {
    if fails { Err(Error::Down) } else { Ok(vec![[1].into()]) }
}

// FB-12: generic functions, async ones, of another module, nested generic types.
#[tokio::test(start_paused = true)]
async fn the_answer_is_any_function_that_fits() {
    let body = Body::new("F");
    assert_eq!(by_generic(&body).await, Ok(0));
    assert_eq!(by_generic_later(&body).await, Ok(0));
    assert_eq!(by_path(&body).await, Err(Error::State));
    assert_eq!(by_async_block(&body, "four".to_owned()).await, Ok(4));
    assert_eq!((lists(true).await, lists(false).await), (Ok(vec![]), Ok(vec![[1].into()])));
}

#[fallback(value = Ok(0))]
#[retry(max = 1)]
async fn once_more(body: &Body) -> Res {
    body.run().await
}

#[fallback(value = Ok(0))]
#[retry(max = 1)]
#[timeout("500ms")]
async fn in_time(body: &Body) -> Res {
    body.run().await
}

// FB-01, FB-03: it answers when the retries have run out. FB-04: after failures or timeouts.
#[tokio::test(start_paused = true)]
async fn it_answers_after_the_retries() {
    let body = Body::new("F");
    assert_eq!((once_more(&body).await, body.runs()), (Ok(0), 2));
    let body = Body::new("FS");
    assert_eq!((once_more(&body).await, body.runs()), (Ok(2), 2));
    let body = Body::new("F");
    assert_eq!((in_time(&body).await, body.runs()), (Ok(0), 2));
    let body = Body::taking("S", ms(1_000));
    assert_eq!((in_time(&body).await, body.runs(), body.ended()), (Ok(0), 2, 0));
}

#[fallback(value = Ok(0))]
fn stage(body: &Body) -> impl Future<Output = Res> {
    body.run()
}

// FB-09, FB-10: it guards the future that a function returns, not only the call of the function.
#[tokio::test(start_paused = true)]
async fn it_guards_what_a_returned_future_gives() {
    assert_eq!(stage(&Body::taking("F", ms(10))).await, Ok(0));
    assert_eq!(stage(&Body::taking("S", ms(10))).await, Ok(1));
}

#[fallback(value = Ok(0), handle_rejected(Kind::CircuitOpen))]
#[circuit_breaker(name = "fallback: rejections")]
#[timeout("10ms")]
async fn rejections(body: &Body) -> Res {
    body.run().await
}

#[fallback(value = Ok(0), handle_rejected(Kind::Timeout | Kind::CircuitOpen), handle(Err(Error::State)))]
#[circuit_breaker(name = "fallback: both")]
#[timeout("10ms")]
async fn both(body: &Body) -> Res {
    body.run().await
}

// Conditions on rejections: one kind, several, and beside conditions on values.
#[tokio::test(start_paused = true)]
async fn it_answers_only_the_rejections_it_names() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        assert_eq!((rejections(&slow).await, rejections(&slow).await), (TIMED_OUT, Ok(0)));
        assert_eq!((both(&slow).await, both(&slow).await), (Ok(0), Ok(0)));
        failsafe::registry().reset();
        assert_eq!(both(&Body::new("F")).await, DOWN);
        failsafe::registry().reset();
        assert_eq!(both(&Body::new("T")).await, Ok(0));
    })
    .await;
}

#[fallback(value = 7)]
#[timeout("10ms")]
async fn plain(takes: u64) -> u32 {
    pass(takes).await;
    1
}

#[fallback(with = |failure| match failure {
    Failure::Rejected(rejected) => rejected.kind().to_string(),
    Failure::Outcome(text) => text,
})]
#[circuit_breaker(name = "fallback: text", handle_if = String::is_empty)]
fn blocking_text(text: &str) -> String {
    text.to_owned()
}

// A fallback that answers everything makes any return type do.
#[tokio::test(start_paused = true)]
async fn a_function_without_an_error_can_have_policies_under_a_fallback() {
    assert_eq!((plain(0).await, plain(100).await), (1, 7));
    alone(async {
        assert_eq!(blocking_text("text"), "text");
        assert_eq!(blocking_text(""), "");
        assert_eq!(blocking_text("text"), "circuit breaker open");
    })
    .await;
}

// The same through a builder, async and blocking.
#[tokio::test(start_paused = true)]
async fn a_built_fallback_does_as_the_attribute() {
    let of_one = Fallback::with(|_| Ok(0)).handle_if(|outcome: &Res| *outcome == DOWN).build();
    let guarded = failsafe::with(of_one);
    for (script, expected) in [("F", Ok(0)), ("A", Err(Error::Argument)), ("S", Ok(1))] {
        let body = Body::new(script);
        assert_eq!(guarded.run(|| body.run()).await, expected);
        assert_eq!(guarded.run_blocking(|| Body::new(script).block()), expected);
    }
    let later = Fallback::with_async(|_: Failure<Res>| async {
        pass(10).await;
        Ok(3)
    })
    .build();
    assert_eq!(failsafe::with(later).run(|| async { DOWN }).await, Ok(3));
    let error = Fallback::<Res>::error(Error::State).build();
    assert_eq!(failsafe::with(error).run(|| async { DOWN }).await, Err(Error::State));
    let value = Fallback::value(Ok::<_, Rejected>(5)).build();
    let timed = failsafe::with((value, failsafe::Timeout::builder("1s").build()));
    assert_eq!(timed.run(std::future::pending).await.unwrap(), 5);
}
