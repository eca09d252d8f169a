//! # Budget
//!
//! Bounds how many of all executions under way may be extra ones: retries and hedges. So an outage
//! does not multiply the load on a service that is failing already.
//!
//! It is no policy by itself: a retry or a hedge takes one, `#[retry(budget = BUDGET)]` or
//! `.budget(budget)` of its builder, and one budget is shared by all the functions that call a service.
//!
//! ```
//! # use failsafe_runtime::{self as failsafe, Budget, Kind, Retry};
//! # use std::io;
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let budget = Budget::builder().max_rate(0.1).min_concurrency(1).build();
//! let load = failsafe::with(Retry::builder().budget(budget.clone()).build());
//! let busy = budget.try_acquire(); // another call retries
//! let result = load.try_run(|| async { Err::<(), _>(io::Error::other("down")) }).await;
//! assert_eq!(result.unwrap_err().kind(), Kind::BudgetExceeded);
//! # }
//! ```
//!
//! ## How it decides
//!
//! It counts what is under way: executions, and the extra ones among them. An extra execution is
//! refused if at least `min_concurrency` extra ones are under way, and their share of all executions
//! is above `max_rate`. The share is the one before the new execution is added, so a budget may be
//! exceeded by one. There is no time window: only what runs now counts. The rule is that of
//! failsafe-go; asking and adding are one step here, so racing calls cannot exceed it further.
//!
//! A call is one execution from where it enters the retry to its end, delays included; each retry
//! asks after its delay, and holds what it was granted until its attempt ends. A retry that is
//! refused ends the call with [`Kind::BudgetExceeded`](crate::Kind), whose source is the last error;
//! an outer retry with a budget does not retry that. A hedge that is refused, and all later ones of the
//! call, do not start; the attempts that run go on.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `max_rate` | `"20%"` | share of all executions under way |
//! | `min_concurrency` | 3 | extra executions |
//!
//! ## Events
//!
//! `budget_exceeded`, with what was refused: a retry or a hedge.
//!
//! ## At run time
//!
//! An instance takes a change of its settings at once; what is under way stays counted.
//!
//! Switched off, every extra execution is granted, and none is counted that begins then. When it only
//! observes, all are granted and counted, and it tells `budget_exceeded` of those it would refuse. Both
//! hold for executions begun by hand too. What was counted when it began is given back, whatever has
//! happened since.
//!
//! ## Cancel safety
//!
//! What is granted is a guard: a call that is dropped or panics gives everything back.
//!
//! ## Order
//!
//! It has no place of its own in a stack. Two retries with the same budget on one function register
//! each call twice.

mod builder;
mod core;
mod event;
mod hold;
mod instance;
mod permit;

pub use crate::extra::Extra;
pub use builder::BudgetBuilder;
pub use event::{BudgetExceeded, Listeners};
pub use hold::{Held, Hold, Unlimited};
pub use permit::{BudgetExecution, BudgetPermit};

use crate::as_policy::AsPolicy;
use crate::registry::Registry;
use crate::site::Declaration;
use crate::source::{Declarable, Source};
use failsafe_config::BudgetConfig;
use instance::Instance;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// A budget: a handle of one; clones share its state.
///
/// ```
/// # use failsafe_runtime::Budget;
/// let budget = Budget::builder().max_rate("50%").min_concurrency(1).build();
///
/// let _execution = budget.start_execution();
/// let first = budget.try_acquire().expect("one is always granted");
/// assert_eq!(budget.rate(), 0.5);
/// let second = budget.try_acquire().expect("a half is not above a half");
/// assert!(budget.try_acquire().is_none());
///
/// drop((first, second));
/// assert_eq!(budget.rate(), 0.0);
/// ```
pub struct Budget {
    source: Source<Instance>,
}

impl Budget {
    /// A budget as `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, BudgetConfig)) -> Self {
        Self { source: Source::Declared(declaration, OnceLock::new()) }
    }

    /// Builds a budget at run time.
    pub const fn builder() -> BudgetBuilder {
        BudgetBuilder::new()
    }

    /// Its name: the one it was given, or the path of its static.
    pub fn name(&self) -> String {
        self.source.share().name().to_owned()
    }

    /// What it was told.
    pub fn config(&self) -> BudgetConfig {
        *self.source.share().config()
    }

    /// Counts an execution until the guard is dropped.
    pub fn start_execution(&self) -> BudgetExecution {
        BudgetExecution::new(self.source.share())
    }

    /// Grants an extra execution, or not. It is counted until the permit is dropped.
    pub fn try_acquire(&self) -> Option<BudgetPermit> {
        BudgetPermit::ask(&self.source.share()).0
    }

    /// The share of extra executions among all that are under way, from 0 to 1; 0 when nothing is.
    pub fn rate(&self) -> f64 {
        self.source.share().load().rate()
    }

    /// How many executions are under way, extra ones included.
    pub fn executions(&self) -> u64 {
        self.source.share().load().executions()
    }

    /// How many extra executions are under way.
    pub fn extras(&self) -> u64 {
        self.source.share().load().extras()
    }
}

impl Declarable for Instance {
    fn of_declaration(declaration: &'static Declaration) -> Self {
        Self::declared(declaration)
    }
}

impl Registry {
    /// The budget of that name: the live one, or a new one if it is declared somewhere in the binary
    /// but nobody has used it yet.
    pub fn budget(&self, name: &str) -> Option<Budget> {
        let instance = self.find("budget", name, Instance::declared)?;
        Some(Budget { source: Source::Built(instance) })
    }
}

impl AsPolicy<Self> for Budget {
    fn as_policy(&self) -> &Self {
        self
    }
}

// A copy of what is declared is declared: which one it stands for depends on where it is used.
impl Clone for Budget {
    fn clone(&self) -> Self {
        let source = match &self.source {
            Source::Declared(declaration, _) => Source::Declared(declaration, OnceLock::new()),
            Source::Built(instance) => Source::Built(Arc::clone(instance)),
        };
        Self { source }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.source.share(), f)
    }
}
