//! The same stack as steps and in its place, under whatever comes: nothing tells which one it is.
//!
//! The second function of a pair has a listener that uses its argument, which nothing but the macros in place can do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use failsafe::circuit_breaker::State;
use failsafe::events::subscribe;
use failsafe::testing::VirtualTime;
use failsafe::{Attempt, Registry, circuit_breaker, registry, retry, timeout};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::support::{Error, Notes, Res, ms};

/// What one run of a body does.
#[derive(Debug, Clone, Copy)]
enum Act {
    Succeeds,
    Fails,
    SucceedsAfter(u64),
    FailsAfter(u64),
    Panics,
    PanicsAfter(u64),
    NeverEnds,
}

/// The runs of the bodies, and what was seen from inside.
#[derive(Debug)]
struct Script {
    acts: Vec<Act>,
    runs: AtomicUsize,
    breaker: &'static str,
    notes: Notes,
}

/// A body notes when it goes, and how the breaker is then.
struct Gone<'a>(&'a Script);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.notes.add(format!("gone, {}", self.0.seen()));
    }
}

impl Script {
    async fn run(&self, attempt: Attempt) -> Res {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        self.notes.add(format!("run {run}: {attempt:?}, {}", self.seen()));
        let _gone = Gone(self);
        match self.acts[run % self.acts.len()] {
            Act::Succeeds => Ok(u32::try_from(run).unwrap()),
            Act::Fails => Err(Error::Down),
            Act::SucceedsAfter(millis) => {
                VirtualTime::sleep(ms(millis)).await;
                self.notes.add(format!("later {:?}", failsafe::attempt()));
                Ok(u32::try_from(run).unwrap())
            }
            Act::FailsAfter(millis) => {
                VirtualTime::sleep(ms(millis)).await;
                self.notes.add(format!("later {:?}", failsafe::attempt()));
                Err(Error::State)
            }
            Act::Panics => panic!("as written"),
            Act::PanicsAfter(millis) => {
                VirtualTime::sleep(ms(millis)).await;
                panic!("as written")
            }
            Act::NeverEnds => std::future::pending().await,
        }
    }

    /// How the breaker is, with the places that are free in it.
    fn seen(&self) -> String {
        let Some(breaker) = registry().circuit_breaker(self.breaker) else {
            return "no breaker".to_owned();
        };
        let metrics = breaker.metrics();
        // To ask an open breaker may make it half-open.
        let free = if breaker.is_half_open() {
            let free = std::iter::from_fn(|| breaker.try_acquire()).take(10);
            free.collect::<Vec<_>>().len()
        } else {
            0
        };
        let (left, state) = (breaker.remaining_delay(), breaker.state());
        format!("{state:?} {}+{} free {free} {left:?}", metrics.successes(), metrics.failures())
    }
}

/// What is done.
#[derive(Debug, Clone)]
struct Plan {
    acts: Vec<Act>,
    /// How long to wait before each call, and after how many polls it is dropped.
    calls: Vec<(u64, Option<usize>)>,
    state: State,
    heard: bool,
    scoped: bool,
}

fn acts() -> impl Strategy<Value = Act> {
    let millis = || prop_oneof![Just(10_u64), Just(50), Just(60), Just(100), Just(120), 1..200_u64];
    prop_oneof![
        3 => Just(Act::Succeeds),
        4 => Just(Act::Fails),
        3 => millis().prop_map(Act::SucceedsAfter),
        3 => millis().prop_map(Act::FailsAfter),
        1 => Just(Act::Panics),
        1 => millis().prop_map(Act::PanicsAfter),
        2 => Just(Act::NeverEnds),
    ]
}

fn plans() -> impl Strategy<Value = Plan> {
    let gap = prop_oneof![2 => Just(0_u64), 2 => Just(100), 1 => Just(1000), 1 => 0..2000_u64];
    let call = (gap, option::weighted(0.3, 0..8_usize));
    let state = prop_oneof![Just(State::Closed), Just(State::HalfOpen), Just(State::Open)];
    (vec(acts(), 1..10), vec(call, 1..6), state, any::<bool>(), any::<bool>())
        .prop_map(|(acts, calls, state, heard, scoped)| Plan { acts, calls, state, heard, scoped })
}

type Call<'a> = Pin<Box<dyn Future<Output = Res> + Send + 'a>>;

/// All that can be seen of the calls of a plan.
fn played(plan: &Plan, breaker: &'static str, call: fn(&Script) -> Call<'_>) -> Vec<String> {
    let time = VirtualTime::new();
    let name = breaker.split(' ').next_back().unwrap();
    let calls = async {
        if let Some(breaker) = registry().circuit_breaker(breaker) {
            breaker.reset();
            match plan.state {
                State::HalfOpen => breaker.half_open(),
                State::Open => breaker.open(),
                State::Closed => {}
            }
        }
        let (acts, runs) = (plan.acts.clone(), AtomicUsize::new(0));
        let script = Script { acts, runs, breaker, notes: Notes::new() };
        let mut events = plan.heard.then(subscribe);
        let mut seen = Vec::new();
        for &(gap, polls) in &plan.calls {
            VirtualTime::sleep(ms(gap)).await;
            let outcome = polled(call(&script), polls).await;
            seen.extend(script.notes.take());
            for event in events.iter_mut().flat_map(failsafe::events::Subscription::drain) {
                // Other tests have the registry of the process too.
                if !event.name().contains(name) {
                    continue;
                }
                seen.push(format!("{event} {:?} at {:?}", event.counters, event.at));
            }
            seen.push(format!("{outcome} at {:?}, {}", time.elapsed(), script.seen()));
        }
        seen
    };
    let seen = if plan.scoped { time.run(Registry::new().scope(calls)) } else { time.run(calls) };
    seen.into_iter().map(|line| line.replace("placed", "steps")).collect()
}

/// Polls a call to its end, or so often, but no longer than a minute.
async fn polled(call: Call<'_>, polls: Option<usize>) -> String {
    let (mut call, mut polled) = (Some(call), 0);
    let mut minute = Box::pin(VirtualTime::sleep(ms(60_000)));
    let outcome = std::future::poll_fn(|cx| {
        if polls == Some(polled) {
            return Poll::Ready(format!("dropped after {polled} polls"));
        }
        polled += 1;
        let one = call.as_mut().expect("it is not over").as_mut();
        match catch_unwind(AssertUnwindSafe(|| one.poll(cx))) {
            Ok(Poll::Ready(outcome)) => return Poll::Ready(format!("{outcome:?}")),
            Ok(Poll::Pending) => {}
            Err(_) => return Poll::Ready("panicked".to_owned()),
        }
        minute.as_mut().poll(cx).map(|()| "still waits".to_owned())
    });
    let outcome = outcome.await;
    drop(call.take());
    outcome
}

/// The same attributes twice, the second time with what keeps them in their place.
macro_rules! pair {
    ($name:ident($script:ident), [$(#[$steps:meta])+], [$(#[$placed:meta])+]) => {
        mod $name {
            use super::*;

            $(#[$steps])+
            async fn steps($script: &Script) -> Res {
                $script.run(failsafe::attempt()).await
            }

            $(#[$placed])+
            async fn placed($script: &Script) -> Res {
                $script.run(failsafe::attempt()).await
            }

            fn same(plan: &Plan) {
                let name = stringify!($name);
                let steps = played(plan, concat!("steps: ", stringify!($name)), |script| Box::pin(steps(script)));
                let placed = played(plan, concat!("placed: ", stringify!($name)), |script| Box::pin(placed(script)));
                assert_eq!(steps, placed, "{name}");
            }

            proptest! {
                #[test]
                fn nobody_can_tell(plan in plans()) {
                    same(&plan);
                }
            }
        }
    };
}

pair! {
    retry_breaker_timeout(script),
    [
        #[retry(max = 3, delay = "100ms", max_duration = "400ms", exhausted = "error")]
        #[circuit_breaker(name = "steps: retry_breaker_timeout", failures = "2/3", successes = "2/3", delay = "200ms", slow = "55ms")]
        #[timeout("100ms")]
    ],
    [
        #[retry(max = 3, delay = "100ms", max_duration = "400ms", exhausted = "error", on_retry = |_| { let _ = script; })]
        #[circuit_breaker(name = "placed: retry_breaker_timeout", failures = "2/3", successes = "2/3", delay = "200ms", slow = "55ms")]
        #[timeout("100ms")]
    ]
}

pair! {
    timeout_retry_breaker(script),
    [
        #[timeout("250ms")]
        #[retry(max = 4, backoff = "10ms..100ms")]
        #[circuit_breaker(name = "steps: timeout_retry_breaker", failures = 3, successes = 2, delay = "50ms")]
    ],
    [
        #[timeout("250ms", on_timeout = |_| { let _ = script; })]
        #[retry(max = 4, backoff = "10ms..100ms")]
        #[circuit_breaker(name = "placed: timeout_retry_breaker", failures = 3, successes = 2, delay = "50ms")]
    ]
}

pair! {
    breaker_retry(script),
    [
        #[circuit_breaker(name = "steps: breaker_retry", failures = 2, successes = "1/2", delay = "1s")]
        #[retry(max = 2, exhausted = "error")]
    ],
    [
        #[circuit_breaker(name = "placed: breaker_retry", failures = 2, successes = "1/2", delay = "1s")]
        #[retry(max = 2, exhausted = "error", on_retry = |_| { let _ = script; })]
    ]
}

pair! {
    nested_retries(script),
    [
        #[retry(max = 2, delay = "50ms", max_duration = "600ms")]
        #[timeout("150ms")]
        #[retry(max = 1, exhausted = "error")]
        #[timeout("60ms")]
    ],
    [
        #[retry(max = 2, delay = "50ms", max_duration = "600ms", on_retry = |_| { let _ = script; })]
        #[timeout("150ms")]
        #[retry(max = 1, exhausted = "error")]
        #[timeout("60ms")]
    ]
}

pair! {
    two_timeouts(script),
    [
        #[timeout("100ms")]
        #[timeout("50ms")]
    ],
    [
        #[timeout("100ms", on_timeout = |_| { let _ = script; })]
        #[timeout("50ms")]
    ]
}

pair! {
    breaker_between_retries(script),
    [
        #[retry(max = 2, delay = "60ms")]
        #[circuit_breaker(name = "steps: breaker_between_retries", failures = 3, successes = "1/2", delay = "100ms")]
        #[retry(max = 1, backoff = "10ms..50ms", max_duration = "50ms")]
    ],
    [
        #[retry(max = 2, delay = "60ms", on_retry = |_| { let _ = script; })]
        #[circuit_breaker(name = "placed: breaker_between_retries", failures = 3, successes = "1/2", delay = "100ms")]
        #[retry(max = 1, backoff = "10ms..50ms", max_duration = "50ms")]
    ]
}

#[circuit_breaker(
    name = "steps: by_name",
    failures = 2,
    successes = 2,
    delay = "50ms",
    slow = "60ms"
)]
#[circuit_breaker(
    name = "placed: by_name",
    failures = 2,
    successes = 2,
    delay = "50ms",
    slow = "60ms"
)]
async fn declares() -> Res {
    Ok(0)
}

pair! {
    by_name(script),
    [
        #[retry(max = 3, delay = "20ms", max_duration = "200ms")]
        #[timeout("90ms")]
        #[circuit_breaker(name = "steps: by_name")]
    ],
    [
        #[retry(max = 3, delay = "20ms", max_duration = "200ms", on_retry = |_| { let _ = script; })]
        #[timeout("90ms")]
        #[circuit_breaker(name = "placed: by_name")]
    ]
}

/// A value that says by itself how it ended, and can hold a rejection that is no failure.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Down,
    Later,
}

impl failsafe::Outcome for Answer {
    fn is_failure(&self) -> bool {
        *self == Self::Down
    }
}

impl failsafe::Reject for Answer {
    fn reject(_: failsafe::Rejected) -> Self {
        Self::Later
    }
}

#[retry(max = 1)]
#[circuit_breaker(name = "answers: steps", failures = 1, delay = "1h")]
async fn answers(_: &Notes) -> Answer {
    Answer::Down
}

#[retry(max = 1, on_retry = |_| { let _ = &notes; })]
#[circuit_breaker(name = "answers: placed", failures = 1, delay = "1h")]
async fn answers_in_place(notes: &Notes) -> Answer {
    notes.add("run");
    Answer::Down
}

#[timeout("30ms")]
#[timeout("20ms")]
async fn late(_: &Notes) -> Answer {
    std::future::pending().await
}

#[timeout("30ms", on_timeout = |_| { let _ = &notes; })]
#[timeout("20ms")]
async fn late_in_place(notes: &Notes) -> Answer {
    notes.add("run");
    std::future::pending().await
}

// What is told of a call is whether the caller gets a success.
#[tokio::test(start_paused = true)]
async fn a_rejection_may_become_a_success() {
    crate::support::alone(async {
        let (notes, mut heard) = (Notes::new(), crate::support::Heard::new());
        assert_eq!(answers_in_place(&notes).await, Answer::Later);
        let in_place = heard.done();
        assert_eq!(answers(&notes).await, Answer::Later);
        assert_eq!(heard.done(), in_place);
        assert_eq!(late_in_place(&notes).await, Answer::Later);
        let in_place = heard.done();
        assert_eq!(in_place.len(), 1);
        assert!(in_place[0].2, "the caller gets a success");
        assert_eq!(late(&notes).await, Answer::Later);
        assert_eq!(heard.done(), in_place);
    })
    .await;
}

async fn slow(resource: Resource) -> Res {
    resource.wait().await
}

/// What a body takes with it; each copy is numbered.
#[derive(Debug)]
struct Resource(std::sync::Arc<Notes>);

impl Resource {
    async fn wait(&self) -> Res {
        self.0.add("run");
        std::future::pending().await
    }
}

impl Clone for Resource {
    fn clone(&self) -> Self {
        self.0.add("clone");
        Self(std::sync::Arc::clone(&self.0))
    }
}

#[retry(max = 1, delay = "1s")]
#[timeout("10ms")]
async fn clones(resource: Resource) -> Res {
    slow(resource).await
}

#[retry(max = 1, delay = "1s", on_retry = |_| { let _ = &notes; })]
#[timeout("10ms")]
async fn clones_in_place(resource: Resource, notes: &Notes) -> Res {
    notes.add("");
    slow(resource).await
}

#[tokio::test(start_paused = true)]
async fn clones_as_often() {
    let notes = std::sync::Arc::new(Notes::new());
    assert_eq!(
        clones_in_place(Resource(notes.clone()), &Notes::new()).await,
        crate::support::TIMED_OUT
    );
    let in_place = notes.take();
    assert_eq!(clones(Resource(notes.clone())).await, crate::support::TIMED_OUT);
    assert_eq!(notes.take(), in_place);
}
