//! What happens, printed when it happens, and kept for the claims.

use failsafe::circuit_breaker::State;
use failsafe::events::{self, Event, Listening, What};
use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Prints one line; that nobody reads it any more (`| head`) is no reason to stop.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// A colour of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Magenta = 35,
    Cyan = 36,
}

impl Colour {
    /// The text in this colour, if colours are shown.
    pub(crate) fn paint(self, text: impl Display) -> String {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        if wanted && io::stdout().is_terminal() {
            format!("\x1b[{}m{text}\x1b[0m", self as u8)
        } else {
            text.to_string()
        }
    }
}

/// Something a policy decided, and when, since the scene began.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) at: Duration,
    pub(crate) event: Event,
}

/// What has happened in the scene.
#[derive(Debug)]
pub(crate) struct Timeline(Mutex<Scene>);

/// What there is of one scene.
#[derive(Debug)]
struct Scene {
    began: Instant,
    decisions: Vec<Decision>,
    requests_to_b: usize,
    /// How many requests are with B now, and the most at a time.
    at_b: usize,
    most_at_b: usize,
    /// While a crowd calls: the lines that are printed when it is done, when each of them was first
    /// to be printed, and how often.
    crowd: Option<Vec<(Line, Duration, usize)>>,
    /// The time of the last line.
    printed: Duration,
}

/// A line without its time: its colour, who does something, and what.
type Line = (Colour, &'static str, String);

/// A request that is with B, until this is dropped.
#[derive(Debug)]
pub(crate) struct Visit(Arc<Timeline>);

impl Drop for Visit {
    fn drop(&mut self) {
        let mut scene = self.0.lock();
        scene.at_b = scene.at_b.saturating_sub(1);
    }
}

impl Timeline {
    /// A timeline that begins now.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Scene::new())))
    }

    /// Hears of everything that policies decide, until the guard is dropped.
    pub(crate) fn listen(self: &Arc<Self>) -> Listening {
        let timeline = Arc::clone(self);
        events::listen(move |event| timeline.decided(event))
    }

    /// Begins a scene: the time is zero, and nothing has happened.
    pub(crate) fn begin(&self) {
        let mut scene = self.lock();
        let at_b = scene.at_b;
        *scene = Scene { at_b, most_at_b: at_b, ..Scene::new() };
    }

    /// From now on many calls are under way, and what is the same for many of them is one line.
    pub(crate) fn gather(&self) {
        self.lock().crowd.get_or_insert_default();
    }

    /// Prints what has been gathered.
    pub(crate) fn tell(&self) {
        let gathered = self.lock().crowd.take().unwrap_or_default();
        for ((colour, who, what), at, count) in gathered {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            self.print_at(at, colour, who, format_args!("{what}{times}"));
        }
    }

    /// What policies have decided in this scene.
    pub(crate) fn decisions(&self) -> Vec<Decision> {
        self.lock().decisions.clone()
    }

    /// How many requests have reached B in this scene.
    pub(crate) fn requests_to_b(&self) -> usize {
        self.lock().requests_to_b
    }

    /// The most requests that were with B at a time in this scene.
    pub(crate) fn most_at_b(&self) -> usize {
        self.lock().most_at_b
    }

    /// A request has reached B, or the replica of that name.
    pub(crate) fn visit_to_b(self: &Arc<Self>, name: &'static str, answer: &str) -> Visit {
        let mut scene = self.lock();
        scene.requests_to_b += 1;
        scene.at_b += 1;
        scene.most_at_b = scene.most_at_b.max(scene.at_b);
        drop(scene);
        let who = if name == "B" { "service B" } else { "replica of B" };
        self.note((Colour::Dim, who, answer.to_owned()));
        Visit(Arc::clone(self))
    }

    /// Prints a line, or gathers it while a crowd calls.
    fn note(&self, (colour, who, what): Line) {
        let mut scene = self.lock();
        let now = scene.began.elapsed();
        let Some(crowd) = &mut scene.crowd else {
            drop(scene);
            return self.print(colour, who, what);
        };
        let line = (colour, who, what);
        match crowd.iter_mut().find(|(known, ..)| *known == line) {
            Some((.., count)) => *count += 1,
            None => crowd.push((line, now, 1)),
        }
    }

    /// Prints what somebody did.
    pub(crate) fn print(&self, colour: Colour, who: &str, what: impl Display) {
        let now = self.lock().began.elapsed();
        self.print_at(now, colour, who, what);
    }

    /// Prints what somebody did some time ago, but not before what has been printed.
    fn print_at(&self, at: Duration, colour: Colour, who: &str, what: impl Display) {
        let mut scene = self.lock();
        scene.printed = scene.printed.max(at);
        let at = scene.printed.as_secs_f64();
        drop(scene);
        line(format_args!("{at:7.2}s  {}  {what}", colour.paint(format_args!("{who:<18}"))));
    }

    /// A policy has decided something.
    fn decided(&self, event: &Event) {
        // What became of the call as a whole is seen in the response.
        if event.policy == "call" {
            return;
        }
        let mut scene = self.lock();
        let at = scene.began.elapsed();
        scene.decisions.push(Decision { at, event: event.clone() });
        drop(scene);
        if is_change(event.what) {
            self.print(colour(event), event.policy, words(event));
        } else {
            self.note((colour(event), event.policy, words(event)));
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            decisions: Vec::new(),
            requests_to_b: 0,
            at_b: 0,
            most_at_b: 0,
            crowd: None,
            printed: Duration::ZERO,
        }
    }
}

/// Whether a policy has changed, and not only a call: that is printed at once.
fn is_change(what: What) -> bool {
    matches!(
        what,
        What::StateChanged { .. }
            | What::LimitChanged { .. }
            | What::ThresholdChanged { .. }
            | What::Switched { .. }
            | What::Failed
            | What::Recovered
    )
}

/// Good news are green, bad news red.
fn colour(event: &Event) -> Colour {
    match event.what {
        What::Success
        | What::StateChanged { to: State::Closed, .. }
        | What::Recovered
        | What::Hit => Colour::Green,
        What::Failure | What::StateChanged { to: State::Open, .. } | What::Failed => Colour::Red,
        What::Rejected(_) | What::Timeout(_) => Colour::Magenta,
        What::Fallback { .. } => Colour::Cyan,
        _ => Colour::Yellow,
    }
}

/// The event in words.
fn words(event: &Event) -> String {
    let what = match event.what {
        What::RetryScheduled(Duration::ZERO) => "scheduled at once".to_owned(),
        What::RetryScheduled(delay) => format!("scheduled in {delay:?}"),
        What::Retry => format!("attempt {} begins", event.counters.attempts),
        What::StateChanged { from, to } => format!("{from} -> {to}"),
        What::LimitChanged { from, to } => format!("{from} -> {to} calls at a time"),
        What::Switched { enabled } => format!("is {}", if enabled { "on" } else { "off" }),
        What::Rejected(kind) => format!("refused: {kind}"),
        What::Timeout(limit) => format!("gave up after {limit:?}"),
        What::Hedge => "starts a second attempt".to_owned(),
        What::Hit => "has it".to_owned(),
        What::Miss => "does not have it".to_owned(),
        What::Cached => "keeps it".to_owned(),
        What::Disabled => "turned a call away".to_owned(),
        What::Failed => "refuses calls from now on".to_owned(),
        What::Recovered => "lets calls through again".to_owned(),
        What::ThresholdChanged { from, to } => format!("refuses below level {to} (was {from})"),
        What::Fallback { .. } => "answers instead".to_owned(),
        other => other.to_string().replace('_', " "),
    };
    // A policy without a name is called by the path of its function.
    if event.name().contains("::") { what } else { format!("{}: {what}", event.name()) }
}
