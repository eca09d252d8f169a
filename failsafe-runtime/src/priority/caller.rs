//! Who makes the running call, for everything below it.

use super::{Level, Priority};
use failsafe_config::CallerOptions;
use pin_project_lite::pin_project;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

thread_local! {
    static CURRENT: RefCell<Caller> = const { RefCell::new(Caller::new()) };
}

/// Who makes a call: its priority, its level and its user, as far as they are known.
///
/// It is in force inside [`scope`](Self::scope), also across awaits, and on other threads that the
/// future moves to. Scopes nest: what the inner one does not say, the outer one does. A task that is
/// spawned inside is outside; put it into `Caller::current().scope(..)` to hand the caller on.
///
/// ```
/// # use failsafe_runtime::{Caller, Level, Priority};
/// let outer = Caller::new().priority(Priority::Low).user("tenant-7");
/// outer.scope_blocking(|| {
///     Caller::new().level(430).scope_blocking(|| {
///         let caller = Caller::current();
///         assert_eq!(caller.get_level(), Some(Level::new(430)));
///         assert_eq!(caller.get_user(), Some("tenant-7"));
///     });
///     assert_eq!(Caller::current().get_level(), None);
/// });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    priority: Option<Priority>,
    level: Option<Level>,
    user: Option<Arc<str>>,
}

impl Caller {
    /// Nobody in particular.
    pub const fn new() -> Self {
        Self { priority: None, level: None, user: None }
    }

    /// The caller of the running call: what the scopes around it say.
    pub fn current() -> Self {
        CURRENT.with_borrow(Clone::clone)
    }

    /// Says how important the call is. Inside a scope with a level this is stronger: the level
    /// belonged to another priority.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// Says it to the level, as a request from another service may bring it; a number outside 0 to
    /// 499 is taken for the nearest one.
    #[must_use]
    pub fn level(mut self, level: impl Into<Level>) -> Self {
        self.level = Some(level.into());
        self
    }

    /// Says for whom the call is made: a tenant, an account, a client.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "names are given as they are at hand")]
    pub fn user(mut self, user: impl ToString) -> Self {
        self.user = Some(user.to_string().into());
        self
    }

    /// The priority, if one was said.
    pub const fn get_priority(&self) -> Option<Priority> {
        self.priority
    }

    /// The level, if one was said.
    pub const fn get_level(&self) -> Option<Level> {
        self.level
    }

    /// The user, if one was said.
    pub fn get_user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The level, or one of the priority by chance: another one each time.
    pub fn pick_level(&self) -> Option<Level> {
        self.level.or_else(|| self.priority.map(Priority::random_level))
    }

    /// Runs a future whose calls this caller makes.
    ///
    /// # Cancel safety
    ///
    /// The scope ends with the future, also when it is dropped.
    pub fn scope<F: Future>(self, future: F) -> CallerScope<F> {
        CallerScope { caller: self, future }
    }

    /// Runs blocking code whose calls this caller makes.
    pub fn scope_blocking<R>(self, code: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self);
        code()
    }

    /// This caller, and where it says nothing, another one.
    #[must_use]
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            priority: self.priority.or(other.priority),
            level: if self.priority.is_some() { self.level } else { self.level.or(other.level) },
            user: self.user.or_else(|| other.user.clone()),
        }
    }

    /// The same, where both are parts of one, so that a level goes with the priority of the other.
    #[must_use]
    pub(crate) fn beside(self, other: Self) -> Self {
        Self {
            priority: self.priority.or(other.priority),
            level: self.level.or(other.level),
            user: self.user.or(other.user),
        }
    }

    /// The caller that settings say.
    pub(crate) fn of_settings(said: CallerOptions) -> Self {
        Self {
            priority: said.priority().and_then(|place| Priority::ALL.get(place).copied()),
            level: said.level().map(Level::new),
            user: None,
        }
    }

    /// This caller, and where it says nothing, the one of the scopes around.
    #[must_use]
    pub(crate) fn or_current(self) -> Self {
        CURRENT.with_borrow(|current| self.or(current))
    }
}

/// Puts a caller in force on this thread until dropped.
struct Entered(Caller);

impl Entered {
    fn new(caller: Caller) -> Self {
        Self(CURRENT.replace(caller.or_current()))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::mem::take(&mut self.0));
    }
}

pin_project! {
    /// A future whose calls a caller makes; see [`Caller::scope`].
    #[derive(Debug)]
    #[must_use = "a future does nothing unless it is awaited"]
    pub struct CallerScope<F> {
        caller: Caller,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for CallerScope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::new(this.caller.clone());
        this.future.poll(cx)
    }
}
