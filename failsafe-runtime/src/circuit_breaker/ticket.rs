//! What a call remembers of how it was let through, in one word.

/// The generation it was let through in, whether as a trial, and when, if slow calls matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// The lowest bit: it was let through as a trial, whose place must be given back.
const TRIAL: u64 = 1;
/// Where the time begins, in microseconds; below it is the generation.
const TIME: u32 = 25;
/// The most microseconds there is room for, which is six days; then they begin again.
const TIMES: u64 = (1 << (64 - TIME)) - 1;

impl Ticket {
    /// A permit whose call has come to its outcome.
    pub(super) const USED: Self = Self(0);

    /// A call let through in this generation.
    #[inline]
    pub(super) const fn new(generation: u32, trial: bool) -> Self {
        Self((generation as u64) << 1 | trial as u64)
    }

    /// Adds what the breaker's clock reads in nanoseconds, where that matters.
    pub(super) const fn at(self, time: u64) -> Self {
        Self(self.0 | (time / 1_000 % TIMES) << TIME)
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

    /// How many microseconds ago that was.
    pub(super) const fn age_micros(self, time: u64) -> u64 {
        let now = time / 1_000 % TIMES;
        (now + TIMES - (self.0 >> TIME)) % TIMES
    }
}
