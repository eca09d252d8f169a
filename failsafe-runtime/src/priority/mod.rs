//! # Priorities
//!
//! Under load, the less important calls are refused first: adaptive policies that share a
//! [`Prioritizer`](crate::Prioritizer) refuse by the *level* of a call.
//!
//! A call has a [`Priority`], of which there are five. Each spans a hundred [`Level`]s, and a call
//! without a level of its own gets one of its priority by chance. So load is shed little by little:
//! a part of the calls of one priority, instead of all of them at once.
//!
//! Who calls is said by [`Caller`], for everything that runs in a future or a closure, however deep:
//!
//! ```
//! # use failsafe_runtime::{self as failsafe, Caller, Priority};
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! async fn answer() -> Option<Priority> {
//!     Caller::current().get_priority()
//! }
//!
//! assert_eq!(Priority::High.scope(answer()).await, Some(Priority::High));
//!
//! let import = Caller::new().priority(Priority::Low).user("tenant-7");
//! import.scope(async {
//!     assert_eq!(Caller::current().get_user(), Some("tenant-7"));
//! }).await;
//! # }
//! ```
//!
//! Inside a service, set it where a request comes in; `priority = ..`, `level = ..` and `user = ..`
//! of an attribute are stronger than the scope around the call. The level can be handed on to the
//! next service, so that a request has the same chances everywhere.
//!
//! From strong to weak: an expression in the attribute, such as `level = request.level`, where it says
//! something; [settings](crate::settings); a literal in the attribute, `level = 400` or
//! `priority = "high"`; the scope around the call. A priority is stronger than a weaker level.
//!
//! [`LevelTracker`] and [`UsageTracker`] are what a prioritizer decides by, and can be used alone.
//!
//! The rules are those of failsafe-go, but that a level outside 0 to 499 is taken for the nearest
//! one, and that the windows of users expire when they are read too.

mod caller;
mod core;
mod level;
mod levels;
mod usage;

pub use caller::{Caller, CallerScope};
pub use level::Level;
pub use levels::LevelTracker;
pub use usage::UsageTracker;

use serde::Serialize;
use std::fmt;
use std::future::Future;

/// How important a call is, in five steps of a hundred [`Level`]s each.
///
/// ```
/// # use failsafe_runtime::{Level, Priority};
/// assert!(Priority::Low < Priority::High);
/// assert_eq!(Priority::Medium.lowest(), Level::new(200));
/// assert_eq!(Priority::Medium.highest(), Level::new(299));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Levels 0 to 99.
    VeryLow,
    /// Levels 100 to 199.
    Low,
    /// Levels 200 to 299.
    Medium,
    /// Levels 300 to 399.
    High,
    /// Levels 400 to 499.
    VeryHigh,
}

impl Priority {
    /// All of them, the least important first.
    pub const ALL: [Self; 5] = [Self::VeryLow, Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    /// The least of its levels.
    pub const fn lowest(self) -> Level {
        Level::new(self as u16 * Level::PER_PRIORITY)
    }

    /// The greatest of its levels.
    pub const fn highest(self) -> Level {
        Level::new(self as u16 * Level::PER_PRIORITY + Level::PER_PRIORITY - 1)
    }

    /// One of its levels, by chance.
    pub fn random_level(self) -> Level {
        Level::within(self, crate::chance::unit())
    }

    /// `"very_low"`, `"low"`, `"medium"`, `"high"` or `"very_high"`.
    pub const fn name(self) -> &'static str {
        failsafe_config::PRIORITIES[self as usize]
    }

    /// Runs a future whose calls have this priority; short for
    /// [`Caller::new().priority(..).scope(..)`](Caller::scope).
    pub fn scope<F: Future>(self, future: F) -> CallerScope<F> {
        Caller::new().priority(self).scope(future)
    }

    /// Runs blocking code whose calls have this priority.
    pub fn scope_blocking<R>(self, code: impl FnOnce() -> R) -> R {
        Caller::new().priority(self).scope_blocking(code)
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
