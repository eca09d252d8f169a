//! # Fallback
//!
//! Answers instead of a failure.
//!
//! ## How it decides
//!
//! When what is inside ends in a failure, the fallback makes the return value: a value, a function
//! of the failure (which sees the function's arguments too), or an error. The failure is the failing
//! value itself or the rejection of a policy inside ([`Failure`]). Without conditions every failure
//! and every rejection is answered; with conditions only what they name. What the fallback returns is returned as
//! it is, also if it is a failure itself; a panic in it reaches the caller.
//!
//! ## Defaults
//!
//! None: one of `value`, `with` and `error` must be written.
//!
//! ## Events
//!
//! `success`, `failure`, `fallback`.
//!
//! ## At run time
//!
//! Switched off, failures and rejections leave as they are, and nothing is told. When it only
//! observes, it tells of the failure and that it would answer (`fallback`, with the failure as
//! outcome and `failed: true`); the code that answers is not run, and the failure leaves. What is
//! decided is what is in force when the inside has ended.
//!
//! Where the fallback is the only way out, because the function returns a type that holds no rejection
//! (see [`Reject`](crate::Reject)), it goes on answering rejections in either case: there is nothing
//! else that the function could return.
//!
//! ## Cancel safety
//!
//! A call that is dropped does not run the fallback; one that is dropped while an asynchronous
//! fallback runs drops it.
//!
//! ## Order
//!
//! Outermost: a fallback inside a retry or a circuit breaker hides the failures they are there for.

mod builder;
mod guard;

pub use builder::{Fallback, FallbackBuilder};

pub(crate) use builder::Answerer;

use crate::attempt::{Call, Counters};
use crate::events::{self, What};
use crate::label::Label;
use crate::listener;
use crate::live::Mode;
use crate::outcome::{Failure, Flow, FromError};
use crate::site::Declaration;
use failsafe_config::FallbackConfig;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

/// What a listener of a fallback hears.
pub struct FallbackEvent<'a, R> {
    name: &'a str,
    what: What,
    counters: Counters,
    outcome: Result<&'a R, &'a Flow<R>>,
}

impl<R> FallbackEvent<'_, R> {
    /// The name of the fallback, or the path of its function.
    pub const fn name(&self) -> &str {
        self.name
    }

    /// What happened: `Success`, `Failure` or `Fallback`.
    pub const fn what(&self) -> What {
        self.what
    }

    /// Whether this is the event of that name.
    #[doc(hidden)]
    pub fn is(&self, name: &str) -> bool {
        self.what.name() == name
    }

    /// Attempts the call has made.
    pub const fn attempts(&self) -> u32 {
        self.counters.attempts
    }

    /// The outcome: in `on_success` and `on_failure` that of what is inside, in `on_fallback` the
    /// answer of the fallback; where that only observes, the failure it would answer for. `None` when a policy inside rejected the call.
    pub fn outcome(&self) -> Option<&R> {
        self.outcome.map_or_else(|flow| flow.as_ref().ok(), Some)
    }

    /// The rejection by a policy inside, in `on_failure`; also in `on_fallback` of one that observes.
    pub fn rejected(&self) -> Option<&crate::Rejected> {
        self.outcome.err().and_then(|flow| flow.as_ref().err())
    }
}

impl<R> fmt::Debug for FallbackEvent<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FallbackEvent")
            .field("name", &self.name)
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

/// The user's part of a fallback: what it judges by and whom it tells.
#[doc(hidden)]
pub trait Hooks<R> {
    /// Whether the outcome is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool;
    /// Whether anybody hears.
    fn is_heard(&self) -> bool;
    /// Hears of what happens.
    fn hear(&self, event: &FallbackEvent<'_, R>);

    /// Whether the outcome it was made for can be returned as it is.
    fn may_leave(&self) -> bool {
        true
    }
}

impl<R, H: Hooks<R>> Hooks<R> for &H {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (**self).is_failure(flow)
    }

    fn is_heard(&self) -> bool {
        (**self).is_heard()
    }

    fn hear(&self, event: &FallbackEvent<'_, R>) {
        (**self).hear(event);
    }

    fn may_leave(&self) -> bool {
        (**self).may_leave()
    }
}

/// Hooks made of the expressions in an attribute.
#[doc(hidden)]
#[derive(Debug)]
pub struct Calls<F, L> {
    failed: F,
    hear: Option<L>,
    may_leave: bool,
}

/// Makes hooks of the expressions in an attribute; the outcome tells the closures their types.
#[doc(hidden)]
pub const fn calls<R, F, L>(
    _outcome: &Flow<R>,
    failed: F,
    hear: Option<L>,
    may_leave: bool,
) -> Calls<F, L>
where
    F: Fn(&Flow<R>) -> bool,
    L: Fn(&FallbackEvent<'_, R>),
{
    Calls { failed, hear, may_leave }
}

impl<R, F, L> Hooks<R> for Calls<F, L>
where
    F: Fn(&Flow<R>) -> bool,
    L: Fn(&FallbackEvent<'_, R>),
{
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        (self.failed)(flow)
    }

    fn is_heard(&self) -> bool {
        self.hear.is_some()
    }

    fn hear(&self, event: &FallbackEvent<'_, R>) {
        if let Some(hear) = &self.hear {
            hear(event);
        }
    }

    fn may_leave(&self) -> bool {
        self.may_leave
    }
}

/// A fallback as an attribute declares it.
#[doc(hidden)]
#[derive(Debug)]
pub struct DeclaredFallback(Label);

impl DeclaredFallback {
    /// The fallback of a declaration.
    pub const fn declared((declaration, _): (&'static Declaration, FallbackConfig)) -> Self {
        Self(Label::Declared(declaration))
    }

    /// The failure to answer for, or the outcome to return.
    ///
    /// # Errors
    ///
    /// The failure.
    #[inline]
    pub fn judge<R>(
        &self,
        call: &Call,
        flow: Flow<R>,
        hooks: &impl Hooks<R>,
    ) -> Result<Flow<R>, Failure<R>> {
        judge(&self.0, call, flow, hooks)
    }

    /// Tells of the answer.
    ///
    /// # Errors
    ///
    /// Never; the type is what travels between policies.
    pub fn answered<R>(
        &self,
        call: &mut Call,
        answer: R,
        failed: bool,
        hooks: &impl Hooks<R>,
    ) -> Flow<R> {
        answered(&self.0, call, answer, failed, hooks)
    }
}

#[inline]
pub(crate) fn judge<R>(
    label: &Label,
    call: &Call,
    flow: Flow<R>,
    hooks: &impl Hooks<R>,
) -> Result<Flow<R>, Failure<R>> {
    let mode = label.mode();
    let acts = mode == Mode::On || !hooks.may_leave();
    if mode == Mode::Off && !acts {
        return Ok(flow);
    }
    let failed = hooks.is_failure(&flow);
    let is_heard = hooks.is_heard() || events::active();
    if is_heard {
        let what = if failed { What::Failure } else { What::Success };
        tell(label, call, what, Err(&flow), hooks);
    }
    if !failed {
        return Ok(flow);
    }
    if acts {
        if !hooks.may_leave() {
            label.is_only_way_out();
        }
        return Err(flow.into());
    }
    // It would answer; nobody knows with what, as the code for it is not run.
    if is_heard {
        tell(label, call, What::Fallback { failed }, Err(&flow), hooks);
    }
    Ok(flow)
}

/// Tells of the answer, and judges it as it judged what it answers for.
pub(crate) fn answered<R>(
    label: &Label,
    call: &mut Call,
    answer: R,
    failed: bool,
    hooks: &impl Hooks<R>,
) -> Flow<R> {
    if hooks.is_heard() || events::active() {
        tell(label, call, What::Fallback { failed }, Ok(&answer), hooks);
    }
    let flow = Ok(answer);
    call.judged(hooks.is_failure(&flow));
    flow
}

#[cold]
fn tell<R>(
    label: &Label,
    call: &Call,
    what: What,
    outcome: Result<&R, &Flow<R>>,
    hooks: &impl Hooks<R>,
) {
    let counters = call.counters();
    if hooks.is_heard() {
        let event = FallbackEvent { name: label.name(), what, counters, outcome };
        listener::call("fallback", label, counters, || hooks.hear(&event));
    }
    events::emit("fallback", || label.clone(), counters, what);
}

/// The answer of an expression that does not look at the failure.
#[doc(hidden)]
pub fn instead<R>(failure: Failure<R>, answer: impl FnOnce() -> R) -> R {
    drop(failure);
    answer()
}

/// The answer of a function that has it at once.
#[doc(hidden)]
pub fn answer_now<R>(failure: Failure<R>, answer: impl FnOnce(Failure<R>) -> R) -> R {
    answer(failure)
}

/// The answer of an async closure.
#[doc(hidden)]
pub async fn answer_async<R, F: AsyncFnOnce(Failure<R>) -> R>(failure: Failure<R>, answer: F) -> R {
    answer(failure).await
}

/// The answer of a closure that returns an async block.
#[doc(hidden)]
pub fn answer_later<R, A: Future<Output = R>>(
    failure: Failure<R>,
    answer: impl FnOnce(Failure<R>) -> A,
) -> A {
    answer(failure)
}

/// The answer that is an error.
#[doc(hidden)]
pub fn error_instead<R: FromError>(failure: Failure<R>, error: impl FnOnce() -> R::Error) -> R {
    drop(failure);
    R::from_error(error())
}

/// The answer of a function of either kind.
#[doc(hidden)]
pub fn answer<R, A>(failure: Failure<R>, answer: impl FnOnce(Failure<R>) -> A) -> Answered<R, A> {
    Answered(answer(failure), PhantomData)
}

/// The answer of a function of either kind, to be awaited.
#[doc(hidden)]
pub fn answering<R, A: Answer<R, How>, How>(answered: Answered<R, A>) -> impl Future<Output = R> {
    answered.0.answer()
}

/// What a function of either kind returned, and the outcome it must become.
#[doc(hidden)]
#[derive(Debug)]
pub struct Answered<R, A>(A, PhantomData<fn() -> R>);

/// What a fallback function may return: the return type of the function it stands on, or a future of
/// it.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the fallback returns `{Self}`, and the function returns `{R}`",
    label = "this must return `{R}`, at once or as an async function"
)]
pub trait Answer<R, How> {
    /// The answer.
    fn answer(self) -> impl Future<Output = R>;
}

/// The answer is there.
#[doc(hidden)]
#[derive(Debug)]
pub struct Now;

/// The answer is on its way.
#[doc(hidden)]
#[derive(Debug)]
pub struct Later;

impl<R> Answer<R, Now> for R {
    fn answer(self) -> impl Future<Output = R> {
        std::future::ready(self)
    }
}

#[diagnostic::do_not_recommend]
impl<R, F: Future<Output = R>> Answer<R, Later> for F {
    fn answer(self) -> impl Future<Output = R> {
        self
    }
}

/// A call with a fallback, for asynchronous and blocking bodies alike: they differ in how the answer
/// is made.
#[doc(hidden)]
#[macro_export]
macro_rules! __fallback {
    (
        $call:expr,
        $fallback:expr,
        |$flow:ident| $hooks:expr,
        |$failure:ident| $answer:expr,
        $attempt:expr
    ) => {{
        let flow = $attempt;
        let hooks = {
            let $flow = &flow;
            $hooks
        };
        match $fallback.judge(&$call, flow, &hooks) {
            ::core::result::Result::Ok(flow) => flow,
            ::core::result::Result::Err($failure) => {
                let answer = $answer;
                let failed = $crate::__failed!(&answer);
                $fallback.answered(&mut $call, answer, failed, &hooks)
            }
        }
    }};
}
