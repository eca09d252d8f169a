//! What a function returns, as policies see it.

use crate::attempt::Call;
use crate::events::{self, What};
use crate::label::Label;
use crate::rejected::Rejected;
use crate::site::function_path;
use std::sync::Arc;

/// What travels between two policies: the function's own value, or the rejection of a policy.
pub type Flow<R> = Result<R, Rejected>;

/// Tells success from failure in a return value, where no condition says otherwise.
#[diagnostic::on_unimplemented(
    message = "failsafe cannot tell success from failure in `{Self}`",
    label = "this return type has no failure case",
    note = "return a `Result` or an `Option`, say what a failure is with `handle_if = |value| ..`, \
            or implement `failsafe::Outcome` for the type"
)]
pub trait Outcome {
    /// Whether this value is a failure.
    fn is_failure(&self) -> bool;
}

impl<T, E> Outcome for Result<T, E> {
    fn is_failure(&self) -> bool {
        self.is_err()
    }
}

impl<T> Outcome for Option<T> {
    fn is_failure(&self) -> bool {
        self.is_none()
    }
}

/// Makes a return value of a rejection.
///
/// A `Result` takes one if its error type has `From<Rejected>`; an `Option` becomes `None`. A type
/// of your own can implement it.
#[diagnostic::on_unimplemented(
    message = "a function returning `{Self}` cannot report a call that a policy rejected",
    label = "this return type has no place for a rejection",
    note = "return a `Result` or an `Option`, add `#[fallback(..)]` on top, or implement \
            `failsafe::Reject` for the type"
)]
pub trait Reject: Sized {
    /// The return value that reports the rejection.
    fn reject(rejected: Rejected) -> Self;
}

impl<T, E: FromRejected> Reject for Result<T, E> {
    fn reject(rejected: Rejected) -> Self {
        Err(E::from_rejected(rejected))
    }
}

impl<T> Reject for Option<T> {
    fn reject(_: Rejected) -> Self {
        None
    }
}

/// An error type that can hold a rejection: any that has `From<Rejected>`.
///
/// It exists for its message; implement `From<failsafe::Rejected>` instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `From<failsafe::Rejected>`, so a rejected call cannot be returned as \
               `{Self}`",
    label = "the error type of this function must be able to hold a rejected call",
    note = "add `impl From<failsafe::Rejected> for {Self}` (with thiserror: a variant \
            `#[error(transparent)] Rejected(#[from] failsafe::Rejected)`)",
    note = "or convert it here with `map_err = |rejected| ..` on the topmost policy, or add \
            `#[fallback(..)]` on top"
)]
pub trait FromRejected {
    /// The error that holds the rejection.
    fn from_rejected(rejected: Rejected) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<Rejected>> FromRejected for E {
    fn from_rejected(rejected: Rejected) -> Self {
        Self::from(rejected)
    }
}

/// A return type that `error = ..` of a fallback, or `map_err = ..`, can make of an error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a function returning `{Self}` cannot return an error",
    label = "this return type has no place for an error",
    note = "`map_err` and the `error` of a fallback make one: return a `Result`, or answer with a \
            fallback's `value = ..` or `with = |failure| ..`"
)]
pub trait FromError {
    /// The error.
    type Error;

    /// The return value that holds it.
    fn from_error(error: Self::Error) -> Self;
}

impl<T, E> FromError for Result<T, E> {
    type Error = E;

    fn from_error(error: E) -> Self {
        Err(error)
    }
}

/// What a fallback answers for.
#[derive(Debug, Clone)]
pub enum Failure<R> {
    /// The failing value that the function, or a policy inside, returned.
    Outcome(R),
    /// The rejection of a policy inside.
    Rejected(Rejected),
}

impl<R> Failure<R> {
    /// The failing value, if the function returned one.
    pub fn outcome(self) -> Option<R> {
        match self {
            Self::Outcome(outcome) => Some(outcome),
            Self::Rejected(_) => None,
        }
    }

    /// The rejection, if a policy refused the call or gave up on it.
    pub fn rejected(&self) -> Option<&Rejected> {
        match self {
            Self::Outcome(_) => None,
            Self::Rejected(rejected) => Some(rejected),
        }
    }
}

impl<R> From<Flow<R>> for Failure<R> {
    fn from(flow: Flow<R>) -> Self {
        match flow {
            Ok(outcome) => Self::Outcome(outcome),
            Err(rejected) => Self::Rejected(rejected),
        }
    }
}

/// Tells that a call is over.
#[cold]
pub fn done(call: &Call, path: &'static str, success: bool) {
    let path = function_path(path);
    let success = success && !call.is_judged_failure();
    let label = || Label::Given(Arc::new(path.to_owned()));
    events::emit("call", label, call.counters(), What::Done { success });
}

/// The end of a call: tells that it is over, and gives what it returns.
#[doc(hidden)]
#[macro_export]
macro_rules! __done {
    ($call:expr, $path:expr, $outcome:expr) => {{
        let outcome = $outcome;
        if $crate::__rt::is_heard() {
            $crate::__rt::done(&$call, $path(), !$crate::__failed!(&outcome));
        }
        outcome
    }};
}
