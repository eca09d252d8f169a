use super::Budget;
use super::event::{BudgetExceeded, Hearer};
use super::instance::Instance;
use crate::fault::{ConfigError, Faults};
use crate::label::Label;
use crate::registry::Registry;
use crate::source::Source;
use failsafe_config::{BudgetConfig, IntoMaxRate};
use std::fmt;
use std::sync::Arc;

/// Builds a [`Budget`]; its methods are the options of `policy!(budget(..))`.
#[must_use = "a builder does nothing until it builds"]
pub struct BudgetBuilder {
    name: Option<String>,
    config: BudgetConfig,
    faults: Faults,
    listeners: Vec<Hearer>,
}

impl BudgetBuilder {
    pub(super) const fn new() -> Self {
        Self {
            name: None,
            config: BudgetConfig::new(),
            faults: Faults::new(),
            listeners: Vec::new(),
        }
    }

    /// The name in events and rejections. A budget with a name is listed in the registry in force;
    /// if that has one of the name already, that one stays listed.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How large a share of all executions under way the extra ones may be before further ones are
    /// refused: `0.2` or `"20%"`. **Default**: a fifth.
    pub fn max_rate(mut self, share: impl IntoMaxRate) -> Self {
        if let Some(share) = self.faults.note(share.into_max_rate()) {
            self.config = self.config.max_share(share);
        }
        self
    }

    /// Up to so many extra executions at once, whatever their share. **Default**: 3.
    pub const fn min_concurrency(mut self, min: u32) -> Self {
        self.config = self.config.min_concurrency(min);
        self
    }

    /// Adds a listener that is called when an extra execution was refused.
    pub fn on_budget_exceeded(
        mut self,
        listener: impl Fn(&BudgetExceeded) + Send + Sync + 'static,
    ) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// The budget.
    ///
    /// # Panics
    ///
    /// When an option was given a value it cannot have; [`try_build`](Self::try_build) returns that
    /// as an error.
    #[track_caller]
    #[must_use]
    pub fn build(self) -> Budget {
        self.try_build().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The budget.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the options, at once.
    pub fn try_build(self) -> Result<Budget, ConfigError> {
        self.faults.verdict("budget")?;
        let Self { name, config, listeners, .. } = self;
        let label =
            name.clone().map_or(Label::Unnamed(&"budget"), |name| Label::Given(Arc::new(name)));
        let instance = Arc::new(Instance::new(label, config, listeners));
        if let Some(name) = &name {
            Registry::with_current(|registry| {
                registry.adopt("budget", name, Arc::clone(&instance) as _);
            });
        }
        Ok(Budget { source: Source::Built(instance) })
    }
}

impl fmt::Debug for BudgetBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BudgetBuilder")
            .field("name", &self.name)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}
