//! What a budget grants, and what a retry does with a refusal.

use std::error::Error as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use failsafe::budget::Extra;
use failsafe::events::What;
use failsafe::{Budget, Kind, Registry, Rejected, Retry, policy, registry, retry, timeout};

use crate::support::*;

const EXHAUSTED: Res = Err(Error::Rejected(Kind::BudgetExceeded));

// GO Budget: rate .5, min 1: exec 2, inflight 1: permit yes, then no; release: yes, no.
#[test]
fn a_permit_is_granted_up_to_the_rate_and_given_back_when_dropped() {
    let budget = Budget::builder().max_rate(0.5).min_concurrency(1).build();
    let _first = budget.start_execution();
    let held = budget.try_acquire().unwrap();
    assert_eq!((budget.executions(), budget.extras(), budget.rate()), (2, 1, 0.5));
    let second = budget.try_acquire().unwrap();
    assert!(budget.try_acquire().is_none());
    drop(second);
    let second = budget.try_acquire();
    assert!(second.is_some() && budget.try_acquire().is_none());
    drop((held, second));
    assert_eq!((budget.executions(), budget.extras(), budget.rate()), (1, 0, 0.0));
}

// GO Budget: min 2: exec 1, inflight 1: yes, no.
#[test]
fn so_many_are_granted_whatever_the_rate() {
    let budget = Budget::builder().max_rate(0.5).min_concurrency(2).build();
    let first = budget.try_acquire();
    assert_eq!((budget.executions(), budget.extras(), budget.rate()), (1, 1, 1.0));
    let second = budget.try_acquire();
    assert!(first.is_some() && second.is_some() && budget.try_acquire().is_none());
}

// GO 10, how many extra attempts fit by default.
#[test]
fn by_default_a_fifth_and_always_three() {
    for (primaries, extras) in
        [(1, 3), (5, 3), (10, 3), (12, 4), (15, 4), (20, 6), (40, 11), (100, 26)]
    {
        let budget = Budget::builder().build();
        let _primaries: Vec<_> = (0..primaries).map(|_| budget.start_execution()).collect();
        let granted: Vec<_> = std::iter::from_fn(|| budget.try_acquire()).collect();
        assert_eq!(granted.len(), extras, "of {primaries}");
    }
}

#[test]
fn clones_share_their_state() {
    let budget = Budget::builder().max_rate("0%").min_concurrency(1).build();
    let other = budget.clone();
    let held = budget.try_acquire();
    assert!(held.is_some() && other.try_acquire().is_none());
    assert_eq!(other.extras(), 1);
}

#[test]
fn a_share_is_from_0_to_1() {
    for fault in [
        Budget::builder().max_rate(1.5).try_build().unwrap_err(),
        Budget::builder().max_rate(-0.1).try_build().unwrap_err(),
        Budget::builder().max_rate(f64::NAN).try_build().unwrap_err(),
        Budget::builder().max_rate("20").try_build().unwrap_err(),
    ] {
        assert!(fault.to_string().starts_with("budget: "), "{fault}");
    }
}

// GO quirk 34: asking and adding are one step.
#[test]
fn racing_calls_exceed_it_by_no_more_than_the_rule() {
    let budget = Budget::builder().max_rate(0.0).min_concurrency(5).build();
    let barrier = std::sync::Barrier::new(8);
    for _ in 0..200 {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    let held = budget.try_acquire();
                    assert!(budget.extras() <= 5);
                    barrier.wait();
                    drop(held);
                });
            }
        });
        assert_eq!((budget.executions(), budget.extras()), (0, 0));
    }
}

// The same without a pause between two questions: were they two steps, two threads would both be granted the only one.
#[test]
fn the_only_extra_is_granted_once_at_a_time() {
    let budget = Budget::builder().max_rate(0.0).min_concurrency(1).build();
    let (barrier, held) = (std::sync::Barrier::new(8), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..50_000 {
                    let Some(permit) = budget.try_acquire() else { continue };
                    assert_eq!(held.fetch_add(1, Ordering::SeqCst), 0, "two have it");
                    held.fetch_sub(1, Ordering::SeqCst);
                    drop(permit);
                }
            });
        }
    });
    assert_eq!((budget.executions(), budget.extras()), (0, 0));
}

static ONE: Budget = policy!(budget(
    name = "budget: one",
    max_rate = "0%",
    min_concurrency = 1,
    on_budget_exceeded = |event| {
        HEARD.add(format!(
            "{} {} {}/{}",
            event.name(),
            event.kind(),
            event.extras(),
            event.executions()
        ));
    }
));
static HEARD: Notes = Notes::new();

guarded!(
    #[retry(max = 3, delay = "10ms", budget = ONE)]
    limited
);

// GO Retry: allowed 2/2; refused 2/1 and one event.
#[tokio::test(start_paused = true)]
async fn a_retry_asks_before_each_attempt_and_gives_back_after_it() {
    assert_eq!(call!(limited, "FFS"), (Ok(3), 3));
    assert_eq!(call!(limited, "F"), (DOWN, 4));
}

#[tokio::test(start_paused = true)]
async fn a_refused_retry_ends_the_call() {
    alone(async {
        let busy = ONE.try_acquire().unwrap();
        let mut heard = Heard::new();
        HEARD.take();
        let body = Body::new("F");
        assert_eq!((limited::run(&body).await, body.runs()), (EXHAUSTED, 1));
        let expected = ["retry failure", "retry retry_scheduled", "budget budget_exceeded"];
        assert_eq!(heard.names(), expected);
        assert_eq!(HEARD.take(), ["budget: one retry 1/2"]);
        drop(busy);
        assert_eq!((limited::run(&Body::new("FS")).await, ONE.executions()), (Ok(2), 0));
    })
    .await;
}

// The attempt that is refused is counted, as in failsafe-go.
#[tokio::test(start_paused = true)]
async fn the_event_says_what_was_refused_and_in_which_call() {
    alone(async {
        let _busy = ONE.try_acquire().unwrap();
        let mut events = failsafe::events::subscribe();
        let _ = limited::run(&Body::new("F")).await;
        let events = events.drain();
        let refused =
            events.iter().find(|event| event.what == What::BudgetExceeded(Extra::Retry)).unwrap();
        assert_eq!((refused.policy, refused.name()), ("budget", "budget: one"));
        assert_eq!((refused.counters.attempts, refused.counters.executions), (2, 1));
        assert_eq!(refused.to_string(), "budget `budget: one` budget_exceeded: retry");
    })
    .await;
}

#[test]
fn a_refused_retry_ends_a_blocking_call() {
    Registry::new().scope_blocking(|| {
        let _busy = ONE.try_acquire().unwrap();
        let body = Body::new("F");
        let outcome = failsafe::testing::VirtualTime::new().blocking(|| limited::block(&body));
        assert_eq!((outcome, body.runs(), ONE.executions()), (EXHAUSTED, 1, 1));
    });
}

#[retry(max = 3, budget = ONE, on_retry = |_| notes.add("retry"), on_budget_exceeded = |event| {
    notes.add(format!("{} after {} attempts", event.what().name(), event.attempts()));
})]
async fn heard(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn the_retry_that_was_refused_hears_of_it() {
    alone(async {
        let notes = Notes::new();
        let busy = ONE.try_acquire();
        let _ = heard(&Body::new("F"), &notes).await;
        assert_eq!(notes.take(), ["budget_exceeded after 2 attempts"]);
        drop(busy);
        let _ = heard(&Body::new("FS"), &notes).await;
        assert_eq!(notes.take(), ["retry"]);
    })
    .await;
}

#[retry(budget = ONE)]
async fn with_source(
    fail: &(dyn Fn() -> Error + Sync),
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err(fail().into())
}

// GO quirk 35: the last error is not lost.
#[tokio::test(start_paused = true)]
async fn the_last_error_is_the_source() {
    alone(async {
        let _busy = ONE.try_acquire();
        let error = with_source(&|| Error::State).await.unwrap_err();
        let rejected = error.downcast_ref::<Rejected>().unwrap();
        assert_eq!((rejected.kind(), rejected.policy()), (Kind::BudgetExceeded, "budget: one"));
        assert_eq!(rejected.source().unwrap().to_string(), "bad state");
    })
    .await;
}

#[retry(budget = ONE)]
#[timeout("1s")]
async fn over_timeout(body: &Body) -> Result<u32, Rejected> {
    body.run().await.or(Ok(0))
}

#[tokio::test(start_paused = true)]
async fn a_rejection_by_a_policy_inside_is_a_source_too() {
    alone(async {
        let _busy = ONE.try_acquire();
        let error = over_timeout(&Body::taking("S", ms(5_000))).await.unwrap_err();
        let source = error.source().unwrap().downcast_ref::<Rejected>().unwrap();
        assert_eq!((error.kind(), source.kind()), (Kind::BudgetExceeded, Kind::Timeout));
    })
    .await;
}

static OTHER: Budget = policy!(budget);

#[retry(max = 5, budget = OTHER, on_abort = |_| notes.add("abort"))]
#[retry(budget = ONE)]
async fn nested(body: &Body, notes: &Notes) -> Res {
    body.run().await
}

#[retry(max = 5)]
#[retry(budget = ONE)]
async fn nested_in_a_plain_retry(body: &Body) -> Res {
    body.run().await
}

// GO 10: a retry with a budget never retries a refusal.
#[tokio::test(start_paused = true)]
async fn an_outer_retry_with_a_budget_does_not_retry_a_refusal() {
    alone(async {
        let _busy = ONE.try_acquire();
        let (body, notes) = (Body::new("F"), Notes::new());
        assert_eq!((nested(&body, &notes).await, body.runs()), (EXHAUSTED, 1));
        assert_eq!(notes.take(), ["abort"]);
        let body = Body::new("F");
        assert_eq!((nested_in_a_plain_retry(&body).await, body.runs()), (EXHAUSTED, 6));
    })
    .await;
}

// GO 10: during a delay the call counts as an execution, but holds no permit.
#[tokio::test(start_paused = true)]
async fn a_call_counts_once_and_its_retry_twice_as_long_as_it_runs() {
    alone(async {
        let body = Body::taking("FFS", ms(100));
        let call = retry_slowly(&body);
        let look = async {
            let mut seen = Vec::new();
            for _ in 0..6 {
                pass(50).await;
                seen.push((ONE.executions(), ONE.extras()));
                pass(50).await;
            }
            seen
        };
        let (outcome, seen) = tokio::join!(call, look);
        assert_eq!(outcome, Ok(3));
        assert_eq!(seen, [(1, 0), (1, 0), (2, 1), (1, 0), (2, 1), (0, 0)]);
    })
    .await;
}

#[retry(delay = "100ms", budget = ONE)]
async fn retry_slowly(body: &Body) -> Res {
    body.run().await
}

// GO quirk 8: what is dropped or panics gives everything back.
#[tokio::test(start_paused = true)]
async fn a_dropped_call_gives_everything_back() {
    alone(async {
        for millis in [50, 150, 250] {
            let body = Body::taking("F", ms(100));
            assert!(tokio::time::timeout(ms(millis), retry_slowly(&body)).await.is_err());
            assert_eq!((ONE.executions(), ONE.extras()), (0, 0), "after {millis} ms");
        }
    })
    .await;
}

#[retry(budget = ONE)]
fn panics_at_its_retry() -> Res {
    assert!(failsafe::attempt().number() < 2, "the second attempt");
    DOWN
}

#[test]
fn a_call_that_panics_gives_everything_back() {
    Registry::new().scope_blocking(|| {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(panics_at_its_retry));
        assert!(outcome.is_err());
        assert_eq!((ONE.executions(), ONE.extras()), (0, 0));
    });
}

struct Client {
    own: Budget,
    shared: Arc<Budget>,
    retry: Retry,
}

impl Client {
    #[retry(budget = self.own)]
    async fn by_field(&self, body: &Body) -> Res {
        body.run().await
    }

    #[retry(budget = self.shared)]
    async fn by_arc(&mut self, body: &Body) -> Res {
        body.run().await
    }

    #[retry(self.retry)]
    fn by_retry(&self, body: &Body) -> Res {
        body.block()
    }

    #[retry(self.retry, budget = self.own)]
    fn by_both(&self, body: &Body) -> Res {
        body.block()
    }
}

// A retry made in code brings its budget; one on the attribute replaces it.
#[tokio::test(start_paused = true)]
async fn a_budget_can_be_a_field() {
    let tight = || Budget::builder().max_rate(0.0).min_concurrency(1).build();
    let (own, shared, of_retry) = (tight(), tight(), tight());
    let retry = Retry::builder().budget(of_retry.clone()).build();
    let mut client = Client { own: own.clone(), shared: Arc::new(shared.clone()), retry };
    let runs = async |client: &mut Client| {
        let bodies = [(); 4].map(|()| Body::new("F"));
        let _ = client.by_field(&bodies[0]).await;
        let _ = client.by_arc(&bodies[1]).await;
        let _ = client.by_retry(&bodies[2]);
        let _ = client.by_both(&bodies[3]);
        bodies.map(|body| body.runs())
    };
    assert_eq!(runs(&mut client).await, [3, 3, 3, 3]);
    let busy = own.try_acquire();
    assert_eq!(runs(&mut client).await, [1, 3, 3, 1]);
    drop(busy);
    let busy = shared.try_acquire();
    assert_eq!(runs(&mut client).await, [3, 1, 3, 3]);
    drop(busy);
    let _busy = of_retry.try_acquire();
    assert_eq!(runs(&mut client).await, [3, 3, 1, 3]);
}

// The builders: async, and blocking.
#[tokio::test(start_paused = true)]
async fn a_retry_built_in_code_takes_one() {
    let budget = Budget::builder().max_rate("0%").min_concurrency(1).build();
    let notes: &'static Notes = Box::leak(Box::new(Notes::new()));
    let retry = Retry::builder()
        .budget(budget.clone())
        .on_budget_exceeded::<Res>(|event| notes.add(event.what().name()))
        .build();
    let guarded = failsafe::with(retry);
    let body = Body::new("FS");
    assert_eq!((guarded.run(|| body.run()).await, body.runs()), (Ok(2), 2));
    let busy = budget.try_acquire();
    let body = Body::new("F");
    assert_eq!((guarded.run(|| body.run()).await, body.runs()), (EXHAUSTED, 1));
    let body = Body::new("F");
    assert_eq!((guarded.run_blocking(|| body.block()), body.runs()), (EXHAUSTED, 1));
    assert_eq!(notes.take(), ["budget_exceeded", "budget_exceeded"]);
    drop(busy);
    assert_eq!(budget.executions(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_registry_knows_it_by_its_name() {
    let (outside, inside) = (Registry::new(), Registry::new());
    let busy = outside.scope_blocking(|| ONE.try_acquire());
    assert_eq!(outside.budget("budget: one").unwrap().extras(), 1);
    assert_eq!(inside.budget("budget: one").unwrap().extras(), 0);
    assert!(inside.budget("budget: none").is_none());
    let shown = serde_json::to_value(outside.snapshot()).unwrap();
    let expected = serde_json::json!({"policies": [
        {"policy": "budget", "name": "budget: one", "executions": 1, "extras": 1, "rate": 1.0},
    ]});
    assert_eq!(shown, expected);
    // What is under way is no history that could be forgotten.
    outside.reset();
    assert_eq!(outside.budget("budget: one").unwrap().extras(), 1);
    drop(busy);
    assert!(registry().list().iter().any(|id| id.policy == "budget" && id.name == "budget: one"));
    assert!(!failsafe::config::policies().iter().any(|policy| policy.name == "budget"));
}

#[tokio::test(start_paused = true)]
async fn a_name_lists_what_is_built() {
    alone(async {
        let built = Budget::builder().name("budget: built").max_rate(1.0).build();
        let _execution = built.start_execution();
        assert_eq!(registry().budget("budget: built").unwrap().executions(), 1);
        assert_eq!(built.config().get_max_rate().billionths(), 1_000_000_000);
        assert_eq!(OTHER.config(), failsafe::config::BudgetConfig::new());
    })
    .await;
}
