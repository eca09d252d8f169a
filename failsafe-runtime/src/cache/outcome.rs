//! What of an outcome is kept, and how a kept value becomes one again.

use crate::outcome::Outcome;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A value that can be kept, and given out many times.
///
/// It is there for its message; derive `Clone` instead of implementing it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a cache",
    label = "what is cached must be `Clone + Send + Sync` and own what it holds",
    note = "derive `Clone` for it, or return an `Arc` of it, which is cheap to clone whatever it holds"
)]
pub trait Storable: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<V: Clone + Send + Sync + 'static> Storable for V {}

/// An outcome `Self` of which a cache keeps a `V`: of a `Result` the value in its `Ok`, of an
/// `Option` that in its `Some`, or the outcome as it is.
#[diagnostic::on_unimplemented(
    message = "an outcome `{Self}` cannot be kept in a cache of `{V}`",
    label = "this return type has no `{V}` to keep",
    note = "a cache of `T` can stand on functions that return `T`, `Option<T>` or `Result<T, _>`"
)]
pub trait Keep<V>: Sized {
    /// What is kept of it; `None` if there is nothing to keep.
    fn kept(&self) -> Option<&V>;

    /// The outcome of a call that is answered with what was kept.
    fn recall(kept: V) -> Self;
}

impl<R> Keep<R> for R {
    fn kept(&self) -> Option<&R> {
        Some(self)
    }

    fn recall(kept: R) -> Self {
        kept
    }
}

impl<T, E> Keep<T> for Result<T, E> {
    fn kept(&self) -> Option<&T> {
        self.as_ref().ok()
    }

    fn recall(kept: T) -> Self {
        Ok(kept)
    }
}

impl<T> Keep<T> for Option<T> {
    fn kept(&self) -> Option<&T> {
        self.as_ref()
    }

    fn recall(kept: T) -> Self {
        Some(kept)
    }
}

/// The type of what is kept, in generated code.
#[doc(hidden)]
pub struct Holds<V>(PhantomData<fn() -> V>);

impl<V> Holds<V> {
    pub(super) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<V> fmt::Debug for Holds<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Holds")
    }
}

/// A return type, of which generated code finds out what is kept.
#[doc(hidden)]
pub struct Shape<R>(PhantomData<fn() -> R>);

impl<R> Shape<R> {
    /// Of this type.
    #[expect(clippy::new_without_default, reason = "generated code names it")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> fmt::Debug for Shape<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shape")
    }
}

impl<T, E> Shape<Result<T, E>> {
    /// The value in its `Ok` is kept.
    pub const fn success(&self) -> Holds<T> {
        Holds::new()
    }
}

impl<T> Shape<Option<T>> {
    /// The value in its `Some` is kept.
    pub const fn success(&self) -> Holds<T> {
        Holds::new()
    }
}

/// Any other return type.
#[doc(hidden)]
pub trait SuccessOfAny<R> {
    /// It is kept as it is.
    fn success(&self) -> Holds<R>;
}

impl<R> SuccessOfAny<R> for Shape<R> {
    fn success(&self) -> Holds<R> {
        Holds::new()
    }
}

/// A return type that can be kept as it is, where a condition may choose a failure.
#[doc(hidden)]
pub trait AnyOutcome<R> {
    /// It is kept as it is.
    fn chosen(&self) -> Holds<R>;
}

impl<R: Storable> AnyOutcome<R> for &&Shape<R> {
    fn chosen(&self) -> Holds<R> {
        Holds::new()
    }
}

/// A `Result` whose error cannot be kept.
#[doc(hidden)]
pub trait SuccessOnly<T> {
    /// The value in its `Ok` is kept.
    fn chosen(&self) -> Holds<T>;
}

impl<T, E> SuccessOnly<T> for &Shape<Result<T, E>> {
    fn chosen(&self) -> Holds<T> {
        Holds::new()
    }
}

/// Any other, which the compiler will refuse.
#[doc(hidden)]
pub trait NoOutcome<R> {
    /// It would be kept as it is.
    fn chosen(&self) -> Holds<R>;
}

impl<R> NoOutcome<R> for Shape<R> {
    fn chosen(&self) -> Holds<R> {
        Holds::new()
    }
}

/// What is kept of a return type: of the successes, or where a condition chooses, of all outcomes as
/// far as they can be.
#[doc(hidden)]
#[macro_export]
macro_rules! __cache_holds {
    ($how:ident $output:ty) => {{
        #[allow(unused_imports, reason = "the type decides which one is used")]
        use $crate::cache::{AnyOutcome as _, NoOutcome as _, SuccessOfAny as _, SuccessOnly as _};
        (&&&$crate::cache::Shape::<$output>::new()).$how()
    }};
}

/// How a `V` is kept of an outcome `R`: found out once, so that a type that does not fit is one fault.
#[doc(hidden)]
pub struct Keeping<R, V> {
    pub(super) kept: fn(&R) -> Option<&V>,
    pub(super) recall: fn(V) -> R,
}

impl<R: Keep<V>, V> Keeping<R, V> {
    pub(super) const fn new() -> Self {
        Self { kept: R::kept, recall: R::recall }
    }
}

impl<R, V> fmt::Debug for Keeping<R, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeping")
    }
}

/// How what the cache holds is kept of the outcomes of a function.
#[doc(hidden)]
pub const fn keeping<R: Keep<V>, V>(_shape: &Shape<R>, _holds: &Holds<V>) -> Keeping<R, V> {
    Keeping::new()
}

/// Which outcomes are kept.
pub trait CacheIf<R> {
    /// Whether this one is.
    fn keeps(&self, outcome: &R) -> bool;
}

/// Successful outcomes are kept: `Ok`, `Some`, and what [`Outcome`] says of other types.
#[derive(Debug, Clone, Copy)]
pub struct Successes;

impl<R: Outcome> CacheIf<R> for Successes {
    fn keeps(&self, outcome: &R) -> bool {
        !outcome.is_failure()
    }
}

type Test<R> = Arc<dyn Fn(&R) -> bool + Send + Sync>;

/// The outcomes that any of some predicates chooses are kept.
pub struct Chosen<R>(pub(super) Vec<Test<R>>);

impl<R> CacheIf<R> for Chosen<R> {
    fn keeps(&self, outcome: &R) -> bool {
        self.0.iter().any(|keeps| keeps(outcome))
    }
}

impl<R> Clone for Chosen<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> fmt::Debug for Chosen<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chosen").finish_non_exhaustive()
    }
}
