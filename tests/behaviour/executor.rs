//! Policies without attributes: the executor, its listeners, its tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use failsafe::executor::Handle;
use failsafe::{CircuitBreaker, Fallback, Kind, Rejected, Retry, Timeout, attempt, with};

use crate::support::*;

/// What the listeners of an executor heard.
#[derive(Clone, Default)]
struct Ended(Arc<Notes>);

impl Ended {
    fn on<P>(&self, executor: failsafe::Executor<P>) -> failsafe::Executor<P> {
        let note = |kind: &'static str| {
            let notes = Arc::clone(&self.0);
            move |event: &failsafe::executor::DoneEvent| {
                let counters = event.counters();
                notes.add(format!("{kind} {}/{}", counters.attempts, counters.executions));
            }
        };
        executor.on_success(note("success")).on_failure(note("failure")).on_done(note("done"))
    }

    fn take(&self) -> Vec<String> {
        self.0.take()
    }
}

// GO Executor: run ok; get ok; get error; exactly one of OnSuccess/OnFailure, and always OnDone.
#[tokio::test(start_paused = true)]
async fn exactly_one_of_success_and_failure_is_told_and_then_done() {
    let ended = Ended::default();
    let guarded = ended.on(with(Retry::builder().build()));
    let cases = [("S", "success 1/1", "done 1/1"), ("FFS", "success 3/3", "done 3/3")];
    for (script, verdict, done) in cases.into_iter().chain([("F", "failure 3/3", "done 3/3")]) {
        let (body, blocking) = (Body::new(script), Body::new(script));
        let outcome = guarded.run(|| body.run()).await;
        assert_eq!(ended.take(), [verdict, done]);
        assert_eq!(guarded.run_blocking(|| blocking.block()), outcome);
        assert_eq!(ended.take(), [verdict, done]);
    }
}

// GO Executor: no policies: the result of the body, error and all. By quirk 3 an error is a failure all the same.
#[tokio::test(start_paused = true)]
async fn without_policies_the_body_runs_once() {
    let ended = Ended::default();
    let plain = ended.on(with(()));
    let body = Body::new("SF");
    assert_eq!(plain.run(|| body.run()).await, Ok(1));
    assert_eq!(ended.take(), ["success 1/1", "done 1/1"]);
    assert_eq!(plain.run(|| body.run()).await, DOWN);
    assert_eq!(ended.take(), ["failure 1/1", "done 1/1"]);
    assert_eq!(plain.run_blocking(|| body.block()), DOWN);
    assert_eq!(ended.take(), ["failure 1/1", "done 1/1"]);
}

// A value that a policy took for a failure is one; a fallback that answers well makes the call a success.
#[tokio::test(start_paused = true)]
async fn the_verdict_of_the_policies_is_that_of_the_call() {
    let ended = Ended::default();
    let handles = Retry::builder().max(1).handle_if(|outcome: &Res| outcome.is_ok()).build();
    let guarded = ended.on(with(handles));
    assert_eq!(guarded.run(|| async { Ok(1) }).await, Ok(1));
    assert_eq!(ended.take(), ["failure 2/2", "done 2/2"]);
    let fallback = Fallback::with(|_| Res::Ok(0)).build();
    let guarded = ended.on(with((fallback, Retry::builder().build())));
    assert_eq!(guarded.run(|| async { DOWN }).await, Ok(0));
    assert_eq!(ended.take(), ["success 3/3", "done 3/3"]);
    let breaker = CircuitBreaker::builder().build();
    breaker.open();
    let guarded = ended.on(with(breaker));
    assert_eq!(guarded.run(|| async { Ok(1) }).await, OPEN);
    assert_eq!(ended.take(), ["failure 1/0", "done 1/0"]);
}

// GO Executor: the last execution as the fallback after a retry sees it: attempts 3, executions 3, the last error.
#[tokio::test(start_paused = true)]
async fn the_fallback_comes_after_all_attempts() {
    let seen = Arc::new(Notes::new());
    let noted = Arc::clone(&seen);
    let fallback = Fallback::with(|failure: failsafe::Failure<Res>| failure.outcome().unwrap())
        .on_failure(move |event| noted.add(format!("{} {:?}", event.attempts(), event.outcome())));
    let guarded = with((fallback.build(), Retry::builder().build()));
    let body = Body::new("FFA");
    assert_eq!(guarded.run(|| body.run()).await, Err(Error::Argument));
    assert_eq!(seen.take(), ["3 Some(Err(Argument))"]);
}

// GO Executor: async: not done at once, done after 100 ms; the handle can be waited for.
#[tokio::test(start_paused = true)]
async fn a_spawned_call_runs_on_a_task_of_its_own() {
    let guarded = with(Retry::builder().build());
    let handle: Handle<Res> = guarded.spawn(|| async {
        pass(100).await;
        Ok(attempt().number())
    });
    assert!(!handle.is_done());
    pass(99).await;
    assert!(!handle.is_done());
    pass(1).await;
    tokio::task::yield_now().await;
    assert!(handle.is_done());
    assert_eq!(handle.await, Ok(1));
}

// GO 1.7: cancelling the handle of a call gives a rejection, and drops the body; one that has ended keeps its outcome.
#[tokio::test(start_paused = true)]
async fn a_spawned_call_can_be_cancelled() {
    let body = Arc::new(Body::taking("S", ms(100)));
    let (guarded, running) = (with(Retry::builder().build()).name("mine"), Arc::clone(&body));
    let spawn = || {
        let running = Arc::clone(&running);
        guarded.spawn(move || {
            let running = Arc::clone(&running);
            async move { running.run().await.map_err(|_| Reason::Body) }
        })
    };
    let handle = spawn();
    pass(50).await;
    handle.cancel();
    let Err(Reason::Rejected(rejected)) = handle.await else { panic!("it is cancelled") };
    assert_eq!((rejected.kind(), rejected.policy()), (Kind::Cancelled, "mine"));
    pass(500).await;
    assert_eq!((body.runs(), body.ended()), (1, 0));
    let handle = spawn();
    pass(150).await;
    handle.cancel();
    assert!(matches!(handle.await, Ok(2)));
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("the body")]
    Body,
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

// A handle that is dropped leaves its call running; a call that panics passes the panic on to who waits for it.
#[tokio::test(start_paused = true)]
async fn a_handle_can_be_dropped_and_passes_panics_on() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let guarded = with(Retry::builder().max(1).build());
    drop(guarded.spawn(|| async {
        pass(100).await;
        RUNS.fetch_add(1, Ordering::SeqCst);
        DOWN
    }));
    pass(300).await;
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
    let panicking: Handle<Res> = guarded.spawn(|| async { panic!("the body") });
    let error = tokio::spawn(panicking).await.unwrap_err();
    assert!(error.is_panic());
}

// GO Executor listeners: none is called if the body panics, nor if the call is dropped.
#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_a_panic_or_a_dropped_call() {
    let ended = Ended::default();
    let guarded = ended.on(with(Retry::builder().build()));
    let panicking = guarded.clone();
    let task = tokio::spawn(async move { panicking.run(|| async { Res::Ok(panics()) }).await });
    assert!(task.await.unwrap_err().is_panic());
    let slow = Body::taking("S", ms(100));
    assert!(tokio::time::timeout(ms(50), guarded.run(|| slow.run())).await.is_err());
    assert!(ended.take().is_empty());
}

fn panics() -> u32 {
    panic!("the body")
}

// A listener that panics is caught; the others, and the caller, are served.
#[tokio::test(start_paused = true)]
async fn a_panicking_listener_of_an_executor_is_caught() {
    alone(async {
        let ended = Ended::default();
        let guarded = ended.on(with(()).on_done(|_| panic!("the listener")));
        let mut heard = failsafe::events::subscribe();
        assert_eq!(guarded.run(|| async { Res::Ok(1) }).await, Ok(1));
        assert_eq!(ended.take(), ["success 1/1", "done 1/1"]);
        let names: Vec<_> = heard.drain().iter().map(|event| event.what.name()).collect();
        assert_eq!(names, ["listener_panicked", "done"]);
    })
    .await;
}

// `try_run` is for bodies whose type has no place for a rejection.
#[tokio::test(start_paused = true)]
async fn try_run_returns_rejections_as_such() {
    let guarded = with(Timeout::builder("10ms").build());
    assert_eq!(guarded.try_run(|| async { 7 }).await.unwrap(), 7);
    let rejected = guarded.try_run(std::future::pending::<u32>).await.unwrap_err();
    assert_eq!(rejected.kind(), Kind::Timeout);
}

// A tuple nests as attributes do: first outermost; policies can be shared, borrowed and nested.
#[tokio::test(start_paused = true)]
async fn policies_compose_outermost_first() {
    let breaker = Arc::new(CircuitBreaker::builder().failures(2).build());
    let retry = Retry::builder().max(4).build();
    let body = Body::new("F");
    assert_eq!(with((&retry, Arc::clone(&breaker))).run(|| body.run()).await, OPEN);
    assert_eq!(body.runs(), 2);
    breaker.reset();
    let body = Body::new("F");
    assert_eq!(with((Arc::clone(&breaker), (&retry, ()))).run(|| body.run()).await, DOWN);
    assert_eq!((body.runs(), breaker.metrics().failures()), (5, 1));
}

// An executor serves many calls at once, each with counters of its own.
#[tokio::test(start_paused = true)]
async fn calls_do_not_share_their_counters() {
    let guarded = with(Retry::builder().max(9).delay("10ms").build());
    let calls: Vec<_> = (1..=10_u32)
        .map(|wanted| {
            guarded.spawn(move || async move {
                let number = attempt().number();
                if number == wanted { Ok(number) } else { Err(Error::Down) }
            })
        })
        .collect();
    for (call, wanted) in calls.into_iter().zip(1..) {
        assert_eq!(call.await, Ok(wanted));
    }
}
