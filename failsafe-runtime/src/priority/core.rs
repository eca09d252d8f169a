//! Who used how much, and where that puts them among the others: plain data; time is an argument.

use super::{Level, Priority};
use crate::window::TimeWindow;
use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// In how many slices the time is cut in which usage counts.
const SLICES: usize = 30;

/// What one user did.
#[derive(Debug)]
struct Usage {
    window: TimeWindow<u64, SLICES>,
    active: u64,
    /// The share of users who used less; none before the first calibration, and of who uses nothing.
    quantile: Option<f64>,
}

/// Users, in bounded number: the one that was active longest ago goes for a new one.
#[derive(Debug)]
pub(super) struct Users {
    users: LruCache<Arc<str>, Usage>,
    window_nanos: u64,
}

impl Users {
    pub(super) fn new(window_nanos: u64, max: u32) -> Self {
        // Room is made as it is needed, not for the most users there may be.
        let mut users = LruCache::unbounded();
        users.resize(at_least_one(max));
        Self { users, window_nanos }
    }

    pub(super) fn resize(&mut self, window_nanos: u64, max: u32) {
        self.users.resize(at_least_one(max));
        self.window_nanos = window_nanos;
        for (_, user) in &mut self.users {
            user.window = user.window.resized(TimeWindow::new(window_nanos));
        }
    }

    pub(super) fn record(&mut self, user: &str, usage: u64, now: u64) {
        if let Some(known) = self.users.get_mut(user) {
            known.window.add(now, usage);
            known.active = known.active.max(now);
            return;
        }
        let mut window = TimeWindow::new(self.window_nanos);
        window.add(now, usage);
        self.users.push(user.into(), Usage { window, active: now, quantile: None });
    }

    /// Puts every user in place by what they used, and forgets who used nothing for two windows.
    pub(super) fn calibrate(&mut self, now: u64) {
        let mut all = Vec::with_capacity(self.users.len());
        let mut gone = Vec::new();
        for (name, user) in &self.users {
            match user.window.sum(now) {
                0 if now.saturating_sub(user.active) > self.window_nanos.saturating_mul(2) => {
                    gone.push(Arc::clone(name));
                }
                0 => {}
                usage => all.push(usage),
            }
        }
        for name in gone {
            self.users.pop(&*name);
        }
        all.sort_unstable();
        for (_, user) in &mut self.users {
            let usage = user.window.sum(now);
            user.quantile = (usage > 0).then(|| quantile(&all, usage));
        }
    }

    pub(super) fn usage(&self, user: &str, now: u64) -> Option<u64> {
        self.users.peek(user).map(|user| user.window.sum(now))
    }

    /// The level of a user within a priority: the more they used, the lower.
    pub(super) fn level(&self, user: &str, priority: Priority, now: u64) -> Level {
        let user = self.users.peek(user).filter(|user| user.window.sum(now) > 0);
        let quantile = user.and_then(|user| user.quantile).unwrap_or_default();
        let (lowest, highest) = (priority.lowest().get(), priority.highest().get());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the levels of a priority"
        )]
        let above = (f64::from(highest - lowest) * (1.0 - quantile)) as u16;
        Level::new(lowest + above)
    }

    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    pub(super) fn clear(&mut self) {
        self.users.clear();
    }
}

fn at_least_one(max: u32) -> NonZeroUsize {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    NonZeroUsize::new(max).unwrap_or(NonZeroUsize::MIN)
}

/// Which share of the usages is less than this one, to two decimals.
#[expect(clippy::cast_precision_loss, reason = "two decimals count")]
fn quantile(sorted: &[u64], usage: u64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let less = sorted.partition_point(|other| *other < usage);
    (less as f64 / sorted.len() as f64 * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_the_share_of_those_who_used_less() {
        for (usages, usage, expected) in [
            (&[][..], 0, 0.0),
            (&[100][..], 100, 0.0),
            (&[100][..], 50, 0.0),
            (&[100][..], 150, 1.0),
            (&[10, 50, 100][..], 10, 0.0),
            (&[10, 50, 100][..], 50, 0.33),
            (&[10, 50, 100][..], 100, 0.67),
            (&[10, 50, 100][..], 200, 1.0),
        ] {
            let found = quantile(usages, usage);
            assert!((found - expected).abs() < f64::EPSILON, "{usage} in {usages:?}: {found}");
        }
    }
}
