//! The `on_*` options: each is called with its event, may use arguments and `self`, or nothing of the function.

use failsafe::circuit_breaker::State;
use failsafe::{Kind, circuit_breaker, fallback, registry, retry, timeout};

use crate::support::*;

static RETRIES: Notes = Notes::new();

fn note_retry<R>(event: &retry::RetryEvent<'_, R>) {
    RETRIES.add(format!("{} {}", event.what().name(), event.attempts()));
}

#[retry(
    max = 1,
    on_failure = note_retry,
    on_success = note_retry,
    on_retry_scheduled = note_retry,
    on_retry = note_retry,
    on_abort = note_retry,
    on_retries_exceeded = note_retry,
    abort(Err(Error::State)),
)]
async fn by_path(body: &Body) -> Res {
    body.run().await
}

struct Service {
    notes: Notes,
    prefix: &'static str,
}

impl Service {
    fn note(&self, note: impl std::fmt::Display) {
        self.notes.add(format!("{}{note}", self.prefix));
    }

    #[retry(
        max = 1,
        delay = "100ms",
        abort(Err(Error::State)),
        on_failure = |event| self.note(format_args!("failure of {name}: {:?}", event.outcome())),
        on_success = |event| self.note(format_args!("success of {name} at {:?}", event.elapsed())),
        on_retry_scheduled = |event| self.note(format_args!("scheduled in {:?}", event.delay())),
        on_retry = |event| self.note(format_args!("retry {} of {}", event.retries(), event.name())),
        on_abort = |_| self.note("abort"),
        on_retries_exceeded = |event| self.note(format_args!("exceeded after {}", event.executions())),
    )]
    async fn capturing(&self, body: &Body, name: &str) -> Res {
        body.run().await
    }

    #[retry(max = 1, on_retry = |_| retries.set(retries.get() + 1), on_failure = |_| self.note(&word))]
    fn blocking(&self, body: &Body, retries: &std::cell::Cell<u32>, word: String) -> Res {
        let _ = word.len();
        body.block()
    }
}

// GO 2.6: which listener of a retry hears when; a listener is a path or a closure over arguments and `self`.
#[tokio::test(start_paused = true)]
async fn every_listener_of_a_retry() {
    assert_eq!(by_path(&Body::new("FT")).await, Err(Error::State));
    let heard = ["failure 1", "retry_scheduled 1", "retry 2", "failure 2", "abort 2"];
    assert_eq!(RETRIES.take(), heard);
    assert_eq!(by_path(&Body::new("F")).await, DOWN);
    let heard = ["failure 1", "retry_scheduled 1", "retry 2", "failure 2", "retries_exceeded 2"];
    assert_eq!(RETRIES.take(), heard);

    let service = Service { notes: Notes::new(), prefix: "> " };
    assert_eq!(service.capturing(&Body::new("FS"), "it").await, Ok(2));
    let heard = service.notes.take();
    assert_eq!(heard[0], "> failure of it: Some(Ok(Err(Down)))");
    assert_eq!(heard[1], "> scheduled in 100ms");
    assert_eq!(heard[2], "> retry 1 of behaviour::behaviour::listeners::Service::capturing");
    assert_eq!(heard[3], "> success of it at 100ms");
    assert_eq!(heard.len(), 4);
    assert_eq!(service.capturing(&Body::new("FF"), "it").await, DOWN);
    assert_eq!(service.notes.take()[4..], ["> exceeded after 2"]);
    assert_eq!(service.capturing(&Body::new("T"), "it").await, Err(Error::State));
    assert_eq!(service.notes.take()[1..], ["> abort"]);

    let retries = std::cell::Cell::new(0);
    assert_eq!(service.blocking(&Body::new("F"), &retries, "word".to_owned()), DOWN);
    assert_eq!((service.notes.take(), retries.get()), (vec!["> word".to_owned(); 2], 1));
}

#[retry(
    on_failure = |event| notes.add(format!("{} {}", event.is_first_attempt(), event.is_retry())),
    on_retry_scheduled = |event| notes.add(format!("{} {}", event.is_first_attempt(), event.is_retry())),
    on_retry = |event| notes.add(format!("{} {}", event.is_first_attempt(), event.is_retry())),
)]
async fn firsts(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// GO Listeners: IsFirstAttempt/IsRetry inside OnFailure, OnRetryScheduled and OnRetry.
#[tokio::test(start_paused = true)]
async fn a_retry_has_begun_in_on_retry_and_not_before() {
    let notes = Notes::new();
    assert_eq!(firsts(&Body::new("FS"), &notes).await, Ok(2));
    assert_eq!(notes.take(), ["true false", "true false", "false true"]);
}

static CHANGES: Notes = Notes::new();

fn note_change(event: &circuit_breaker::StateChanged) {
    CHANGES.add(format!("{} {}->{}", event.name(), event.from(), event.to()));
}

#[circuit_breaker(
    name = "listeners: shared",
    failures = "1/2",
    delay = "1s",
    on_state_changed = note_change,
    on_open = |event| CHANGES.add(format!("open {:?}", event.metrics())),
    on_half_open = |_| CHANGES.add("half-open"),
    on_close = |_| CHANGES.add("close"),
)]
async fn shared(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "listeners: shared")]
async fn of_the_same_name(body: &Body) -> Res {
    body.run().await
}

// GO Breaker: OnOpen metrics 1/1 with ratio 1/2; the specific listener before `on_state_changed`. A listener that uses
// nothing of the function hears of changes that others caused: another function of the name, an operator.
#[tokio::test(start_paused = true)]
async fn a_state_listener_that_captures_nothing_hears_every_change() {
    alone(async {
        assert_eq!(shared(&Body::new("F")).await, DOWN);
        let opened = "open Metrics { executions: 1, failures: 1, successes: 0 }";
        assert_eq!(CHANGES.take(), [opened, "listeners: shared closed->open"]);
        pass(1_000).await;
        assert_eq!(of_the_same_name(&Body::new("S")).await, Ok(1));
        assert_eq!(of_the_same_name(&Body::new("S")).await, Ok(1));
        let heard = [
            "half-open",
            "listeners: shared open->half-open",
            "close",
            "listeners: shared half-open->closed",
        ];
        assert_eq!(CHANGES.take(), heard);
        registry().circuit_breaker("listeners: shared").unwrap().open();
        assert_eq!(CHANGES.take().len(), 2);
        registry().reset();
        assert_eq!(CHANGES.take(), ["close", "listeners: shared open->closed"]);
    })
    .await;
}

struct Client {
    notes: Notes,
}

impl Client {
    #[circuit_breaker(
        name = "listeners: own",
        delay = "1s",
        on_state_changed = |event| self.notes.add(format!("{caller}: {}", event.to())),
        on_open = |event| self.notes.add(format!("{caller}: {} failures", event.metrics().failures())),
        on_half_open = |_| self.notes.add("half-open"),
        on_close = |_| self.notes.add("closed again"),
        on_success = |event| self.notes.add(format!("success {:?}", event.outcome())),
        on_failure = |event| self.notes.add(format!("failure {:?}", event.outcome())),
    )]
    async fn call(&self, body: &Body, caller: &str) -> Res {
        body.run().await
    }
}

// A state listener that uses arguments or `self` hears of what calls of its function cause, and of nothing else. The
// outcome's listener comes before those of the change.
#[tokio::test(start_paused = true)]
async fn a_state_listener_that_captures_hears_of_its_own_calls() {
    alone(async {
        let client = Client { notes: Notes::new() };
        let breaker = registry().circuit_breaker("listeners: own").unwrap();
        assert_eq!(client.call(&Body::new("F"), "me").await, DOWN);
        assert_eq!(
            client.notes.take(),
            ["failure Ok(Err(Down))", "me: 1 failures", "me: open"].map(str::to_owned)
        );
        breaker.close();
        breaker.open();
        assert_eq!(client.call(&Body::new("S"), "me").await, OPEN);
        assert!(client.notes.take().is_empty(), "neither changes by hand nor refusals");
        pass(1_000).await;
        assert_eq!(client.call(&Body::new("S"), "me").await, Ok(1));
        let heard = client.notes.take();
        assert_eq!(
            heard,
            ["half-open", "me: half-open", "success Ok(Ok(1))", "closed again", "me: closed"]
        );
    })
    .await;
}

#[fallback(
    value = Ok(0),
    on_fallback = |event| notes.add(format!("fallback {:?}", event.outcome())),
    on_success = |event| notes.add(format!("success {:?}", event.outcome())),
    on_failure = |event| notes.add(format!("failure {:?} {:?}", event.outcome(), event.rejected().map(failsafe::Rejected::kind))),
)]
#[timeout("100ms", on_timeout = |event| notes.add(format!("timeout {}", event.limit().as_millis())))]
async fn answered(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// Every listener of a fallback and of a timeout.
#[tokio::test(start_paused = true)]
async fn every_listener_of_a_fallback_and_a_timeout() {
    let notes = Notes::new();
    assert_eq!(answered(&Body::new("S"), &notes).await, Ok(1));
    assert_eq!(notes.take(), ["success Some(Ok(1))"]);
    assert_eq!(answered(&Body::new("F"), &notes).await, Ok(0));
    assert_eq!(notes.take(), ["failure Some(Err(Down)) None", "fallback Some(Ok(0))"]);
    assert_eq!(answered(&Body::taking("S", ms(500)), &notes).await, Ok(0));
    assert_eq!(notes.take(), ["timeout 100", "failure None Some(Timeout)", "fallback Some(Ok(0))"]);
}

#[retry(
    max = 2,
    on_failure = |_| notes.add("first"),
    on_failure = |_| panic!("the listener"),
    on_failure = |_| notes.add("second"),
    on_retry = |_| panic!("the listener"),
    on_retries_exceeded = |_| panic!("the listener"),
)]
#[circuit_breaker(
    name = "listeners: panicking",
    on_failure = |_| panic!("the listener"),
    on_open = |_| panic!("the listener"),
)]
#[timeout("10ms", on_timeout = |_| panic!("the listener"))]
async fn panicking(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// GO quirk 36: a panic in a listener is caught and reported; what the policies do is not touched by it. Of several
// listeners of one event those before it have heard.
#[tokio::test(start_paused = true)]
async fn a_panicking_listener_is_caught_and_reported() {
    alone(async {
        let (mut heard, notes) = (Heard::new(), Notes::new());
        let body = Body::taking("S", ms(100));
        assert_eq!((panicking(&body, &notes).await, body.runs()), (OPEN, 1));
        let breaker = registry().circuit_breaker("listeners: panicking").unwrap();
        assert_eq!(breaker.state(), State::Open);
        assert_eq!(notes.take().iter().filter(|note| *note == "first").count(), 3);
        let reported = heard.names();
        let of = |policy: &str| {
            let name = format!("{policy} listener_panicked");
            reported.iter().filter(|event| **event == name).count()
        };
        // 3 failures, 2 retries, 1 end; 1 failure, 1 opening; 1 timeout.
        assert_eq!((of("retry"), of("circuit_breaker"), of("timeout")), (6, 2, 1));
    })
    .await;
}

#[circuit_breaker(name = "listeners: reentrant", on_open = |event| {
    let breaker = registry().circuit_breaker(event.name()).unwrap();
    CALLS.add(format!("{} {:?}", breaker.state(), breaker.acquire().map(drop).map_err(|r| r.kind())));
    breaker.close();
})]
async fn reentrant(body: &Body) -> Res {
    body.run().await
}

static CALLS: Notes = Notes::new();

// GO 18: a listener may call the breaker it hears of.
#[tokio::test(start_paused = true)]
async fn a_listener_may_use_its_breaker() {
    alone(async {
        assert_eq!(reentrant(&Body::new("F")).await, DOWN);
        assert_eq!(CALLS.take(), [format!("open {:?}", Err::<(), _>(Kind::CircuitOpen))]);
        assert_eq!(reentrant(&Body::new("S")).await, Ok(1));
    })
    .await;
}
