//! Calls that are refused after failures: FF are facts of the fail-fast of failsafe-py. What concerns
//! its probe is in `fail_fast_probe`.

use failsafe::events::What;
use failsafe::{
    Detail, FailFast, Kind, Registry, circuit_breaker, fail_fast, fallback, policy, registry, retry,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::*;

pub(crate) const REFUSED: Res = Err(Error::Rejected(Kind::FailFast));

guarded! {
    #[fail_fast(name = "fail fast: two", failures = 2)]
    two
}

/// The same facts, through each form there is.
async fn facts_of_two(state: FailFast, call: impl AsyncFn(&Body) -> Res) {
    let body = Body::new("FSFFS");
    // FF: a success between failures begins the count anew.
    assert_eq!(call(&body).await, DOWN);
    assert_eq!((state.is_failed(), state.failures()), (false, 1));
    assert_eq!(call(&body).await, Ok(2));
    assert_eq!(state.failures(), 0);
    assert_eq!(call(&body).await, DOWN);
    assert!(!state.is_failed());
    // The call that puts it in the failed state returns its own error.
    assert_eq!(call(&body).await, DOWN);
    assert!(state.is_failed());
    assert_eq!(state.failures(), 2);
    // FF: in the failed state the function is not run.
    assert_eq!(call(&body).await, REFUSED);
    assert_eq!(call(&body).await, REFUSED);
    assert_eq!(body.runs(), 4);
    // FF: it stays so until it is ended by hand, which begins the count anew.
    pass(1_000_000_000).await;
    assert_eq!(call(&body).await, REFUSED);
    state.recover();
    assert_eq!(state.failures(), 0);
    assert_eq!(call(&Body::new("F")).await, DOWN);
    assert_eq!(call(&body).await, Ok(5));
    // By hand into it, too.
    state.fail();
    assert_eq!(call(&body).await, REFUSED);
    assert!(state.last_failure().is_none(), "no call led to it");
    state.reset();
    assert_eq!(call(&body).await, Ok(6));
}

#[tokio::test(start_paused = true)]
async fn it_refuses_after_failures_in_a_row() {
    let named = || registry().fail_fast("fail fast: two").unwrap();
    alone(async { facts_of_two(named(), async |body| two::run(body).await).await }).await;
    alone(async { facts_of_two(named(), async |body| two::block(body)).await }).await;
    let built = FailFast::builder().failures(2).build();
    let run = async |body: &Body| failsafe::with(built.clone()).run(|| body.run()).await;
    facts_of_two(built.clone(), run).await;
    let built = FailFast::builder().failures(2).build();
    let block = async |body: &Body| failsafe::with(built.clone()).run_blocking(|| body.block());
    facts_of_two(built.clone(), block).await;
    assert!(Registry::new().fail_fast("fail fast: none").is_none());
}

#[fail_fast]
async fn default(body: &Body) -> Res {
    body.run().await
}

#[fail_fast(failures = unlimited, name = "fail fast: by hand")]
async fn by_hand(body: &Body) -> Res {
    body.run().await
}

// One failure is enough if nothing is said; none is where only code may decide.
#[tokio::test(start_paused = true)]
async fn one_failure_is_the_default() {
    alone(async {
        let body = Body::new("FS");
        assert_eq!((default(&body).await, default(&body).await), (DOWN, REFUSED));
        for _ in 0..100 {
            assert_eq!(by_hand(&Body::new("F")).await, DOWN);
        }
        let state = registry().fail_fast("fail fast: by hand").unwrap();
        assert!(!state.is_failed());
        state.fail();
        assert_eq!(by_hand(&Body::new("S")).await, REFUSED);
    })
    .await;
}

#[fail_fast(when = || !ready.load(Ordering::Relaxed))]
async fn narrowed(ready: &AtomicBool, body: &Body) -> Res {
    body.run().await
}

#[fail_fast(when = || *id > 9)]
fn narrowed_blocking(id: &u32) -> Res {
    Ok(*id)
}

// FF: while the predicate says so the function is never run; the state does not change by it.
#[tokio::test(start_paused = true)]
async fn a_predicate_refuses_without_changing_anything() {
    alone(async {
        let (ready, body) = (AtomicBool::new(false), Body::new("S"));
        for _ in 0..5 {
            assert_eq!(narrowed(&ready, &body).await, REFUSED);
        }
        assert_eq!(body.runs(), 0);
        ready.store(true, Ordering::Relaxed);
        assert_eq!(narrowed(&ready, &body).await, Ok(1));
        assert_eq!((narrowed_blocking(&9), narrowed_blocking(&10)), (Ok(9), REFUSED));
        let closed = Arc::new(AtomicBool::new(true));
        let asked = Arc::clone(&closed);
        let built = FailFast::builder().when(move || asked.load(Ordering::Relaxed)).build();
        assert!(built.try_acquire().is_none() && !built.is_failed());
        let rejected = built.acquire().unwrap_err();
        assert_eq!((rejected.kind(), rejected.retry_after()), (Kind::FailFast, None));
        closed.store(false, Ordering::Relaxed);
        assert!(built.acquire().is_ok());
    })
    .await;
}

#[fail_fast(name = "fail fast: argument", handle(Err(Error::Down)), handle_if = |outcome: &Res| *outcome == Ok(7))]
fn by_condition(outcome: Res) -> Res {
    outcome
}

// Conditions say what a failure is, and anything else is a success.
#[test]
fn conditions_judge() {
    Registry::new().scope_blocking(|| {
        let state = registry().fail_fast("fail fast: argument").unwrap();
        assert_eq!(by_condition(Err(Error::Argument)), Err(Error::Argument));
        assert!(!state.is_failed());
        assert_eq!(by_condition(Ok(7)), Ok(7));
        assert!(state.is_failed());
        state.recover();
        assert_eq!((by_condition(DOWN), by_condition(Ok(1))), (DOWN, REFUSED));
    });
    let built = FailFast::builder().handle_if(|outcome: &u32| *outcome > 3).build();
    built.record(3);
    assert!(!built.is_failed());
    built.record(4);
    assert!(built.is_failed());
    let built = FailFast::builder().handle_if(|outcome: &Res| *outcome == Ok(7)).build();
    let guarded = failsafe::with(built.clone());
    assert_eq!(guarded.run_blocking(|| DOWN), DOWN);
    assert_eq!(guarded.run_blocking(|| Res::Ok(7)), Ok(7));
    assert!(built.is_failed());
}

#[fail_fast(name = "fail fast: inner", failures = 2, handle_rejected(Kind::CircuitOpen))]
#[circuit_breaker(failures = 1)]
async fn over_a_breaker(body: &Body) -> Res {
    body.run().await
}

// Rejections by policies inside are failures where a condition names them.
#[tokio::test(start_paused = true)]
async fn rejections_can_be_failures() {
    alone(async {
        let body = Body::new("F");
        assert_eq!(over_a_breaker(&body).await, DOWN);
        assert_eq!((over_a_breaker(&body).await, over_a_breaker(&body).await), (OPEN, OPEN));
        assert_eq!(over_a_breaker(&body).await, REFUSED);
        let state = registry().fail_fast("fail fast: inner").unwrap();
        assert!(state.last_failure().unwrap().to_string().starts_with("circuit breaker open"));
    })
    .await;
}

#[fallback(value = Ok(100))]
#[fail_fast(failures = 1)]
#[retry(max = 2)]
async fn in_a_stack(body: &Body) -> Res {
    body.run().await
}

// Above a retry a call has failed when its retries have run out, and a refusal is not retried.
#[tokio::test(start_paused = true)]
async fn it_stands_in_a_stack() {
    alone(async {
        let body = Body::new("F");
        assert_eq!((in_a_stack(&body).await, body.runs()), (Ok(100), 3));
        assert_eq!((in_a_stack(&body).await, body.runs()), (Ok(100), 3));
    })
    .await;
}

static SHARED: FailFast = policy!(fail_fast(
    name = "fail fast: shared",
    failures = 2,
    every = "1s",
    probe = || true,
    on_failed = |event| NOTES.add(format!("failed: {}", event.name())),
));
static NOTES: Notes = Notes::new();

#[fail_fast(SHARED, on_fail_fast = |event| notes.add(format!("refused {}", event.failures())))]
async fn through_a_static(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

#[fail_fast(SHARED, on_recovered = |_| NOTES.add("recovered"))]
fn through_a_static_too(body: &Body) -> Res {
    body.block()
}

struct Service {
    state: Arc<FailFast>,
}

impl Service {
    #[fail_fast(self.state, when = || self.state.name() == "no")]
    fn through_a_field(&self, body: &Body) -> Res {
        body.block()
    }
}

#[tokio::test(start_paused = true)]
async fn instances_can_be_named() {
    alone(async {
        let (body, notes) = (Body::new("FFSS"), Notes::new());
        assert_eq!(through_a_static(&body, &notes).await, DOWN);
        assert_eq!(through_a_static_too(&body), DOWN);
        assert_eq!(NOTES.take(), ["failed: fail fast: shared"]);
        assert_eq!(through_a_static(&body, &notes).await, REFUSED);
        assert_eq!(notes.take(), ["refused 2"]);
        pass(1_000).await;
        assert_eq!(through_a_static_too(&body), Ok(3));
        assert_eq!(NOTES.take(), ["recovered"]);
    })
    .await;
    let service = Service { state: Arc::new(FailFast::builder().name("ff: field").build()) };
    assert_eq!(service.through_a_field(&Body::new("F")), DOWN);
    assert_eq!(service.through_a_field(&Body::new("S")), REFUSED);
    service.state.clone().recover();
    assert_eq!(service.through_a_field(&Body::new("S")), Ok(1));
}

// Late results of calls that began before the state changed do not touch the new one.
#[tokio::test(start_paused = true)]
async fn late_results_do_not_count() {
    alone(async {
        let state = registry().fail_fast("fail fast: two").unwrap();
        let slow = Body::taking("F", ms(100));
        let mut calls: Vec<_> = (0..3).map(|_| Box::pin(two::run(&slow))).collect();
        for call in &mut calls {
            assert!(poll_once(call).await.is_none());
        }
        state.fail();
        state.recover();
        for call in calls {
            assert_eq!(call.await, DOWN);
        }
        assert_eq!((state.is_failed(), state.failures()), (false, 0));
        // Nor do those of before a reset; nor is a late success one that begins the count anew.
        let (failing, fine) = (Body::taking("F", ms(10)), Body::taking("S", ms(10)));
        let (mut late, mut good) = (Box::pin(two::run(&failing)), Box::pin(two::run(&fine)));
        assert!(poll_once(&mut late).await.is_none() && poll_once(&mut good).await.is_none());
        state.reset();
        assert_eq!(two::run(&Body::new("F")).await, DOWN);
        assert_eq!((late.await, good.await), (DOWN, Ok(1)));
        assert_eq!(state.failures(), 1);
        // In the failed state neither a success nor a failure changes anything.
        let permit = state.try_acquire().unwrap();
        assert_eq!(two::run(&Body::new("F")).await, DOWN);
        permit.success();
        state.record_success();
        assert!(state.is_failed());
    })
    .await;
}

// A call that is dropped or panics counts as neither success nor failure.
#[tokio::test(start_paused = true)]
async fn dropped_calls_and_panics_do_not_count() {
    alone(async {
        let state = registry().fail_fast("fail fast: two").unwrap();
        assert_eq!(two::run(&Body::new("F")).await, DOWN);
        let slow = Body::taking("S", ms(100));
        let mut call = Box::pin(two::run(&slow));
        assert!(poll_once(&mut call).await.is_none());
        drop(call);
        assert_eq!(state.failures(), 1);
        let built = FailFast::builder().build();
        let panicking = || failsafe::with(built.clone()).run_blocking(|| -> Res { panic!("bug") });
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(panicking)).unwrap_err();
        assert_eq!((built.is_failed(), built.failures()), (false, 0));
        drop(built.try_acquire().unwrap());
        assert_eq!(built.failures(), 0);
    })
    .await;
}

#[fail_fast(
    name = "fail fast: told",
    failures = 2,
    on_failed = |event| notes.add(format!(
        "failed after {}: {:?}, attempt {}", event.failures(), event.last_failure().map(ToString::to_string), event.attempts(),
    )),
    on_recovered = |_| notes.add("not by a call of this function"),
    on_fail_fast = |event| notes.add(format!("refused after {:?}", event.failed_for().unwrap())),
)]
async fn told(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn it_tells_of_what_it_does() {
    alone(async {
        let (mut heard, notes, body) = (Heard::new(), Notes::new(), Body::new("SFF"));
        for _ in 0..3 {
            told(&body, &notes).await.ok();
        }
        pass(1_000).await;
        assert_eq!(told(&body, &notes).await, REFUSED);
        let state = registry().fail_fast("fail fast: told").unwrap();
        assert_eq!(state.failed_for(), Some(ms(1_000)));
        assert_eq!(detail("state"), Some(Detail::Text("failed")));
        assert_eq!(detail("failures"), Some(Detail::Count(2)));
        assert_eq!(detail("failed_for_ms"), Some(Detail::Milliseconds(1_000)));
        registry().reset();
        state.recover();
        assert_eq!(detail("state"), Some(Detail::Text("healthy")));
        assert_eq!(notes.take(), ["failed after 2: Some(\"down\"), attempt 1", "refused after 1s"]);
        assert_eq!(
            heard.names(),
            [
                "fail_fast success",
                "fail_fast failure",
                "fail_fast failure",
                "fail_fast failed",
                "fail_fast rejected",
                "fail_fast recovered",
            ]
        );
    })
    .await;
}

fn detail(name: &str) -> Option<Detail> {
    registry().snapshot().policies[0].details.get(name).cloned()
}

// A listener that panics is reported, and everything else goes on.
#[tokio::test(start_paused = true)]
async fn listeners_may_panic() {
    alone(async {
        let mut events = failsafe::events::subscribe();
        let heard = Arc::new(Notes::new());
        let notes = Arc::clone(&heard);
        let built = FailFast::builder()
            .on_failed(|_| panic!("bug"))
            .on_failed(move |event| notes.add(event.name()))
            .build();
        built.fail();
        assert!(built.is_failed());
        assert_eq!(heard.take(), ["fail_fast"]);
        let whats: Vec<_> = events.drain().into_iter().map(|event| event.what).collect();
        assert_eq!(whats, [What::ListenerPanicked, What::Failed]);
    })
    .await;
}

#[fail_fast(name = "fail fast: tenants", key = tenant)]
fn tenants(tenant: u32, outcome: Res) -> Res {
    outcome
}

// Each key has a state of its own; they are bounded in number.
#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_state() {
    alone(async {
        assert_eq!(tenants(1, DOWN), DOWN);
        assert_eq!((tenants(1, Ok(1)), tenants(2, Ok(2))), (REFUSED, Ok(2)));
        registry().fail_fast("fail fast: tenants[1]").unwrap().recover();
        assert_eq!(tenants(1, Ok(1)), Ok(1));
        for tenant in 0..10_000 {
            assert_eq!(tenants(tenant, DOWN), DOWN);
            assert_eq!(tenants(tenant, DOWN), REFUSED);
        }
        assert!(registry().snapshot().policies.len() <= 1000);
    })
    .await;
}

// What a builder cannot accept, it says, all at once.
#[test]
fn builders_judge_as_attributes_do() {
    let error = FailFast::builder().failures(0).every("0s").try_build().unwrap_err();
    assert_eq!(error.faults().len(), 3, "{error}");
    assert!(error.faults()[2].contains("add `probe = ..`"), "{error}");
}

// Under load no failure is lost: the state is entered once, and each episode ends once.
#[test]
fn threads_agree() {
    let told = Arc::new(Notes::new());
    let (failed, recovered) = (Arc::clone(&told), Arc::clone(&told));
    let built = FailFast::builder()
        .failures(50)
        .on_failed(move |_| failed.add("failed"))
        .on_recovered(move |_| recovered.add("recovered"))
        .build();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..1_000 {
                    match built.try_acquire() {
                        Some(permit) => permit.failure(),
                        None => built.recover(),
                    }
                }
            });
        }
    });
    let notes = told.take();
    let count = |what: &str| notes.iter().filter(|note| *note == what).count();
    let open = usize::from(built.is_failed());
    assert_eq!(count("failed"), count("recovered") + open);
    assert!(count("failed") > 0);
}
