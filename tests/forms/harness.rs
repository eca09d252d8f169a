//! Scenarios, the forms they run against, and what says that a form does something else.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use failsafe::events::{Event, Subscription, What, subscribe};
use failsafe::testing::{VirtualTime, with_chance};
use failsafe::{Kind, Registry, Rejected, registry};

/// What the functions return.
pub(crate) type Res = Result<u32, Error>;

/// How a body fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Error {
    Down,
    Argument,
    Rejected(Kind),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected.kind())
    }
}

pub(crate) const DOWN: Res = Err(Error::Down);
pub(crate) const ARGUMENT: Res = Err(Error::Argument);

/// A rejection.
pub(crate) const fn rejected(kind: Kind) -> Res {
    Err(Error::Rejected(kind))
}

/// So many milliseconds.
pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

thread_local! {
    /// The clock of the scenario that runs on this thread.
    static TIME: RefCell<VirtualTime> = RefCell::default();
}

fn time() -> VirtualTime {
    TIME.with(|time| time.borrow().clone())
}

pub(crate) type Pending<'a> = Pin<Box<dyn Future<Output = Res> + Send + 'a>>;

/// Calls the function, or runs a body under the executor.
#[derive(Clone)]
pub(crate) enum Caller {
    Later(Arc<dyn for<'a> Fn(&'a Body) -> Pending<'a> + Send + Sync>),
    Now(Arc<dyn Fn(&Body) -> Res + Send + Sync>),
}

/// An asynchronous caller.
pub(crate) fn later(
    call: impl for<'a> Fn(&'a Body) -> Pending<'a> + Send + Sync + 'static,
) -> Caller {
    Caller::Later(Arc::new(call))
}

/// A blocking caller.
pub(crate) fn now(call: impl Fn(&Body) -> Res + Send + Sync + 'static) -> Caller {
    Caller::Now(Arc::new(call))
}

/// A way to put a policy on code. What has to be built is built anew for each scenario.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) make: fn() -> Caller,
}

/// The code under the policies. Each run follows the next word of its script, and the last word holds for all further
/// runs: `S` succeeds with the number of the run, `F` is down, `A` is the error of an argument, and `N` calls the same
/// function again, for the same script, and ends as that does. A number behind the letter is how many milliseconds it
/// takes first.
pub(crate) struct Body {
    script: Vec<(char, u64)>,
    runs: AtomicUsize,
    again: Caller,
}

impl Body {
    fn new(script: &str, again: &Caller) -> Self {
        let words = script.split_whitespace().map(|word| {
            let (letter, takes) = word.split_at(1);
            (
                letter.chars().next().unwrap(),
                if takes.is_empty() { 0 } else { takes.parse().unwrap() },
            )
        });
        Self { script: words.collect(), runs: AtomicUsize::new(0), again: again.clone() }
    }

    /// A run of an asynchronous function.
    pub(crate) async fn run(&self) -> Res {
        let (run, letter, takes) = self.begin();
        if takes > 0 {
            VirtualTime::sleep(ms(takes)).await;
        }
        match (letter, &self.again) {
            ('N', Caller::Later(call)) => call(self).await,
            _ => end(run, letter),
        }
    }

    /// A run of a blocking function.
    pub(crate) fn block(&self) -> Res {
        let (run, letter, takes) = self.begin();
        time().advance(ms(takes));
        match (letter, &self.again) {
            ('N', Caller::Now(call)) => call(self),
            _ => end(run, letter),
        }
    }

    fn begin(&self) -> (usize, char, u64) {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let (letter, takes) = self.script[run.min(self.script.len() - 1)];
        (run + 1, letter, takes)
    }
}

fn end(run: usize, letter: char) -> Res {
    match letter {
        'S' => Ok(u32::try_from(run).unwrap()),
        'F' => DOWN,
        'A' => ARGUMENT,
        other => unreachable!("no such letter: {other}"),
    }
}

/// A call, and what must come of it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    script: &'static str,
    outcome: Res,
    counts: (u32, u32),
    took: u64,
    after: u64,
    told: Option<Vec<&'static str>>,
}

/// A call of a body that follows this script, which ends so, at once, in one attempt that runs the body once.
pub(crate) fn call(script: &'static str, outcome: Res) -> Call {
    Call { script, outcome, counts: (1, 1), took: 0, after: 0, told: None }
}

impl Call {
    /// It makes so many attempts, which run the body so often.
    pub(crate) fn of(self, attempts: u32, executions: u32) -> Self {
        Self { counts: (attempts, executions), ..self }
    }

    /// It takes so many milliseconds.
    pub(crate) fn took(self, took: u64) -> Self {
        Self { took, ..self }
    }

    /// It begins so many milliseconds after the others of its step.
    pub(crate) fn after(self, after: u64) -> Self {
        Self { after, ..self }
    }

    /// These are the events.
    pub(crate) fn told(self, told: &[&'static str]) -> Self {
        Self { told: Some(told.to_vec()), ..self }
    }

    fn expected(&self) -> Seen {
        Seen { outcome: self.outcome, took: self.took }
    }
}

/// What is done in a scenario.
pub(crate) enum Step {
    /// One call.
    Call(Call),
    /// Calls beside each other: only in asynchronous forms.
    Together(Vec<Call>),
    /// So many milliseconds pass.
    Pass(u64),
    /// Somebody does something to the policy.
    Do(&'static str, fn()),
    /// The first policy of the snapshot that has this detail, has this value there.
    Shows(&'static str, &'static str),
}

impl From<Call> for Step {
    fn from(call: Call) -> Self {
        Self::Call(call)
    }
}

/// Calls beside each other; of the events nothing is said.
pub(crate) fn together<const N: usize>(calls: [Call; N]) -> Step {
    Step::Together(calls.into())
}

/// So many milliseconds pass.
pub(crate) fn pass(millis: u64) -> Step {
    Step::Pass(millis)
}

/// Somebody does something to the policy.
pub(crate) fn hand(what: &'static str, does: fn()) -> Step {
    Step::Do(what, does)
}

/// A detail of the snapshot.
pub(crate) fn shows(detail: &'static str, value: &'static str) -> Step {
    Step::Shows(detail, value)
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(call) => write!(f, "a call of `{}`", call.script),
            Self::Together(calls) => write!(f, "{} calls together", calls.len()),
            Self::Pass(millis) => write!(f, "{millis} ms pass"),
            Self::Do(what, _) => f.write_str(what),
            Self::Shows(detail, _) => write!(f, "the snapshot's `{detail}`"),
        }
    }
}

/// How a call ended, and how long after it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    outcome: Res,
    took: u64,
}

/// What is seen of a form in one step.
#[derive(Debug)]
struct Observed {
    calls: Vec<Seen>,
    counts: Option<(u32, u32)>,
    told: Vec<String>,
    snapshot: String,
}

/// Everything that a form did, step by step; the message of a panic where it ended early.
fn observe(form: &Form, steps: &[Step], chance: &[f64]) -> (Vec<Observed>, Option<String>) {
    let mut seen = Vec::new();
    let all = || {
        TIME.with(|time| time.replace(VirtualTime::new()));
        Registry::new().scope_blocking(|| {
            time().blocking(|| {
                let caller = (form.make)();
                let mut events = subscribe();
                let mut any_call = false;
                for step in steps {
                    let mut observed = observe_step(&caller, step, &mut events);
                    any_call |= !observed.calls.is_empty();
                    if !any_call {
                        // What was built is there already, what was declared is not yet.
                        observed.snapshot.clear();
                    }
                    seen.push(observed);
                }
            });
        });
    };
    let ended = catch_unwind(AssertUnwindSafe(|| with_chance(chance.iter().copied(), all)));
    let fault = match ended {
        Ok(((), 0)) => None,
        Ok(((), left)) => Some(format!("{left} draws of chance were not taken")),
        Err(panic) => Some(format!("panicked: {}", text(&*panic))),
    };
    (seen, fault)
}

fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
}

fn observe_step(caller: &Caller, step: &Step, events: &mut Subscription) -> Observed {
    let calls = match step {
        Step::Call(call) => make_calls(caller, std::slice::from_ref(call)),
        Step::Together(calls) => make_calls(caller, calls),
        Step::Pass(millis) => {
            time().advance(ms(*millis));
            Vec::new()
        }
        Step::Do(_, does) => {
            does();
            Vec::new()
        }
        Step::Shows(..) => Vec::new(),
    };
    let events = events.drain();
    let counts = match step {
        Step::Call(_) => events.iter().rev().find_map(done),
        _ => None,
    };
    let told = events.iter().filter(|event| event.policy != "call");
    Observed {
        calls,
        counts,
        told: told.map(|event| format!("{} {}", event.policy, event.what)).collect(),
        snapshot: serde_json::to_string(&registry().snapshot().policies).unwrap(),
    }
}

/// The attempts and executions of a call that is over.
fn done(event: &Event) -> Option<(u32, u32)> {
    let counters = event.counters;
    matches!(event.what, What::Done { .. }).then_some((counters.attempts, counters.executions))
}

fn make_calls(caller: &Caller, calls: &[Call]) -> Vec<Seen> {
    match caller {
        Caller::Now(now) => calls
            .iter()
            .map(|call| {
                let start = time().elapsed();
                let outcome = now(&Body::new(call.script, caller));
                Seen { outcome, took: since(start) }
            })
            .collect(),
        Caller::Later(later) => {
            let calls = calls.iter().map(|call| -> Pin<Box<dyn Future<Output = Seen>>> {
                let (later, body) = (Arc::clone(later), Body::new(call.script, caller));
                let after = ms(call.after);
                Box::pin(async move {
                    if !after.is_zero() {
                        VirtualTime::sleep(after).await;
                    }
                    let start = time().elapsed();
                    let outcome = later(&body).await;
                    Seen { outcome, took: since(start) }
                })
            });
            time().run(all(calls.collect()))
        }
    }
}

fn since(start: Duration) -> u64 {
    u64::try_from(time().elapsed().saturating_sub(start).as_millis()).unwrap()
}

/// Waits for all of them.
async fn all<T>(mut futures: Vec<Pin<Box<dyn Future<Output = T>>>>) -> Vec<T> {
    let mut outputs: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                if let Poll::Ready(ready) = future.as_mut().poll(cx) {
                    *output = Some(ready);
                }
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().map(Option::unwrap).collect()
}

/// Runs a scenario against every form.
pub(crate) fn check<const N: usize>(forms: &[Form], steps: [Step; N]) {
    check_with_chance(&[], forms, steps);
}

/// Runs a scenario whose draws of chance are these against every form.
pub(crate) fn check_with_chance<const N: usize>(chance: &[f64], forms: &[Form], steps: [Step; N]) {
    let mut faults = String::new();
    let mut first: Option<Vec<Observed>> = None;
    for form in forms {
        let (seen, fault) = observe(form, &steps, chance);
        for (number, (step, observed)) in steps.iter().zip(&seen).enumerate() {
            let mut tell = |what: String| {
                writeln!(faults, "{}, step {}, {step}: {what}", form.name, number + 1).unwrap();
            };
            unlike_expected(step, observed).into_iter().for_each(&mut tell);
            if let Some(first) = first.as_ref().and_then(|first| first.get(number)) {
                unlike(first, observed, forms[0].name).into_iter().for_each(&mut tell);
            }
        }
        if let Some(fault) = fault {
            writeln!(faults, "{}, step {}: {fault}", form.name, seen.len() + 1).unwrap();
        }
        first.get_or_insert(seen);
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// In what a form did something else than the first one.
fn unlike(first: &Observed, observed: &Observed, first_form: &str) -> Vec<String> {
    let parts = |of: &Observed| {
        let (calls, counts) = (format!("{:?}", of.calls), format!("{:?}", of.counts));
        [calls, counts, format!("{:?}", of.told), of.snapshot.clone()]
    };
    let pairs = parts(observed).into_iter().zip(parts(first));
    let differ = pairs.filter(|(here, there)| here != there);
    differ.map(|(here, there)| format!("{here}, but {first_form}: {there}")).collect()
}

/// In what a step came out otherwise than was said.
fn unlike_expected(step: &Step, observed: &Observed) -> Vec<String> {
    let mut faults = Vec::new();
    let mut compare = |expected: &dyn fmt::Debug, found: &dyn fmt::Debug| {
        let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
        if expected != found {
            faults.push(format!("expected {expected}, found {found}"));
        }
    };
    match step {
        Step::Call(call) => {
            compare(&[call.expected()], &observed.calls);
            compare(&Some(call.counts), &observed.counts);
            if let Some(told) = &call.told {
                compare(told, &observed.told);
            }
        }
        Step::Together(calls) => {
            compare(&calls.iter().map(Call::expected).collect::<Vec<_>>(), &observed.calls);
        }
        Step::Shows(detail, value) => {
            let shown: serde_json::Value = serde_json::from_str(&observed.snapshot).unwrap();
            let shown = shown.as_array().unwrap().iter().find_map(|policy| policy.get(*detail));
            let found = shown.map(|shown| shown.to_string().trim_matches('"').to_owned());
            compare(&Some(*value), &found);
        }
        Step::Pass(_) | Step::Do(..) => {}
    }
    faults
}

/// One policy, or several, in each of their forms: `name::forms()`. An `async` before the name is for what cannot guard
/// blocking code. The options are written twice: in the grammar of the attribute, and as calls of the builder.
macro_rules! forms {
    (async $name:ident, $(#[$policy:meta])+, $built:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "not every policy names something")]
            use super::*;

            $(#[$policy])+
            async fn attribute(body: &Body) -> Res {
                body.run().await
            }

            pub(super) fn forms() -> Vec<Form> {
                vec![
                    Form {
                        name: "the attribute",
                        make: || later(|body| Box::pin(attribute(body))),
                    },
                    Form {
                        name: "the builder",
                        make: || {
                            let guarded = failsafe::with($built);
                            later(move |body| {
                                let guarded = guarded.clone();
                                Box::pin(async move { guarded.run(|| body.run()).await })
                            })
                        },
                    },
                ]
            }
        }
    };
    ($name:ident, $(#[$policy:meta])+, $built:expr $(,)?) => {
        mod $name {
            #[allow(unused_imports, reason = "not every policy names something")]
            use super::*;

            forms!(async asynchronous, $(#[$policy])+, $built);

            $(#[$policy])+
            fn attribute(body: &Body) -> Res {
                body.block()
            }

            /// Those on asynchronous code.
            #[allow(dead_code, reason = "for what several calls do together")]
            pub(super) fn asynchronous_forms() -> Vec<Form> {
                asynchronous::forms()
            }

            pub(super) fn forms() -> Vec<Form> {
                let mut forms = asynchronous::forms();
                forms.push(Form {
                    name: "the attribute on a blocking function",
                    make: || now(attribute),
                });
                forms.push(Form {
                    name: "the blocking form of the builder",
                    make: || {
                        let guarded = failsafe::with($built);
                        now(move |body| guarded.run_blocking(|| body.block()))
                    },
                });
                forms
            }
        }
    };
}

mod itself {
    use super::*;
    use failsafe::{Retry, retry};

    forms! {
        other,
        #[retry(max = 1)],
        Retry::builder().max(2).build(),
    }

    /// The harness sees it when a form does something else, and says which and where.
    #[test]
    fn a_form_that_differs_is_named_with_the_step() {
        let scenario =
            || check(&other::forms(), [call("S", Ok(1)).into(), call("F", DOWN).of(2, 2).into()]);
        let fault = text(&*catch_unwind(scenario).unwrap_err());
        let named: Vec<_> = fault.lines().filter(|line| line.contains(", step ")).collect();
        assert!(named.iter().all(|line| line.contains("step 2, a call of `F`")), "{fault}");
        for (form, differs) in [
            ("the attribute,", false),
            ("the builder,", true),
            ("the attribute on a blocking function,", false),
            ("the blocking form of the builder,", true),
        ] {
            assert_eq!(named.iter().any(|line| line.starts_with(form)), differs, "{fault}");
        }
        assert!(fault.contains("expected Some((2, 2)), found Some((3, 3))"), "{fault}");
    }
}
