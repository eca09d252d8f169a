//! What the tests share: bodies that follow a script, and the same policies on an async and a blocking function.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use failsafe::events::{Subscription, What, subscribe};
use failsafe::{Counters, Kind, Registry, Rejected};
use tokio::time::Instant;

/// What the functions return.
pub(crate) type Res = Result<u32, Error>;

/// How a body fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("down")]
    Down,
    #[error("bad argument")]
    Argument,
    #[error("bad state")]
    State,
    #[error("rejected: {0}")]
    Rejected(Kind),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected.kind())
    }
}

pub(crate) const OPEN: Res = Err(Error::Rejected(Kind::CircuitOpen));
pub(crate) const TIMED_OUT: Res = Err(Error::Rejected(Kind::Timeout));
pub(crate) const EXCEEDED: Res = Err(Error::Rejected(Kind::RetriesExceeded));
pub(crate) const DOWN: Res = Err(Error::Down);

/// So many milliseconds.
pub(crate) const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Lets time pass.
pub(crate) async fn pass(millis: u64) {
    tokio::time::sleep(ms(millis)).await;
}

/// A body that follows a script: for each run `S` succeeds with the number of the run, `F` is down, `A` and `T` are the
/// errors of argument and state; the last letter holds for all further runs.
#[derive(Debug)]
pub(crate) struct Body {
    script: Vec<u8>,
    takes: Duration,
    runs: AtomicU32,
    ended: AtomicU32,
    created: Instant,
    starts: Mutex<Vec<Duration>>,
}

impl Body {
    pub(crate) fn new(script: &str) -> Self {
        Self::taking(script, Duration::ZERO)
    }

    /// Each run takes so long.
    pub(crate) fn taking(script: &str, takes: Duration) -> Self {
        let (runs, ended) = (AtomicU32::new(0), AtomicU32::new(0));
        let (created, starts) = (Instant::now(), Mutex::default());
        Self { script: script.into(), takes, runs, ended, created, starts }
    }

    /// One run.
    pub(crate) async fn run(&self) -> Res {
        let run = self.begin();
        if !self.takes.is_zero() {
            tokio::time::sleep(self.takes).await;
        }
        self.end(run)
    }

    /// One run in a blocking function; it takes no time.
    pub(crate) fn block(&self) -> Res {
        let run = self.begin();
        self.end(run)
    }

    /// How many runs began.
    pub(crate) fn runs(&self) -> u32 {
        self.runs.load(Ordering::SeqCst)
    }

    /// How many runs came to their end.
    pub(crate) fn ended(&self) -> u32 {
        self.ended.load(Ordering::SeqCst)
    }

    /// How long after the body was made its runs began, in milliseconds.
    pub(crate) fn starts(&self) -> Vec<u128> {
        self.starts.lock().unwrap().iter().map(Duration::as_millis).collect()
    }

    /// The times between the starts of runs.
    pub(crate) fn gaps(&self) -> Vec<u128> {
        self.starts().windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    fn begin(&self) -> u32 {
        self.starts.lock().unwrap().push(self.created.elapsed());
        self.runs.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn end(&self, run: u32) -> Res {
        self.ended.fetch_add(1, Ordering::SeqCst);
        let place = (run as usize - 1).min(self.script.len() - 1);
        match self.script[place] {
            b'S' => Ok(run),
            b'F' => Err(Error::Down),
            b'A' => Err(Error::Argument),
            b'T' => Err(Error::State),
            other => unreachable!("no such letter: {other}"),
        }
    }
}

/// The same policies on an async and on a blocking function: `name::run` and `name::block`.
macro_rules! guarded {
    ($(#[$policy:meta])+ $name:ident) => {
        mod $name {
            #[allow(unused_imports, reason = "not every policy names something")]
            use super::*;
            $(#[$policy])+
            #[allow(dead_code, reason = "some are called in one form only")]
            pub(super) async fn run(body: &Body) -> Res {
                body.run().await
            }
            $(#[$policy])+
            #[allow(dead_code, reason = "some are called in one form only")]
            pub(super) fn block(body: &Body) -> Res {
                body.block()
            }
        }
    };
}

/// Calls both functions once with the same script, asserts that they agree, and gives the outcome and the runs.
macro_rules! call {
    ($name:ident, $script:expr) => {{
        let (body, other) = (Body::new($script), Body::new($script));
        let outcome = failsafe::Registry::new().scope($name::run(&body)).await;
        let blocking = failsafe::testing::VirtualTime::new()
            .blocking(|| failsafe::Registry::new().scope_blocking(|| $name::block(&other)));
        assert_eq!(
            (outcome, body.runs()),
            (blocking, other.runs()),
            "the async and the blocking function differ"
        );
        (outcome, body.runs())
    }};
}

/// A registry for one test.
pub(crate) async fn alone<F: Future>(test: F) -> F::Output {
    Registry::new().scope(test).await
}

/// The events of one test.
pub(crate) struct Heard(Subscription);

impl Heard {
    pub(crate) fn new() -> Self {
        Self(subscribe())
    }

    /// What happened since the last time, as `policy name`, those of whole calls left out.
    pub(crate) fn names(&mut self) -> Vec<String> {
        let events = self.0.drain().into_iter().filter(|event| event.policy != "call");
        events.map(|event| format!("{} {}", event.policy, event.what.name())).collect()
    }

    /// How many events of that policy and name there were since the last time, for each pair.
    pub(crate) fn counts<const N: usize>(&mut self, wanted: [&str; N]) -> [usize; N] {
        let names = self.names();
        wanted.map(|wanted| names.iter().filter(|name| *name == wanted).count())
    }

    /// Attempts, executions and success of the calls since the last time.
    pub(crate) fn done(&mut self) -> Vec<(u32, u32, bool)> {
        let events = self.0.drain().into_iter();
        events
            .filter_map(|event| match event.what {
                What::Done { success } => {
                    let Counters { attempts, executions, .. } = event.counters;
                    Some((attempts, executions, success))
                }
                _ => None,
            })
            .collect()
    }
}

/// Polls a future once.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

/// Notes what happens, in order.
#[derive(Debug, Default)]
pub(crate) struct Notes(Mutex<Vec<String>>);

impl Notes {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(crate) fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    /// What was noted since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}
