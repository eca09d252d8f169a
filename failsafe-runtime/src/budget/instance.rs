//! One budget: what is under way, in one atomic word.

use super::core::Load;
use super::event::{BudgetExceeded, Hearer, Listeners};
use crate::attempt::Counters;
use crate::current::Current;
use crate::events::{self, What};
use crate::extra::Extra;
use crate::label::Label;
use crate::listener;
use crate::live::Mode;
use crate::registry::{Details, PolicySnapshot};
use crate::site::Declaration;
use crate::stateful::Stateful;
use failsafe_config::BudgetConfig;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// One budget, shared by everything that has its name.
pub(super) struct Instance {
    label: Label,
    config: Current<BudgetConfig>,
    load: AtomicU64,
    declared: Vec<&'static Listeners>,
    built: Vec<Hearer>,
}

impl Instance {
    pub(super) const fn new(label: Label, config: BudgetConfig, built: Vec<Hearer>) -> Self {
        let config = Current::new(&label, config);
        Self { label, config, load: AtomicU64::new(0), declared: Vec::new(), built }
    }

    /// The budget of a declaration, with the listeners of all declarations of its name.
    pub(super) fn declared(declaration: &'static Declaration) -> Self {
        let config = declaration.written().copied().unwrap_or_default();
        let mut instance = Self::new(Label::Declared(declaration), config, Vec::new());
        let namesakes = declaration.namesakes().into_iter();
        instance.declared = namesakes.filter_map(Declaration::extra).collect();
        instance
    }

    pub(super) fn name(&self) -> &str {
        self.label.name()
    }

    pub(super) const fn label(&self) -> &Label {
        &self.label
    }

    pub(super) fn config(&self) -> &BudgetConfig {
        self.config.get()
    }

    pub(super) fn mode(&self) -> Mode {
        self.config.mode()
    }

    pub(super) fn load(&self) -> Load {
        Load(self.load.load(Ordering::Relaxed))
    }

    // The word guards no other memory, so no order beyond its own is needed.
    fn change(&self, change: impl Fn(Load) -> Option<Load>) -> bool {
        let change = |word| change(Load(word)).map(|load| load.0);
        self.load.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }

    pub(super) fn begin(&self) {
        self.change(|load| Some(load.with_execution()));
    }

    pub(super) fn end(&self) {
        self.change(|load| Some(load.without_execution()));
    }

    /// Adds an extra execution, or not. Asking and adding are one step.
    pub(super) fn begin_extra(&self) -> bool {
        let config = self.config();
        self.change(|load| load.with_extra(config))
    }

    /// Adds an extra execution, also if it is one too many.
    pub(super) fn begin_extra_all_the_same(&self) {
        self.change(|load| Some(load.with_one_too_many()));
    }

    pub(super) fn end_extra(&self) {
        self.change(|load| Some(load.without_extra()));
    }

    /// Tells that an extra execution was refused.
    #[cold]
    pub(super) fn refused(&self, kind: Extra, counters: Counters) {
        let event = BudgetExceeded::new(self.name().to_owned(), kind, counters, self.load());
        for listeners in &self.declared {
            if let Some(hear) = listeners.exceeded() {
                listener::call("budget", &self.label, counters, || hear(&event));
            }
        }
        for hear in &self.built {
            listener::call("budget", &self.label, counters, || hear(&event));
        }
        events::emit("budget", || self.label.clone(), counters, What::BudgetExceeded(kind));
    }
}

impl Stateful for Instance {
    fn name(&self) -> &str {
        self.label.name()
    }

    fn snapshot(&self) -> PolicySnapshot {
        let load = self.load();
        PolicySnapshot {
            policy: "budget",
            name: self.name().to_owned(),
            details: Details::new()
                .number("rate", load.rate())
                .count("executions", load.executions())
                .count("extras", load.extras()),
        }
    }

    // What is under way stays under way, and there is nothing else.
    fn reset(&self) {}
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let load = self.load();
        f.debug_struct("Budget")
            .field("name", &self.name())
            .field("executions", &load.executions())
            .field("extras", &load.extras())
            .finish_non_exhaustive()
    }
}
