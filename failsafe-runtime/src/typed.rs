//! What generated code asks of a return type, without knowing it: whether a value failed, what its error says, and the
//! error itself. The type picks the answer: a method of [`Typed`] where the type allows it, else the method of the same
//! name of `&Typed`. The answers have no size and are the same for all functions of one return type, so what is made of
//! them is compiled once for all of these.

use crate::outcome::{Flow, Outcome, Reject};
use crate::rejected::Rejected;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::sync::Arc;

/// A return type.
#[derive(Debug)]
pub struct Typed<R>(PhantomData<fn() -> R>);

impl<R> Typed<R> {
    /// A type that is known before there is a value of it.
    #[expect(clippy::new_without_default, reason = "it is for generated code alone")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// The type of a value.
    pub const fn of(_: &R) -> Self {
        Self(PhantomData)
    }

    /// The type of the value in what travels.
    pub const fn inside(_: &Flow<R>) -> Self {
        Self(PhantomData)
    }
}

/// Tells whether a value failed.
pub trait Judge<R> {
    /// Whether it has.
    fn failed(&self, outcome: &R) -> bool;
}

/// As [`Outcome`] says.
#[derive(Debug)]
pub struct AsOutcome;

impl<R: Outcome> Judge<R> for AsOutcome {
    #[inline]
    fn failed(&self, outcome: &R) -> bool {
        outcome.is_failure()
    }
}

/// Values of this type cannot fail.
#[derive(Debug)]
pub struct Never;

impl<R> Judge<R> for Never {
    #[inline]
    fn failed(&self, _: &R) -> bool {
        false
    }
}

/// As the return type says, which must tell success from failure.
#[derive(Debug)]
pub struct Told<R>(fn(&R) -> bool);

// Without a bound: a type that cannot tell is reported once, by `as_outcome`.
impl<R> Judge<R> for Told<R> {
    #[inline]
    fn failed(&self, outcome: &R) -> bool {
        (self.0)(outcome)
    }
}

/// The return type must tell success from failure.
#[inline]
pub const fn as_outcome<R: Outcome>(_: &Flow<R>) -> Told<R> {
    Told(R::is_failure)
}

/// The return type must tell success from failure.
pub const fn can_fail<R: Outcome>(_: Typed<R>) {}

/// The return type must hold a rejection.
pub const fn can_reject<R: Reject>(_: Typed<R>) {}

/// A type that can fail.
pub trait JudgeOutcome {
    /// Who tells.
    fn judge(&self) -> AsOutcome;
}

impl<R: Outcome> JudgeOutcome for Typed<R> {
    fn judge(&self) -> AsOutcome {
        AsOutcome
    }
}

/// A type that cannot fail.
pub trait JudgeAny {
    /// Who tells.
    fn judge(&self) -> Never;
}

impl<R> JudgeAny for &Typed<R> {
    fn judge(&self) -> Never {
        Never
    }
}

/// Puts a failure into words.
pub trait Describe<R> {
    /// The words.
    fn describe(&self, outcome: &R) -> String;
}

/// The error in words.
#[derive(Debug)]
pub struct ByDisplay;

impl<T, E: Display> Describe<Result<T, E>> for ByDisplay {
    fn describe(&self, outcome: &Result<T, E>) -> String {
        outcome.as_ref().err().map_or_else(|| "failure".to_owned(), ToString::to_string)
    }
}

/// The value as `Debug` shows it.
#[derive(Debug)]
pub struct ByDebug;

impl<R: Debug> Describe<R> for ByDebug {
    fn describe(&self, outcome: &R) -> String {
        format!("{outcome:?}")
    }
}

/// No more than that it is a failure.
#[derive(Debug)]
pub struct Wordless;

impl<R> Describe<R> for Wordless {
    fn describe(&self, _: &R) -> String {
        "failure".to_owned()
    }
}

/// A type whose error can be shown.
pub trait DescribeDisplay {
    /// Who puts it into words.
    fn words(&self) -> ByDisplay;
}

impl<T, E: Display> DescribeDisplay for &&Typed<Result<T, E>> {
    fn words(&self) -> ByDisplay {
        ByDisplay
    }
}

/// A type that can be debugged.
pub trait DescribeDebug {
    /// Who puts it into words.
    fn words(&self) -> ByDebug;
}

impl<R: Debug> DescribeDebug for &Typed<R> {
    fn words(&self) -> ByDebug {
        ByDebug
    }
}

/// Any type.
pub trait DescribeAny {
    /// Who puts it into words.
    fn words(&self) -> Wordless;
}

impl<R> DescribeAny for Typed<R> {
    fn words(&self) -> Wordless {
        Wordless
    }
}

/// Takes the error out of the last outcome of a call.
pub trait Take<R> {
    /// The error, if there is one.
    fn take(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>>;
}

/// The error can be the source of another.
#[derive(Debug)]
pub struct TheError;

impl<T, E: Into<Box<dyn Error + Send + Sync>>> Take<Result<T, E>> for TheError {
    fn take(&self, outcome: Result<T, E>) -> Option<Arc<dyn Error + Send + Sync>> {
        let error: Box<dyn Error + Send + Sync> = outcome.err()?.into();
        Some(Arc::from(error))
    }
}

/// There is no such error.
#[derive(Debug)]
pub struct Nothing;

impl<R> Take<R> for Nothing {
    fn take(&self, _: R) -> Option<Arc<dyn Error + Send + Sync>> {
        None
    }
}

/// A type whose error can be the source of another.
pub trait TakeError {
    /// Who takes it.
    fn straw(&self) -> TheError;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> TakeError for Typed<Result<T, E>> {
    fn straw(&self) -> TheError {
        TheError
    }
}

/// A type that holds no such error.
pub trait TakeNothing {
    /// Nobody takes anything.
    fn straw(&self) -> Nothing;
}

impl<R> TakeNothing for &Typed<R> {
    fn straw(&self) -> Nothing {
        Nothing
    }
}

/// What a return type answers, where an attribute says nothing of failures.
#[derive(Debug)]
pub struct Answers<J, W, S, X> {
    judge: J,
    words: W,
    straw: S,
    way: X,
}

/// Makes one of those who answer.
#[inline]
pub fn answers<J, W, S, X>(judge: J, (words, straw): (W, S), way: X) -> Answers<J, W, S, X> {
    Answers { judge, words, straw, way }
}

/// Answers for a return type.
pub trait Answer<R> {
    /// Whether a value is a failure.
    fn failed(&self, outcome: &R) -> bool;

    /// Whether a call failed: a rejection is a failure.
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        flow.as_ref().map_or(true, |outcome| self.failed(outcome))
    }

    /// A failure in words.
    fn describe(&self, outcome: &R) -> String;

    /// The error in it.
    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>>;

    /// What the caller gets of a rejection.
    fn leave(&self, rejected: Rejected) -> R;
}

impl<R, J: Judge<R>, W: Describe<R>, S: Take<R>, X: WayOut<R>> Answer<R> for Answers<J, W, S, X> {
    #[inline]
    fn failed(&self, outcome: &R) -> bool {
        self.judge.failed(outcome)
    }

    fn describe(&self, outcome: &R) -> String {
        self.words.describe(outcome)
    }

    fn source(&self, outcome: R) -> Option<Arc<dyn Error + Send + Sync>> {
        self.straw.take(outcome)
    }

    fn leave(&self, rejected: Rejected) -> R {
        self.way.leave(rejected)
    }
}

/// The hooks of a policy whose attribute says nothing of failures.
#[derive(Debug)]
pub(crate) struct Answered<'a, A>(pub(crate) &'a A);

/// Says whether a rejection can leave a function, and lets it.
pub trait WayOut<R> {
    /// Whether it can.
    fn is_open(&self) -> bool;

    /// What the caller gets.
    fn leave(&self, rejected: Rejected) -> R;
}

/// The return type holds a rejection.
#[derive(Debug)]
pub struct AsReturned;

impl<R: Reject> WayOut<R> for AsReturned {
    fn is_open(&self) -> bool {
        true
    }

    fn leave(&self, rejected: Rejected) -> R {
        R::reject(rejected)
    }
}

/// The return type cannot hold a rejection, so the fallback answers for each, whatever it is told.
#[derive(Debug)]
pub struct Closed;

impl<R> WayOut<R> for Closed {
    fn is_open(&self) -> bool {
        false
    }

    fn leave(&self, rejected: Rejected) -> R {
        unreachable!("no policy here rejects what the function cannot return, but: {rejected}")
    }
}

/// A type that holds a rejection.
pub trait LeaveAsReturned {
    /// The way out.
    fn way_out(&self) -> AsReturned;
}

impl<R: Reject> LeaveAsReturned for Typed<R> {
    fn way_out(&self) -> AsReturned {
        AsReturned
    }
}

/// A type that holds none.
pub trait LeaveNever {
    /// There is none.
    fn way_out(&self) -> Closed;
}

impl<R> LeaveNever for &Typed<R> {
    fn way_out(&self) -> Closed {
        Closed
    }
}

/// Whether what travels can leave as it is.
#[inline]
pub fn may_leave<R>(flow: &Flow<R>, way: &impl WayOut<R>) -> bool {
    flow.is_ok() || way.is_open()
}

/// What the caller gets where a fallback answers for all rejections, unless it is told not to.
#[inline]
pub fn returned<R>(flow: Flow<R>, way: &impl WayOut<R>) -> R {
    flow.unwrap_or_else(|rejected| way.leave(rejected))
}

/// Whether what travels can leave the function as it is.
#[doc(hidden)]
#[macro_export]
macro_rules! __can_leave {
    ($flow:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{LeaveAsReturned as _, LeaveNever as _};
        let flow = $flow;
        $crate::__rt::may_leave(flow, &(&$crate::__rt::Typed::inside(flow)).way_out())
    }};
}

/// Leaves the function.
#[doc(hidden)]
#[macro_export]
macro_rules! __leave {
    ($flow:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{LeaveAsReturned as _, LeaveNever as _};
        let flow = $flow;
        let way = (&$crate::__rt::Typed::inside(&flow)).way_out();
        $crate::__rt::returned(flow, &way)
    }};
}

/// Who tells, for the type of what travels, whether a value failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __judge {
    ($flow:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{JudgeAny as _, JudgeOutcome as _};
        (&$crate::__rt::Typed::inside($flow)).judge()
    }};
}

/// Whether a value is a failure, where its type can tell; else it is none.
#[doc(hidden)]
#[macro_export]
macro_rules! __failed {
    ($outcome:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{Judge as _, JudgeAny as _, JudgeOutcome as _};
        let outcome = $outcome;
        (&$crate::__rt::Typed::of(outcome)).judge().failed(outcome)
    }};
}

/// Who puts a failure into words, and who takes the error out of it, as well as the type allows.
#[doc(hidden)]
#[macro_export]
macro_rules! __last_words {
    ($flow:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{
            DescribeAny as _, DescribeDebug as _, DescribeDisplay as _, TakeError as _,
            TakeNothing as _,
        };
        let typed = $crate::__rt::Typed::inside($flow);
        ((&&&typed).words(), (&typed).straw())
    }};
}

/// What a return type answers, all at once.
#[doc(hidden)]
#[macro_export]
macro_rules! __answers {
    ($outcome:ty) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{
            DescribeAny as _, DescribeDebug as _, DescribeDisplay as _, JudgeAny as _,
            JudgeOutcome as _, LeaveAsReturned as _, LeaveNever as _, TakeError as _,
            TakeNothing as _,
        };
        let typed = $crate::__rt::Typed::<$outcome>::new();
        let (words, straw) = ((&&&typed).words(), (&typed).straw());
        $crate::__rt::answers((&typed).judge(), (words, straw), (&typed).way_out())
    }};
}

/// Puts a value into words as well as its type allows.
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($outcome:expr) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::__rt::{
            Describe as _, DescribeAny as _, DescribeDebug as _, DescribeDisplay as _,
        };
        let outcome = $outcome;
        (&&&$crate::__rt::Typed::of(outcome)).words().describe(outcome)
    }};
}
