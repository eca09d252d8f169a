use super::Priority;
use serde::Serialize;
use std::fmt;

/// How important a call is, from 0 to 499; a number outside is taken for the nearest one.
///
/// ```
/// # use failsafe_runtime::{Level, Priority};
/// assert_eq!(Level::from(9000), Level::MAX);
/// assert_eq!(Level::from(-1), Level::MIN);
/// assert_eq!(Level::new(342).priority(), Priority::High);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
pub struct Level(u16);

impl Level {
    /// The least important: 0.
    pub const MIN: Self = Self(0);
    /// The most important: 499.
    pub const MAX: Self = Self(499);
    /// How many levels there are.
    pub(crate) const COUNT: usize = 500;
    /// How many there are of each priority.
    pub(super) const PER_PRIORITY: u16 = 100;

    /// A level; 499 for anything above it.
    pub const fn new(level: u16) -> Self {
        if level > Self::MAX.0 { Self::MAX } else { Self(level) }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The priority that it belongs to.
    pub const fn priority(self) -> Priority {
        Priority::ALL[(self.0 / Self::PER_PRIORITY) as usize]
    }

    /// The level of a priority at a place in it, from 0 up to, but not including, 1.
    pub(super) fn within(priority: Priority, place: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the place is from 0 to 1"
        )]
        let above = (place * f64::from(Self::PER_PRIORITY)) as u16;
        Self(priority.lowest().0 + above.min(Self::PER_PRIORITY - 1))
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        impl From<$number> for Level {
            fn from(level: $number) -> Self {
                let nearest = level.clamp(0, <$number>::from(Self::MAX.0));
                Self(u16::try_from(nearest).unwrap_or_default())
            }
        }
    )*};
}

from_number!(i32, i64, u32, u64, usize);

impl From<u16> for Level {
    fn from(level: u16) -> Self {
        Self::new(level)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
