//! Which permits a call gets, and when they may be used.
//!
//! The algorithm is failsafe-go's, in other terms: permits are numbered from the start of the clock,
//! so many for each period, and a limiter is the number of the next one that is free. Permits that
//! come one by one are periods of one permit. Numbers that were given back are kept as gaps.

use std::ops::Range;
use std::time::Duration;

/// Permits by their numbers.
pub(crate) type Numbers = Range<u128>;

/// How many permits in how much time, in nanoseconds, since when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Periods {
    permits: u128,
    nanos: u64,
    /// When the first of these periods began, and the number of its first permit.
    since: u64,
    first: u128,
}

impl Periods {
    /// So many permits in each period, from the start of the clock.
    pub(super) fn new((permits, period): (u32, Duration)) -> Self {
        let nanos = u64::try_from(period.as_nanos()).unwrap_or(u64::MAX);
        Self { permits: permits.into(), nanos: nanos.max(1), since: 0, first: 0 }
    }

    /// How many of these periods have passed.
    const fn passed(self, now: u64) -> u64 {
        now.saturating_sub(self.since) / self.nanos
    }

    /// The number of the first permit of the period at this time.
    fn first_at(self, now: u64) -> u128 {
        self.first + u128::from(self.passed(now)) * self.permits
    }

    /// How long the last of these permits is in the future.
    fn until(self, end: u128, now: u64) -> u128 {
        if end <= self.first_at(now) + self.permits {
            return 0;
        }
        let period = (end - 1 - self.first) / self.permits;
        let begins = period.saturating_mul(self.nanos.into()).saturating_add(self.since.into());
        begins.saturating_sub(now.into())
    }

    /// These periods in place of others, of which so many permits are taken by now. The period that
    /// is under way goes on with its new length, unless that would have passed; then one begins now.
    /// Permits that were used in it count as used, and as no debt if there are fewer now.
    fn after(mut self, others: Self, next: u128, now: u64) -> Self {
        let began = others.since.saturating_add(others.passed(now).saturating_mul(others.nanos));
        let first = others.first_at(now);
        let used = next.saturating_sub(first).min(others.permits);
        self.since = if now.saturating_sub(began) < self.nanos { began } else { now };
        self.first = first + used - used.min(self.permits);
        self
    }

    fn is_as_fast_as(self, other: Self) -> bool {
        (self.permits, self.nanos) == (other.permits, other.nanos)
    }
}

/// What a call got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) numbers: Numbers,
    /// After how many resets.
    pub(crate) resets: u64,
    /// How long until it may use them.
    pub(crate) wait: Duration,
}

/// The permits that are taken.
#[derive(Debug, Clone)]
pub(super) struct Core {
    /// None is no limit.
    periods: Option<Periods>,
    /// From this number on all are free.
    next: u128,
    /// Below it, those that were given back, in order and apart from each other.
    gaps: Vec<Numbers>,
    /// Numbers from before a reset are given out again after it.
    resets: u64,
}

impl Core {
    pub(super) const fn new(periods: Option<Periods>) -> Self {
        Self { periods, next: 0, gaps: Vec::new(), resets: 0 }
    }

    /// Goes by other periods from now on. All permits keep their numbers, so those who wait keep
    /// their places, and what is owed is still owed; the time of a number is another one.
    pub(super) fn reconfigure(&mut self, periods: Option<Periods>, now: u64) {
        self.periods = match (self.periods, periods) {
            (Some(old), Some(new)) if new.is_as_fast_as(old) => Some(old),
            (Some(old), Some(new)) => Some(new.after(old, self.next, now)),
            (None, Some(new)) => Some(Periods { since: now, first: self.next, ..new }),
            (_, None) => None,
        };
    }

    /// How long it is now until the permits may be used.
    pub(super) fn wait(&self, now: u64, grant: &Grant) -> Duration {
        match self.periods {
            // One from before a reset goes when it would have.
            Some(_) if grant.resets != self.resets => Duration::MAX,
            Some(periods) => duration(periods.until(grant.numbers.end, now)),
            None => Duration::ZERO,
        }
    }

    /// Takes so many permits if the wait for them is not too long; else nothing changes, and the
    /// wait there would be is the error.
    pub(super) fn take(
        &mut self,
        now: u64,
        permits: u32,
        max_wait: Duration,
    ) -> Result<Grant, Duration> {
        let Some(periods) = self.periods else {
            return Ok(Grant { numbers: 0..0, resets: self.resets, wait: Duration::ZERO });
        };
        let needed = u128::from(permits);
        let first = periods.first_at(now);
        // What was not used in its period is not saved.
        let next = self.next.max(first);
        let gap = if self.gaps.is_empty() { None } else { self.gap_of(first, needed) };
        let start = gap.map_or(next, |(_, start)| start);
        let end = start + needed;
        let wait = duration(periods.until(end, now));
        if wait > max_wait {
            return Err(wait);
        }
        match gap {
            Some((index, _)) => self.gaps[index].start = end,
            None => self.next = end,
        }
        if !self.gaps.is_empty() {
            self.gaps.retain(|gap| gap.end > first.max(gap.start));
        }
        Ok(Grant { numbers: start..end, resets: self.resets, wait })
    }

    /// Makes all permits free.
    pub(super) fn reset(&mut self) {
        *self = Self { resets: self.resets + 1, ..Self::new(self.periods) };
    }

    /// Gives permits back, as far as their time has not passed and no reset has freed them.
    pub(super) fn give_back(&mut self, now: u64, grant: &Grant) {
        let Some(periods) = self.periods else { return };
        let start = grant.numbers.start.max(periods.first_at(now));
        let end = grant.numbers.end;
        if start >= end || grant.resets != self.resets {
            return;
        }
        self.gaps.push(start..end);
        self.gaps.sort_unstable_by_key(|gap| gap.start);
        self.gaps.dedup_by(|later, earlier| {
            let touch = earlier.end >= later.start;
            if touch {
                earlier.end = earlier.end.max(later.end);
            }
            touch
        });
        let next = self.next;
        if self.gaps.last().is_some_and(|last| last.end == next) {
            self.next = self.gaps.pop().map_or(next, |last| last.start);
        }
    }

    /// How many permits may be used at once; below zero, how many are owed.
    pub(super) fn available(&self, now: u64) -> i128 {
        let Some(periods) = self.periods else { return i128::MAX };
        let first = periods.first_at(now);
        let signed = |number: u128| i128::try_from(number).unwrap_or(i128::MAX);
        let end = first + periods.permits;
        let freed: u128 =
            self.gaps.iter().map(|gap| gap.end.min(end).saturating_sub(gap.start.max(first))).sum();
        signed(end) - signed(self.next.max(first)) + signed(freed)
    }

    /// The first gap that holds so many permits, and where they begin in it.
    fn gap_of(&self, first: u128, needed: u128) -> Option<(usize, u128)> {
        let starts = self.gaps.iter().map(|gap| (gap.start.max(first), gap.end)).enumerate();
        let mut fit = starts.filter(|(_, (start, end))| needed > 0 && start + needed <= *end);
        fit.next().map(|(index, (start, _))| (index, start))
    }
}

fn duration(nanos: u128) -> Duration {
    let seconds = u64::try_from(nanos / 1_000_000_000);
    let rest = u32::try_from(nanos % 1_000_000_000).unwrap_or_default();
    seconds.map_or(Duration::MAX, |seconds| Duration::new(seconds, rest))
}
