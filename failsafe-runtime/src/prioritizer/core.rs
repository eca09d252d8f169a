//! How hard the policies of a prioritizer are pressed, and which share of the calls that makes too
//! many: plain data.

/// How hard one policy is pressed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pressure {
    /// Of a policy that queues calls.
    #[allow(dead_code, reason = "for policies that queue calls")]
    Queue(Queue),
    /// Of a policy that counts failures.
    Failures(Failures),
}

/// A queue: how many wait, from how many on it refuses some, and from how many on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Queue {
    pub(crate) queued: u64,
    pub(crate) threshold: u64,
    pub(crate) max: u64,
}

/// Failures: which share of the calls they make too many, which share may be refused at most, and
/// of how many calls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Failures {
    pub(crate) rate: f64,
    pub(crate) max_rejection: f64,
    pub(crate) executions: u64,
}

impl Queue {
    /// Which share of the calls it refuses.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub(crate) fn rejection_rate(self) -> f64 {
        let Self { queued, threshold, max } = self;
        if queued < threshold {
            0.0
        } else if queued >= max {
            1.0
        } else {
            (queued - threshold) as f64 / (max - threshold) as f64
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            queued: self.queued + other.queued,
            threshold: self.threshold + other.threshold,
            max: self.max + other.max,
        }
    }
}

impl Failures {
    /// The rates of several policies weighted by their calls, and the least of what may be refused.
    fn combined(all: &[Self]) -> Self {
        let executions: u64 = all.iter().map(|one| one.executions).sum();
        let max_rejection = all.iter().map(|one| one.max_rejection).reduce(f64::min);
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let weighted: f64 = all.iter().map(|one| one.rate * one.executions as f64).sum();
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let rate = if executions == 0 { 0.0 } else { weighted / executions as f64 };
        Self { rate, max_rejection: max_rejection.unwrap_or_default(), executions }
    }
}

/// Which share of the calls is too many for these policies together: of their queues as if they were
/// one, or of their failures, whichever is more.
pub(super) fn rejection_rate(pressures: impl IntoIterator<Item = Pressure>) -> f64 {
    let mut queue: Option<Queue> = None;
    let mut failures = Vec::new();
    for pressure in pressures {
        match pressure {
            Pressure::Queue(one) => queue = Some(queue.unwrap_or_default().plus(one)),
            Pressure::Failures(one) => failures.push(one),
        }
    }
    let failures = Failures::combined(&failures);
    let queue = queue.map_or(0.0, Queue::rejection_rate);
    queue.max(failures.rate.min(failures.max_rejection))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn a_queue_refuses_the_more_the_longer_it_is() {
        for (queued, threshold, max, expected) in [
            (5, 10, 20, 0.0),
            (60, 60, 100, 0.0),
            (80, 60, 100, 0.5),
            (100, 60, 100, 1.0),
            (120, 60, 100, 1.0),
            (11, 10, 20, 0.1),
            (3, 3, 3, 1.0),
            (2, 3, 3, 0.0),
        ] {
            let rate = Queue { queued, threshold, max }.rejection_rate();
            assert!(same(rate, expected), "{queued} {threshold} {max}: {rate}");
        }
    }

    #[test]
    fn failures_are_weighted_by_calls_and_bound_by_the_least_bound() {
        let of = |(rate, max_rejection, executions)| Failures { rate, max_rejection, executions };
        for (all, rate, max) in [
            (&[(0.2, 0.8, 100), (0.4, 0.9, 100)][..], 0.3, 0.8),
            (&[(0.6, 0.9, 150), (0.1, 0.9, 50)][..], 0.475, 0.9),
            (&[(0.3, 0.9, 100), (0.8, 0.7, 0)][..], 0.3, 0.7),
            (&[][..], 0.0, 0.0),
        ] {
            let all: Vec<_> = all.iter().copied().map(of).collect();
            let combined = Failures::combined(&all);
            assert!(same(combined.rate, rate) && same(combined.max_rejection, max), "{combined:?}");
        }
    }

    #[test]
    fn the_greater_of_queues_and_failures_counts() {
        let queue = Pressure::Queue(Queue { queued: 12, threshold: 10, max: 20 });
        let failures =
            |rate| Pressure::Failures(Failures { rate, max_rejection: 0.9, executions: 10 });
        assert!(same(rejection_rate([queue, failures(0.1)]), 0.2));
        assert!(same(rejection_rate([queue, failures(0.5)]), 0.5));
        // One is over its longest and the other is empty: 30 wait, of 20 to 40 that are too many.
        let [full, empty] = [30, 0].map(|queued| Queue { queued, threshold: 10, max: 20 });
        let both = [Pressure::Queue(full), Pressure::Queue(empty)];
        assert!(same(rejection_rate(both), 0.5), "queues are one queue");
        assert!(same(rejection_rate([]), 0.0));
    }
}
