//! # Hedge
//!
//! Starts another attempt beside one that takes long, and returns the first that succeeds.
//!
//! ## How it decides
//!
//! The first attempt starts at once. When it has taken longer than the delay, a second one starts
//! beside it, a third after a further delay, and so on up to `max` hedges. The first *final* outcome
//! is returned, and the other attempts are dropped. Any success is final, a failure and a rejection
//! by a policy inside are not: then the race goes on, and when all attempts that run have ended so,
//! the next hedge starts at once. If none is left, the outcome that came last is returned. With
//! `first` any outcome is final; `cancel`, `cancel_if` and `cancel_rejected` say which are.
//!
//! The delay is fixed, or computed by `delay_with` from the number of hedges started so far (`None`
//! starts no more), or a `quantile` of how long earlier attempts took: those of all calls, from
//! their own start to a final outcome. The estimate is the moving quantile of failsafe-go, over about
//! `age` attempts; until `threshold` of them have ended, nothing is hedged. A delay of zero starts
//! all attempts at once, unless the first one has an outcome without waiting.
//!
//! With a [`budget`](crate::budget) each hedge asks for a permit, and has it until it ends. A
//! refusal ends the hedging of this call; the attempts that run go on.
//!
//! All attempts are polled by the task of the call: nothing is spawned, nothing needs to be
//! `'static`, and a call whose first attempt is done before the delay allocates nothing. A hedge that
//! does start is one allocation, a second one and all after it one more for their list. Attempts
//! that compute for long without an `.await` hold each other up; give such work to a task.
//!
//! Policies inside have a state of their own in each attempt: a retry its count and its backoff, a
//! timeout its deadline. [`attempt()`](crate::attempt()) tells an attempt which one it is; the
//! counters are those of all attempts together.
//!
//! ## Defaults
//!
//! | option | default | unit |
//! |---|---|---|
//! | `max` | 1 | hedges, beside the first attempt |
//! | `age` | 30 | attempts |
//! | `threshold` | 20 | attempts |
//!
//! ## Events
//!
//! `hedge`, before one starts; and `budget_exceeded`, of the budget.
//!
//! ## At run time
//!
//! A call that is under way asks for its next delay, and whether there is a next hedge, by what is in
//! force then; a delay that is running stays. What is known of attempts stays when other options
//! change, and begins anew with another `quantile`. A `delay_with` is code, and stronger than settings.
//! Switched off, no hedge is started; those that run go on. When it only observes, it tells when it
//! would start one, asks no budget, and the first attempt is the only one.
//!
//! ## Cancel safety
//!
//! Dropping the call drops all its attempts at once, and gives back what they hold: permits,
//! places, the budget. An attempt that loses the race is dropped in the same way, so it counts as
//! neither success nor failure, and its duration is not recorded. A panic in one attempt reaches
//! the caller, and drops the others.
//!
//! ## Order
//!
//! Outside a circuit breaker and a timeout: then each attempt asks the breaker, and has the whole
//! time. Inside a retry, so that a whole race is one attempt of it. Only what may be run twice at
//! the same time can be hedged: reads, and writes that are idempotent.

mod builder;
mod core;
mod event;
mod guard;
mod hooks;
mod instance;
mod quantile;
mod run;

pub use builder::HedgeBuilder;
pub use event::HedgeEvent;
pub use hooks::{Calls, Hooks, calls};
pub use run::{Race, race};

use crate::budget::{Budget, Held};
use crate::executor::conditions::ByOutcome;
use crate::registry::Registry;
use crate::site::Declaration;
use crate::source::Source;
use failsafe_config::{HedgeConfig, IntoDuration, IntoQuantile};
use instance::Instance;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

/// A hedge: a handle of one; clones share what it knows of earlier attempts.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Hedge};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let search = failsafe::with(Hedge::builder("1ms").build());
///
/// let result: Result<u32, failsafe::Rejected> = search
///     .run(|| async {
///         let attempt = failsafe::attempt();
///         if !attempt.is_hedge() {
///             std::future::pending::<()>().await; // the first attempt hangs
///         }
///         Ok(attempt.number())
///     })
///     .await;
/// assert_eq!(result.unwrap(), 2);
/// # }
/// ```
pub struct Hedge<H = ByOutcome> {
    source: Source<Instance>,
    /// What each hedge needs a permit of.
    budget: Option<Budget>,
    hooks: H,
}

impl Hedge {
    /// A hedge as an attribute or `policy!` declares it.
    #[doc(hidden)]
    pub const fn declared((declaration, _): (&'static Declaration, HedgeConfig)) -> Self {
        let source = Source::Declared(declaration, OnceLock::new());
        Self { source, budget: None, hooks: ByOutcome::new() }
    }

    /// Builds a hedge that waits so long before each further attempt.
    pub fn builder(delay: impl IntoDuration) -> HedgeBuilder {
        HedgeBuilder::fixed(delay)
    }

    /// Builds a hedge whose delay is a quantile of how long attempts took, such as `0.95` or
    /// `"95%"`.
    ///
    /// ```
    /// # use failsafe_runtime::Hedge;
    /// # use std::time::Duration;
    /// let hedge = Hedge::quantile(0.9).threshold(2).build();
    /// assert_eq!(hedge.delay(0), None);
    ///
    /// hedge.record(Duration::from_millis(10));
    /// hedge.record(Duration::from_millis(10));
    /// assert_eq!(hedge.delay(0), Some(Duration::from_millis(10)));
    /// ```
    pub fn quantile(quantile: impl IntoQuantile) -> HedgeBuilder {
        HedgeBuilder::quantile(quantile)
    }

    /// Builds a hedge whose delay is computed from the number of hedges started so far; `None`
    /// starts no more. A panic in the function reaches the caller.
    pub fn delay_with<D: Into<Option<Duration>>>(
        delay: impl Fn(u32) -> D + Send + Sync + 'static,
    ) -> HedgeBuilder {
        HedgeBuilder::computed(delay)
    }
}

impl<H> Hedge<H> {
    /// Its name: the one it was given, or the path of the function it stands on.
    pub fn name(&self) -> String {
        self.look(|instance| instance.name().to_owned())
    }

    /// What it was told.
    pub fn config(&self) -> HedgeConfig {
        self.look(|instance| *instance.config())
    }

    /// The budget that each hedge needs a permit of, if there is one.
    pub const fn budget(&self) -> Option<&Budget> {
        self.budget.as_ref()
    }

    /// How long a call would wait now before its next hedge, when so many have started; nothing, if
    /// no more would start. A `delay_with` of an attribute is not asked.
    pub fn delay(&self, hedges: u32) -> Option<Duration> {
        let max = self.config().get_max();
        self.look(|instance| instance.delay(hedges)).filter(|_| hedges < max)
    }

    /// Takes into account that an attempt took so long. Calls do this by themselves. Without a
    /// quantile it does nothing.
    pub fn record(&self, duration: Duration) {
        self.look(|instance| instance.record(duration));
    }

    /// What is known of how long attempts take.
    pub fn metrics(&self) -> Metrics {
        let quantile = self.look(Instance::quantile);
        Metrics { samples: quantile.samples(), nanos: quantile.estimate() }
    }

    /// Forgets how long attempts took.
    pub fn reset(&self) {
        self.look(crate::stateful::Stateful::reset);
    }

    /// What a call holds of the budget.
    #[doc(hidden)]
    pub fn hold(&self) -> Option<Box<Held>> {
        self.budget().map(|budget| Box::new(Held::of(budget)))
    }

    fn look<T>(&self, look: impl FnOnce(&Instance) -> T) -> T {
        self.source.look(look)
    }
}

/// What a hedge knows of how long attempts take.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Metrics {
    samples: u64,
    nanos: f64,
}

impl Metrics {
    /// How many attempts have been recorded; none, without a quantile.
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// The estimate of the quantile; zero before the first attempt.
    pub const fn quantile(&self) -> Duration {
        instance::duration(self.nanos)
    }

    /// The same in nanoseconds, with their fraction.
    pub const fn quantile_nanos(&self) -> f64 {
        self.nanos
    }
}

impl Registry {
    /// The hedge of that name: the live one, or a new one if it is declared somewhere in the binary
    /// but nobody has called it yet.
    pub fn hedge(&self, name: &str) -> Option<Hedge> {
        let found = self.find("hedge", name, Instance::declared)?;
        Some(Hedge { source: Source::Built(found), budget: None, hooks: ByOutcome::new() })
    }
}

impl<H: Clone> Clone for Hedge<H> {
    fn clone(&self) -> Self {
        let source = Source::Built(self.source.share());
        Self { source, budget: self.budget.clone(), hooks: self.hooks.clone() }
    }
}

impl<H> fmt::Debug for Hedge<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.look(|instance| fmt::Debug::fmt(instance, f))
    }
}

/// A race of attempts, as a future. The call of an attempt has the name that the call has here.
#[doc(hidden)]
#[macro_export]
macro_rules! __hedge {
    (
        $call:ident,
        $hedge:expr,
        $ends:expr,
        $delay:expr,
        $hear:expr,
        |$limited:ident| $budget:expr,
        $attempt:expr
    ) => {{
        let attempt = async |mut $call: $crate::__rt::Call| {
            let flow = $attempt;
            (flow, $call)
        };
        let budget = {
            let $limited = $hedge;
            $budget
        };
        let hooks =
            $crate::__rt::hedge_calls($crate::__rt::outcome_of(&attempt), $ends, $delay, $hear);
        $crate::__rt::race(&mut $call, || $hedge, hooks, budget, attempt)
    }};
}
