//! One hedge: its options, and how long attempts took.

use super::event::{HedgeEvent, Listener};
use super::quantile::Quantile;
use crate::clock::nanos;
use crate::label::Label;
use crate::live::Mode;
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::source::Declarable;
use crate::stateful::Stateful;
use failsafe_config::{HedgeConfig, HedgeDelay};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A delay computed by code.
pub(super) type DelayFn = Arc<dyn Fn(u32) -> Option<Duration> + Send + Sync>;

/// One hedge, shared by everything that has its name.
pub(crate) struct Instance {
    label: Label,
    /// As it is written; settings may say otherwise.
    config: HedgeConfig,
    delay: Option<DelayFn>,
    listeners: Vec<Listener>,
    known: Mutex<Known>,
}

/// What is known of attempts, and the share it is the quantile of.
#[derive(Clone, Copy, Default)]
struct Known {
    of: f64,
    quantile: Quantile,
}

impl Known {
    /// What is known for this share: nothing, if it was another one so far.
    fn about(&mut self, share: f64) -> &mut Quantile {
        if self.of.to_bits() != share.to_bits() {
            *self = Self { of: share, quantile: Quantile::default() };
        }
        &mut self.quantile
    }
}

impl Instance {
    pub(super) fn new(
        label: Label,
        config: HedgeConfig,
        delay: Option<DelayFn>,
        listeners: Vec<Listener>,
    ) -> Self {
        Self { label, config, delay, listeners, known: Mutex::default() }
    }

    /// The hedge of a declaration.
    pub(super) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        Self::new(Label::Declared(declaration), config, None, Vec::new())
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) const fn label(&self) -> &Label {
        &self.label
    }

    /// The options in force. What is known of attempts stays when they change.
    #[inline]
    pub(super) fn config(&self) -> &HedgeConfig {
        self.label.in_force(&self.config)
    }

    #[inline]
    pub(super) fn mode(&self) -> Mode {
        self.label.mode()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it knows of attempts, where it has to.
    pub(super) fn quantile(&self) -> Quantile {
        match self.config().get_delay() {
            HedgeDelay::Quantile(share) => *self.lock().about(share),
            HedgeDelay::Computed | HedgeDelay::Fixed(_) => Quantile::default(),
        }
    }

    /// Whether it has to know how long attempts take.
    pub(super) fn is_timed(&self) -> bool {
        self.mode() != Mode::Off && matches!(self.config().get_delay(), HedgeDelay::Quantile(_))
    }

    /// How long to wait before the next hedge, when so many have started; nothing, if no more shall.
    pub(super) fn delay(&self, hedges: u32) -> Option<Duration> {
        if let Some(delay) = &self.delay {
            return delay(hedges);
        }
        let config = self.config();
        match config.get_delay() {
            HedgeDelay::Computed => None,
            HedgeDelay::Fixed(delay) => Some(delay),
            HedgeDelay::Quantile(share) => {
                let quantile = *self.lock().about(share);
                let enough = quantile.samples() >= config.get_threshold().into();
                enough.then(|| duration(quantile.estimate()))
            }
        }
    }

    /// An attempt that ended a race took so long.
    pub(super) fn record(&self, duration: Duration) {
        let config = self.config();
        if let HedgeDelay::Quantile(share) = config.get_delay() {
            self.lock().about(share).add(float(duration), share, config.get_age());
        }
    }

    /// Whether anybody hears of every call.
    pub(super) fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    pub(super) fn hear(&self, event: &HedgeEvent<'_>) {
        self.listeners.iter().for_each(|listener| listener(event));
    }
}

/// The time of so many nanoseconds, without fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what a delay should do"
)]
pub(super) const fn duration(nanos: f64) -> Duration {
    Duration::from_nanos(nanos as u64)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate is not exact anyway")]
fn float(duration: Duration) -> f64 {
    nanos(duration) as f64
}

impl Declarable for Instance {
    fn of_declaration(declaration: &'static Declaration) -> Self {
        Self::declared(declaration)
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let mut details = Details::new().count("max", self.config().get_max().into());
        if self.is_timed() {
            let quantile = self.quantile();
            details = details
                .count("samples", quantile.samples())
                .number("quantile_ms", quantile.estimate() / 1e6);
        }
        PolicySnapshot { policy: "hedge", name: self.name().to_owned(), details }
    }

    fn reset(&self) {
        *self.lock() = Known::default();
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hedge")
            .field("name", &self.name())
            .field("config", self.config())
            .finish_non_exhaustive()
    }
}
