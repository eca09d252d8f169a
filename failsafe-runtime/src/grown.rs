//! A table that only grows, so that it is read without a lock.

use std::sync::OnceLock;

/// Values by number, from 1. What is found in it is never freed, and no reader waits for a writer;
/// writers take turns by a lock of their own. None is left when a billion are in it.
///
/// Segment `n` has the numbers from 2 to the `n`.
pub(crate) struct Grown<T: 'static>([Segment<T>; 30]);

type Segment<T> = OnceLock<Box<[OnceLock<&'static T>]>>;

impl<T> Grown<T> {
    pub(crate) const fn new() -> Self {
        Self([const { OnceLock::new() }; 30])
    }

    pub(crate) fn at(&self, number: u32) -> Option<&'static T> {
        let segment = number.checked_ilog2()?;
        let cells = self.0.get(segment as usize)?.get()?;
        cells.get((number - (1 << segment)) as usize)?.get().copied()
    }

    /// Fills the next number, which is one more than `count`, and returns it.
    pub(crate) fn add(&self, count: usize, make: impl FnOnce() -> T) -> Option<u32> {
        let number = u32::try_from(count + 1).ok()?;
        let segment = number.ilog2();
        let cells = self.0.get(segment as usize)?;
        let cells = cells.get_or_init(|| (0..1_u32 << segment).map(|_| OnceLock::new()).collect());
        let cell = cells.get((number - (1 << segment)) as usize)?;
        cell.get_or_init(|| Box::leak(Box::new(make())));
        Some(number)
    }
}
