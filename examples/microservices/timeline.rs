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
#[derive(Debug, Clone, Copy)]
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
        *self.lock() = Scene::new();
    }

    /// What policies have decided in this scene.
    pub(crate) fn decisions(&self) -> Vec<Decision> {
        self.lock().decisions.clone()
    }

    /// How many requests have reached B in this scene.
    pub(crate) fn requests_to_b(&self) -> usize {
        self.lock().requests_to_b
    }

    /// A request has reached B.
    pub(crate) fn request_to_b(&self, answer: &str) {
        self.lock().requests_to_b += 1;
        self.print(Colour::Dim, "service B", answer);
    }

    /// Prints what somebody did.
    pub(crate) fn print(&self, colour: Colour, who: &str, what: impl Display) {
        let at = self.lock().began.elapsed().as_secs_f64();
        line(format_args!("{at:7.2}s  {}  {what}", colour.paint(format_args!("{who:<15}"))));
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
        self.print(colour(event), event.policy, words(event));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Scene> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn new() -> Self {
        Self { began: Instant::now(), decisions: Vec::new(), requests_to_b: 0 }
    }
}

/// Good news are green, bad news red.
fn colour(event: &Event) -> Colour {
    match event.what {
        What::Success | What::StateChanged { to: State::Closed, .. } => Colour::Green,
        What::Failure | What::StateChanged { to: State::Open, .. } => Colour::Red,
        What::Rejected(_) | What::Timeout(_) => Colour::Magenta,
        What::Fallback { .. } => Colour::Cyan,
        _ => Colour::Yellow,
    }
}

/// The event in words.
fn words(event: &Event) -> String {
    let what = match event.what {
        What::RetryScheduled(delay) => format!("scheduled in {delay:?}"),
        What::Retry => format!("attempt {} begins", event.counters.attempts),
        What::StateChanged { from, to } => format!("{from} -> {to}"),
        What::Rejected(kind) => format!("refused: {kind}"),
        What::Timeout(limit) => format!("gave up after {limit:?}"),
        What::Fallback { .. } => "answers instead".to_owned(),
        other => other.to_string().replace('_', " "),
    };
    // Of the policies here only the breaker has a name; the others are called by their function.
    if event.policy == "circuit_breaker" { format!("{}: {what}", event.name()) } else { what }
}
