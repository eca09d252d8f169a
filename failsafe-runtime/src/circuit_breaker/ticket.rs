//! What a call remembers of how it was let through, in one word.

/// The generation it was let through in, whether as a trial, and when, if slow calls matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// The lowest bit: it was let through as a trial, whose place must be given back.
const TRIAL: u64 = 1;
/// Where the time begins; below it is the generation.
const TIME: u32 = 25;
/// A time that there is not.
const NEVER: u64 = (1 << (64 - TIME)) - 1;
/// How many microseconds there is room for, which is six days; then they begin again. They are
/// counted from one, as zero is a call whose time was not taken.
const TIMES: u64 = NEVER - 1;

impl Ticket {
    /// A permit whose call has come to its outcome.
    pub(super) const USED: Self = Self(0);

    /// A call that goes on as if there were no breaker.
    pub(super) const OUTSIDE: Self = Self(NEVER << TIME);

    /// A call let through in this generation.
    #[inline]
    pub(super) const fn new(generation: u32, trial: bool) -> Self {
        Self((generation as u64) << 1 | trial as u64)
    }

    /// Adds what the breaker's clock reads in nanoseconds, where that matters.
    pub(super) const fn at(self, time: u64) -> Self {
        Self(self.0 | (time / 1_000 % TIMES + 1) << TIME)
    }

    /// Whether there is no breaker for it.
    #[inline]
    pub(super) const fn is_outside(self) -> bool {
        self.0 == Self::OUTSIDE.0
    }

    /// Whether it is no trial, and its time does not matter.
    #[inline]
    pub(super) const fn is_plain(self) -> bool {
        self.0 >> TIME == 0 && !self.must_return()
    }

    /// Whether its place must be given back.
    #[inline]
    pub(super) const fn must_return(self) -> bool {
        self.0 & TRIAL != 0
    }

    /// The generation it was let through in.
    #[inline]
    pub(super) const fn generation(self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "a generation has 24 bits")]
        {
            (self.0 >> 1) as u32 & super::core::GENERATIONS
        }
    }

    /// How many microseconds ago that was; none if it did not matter then.
    pub(super) const fn age_micros(self, time: u64) -> Option<u64> {
        let Some(then) = (self.0 >> TIME).checked_sub(1) else { return None };
        Some((time / 1_000 % TIMES + TIMES - then) % TIMES)
    }
}
