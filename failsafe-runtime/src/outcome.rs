//! What a function returns, as policies see it.

use crate::rejected::Rejected;
use std::error::Error;
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

/// Picks, where generated code knows the type, the best way to look at a value: a method of
/// `Probe` where the type allows it, else the method of the same name on `&Probe`.
#[derive(Debug)]
pub struct Probe<'a, R>(pub &'a R);

/// A value that can fail.
pub trait JudgeOutcome {
    /// Whether it has.
    fn failed(&self) -> bool;
}

impl<R: Outcome> JudgeOutcome for Probe<'_, R> {
    fn failed(&self) -> bool {
        self.0.is_failure()
    }
}

/// A value that cannot fail.
pub trait JudgeAny {
    /// It has not.
    fn failed(&self) -> bool;
}

impl<R> JudgeAny for &Probe<'_, R> {
    fn failed(&self) -> bool {
        false
    }
}

/// A return value by value, for the error in it.
pub struct Straw<R>(std::cell::Cell<Option<R>>);

impl<R> Straw<R> {
    /// The last outcome of a retry.
    pub const fn new(outcome: R) -> Self {
        Self(std::cell::Cell::new(Some(outcome)))
    }
}

impl<R> std::fmt::Debug for Straw<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Straw").finish_non_exhaustive()
    }
}

/// A return value whose error can be the source of another.
pub trait TakeError {
    /// That error.
    fn error(&self) -> Option<Arc<dyn Error + Send + Sync>>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> TakeError for Straw<Result<T, E>> {
    fn error(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        let error: Box<dyn Error + Send + Sync> = self.0.take()?.err()?.into();
        Some(Arc::from(error))
    }
}

/// A return value that holds no such error.
pub trait TakeNothing {
    /// There is none.
    fn error(&self) -> Option<Arc<dyn Error + Send + Sync>>;
}

impl<R> TakeNothing for &Straw<R> {
    fn error(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        None
    }
}

/// Describes a value whose error can be shown.
pub trait DescribeDisplay {
    /// The error in words.
    fn describe(&self) -> String;
}

impl<T, E: std::fmt::Display> DescribeDisplay for &Probe<'_, Result<T, E>> {
    fn describe(&self) -> String {
        self.0.as_ref().err().map_or_else(|| "failure".to_owned(), ToString::to_string)
    }
}

/// Describes a value that can be debugged.
pub trait DescribeDebug {
    /// The value as `Debug` shows it.
    fn describe(&self) -> String;
}

impl<R: std::fmt::Debug> DescribeDebug for &&Probe<'_, R> {
    fn describe(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// Describes any value.
pub trait DescribeAny {
    /// Says that it is a failure.
    fn describe(&self) -> String;
}

impl<R> DescribeAny for Probe<'_, R> {
    fn describe(&self) -> String {
        "failure".to_owned()
    }
}

/// Whether a value is a failure, where its type can tell; else it is none.
#[doc(hidden)]
#[macro_export]
macro_rules! __failed {
    ($outcome:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{JudgeAny as _, JudgeOutcome as _};
        (&$crate::__rt::Probe($outcome)).failed()
    }};
}

/// Describes a value as well as its type allows.
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($outcome:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{DescribeAny as _, DescribeDebug as _, DescribeDisplay as _};
        (&&$crate::__rt::Probe($outcome)).describe()
    }};
}

/// The end of a call: tells that it is over, and gives what it returns.
#[doc(hidden)]
#[macro_export]
macro_rules! __done {
    ($call:expr, $outcome:expr) => {{
        let outcome = $outcome;
        if $crate::__rt::is_heard() {
            fn here() {}
            let path = ::core::any::type_name_of_val(&here);
            $crate::__rt::done(&$call, path, !$crate::__failed!(&outcome));
        }
        outcome
    }};
}
