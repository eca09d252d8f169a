//! Judging outcomes, and telling of it: the user's part of the policies that count failures.

use crate::attempt::{Call, Counters};
use crate::events::{self, What};
use crate::executor::conditions::{ByOutcome, Classify, Conditions};
use crate::label::Label;
use crate::listener;
use crate::outcome::{Flow, Outcome};
use crate::typed::{Answer, Answered, Judge};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A call that was judged. A policy makes its own event of it, by [`judged_event`].
pub struct JudgedCall<'a, R> {
    pub(crate) name: &'a str,
    pub(crate) what: What,
    pub(crate) counters: Counters,
    pub(crate) outcome: &'a Flow<R>,
}

impl<R> Clone for JudgedCall<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for JudgedCall<'_, R> {}

impl<R> fmt::Debug for JudgedCall<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JudgedCall")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// The event of a policy for each call that it judged.
macro_rules! judged_event {
    ($(#[$doc:meta])* $event:ident of $policy:literal) => {
        $(#[$doc])*
        pub struct $event<'a, R>($crate::judged::JudgedCall<'a, R>);

        impl<R> $event<'_, R> {
            #[doc = concat!("The name of the ", $policy, ".")]
            pub const fn name(&self) -> &str {
                self.0.name
            }

            /// What happened: `Success` or `Failure`.
            pub const fn what(&self) -> $crate::events::What {
                self.0.what
            }

            /// Attempts the call has begun so far.
            pub const fn attempts(&self) -> u32 {
                self.0.counters.attempts
            }

            /// Retries the call has begun so far.
            pub const fn retries(&self) -> u32 {
                self.0.counters.retries
            }

            /// The outcome of the call.
            pub const fn outcome(&self) -> &$crate::outcome::Flow<R> {
                self.0.outcome
            }

            /// Whether this is the event of that name.
            #[doc(hidden)]
            pub fn is(&self, name: &str) -> bool {
                self.0.what.name() == name
            }
        }

        impl<R> std::fmt::Debug for $event<'_, R> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($event))
                    .field("name", &self.0.name)
                    .field("what", &self.0.what)
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use judged_event;

/// The user's part of a policy that counts failures: what it judges by and whom it tells.
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;

    /// How long a policy that this outcome stopped is to let no call through, if that is computed
    /// from the outcome.
    fn delay(&self, _flow: &Flow<R>) -> Option<Duration> {
        None
    }

    /// Describes a value that is a failure.
    fn describe(&self, _outcome: &R) -> String {
        "failure".to_owned()
    }

    /// Whether anybody hears.
    fn is_heard(&self) -> bool {
        false
    }

    /// Hears of the calls that these hooks judged.
    fn hear(&self, _call: JudgedCall<'_, R>) {}
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (**self).delay(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        (**self).describe(outcome)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, call: JudgedCall<'_, R>) {
        (**self).hear(call);
    }
}

/// Judges the outcome of a call, by the hooks.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn judge<R>(call: &mut Call, flow: &Flow<R>, hooks: &impl Hooks<R>) -> bool {
    let failed = hooks.is_failure(flow);
    if failed {
        call.judged(true);
    }
    failed
}

/// Whether anybody hears how a call was judged.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_heard<R>(hooks: &impl Hooks<R>) -> bool {
    hooks.is_heard() || events::active()
}

/// Tells how a call was judged.
#[cold]
pub(crate) fn tell<R>(
    (policy, label): (&'static str, &Label),
    call: &Call,
    flow: &Flow<R>,
    failed: bool,
    hooks: &impl Hooks<R>,
) {
    let what = if failed { What::Failure } else { What::Success };
    let counters = call.counters();
    if hooks.is_heard() {
        let judged = JudgedCall { name: label.name(), what, counters, outcome: flow };
        listener::call(policy, label, counters, || hooks.hear(judged));
    }
    events::emit(policy, || label.clone(), counters, what);
}

/// Hooks made of the expressions in an attribute.
#[derive(Debug)]
pub struct Calls<F, D, W, L> {
    pub(crate) failed: F,
    pub(crate) delay: D,
    pub(crate) describe: W,
    pub(crate) hear: Option<L>,
}

impl<R, F, D, W, L> Hooks<R> for Calls<F, D, W, L>
where
    F: Fn(&Flow<R>) -> bool,
    D: Fn(&Flow<R>) -> Option<Duration>,
    W: Fn(&R) -> String,
    L: Fn(JudgedCall<'_, R>),
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        (self.delay)(flow)
    }

    fn describe(&self, outcome: &R) -> String {
        (self.describe)(outcome)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_some()
    }

    fn hear(&self, call: JudgedCall<'_, R>) {
        if let Some(hear) = &self.hear {
            hear(call);
        }
    }
}

/// Hooks of an attribute that says nothing of failures: the return type answers.
#[derive(Debug)]
pub struct Plain<J>(J);

/// Makes hooks of what a return type answers.
pub const fn plain<J>(judge: J) -> Plain<J> {
    Plain(judge)
}

impl<R, J: Judge<R>> Hooks<R> for Plain<J> {
    #[inline]
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        flow.as_ref().map_or(true, |outcome| self.0.failed(outcome))
    }
}

impl<R, A: Answer<R>> Hooks<R> for Answered<'_, A> {
    #[inline]
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.0.is_failure(flow)
    }
}

impl<R: Outcome> Hooks<R> for ByOutcome {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        Classify::is_failure(self, flow)
    }
}

type DelayFn<R> = Arc<dyn Fn(&R) -> Option<Duration> + Send + Sync>;
type Listener<R> = Arc<dyn Fn(JudgedCall<'_, R>) + Send + Sync>;

/// Hooks over one return type, as a builder collects them.
pub struct TypedHooks<R> {
    pub(crate) handle: Conditions<R>,
    delay: Option<DelayFn<R>>,
    listeners: Vec<(&'static str, Listener<R>)>,
}

impl<R> TypedHooks<R> {
    const fn new(handle: Conditions<R>) -> Self {
        Self { handle, delay: None, listeners: Vec::new() }
    }

    /// Computes a delay from the outcome.
    pub(crate) fn delay_with(
        &mut self,
        delay: impl Fn(&R) -> Option<Duration> + Send + Sync + 'static,
    ) {
        self.delay = Some(Arc::new(delay));
    }

    /// Adds a listener of the event of that name.
    pub(crate) fn on(
        &mut self,
        what: &'static str,
        listener: impl Fn(JudgedCall<'_, R>) + Send + Sync + 'static,
    ) {
        self.listeners.push((what, Arc::new(listener)));
    }
}

impl<R> Clone for TypedHooks<R> {
    fn clone(&self) -> Self {
        let Self { handle, delay, listeners } = self;
        Self { handle: handle.clone(), delay: delay.clone(), listeners: listeners.clone() }
    }
}

impl<R> fmt::Debug for TypedHooks<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedHooks").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl<R> Classify<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }
}

impl<R> Hooks<R> for TypedHooks<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }

    fn delay(&self, flow: &Flow<R>) -> Option<Duration> {
        self.delay.as_ref().zip(flow.as_ref().ok()).and_then(|(delay, outcome)| delay(outcome))
    }

    fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn hear(&self, call: JudgedCall<'_, R>) {
        for (_, listener) in self.listeners.iter().filter(|(what, _)| call.what.name() == *what) {
            listener(call);
        }
    }
}

/// Hooks that can become hooks over `R`.
pub trait IntoTyped<R> {
    /// The same hooks, over `R`.
    fn into_typed(self) -> TypedHooks<R>;
}

/// Hooks that can become hooks over `R` by a condition, so that `R` need not tell by itself what a
/// failure is.
pub trait IntoHandled<R> {
    /// The same hooks, over `R`.
    fn into_handled(self) -> TypedHooks<R>;
}

impl<R: Outcome> IntoTyped<R> for ByOutcome {
    fn into_typed(self) -> TypedHooks<R> {
        TypedHooks::new(Conditions::any_failure())
    }
}

impl<R> IntoTyped<R> for TypedHooks<R> {
    fn into_typed(self) -> Self {
        self
    }
}

impl<R> IntoHandled<R> for ByOutcome {
    fn into_handled(self) -> TypedHooks<R> {
        TypedHooks::new(Conditions::none())
    }
}

impl<R> IntoHandled<R> for TypedHooks<R> {
    fn into_handled(self) -> Self {
        self
    }
}

/// The conditions of a builder. Its `with_hooks` is the same builder with other hooks; `TypedHooks`
/// and `IntoHandled` are those of its module.
macro_rules! conditions {
    ($builder:ident) => {
        impl<H> $builder<H> {
            /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace
            /// "any failure", rejections by policies inside included.
            pub fn handle_if<R>(
                self,
                test: impl Fn(&R) -> bool + Send + Sync + 'static,
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoHandled<R>,
            {
                self.handled(|conditions| conditions.add_outcome(test))
            }

            /// Adds a condition: these rejections by policies inside are failures.
            pub fn handle_rejected<R>(
                self,
                test: impl Fn($crate::rejected::Kind) -> bool + Send + Sync + 'static,
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoHandled<R>,
            {
                self.handle_rejection_if(move |rejected| test(rejected.kind()))
            }

            /// Adds a condition as [`handle_rejected`](Self::handle_rejected) does, over the whole
            /// rejection, its source included.
            pub fn handle_rejection_if<R>(
                self,
                test: impl Fn(&$crate::rejected::Rejected) -> bool + Send + Sync + 'static,
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoHandled<R>,
            {
                self.handled(|conditions| conditions.add_rejected(test))
            }

            fn handled<R>(
                self,
                change: impl FnOnce(&mut $crate::executor::conditions::Conditions<R>),
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoHandled<R>,
            {
                self.with_hooks(|hooks| {
                    let mut hooks = hooks.into_handled();
                    change(&mut hooks.handle);
                    hooks
                })
            }
        }
    };
}

pub(crate) use conditions;

/// The listeners of a builder that hear how each call was judged.
macro_rules! outcome_listeners {
    ($builder:ident hears $event:ident) => {
        impl<H> $builder<H> {
            /// Adds a listener that is called after each call that was judged a success.
            pub fn on_success<R>(
                self,
                listener: impl Fn(&$event<'_, R>) + Send + Sync + 'static,
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoTyped<R>,
            {
                self.typed(|hooks| hooks.on("success", move |call| listener(&$event(call))))
            }

            /// Adds a listener that is called after each call that was judged a failure.
            pub fn on_failure<R>(
                self,
                listener: impl Fn(&$event<'_, R>) + Send + Sync + 'static,
            ) -> $builder<TypedHooks<R>>
            where
                H: IntoTyped<R>,
            {
                self.typed(|hooks| hooks.on("failure", move |call| listener(&$event(call))))
            }

            fn typed<R>(self, change: impl FnOnce(&mut TypedHooks<R>)) -> $builder<TypedHooks<R>>
            where
                H: IntoTyped<R>,
            {
                self.with_hooks(|hooks| {
                    let mut hooks = hooks.into_typed();
                    change(&mut hooks);
                    hooks
                })
            }
        }
    };
}

pub(crate) use outcome_listeners;
