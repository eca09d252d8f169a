//! Which calls are refused while others fail.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use failsafe::adaptive_throttler::{AdaptiveThrottlerEvent, Metrics, ThrottledEvent};
use failsafe::config::{FailureRate, Rate};
use failsafe::testing::{VirtualTime, with_chance};
use failsafe::{
    AdaptiveThrottler, Detail, Kind, Registry, adaptive_throttler, fallback, policy, registry,
    retry, timeout,
};

use crate::support::*;

const THROTTLED: Res = Err(Error::Rejected(Kind::Throttled));

/// Runs a test whose draws of chance are these; how many were left over as well.
fn with_draws<R>(draws: &[f64], test: impl Future<Output = R>) -> (R, usize) {
    with_chance(draws.iter().copied(), || VirtualTime::new().run(alone(test)))
}

guarded! { #[adaptive_throttler(failure_rate = "10% of 2 in 1m")] of_two }
guarded! { #[adaptive_throttler(failure_rate = "50%", max_rejection = 0.5, handle(Err(Error::State)))] states }
guarded! { #[adaptive_throttler(failure_rate = 0.5, handle_if = Res::is_ok)] successes }
guarded! { #[adaptive_throttler(max_rejection = 0)] never }

// GO Throttler: with at least 2 calls asked for, 1 failure is accepted, and 2 are not; a call that is refused does not
// run, and is not counted; one draw decides.
#[test]
fn from_so_many_calls_on_a_share_is_refused() {
    let body = Body::new("F");
    let (outcomes, left) = with_draws(&[0.7, 0.6], async {
        [
            of_two::run(&body).await,
            of_two::run(&body).await,
            of_two::run(&body).await,
            of_two::run(&body).await,
        ]
    });
    // Of two failures of two, 2/3 are too many: a draw of 0.7 goes through. Of three of three, 3/4.
    assert_eq!((outcomes, body.runs(), left), ([DOWN, DOWN, DOWN, THROTTLED], 3, 0));
    let body = Body::new("F");
    let (outcomes, _) = with_chance([0.7, 0.6], || {
        Registry::new().scope_blocking(|| [(); 4].map(|()| of_two::block(&body)))
    });
    assert_eq!((outcomes, body.runs()), ([DOWN, DOWN, DOWN, THROTTLED], 3));
}

// GO Throttler: 50 failures eventually reject.
#[tokio::test(start_paused = true)]
async fn failures_eventually_reject() {
    let throttler = AdaptiveThrottler::builder().build();
    (0..50).for_each(|_| throttler.record_failure());
    let refused = (0..200).filter(|_| throttler.try_acquire().is_none()).count();
    assert!((100..200).contains(&refused), "{refused} of 200 at a rate of 0.9");
    assert_eq!(throttler.metrics().executions(), 50, "a refused call is not counted");
}

// GO Throttler: success 1/1, failure recorded 1/1.
#[tokio::test(start_paused = true)]
async fn outcomes_are_counted() {
    assert_eq!(call!(of_two, "S"), (Ok(1), 1));
    assert_eq!(call!(of_two, "F"), (DOWN, 1));
}

// What is refused at most is a bound; of nothing at all, nothing is refused and chance is not asked; at all of them, the
// rate stays below the whole, so that some call always finds out.
#[test]
fn the_share_is_bounded() {
    let ((), left) = with_draws(&[], async {
        let body = Body::new("F");
        for _ in 0..20 {
            assert_eq!(never::run(&body).await, DOWN);
        }
    });
    assert_eq!(left, 0);
    let all = AdaptiveThrottler::builder().max_rejection(1.0).failure_rate(0.0).build();
    (0..999).for_each(|_| all.record_failure());
    let (admitted, _) =
        with_chance([0.9995, 0.998], || [all.try_acquire().is_some(), all.try_acquire().is_some()]);
    assert_eq!(admitted, [true, false]);
    let half = AdaptiveThrottler::builder().max_rejection("50%").build();
    (0..999).for_each(|_| half.record_failure());
    assert!((half.rejection_rate() - 0.5).abs() < 1e-9);
}

// Conditions say what a failure is, in both forms; what they do not name is a success.
#[test]
fn conditions_say_what_a_failure_is() {
    let (rates, _) = with_draws(&[], async {
        let name = "adaptive_throttler: judged";
        let judged = async |script: &str| {
            let throttler = AdaptiveThrottler::builder()
                .name(name)
                .failure_rate(0.5)
                .handle_if(|outcome: &Res| matches!(outcome, Err(Error::State)))
                .handle_rejected(|kind| kind == Kind::RateLimited)
                .build();
            let body = Body::new(script);
            let _ = failsafe::with(&throttler).run(|| body.run()).await;
            (throttler.metrics().failures(), throttler.metrics().successes())
        };
        [judged("S").await, judged("F").await, judged("T").await]
    });
    assert_eq!(rates, [(0, 1), (0, 1), (1, 0)]);
    let (outcomes, _) = with_draws(&[0.4], async {
        let body = Body::new("FFT");
        let mut outcomes = Vec::new();
        for _ in 0..4 {
            outcomes.push(states::run(&body).await);
        }
        outcomes
    });
    assert_eq!(outcomes, [DOWN, DOWN, Err(Error::State), Err(Error::State)], "1 of 3 is too few");
    let (outcomes, _) = with_draws(&[0.1], async {
        let body = Body::new("S");
        [successes::run(&body).await, successes::run(&body).await]
    });
    assert_eq!(outcomes, [Ok(1), THROTTLED], "a success is the failure here");
}

#[adaptive_throttler(
    name = "throttler: slow",
    failure_rate = "10%",
    handle_rejected(Kind::Timeout)
)]
#[timeout("100ms")]
async fn slow(body: &Body) -> Res {
    body.run().await
}

// Rejections by policies inside are failures, if the conditions name them or there are none.
#[test]
fn rejections_inside_are_failures() {
    // The second call is not the one of two that is refused.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let test = alone(async {
        assert_eq!(slow(&Body::taking("S", ms(200))).await, TIMED_OUT);
        assert_eq!(slow(&Body::new("F")).await, DOWN);
        let metrics = registry().adaptive_throttler("throttler: slow").unwrap().metrics();
        assert_eq!((metrics.failures(), metrics.successes()), (1, 1));
        assert!((metrics.failure_rate() - 0.5).abs() < 1e-9);
    });
    let ((), left) = with_chance([0.99], || runtime.unwrap().block_on(test));
    assert_eq!(left, 0);
}

// Outcomes leave the period as time passes, also while nobody calls; and nothing is drawn while nothing fails.
#[test]
fn an_idle_throttler_forgets() {
    let time = VirtualTime::new();
    let (found, left) = with_chance([0.5], || {
        time.blocking(|| {
            let throttler = AdaptiveThrottler::builder().failure_rate("10% in 1s").build();
            (0..10).for_each(|_| throttler.record_failure());
            let early = throttler.try_acquire().is_some();
            time.advance(ms(1000));
            let late = (throttler.rejection_rate(), throttler.try_acquire().is_some());
            (early, late, throttler.metrics().executions())
        })
    });
    assert_eq!((found, left), ((false, (0.0, true), 0), 0));
}

// A slice leaves as a whole: at a twentieth of the period.
#[test]
fn outcomes_leave_slice_by_slice() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let throttler = AdaptiveThrottler::builder().failure_rate("10% in 1s").build();
        throttler.record_failure();
        time.advance(ms(50));
        throttler.record_success();
        let counted = || (throttler.metrics().failures(), throttler.metrics().successes());
        time.advance(ms(949));
        assert_eq!(counted(), (1, 1));
        time.advance(ms(1));
        assert_eq!(counted(), (0, 1));
        time.advance(ms(50));
        assert_eq!(counted(), (0, 0));
    });
}

static HEARD: Notes = Notes::new();

fn refused(event: &ThrottledEvent<'_>) {
    assert_eq!((event.level(), event.attempts(), event.retries()), (None, 1, 0));
    HEARD.add(format!("{} {:.2}", event.name(), event.rejection_rate()));
}

#[adaptive_throttler(
    name = "throttler: heard",
    on_throttled = refused,
    on_throttled = |_| notes.add("refused"),
    on_success = |event| notes.add(format!("success {:?}", event.outcome().as_ref().ok())),
    on_failure = |event| notes.add(format!("failure {}", event.attempts())),
)]
async fn heard(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

// Listeners and events tell of every outcome and every refusal.
#[test]
fn listeners_hear() {
    let notes = Notes::new();
    let (events, _) = with_draws(&[0.1, 0.9], async {
        let mut events = Heard::new();
        let body = Body::new("FS");
        assert_eq!(heard(&body, &notes).await, DOWN);
        assert_eq!(heard(&body, &notes).await, THROTTLED);
        assert_eq!(heard(&body, &notes).await, Ok(2));
        events.names()
    });
    assert_eq!(notes.take(), ["failure 1", "refused", "success Some(Ok(2))"]);
    assert_eq!(HEARD.take(), ["throttler: heard 0.50"]);
    let names = ["failure", "rejected", "success"].map(|name| format!("adaptive_throttler {name}"));
    assert_eq!(events, names);
}

// The listeners of a builder hear the same; one that panics changes nothing.
#[test]
fn listeners_of_a_builder_hear() {
    let notes = Arc::new(Notes::new());
    let note = |text: &'static str| {
        let notes = Arc::clone(&notes);
        move || notes.add(text)
    };
    let (ok, down, refusal) = (note("success"), note("failure"), note("refused"));
    let throttler = AdaptiveThrottler::builder()
        .on_throttled(move |_| refusal())
        .on_throttled(|_| panic!("a listener"))
        .on_success(move |_: &AdaptiveThrottlerEvent<'_, Res>| ok())
        .on_failure(move |_| down())
        .build();
    let guarded = failsafe::with(&throttler);
    let body = Body::new("FS");
    let (outcomes, _) =
        with_chance([0.1, 0.9], || [(); 3].map(|()| guarded.run_blocking(|| body.block())));
    assert_eq!(outcomes, [DOWN, THROTTLED, Ok(2)]);
    assert_eq!(notes.take(), ["failure", "refused", "success"]);
}

// A call that is dropped at any await, or panics, counts as nothing.
#[tokio::test(start_paused = true)]
async fn a_call_that_comes_to_no_outcome_is_not_counted() {
    let throttler = AdaptiveThrottler::builder().build();
    let guarded = failsafe::with(&throttler);
    for polls in 0..3 {
        let mut call = Box::pin(guarded.run(|| async {
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
            DOWN
        }));
        for _ in 0..polls {
            assert!(poll_once(&mut call).await.is_none());
        }
        drop(call);
    }
    let caught = catch_unwind(AssertUnwindSafe(|| {
        guarded.run_blocking(|| -> Res { panic!("in the body") })
    }));
    assert!(caught.is_err());
    drop(throttler.try_acquire());
    assert_eq!(throttler.metrics().executions(), 0);
}

#[fallback(with = |_| Ok(99))]
#[retry(max = 2)]
#[adaptive_throttler(
    name = "throttler: retried",
    failure_rate = "10% of 1 in 1m",
    max_rejection = 1.0
)]
async fn retried(body: &Body) -> Res {
    body.run().await
}

// Each attempt is counted, and a retry can be refused; what is refused can be answered for.
#[test]
fn each_attempt_is_counted() {
    let body = Body::new("F");
    let (outcome, left) = with_draws(&[0.1, 0.9], async { retried(&body).await });
    assert_eq!((outcome, body.runs(), left), (Ok(99), 2, 0));
}

static SHARED: AdaptiveThrottler =
    policy!(adaptive_throttler(name = "throttler: shared", failure_rate = "20% of 5 in 10s"));

#[adaptive_throttler(SHARED)]
async fn by_static(body: &Body) -> Res {
    body.run().await
}

#[adaptive_throttler(name = "throttler: shared")]
fn by_name(body: &Body) -> Res {
    body.block()
}

struct Service {
    throttler: Arc<AdaptiveThrottler>,
}

impl Service {
    #[adaptive_throttler(self.throttler)]
    async fn by_field(&self, body: &Body) -> Res {
        body.run().await
    }
}

// One throttler is reached by its static, its name and a field; it tells its state, and can be put back.
#[tokio::test(start_paused = true)]
async fn a_throttler_is_shared() {
    alone(async {
        assert_eq!(by_static(&Body::new("F")).await, DOWN);
        assert_eq!(by_name(&Body::new("S")), Ok(1));
        let found = registry().adaptive_throttler("throttler: shared").unwrap();
        let service = Service { throttler: Arc::new(found.clone()) };
        assert_eq!(service.by_field(&Body::new("F")).await, DOWN);
        assert_eq!((found.metrics().failures(), found.metrics().successes()), (2, 1));
        assert_eq!(SHARED.name(), "throttler: shared");
        assert_eq!(found.config().get_failure_rate().period, Duration::from_secs(10));
        let snapshot = registry().snapshot();
        let state = snapshot.policies.iter().find(|one| one.policy == "adaptive_throttler");
        let executions = state.unwrap().details.get("executions");
        assert_eq!(executions, Some(&Detail::Count(3)));
        registry().reset();
        assert_eq!((SHARED.metrics().executions(), SHARED.rejection_rate()), (0, 0.0));
    })
    .await;
    assert_eq!(SHARED.metrics().executions(), 0, "the scope had one of its own");
}

// By hand: permits and records.
#[test]
fn by_hand() {
    let throttler = AdaptiveThrottler::builder().name("by hand").failure_rate("0%").build();
    throttler.acquire().unwrap().success();
    throttler.try_acquire().unwrap().failure();
    throttler.record(Err::<(), ()>(()));
    throttler.record_success();
    assert_eq!((throttler.metrics().failures(), throttler.metrics().successes()), (2, 2));
    assert!((throttler.rejection_rate() - 0.4).abs() < 1e-9);
    let (rejected, _) = with_chance([0.4], || throttler.acquire().unwrap_err());
    assert_eq!((rejected.kind(), rejected.policy()), (Kind::Throttled, "by hand"));
    assert_eq!(
        (rejected.retry_after(), rejected.to_string().as_str()),
        (None, "failure rate exceeded: by hand")
    );
    throttler.reset();
    assert_eq!(throttler.metrics(), Metrics::default());
}

// What cannot be meant is refused when it is built, all of it at once.
#[test]
fn a_builder_judges() {
    let error = AdaptiveThrottler::builder()
        .failure_rate("100%")
        .max_rejection(1.5)
        .try_build()
        .unwrap_err();
    assert_eq!(error.faults().len(), 2);
    for wrong in ["10", "20 of 10%", "120%", "10% of", "10% in", "10% of 3 in 19ns"] {
        assert!(AdaptiveThrottler::builder().failure_rate(wrong).try_build().is_err(), "{wrong}");
    }
    let rate = Rate::new(0.25).unwrap();
    for right in ["25%", "25% in 1m", "25% of 0", "25% of 0 in 60s"] {
        let built = AdaptiveThrottler::builder().failure_rate(right).build().config();
        let typed = FailureRate { rate, of: 0, period: Duration::from_secs(60) };
        assert_eq!(built.get_failure_rate(), typed, "{right}");
    }
}

// The longest period there is, and a clock that stands still.
#[test]
fn a_period_without_end() {
    let rate = FailureRate { rate: Rate::new(0.1).unwrap(), of: 0, period: Duration::MAX };
    let time = VirtualTime::new();
    time.blocking(|| {
        let throttler = AdaptiveThrottler::builder().failure_rate(rate).build();
        throttler.record_failure();
        time.advance(Duration::from_secs(3600 * 24 * 365));
        throttler.record_failure();
        assert_eq!(throttler.metrics().failures(), 2);
    });
}

#[adaptive_throttler(name = "throttler: tenants", failure_rate = "10% of 1 in 1m", max_rejection = 1, key = tenant)]
async fn tenants(tenant: &str, body: &Body) -> Res {
    body.run().await
}

// Each key has a throttler of its own.
#[test]
fn each_key_has_its_own_throttler() {
    let (outcomes, _) = with_draws(&[0.1], async {
        let body = Body::new("FS");
        [tenants("one", &body).await, tenants("one", &body).await, tenants("two", &body).await]
    });
    assert_eq!(outcomes, [DOWN, THROTTLED, Ok(2)]);
}

#[adaptive_throttler(key = id, max_keys = 1000)]
async fn bounded(id: u32) -> Res {
    Ok(id)
}

#[tokio::test(start_paused = true)]
async fn keys_are_bounded() {
    alone(async {
        for id in 0..10_000 {
            assert_eq!(bounded(id).await, Ok(id));
        }
        let kept = registry().snapshot().policies.len();
        assert!((900..=1000).contains(&kept), "{kept}");
    })
    .await;
}

// Outcomes of threads that record at the same time are all counted, and a failure among them is seen.
#[test]
fn threads_record_at_the_same_time() {
    let throttler = AdaptiveThrottler::builder().failure_rate("50%").build();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let throttler = &throttler;
            scope.spawn(move || {
                for call in 0..1000 {
                    if (call + thread) % 4 == 0 {
                        throttler.record_failure();
                    } else {
                        throttler.record_success();
                    }
                    let _ = throttler.try_acquire();
                }
            });
        }
    });
    let metrics = throttler.metrics();
    assert_eq!((metrics.failures(), metrics.successes()), (1000, 3000));
    assert!(throttler.rejection_rate() == 0.0, "a quarter is below a half");
}
