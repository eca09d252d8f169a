//! Chance: the only place that draws random numbers.

#![expect(clippy::disallowed_methods, reason = "this file is where chance is drawn")]

/// A number from 0 up to, but not including, 1.
pub(crate) fn unit() -> f64 {
    crate::testing::scripted_draw().unwrap_or_else(fastrand::f64)
}
