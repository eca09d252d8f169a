//! How often a retry runs its body, and what comes out.

use std::error::Error as _;

use failsafe::{Kind, Rejected, Retry, retry};

use crate::support::*;

guarded!(
    #[retry]
    defaults
);
guarded!(
    #[retry(max = 5)]
    five
);
guarded!(
    #[retry(max = 3)]
    three
);
guarded!(
    #[retry(max = 0)]
    none
);
guarded!(
    #[retry(attempts = 1)]
    one_attempt
);
guarded!(
    #[retry(attempts = 4)]
    four_attempts
);
guarded!(
    #[retry(max = unlimited)]
    unlimited
);

// GO Retry: default failing 3/3; success 1/1.
#[tokio::test(start_paused = true)]
async fn by_default_there_are_two_retries() {
    assert_eq!(call!(defaults, "F"), (DOWN, 3));
    assert_eq!(call!(defaults, "S"), (Ok(1), 1));
    assert_eq!(call!(defaults, "FS"), (Ok(2), 2));
}

// RT-01, and RT-05, RT-17 (fails as often as there are retries, then succeeds).
#[tokio::test(start_paused = true)]
async fn max_is_the_number_of_retries_and_the_last_failure_comes_out() {
    assert_eq!(call!(five, "FFFFFA"), (Err(Error::Argument), 6));
    assert_eq!(call!(three, "FFFS"), (Ok(4), 4));
    assert_eq!(call!(three, "FFFFS"), (DOWN, 4));
}

// RT-21; GO 2.3: MaxAttempts(1); GO quirk 40: `attempts` are calls in all.
#[tokio::test(start_paused = true)]
async fn zero_retries_or_one_attempt_run_once() {
    assert_eq!(call!(none, "F"), (DOWN, 1));
    assert_eq!(call!(one_attempt, "F"), (DOWN, 1));
    assert_eq!(call!(four_attempts, "F"), (DOWN, 4));
}

// GO Retry: unlimited with 5 errors: 6/6.
#[tokio::test(start_paused = true)]
async fn unlimited_goes_on_until_it_succeeds() {
    assert_eq!(call!(unlimited, "FFFFFS"), (Ok(6), 6));
}

guarded!(
    #[retry(max = unlimited, handle(Ok(1..=2)))]
    handled_values
);

// GO Retry: HandleResult(500) unlimited: 3/3.
#[tokio::test(start_paused = true)]
async fn a_handled_value_is_retried_until_there_is_another() {
    assert_eq!(call!(handled_values, "S"), (Ok(3), 3));
    // Explicit conditions replace "any failure": an error is not one.
    assert_eq!(call!(handled_values, "F"), (DOWN, 1));
}

// GO Retry: ReturnLastFailure MaxRetries 3: 4/4 raw error.
#[tokio::test(start_paused = true)]
async fn each_attempt_counts_as_attempt_and_execution() {
    alone(async {
        let mut heard = Heard::new();
        assert_eq!(three::run(&Body::new("FFFA")).await, Err(Error::Argument));
        assert_eq!(heard.done(), [(4, 4, false)]);
        assert_eq!(three::block(&Body::new("FFS")), Ok(3));
        assert_eq!(heard.done(), [(3, 3, true)]);
    })
    .await;
}

guarded!(
    #[retry(exhausted = "error")]
    exhausted
);
guarded!(
    #[retry(attempts = 1, exhausted = "error")]
    exhausted_at_once
);
guarded!(
    #[retry(exhausted = "error", abort(Err(Error::State)))]
    exhausted_or_aborted
);

// GO Retry: exceeded error + 2 retries + 1 exceeded event; GO 2.3: MaxAttempts(1) is exceeded at the first failure.
#[tokio::test(start_paused = true)]
async fn exhausted_error_is_a_rejection() {
    assert_eq!(call!(exhausted, "F"), (EXCEEDED, 3));
    assert_eq!(call!(exhausted, "FFS"), (Ok(3), 3));
    assert_eq!(call!(exhausted_at_once, "F"), (EXCEEDED, 1));
    alone(async {
        let mut heard = Heard::new();
        assert_eq!(exhausted::run(&Body::new("F")).await, EXCEEDED);
        let counts = heard.counts(["retry retry", "retry retries_exceeded", "retry failure"]);
        assert_eq!(counts, [2, 1, 3]);
        assert_eq!(exhausted_at_once::run(&Body::new("F")).await, EXCEEDED);
        assert_eq!(heard.counts(["retry retry", "retry retries_exceeded"]), [0, 1]);
    })
    .await;
}

// GO quirk 18: an abort at the last attempt returns what the body returned.
#[tokio::test(start_paused = true)]
async fn an_abort_returns_the_outcome_itself_also_at_the_last_attempt() {
    assert_eq!(call!(exhausted_or_aborted, "FFT"), (Err(Error::State), 3));
    assert_eq!(call!(exhausted_or_aborted, "FT"), (Err(Error::State), 2));
    assert_eq!(call!(exhausted_or_aborted, "FFFT"), (EXCEEDED, 3));
}

#[derive(Debug, thiserror::Error)]
enum Typed {
    #[error("the answer was {0}")]
    Answer(u32),
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

#[retry(exhausted = "error")]
async fn typed() -> Result<(), Typed> {
    Err(Typed::Answer(failsafe::attempt().number()))
}

#[retry(exhausted = "error", handle(Ok(false)))]
async fn typed_value() -> Result<bool, Typed> {
    Ok(false)
}

// GO Retry: exceeded error carries LastError; sentinel and type matching, also wrapped in another error.
#[tokio::test(start_paused = true)]
async fn exhausted_error_has_the_last_error_as_its_source() {
    let Err(Typed::Rejected(rejected)) = typed().await else { panic!("it is rejected") };
    assert_eq!(rejected.kind(), Kind::RetriesExceeded);
    assert_eq!(rejected.policy(), "behaviour::behaviour::retry::typed");
    let source = rejected.source().unwrap().downcast_ref::<Typed>().unwrap();
    assert!(matches!(source, Typed::Answer(3)), "{source}");
    // Wrapped in another error it is still found, by type and by kind.
    let wrapped = anyhow::Error::new(rejected).context("outside");
    assert_eq!(wrapped.downcast_ref::<Rejected>().unwrap().kind(), Kind::RetriesExceeded);
    assert_eq!(wrapped.root_cause().to_string(), "the answer was 3");
}

// GO Retry: exceeded error carries LastResult(false): a value is no error, so there is no source.
#[tokio::test(start_paused = true)]
async fn exhausted_by_a_value_has_no_source() {
    let Err(Typed::Rejected(rejected)) = typed_value().await else { panic!("it is rejected") };
    assert_eq!(rejected.kind(), Kind::RetriesExceeded);
    assert!(rejected.source().is_none());
}

guarded!(
    #[retry(max = 3, handle(Err(Error::Down | Error::State)))]
    on_two
);
guarded!(
    #[retry(max = 3, handle(Err(Error::Argument)))]
    on_other
);
guarded!(
    #[retry(max = 3, handle(Err(_)), abort(Err(Error::Down)))]
    on_any_but_one
);
guarded!(
    #[retry(max = 3, abort(Err(Error::Argument)))]
    abort_other
);
guarded!(
    #[retry(max = 3, abort(Err(Error::Down)))]
    abort_same
);
guarded!(
    #[retry(max = 3, abort_if = |outcome| outcome == &DOWN)]
    abort_if
);
guarded!(
    #[retry(max = 3, handle(Err(Error::Down)), abort_if = Result::is_err)]
    skip_wins
);

// RT-08: an error that is handled is retried. RT-09: another is not. RT-10: a pattern that is wider covers it.
#[tokio::test(start_paused = true)]
async fn handle_says_what_is_retried() {
    assert_eq!(call!(on_two, "F"), (DOWN, 4));
    assert_eq!(call!(on_two, "T"), (Err(Error::State), 4));
    assert_eq!(call!(on_two, "A"), (Err(Error::Argument), 1));
    assert_eq!(call!(on_other, "F"), (DOWN, 1));
    assert_eq!(call!(on_any_but_one, "A"), (Err(Error::Argument), 4));
}

// RT-11, RT-13: an abort condition ends it. RT-12: one that does not match changes nothing.
#[tokio::test(start_paused = true)]
async fn abort_says_what_is_not_retried() {
    assert_eq!(call!(on_any_but_one, "F"), (DOWN, 1));
    assert_eq!(call!(abort_other, "F"), (DOWN, 4));
    assert_eq!(call!(abort_same, "F"), (DOWN, 1));
    assert_eq!(call!(abort_if, "F"), (DOWN, 1));
    assert_eq!(call!(abort_if, "AAF"), (DOWN, 3));
}

// RT hierarchy tables A-C: what is skipped wins, also where the condition to act is the narrower one.
#[tokio::test(start_paused = true)]
async fn abort_beats_handle() {
    assert_eq!(call!(skip_wins, "F"), (DOWN, 1));
}

struct Client;

impl Client {
    #[retry(max = 1, handle(Err(Error::Down)))]
    async fn once_more(&self, body: &Body) -> Res {
        body.run().await
    }

    #[retry(max = 4)]
    async fn often(&self, body: &Body) -> Res {
        body.run().await
    }
}

// RT-06, RT-07 (a policy for each method): each method has what is written on it.
#[tokio::test(start_paused = true)]
async fn each_method_has_its_own_retry() {
    let (one, two) = (Body::new("F"), Body::new("F"));
    assert_eq!(Client.once_more(&one).await, DOWN);
    assert_eq!(Client.often(&two).await, DOWN);
    assert_eq!((one.runs(), two.runs()), (2, 5));
}

trait Fetch: Sync {
    fn body(&self) -> &Body;

    #[retry(max = 3)]
    async fn fetch(&self) -> Res {
        self.body().run().await
    }
}

struct Inherits(Body);
struct Overrides(Body);
struct OverridesPlainly(Body);

impl Fetch for Inherits {
    fn body(&self) -> &Body {
        &self.0
    }
}

impl Fetch for Overrides {
    fn body(&self) -> &Body {
        &self.0
    }

    #[retry(max = 4)]
    async fn fetch(&self) -> Res {
        self.0.run().await
    }
}

impl Fetch for OverridesPlainly {
    fn body(&self) -> &Body {
        &self.0
    }

    async fn fetch(&self) -> Res {
        self.0.run().await
    }
}

// RT visibility: a default method of a trait keeps its policies; an override has its own, or none.
#[tokio::test(start_paused = true)]
async fn an_override_has_the_policies_that_are_written_on_it() {
    let (default, own, none) =
        (Inherits(Body::new("F")), Overrides(Body::new("F")), OverridesPlainly(Body::new("F")));
    assert_eq!((default.fetch().await, default.0.runs()), (DOWN, 4));
    assert_eq!((own.fetch().await, own.0.runs()), (DOWN, 5));
    assert_eq!((none.fetch().await, none.0.runs()), (DOWN, 1));
}

#[retry(max = 2)]
fn stage(body: &Body) -> impl Future<Output = Res> {
    body.run()
}

async fn two_stages(body: &Body) -> Res {
    body.run().await?;
    body.run().await
}

#[retry(max = 3)]
async fn composed(body: &Body) -> Res {
    two_stages(body).await
}

#[retry(max = 2)]
async fn side_by_side(left: &Body, right: &Body) -> Result<(u32, u32), Error> {
    tokio::try_join!(left.run(), right.run())
}

// RT-15, RT-16: a function that returns a future is retried as the future that it returns, not as a value.
// RT-18: stages one after the other. RT-19: two stages at once.
#[tokio::test(start_paused = true)]
async fn futures_of_every_make_are_retried() {
    let body = Body::new("F");
    assert_eq!((stage(&body).await, body.runs()), (DOWN, 3));
    // Three passes: F, SF, SS.
    let body = Body::new("FSFSS");
    assert_eq!((composed(&body).await, body.runs()), (Ok(5), 5));
    let (left, right) = (Body::new("FFS"), Body::new("S"));
    assert_eq!(side_by_side(&left, &right).await, Ok((3, 1)));
    assert_eq!(left.runs(), 3);
    let (left, right) = (Body::new("S"), Body::new("F"));
    assert_eq!(side_by_side(&left, &right).await, Err(Error::Down));
    assert_eq!(right.runs(), 3);
}

// The same through a builder, async and blocking.
#[tokio::test(start_paused = true)]
async fn a_built_retry_counts_as_the_attribute_does() {
    let retry = Retry::builder().max(3).abort_if(|outcome: &Res| *outcome == Err(Error::State));
    let guarded = failsafe::with(retry.build());
    for (script, expected) in
        [("F", (DOWN, 4)), ("FFS", (Ok(3), 3)), ("FT", (Err(Error::State), 2))]
    {
        let body = Body::new(script);
        assert_eq!((guarded.run(|| body.run()).await, body.runs()), expected);
        let body = Body::new(script);
        assert_eq!((guarded.run_blocking(|| body.block()), body.runs()), expected);
    }
}
