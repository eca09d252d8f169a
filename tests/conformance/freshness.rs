//! Which metrics of a breaker by itself can be compared: those that no old slice and no result while open could have
//! changed in failsafe-go alone.

use super::breaker_view::BreakerConfig;
use super::compare::METRICS;
use super::differences::Handling;
use super::report::Replay;
use serde_json::{Map, Value};

/// What is known of the window that failsafe-go shows.
pub(crate) struct Freshness {
    slice_ns: Option<u64>,
    origin_ns: u64,
    /// The slice of the last record while closed; none where nothing was recorded.
    last: Option<u64>,
    /// Whether slices had grown old when it opened.
    opened_stale: bool,
    /// Whether results were recorded since it opened.
    counted_while_open: bool,
}

impl Freshness {
    pub(crate) fn new(config: &BreakerConfig) -> Self {
        let (slice_ns, origin_ns) = (config.slice_ns(), config.clock_origin_ns);
        Self { slice_ns, origin_ns, last: None, opened_stale: false, counted_while_open: false }
    }

    /// Removes the metrics that cannot be compared from what a step showed and what was expected of it. The step began in
    /// one state, at a time, and recorded a result or not.
    pub(crate) fn apply(
        &mut self,
        (state, now, recorded): (&str, u64, bool),
        expect: &mut Map<String, Value>,
        seen: &mut Map<String, Value>,
        replay: &mut Replay<'_>,
    ) {
        match state {
            "closed" if recorded => self.last = self.slice(now),
            "open" if recorded => self.counted_while_open = true,
            _ => {}
        }
        let changes =
            seen.get("transitions").and_then(Value::as_array).cloned().unwrap_or_default();
        for (index, change) in changes.iter().enumerate() {
            if self.is_parted(change["from"].as_str(), now, replay) {
                for fields in [&mut *expect, &mut *seen] {
                    without_metrics(
                        fields.get_mut("transitions").and_then(|list| list.get_mut(index)),
                    );
                }
            }
            self.enter(change["to"].as_str(), now);
        }
        let state = seen.get("state").and_then(Value::as_str);
        if self.is_parted(state, now, replay) {
            for fields in [expect, seen] {
                fields.retain(|field, _| !METRICS.contains(&field.as_str()));
            }
        }
    }

    fn slice(&self, now: u64) -> Option<u64> {
        self.slice_ns.map(|slice| (self.origin_ns + now) / slice)
    }

    fn is_stale(&self, now: u64) -> bool {
        self.last.is_some() && self.last != self.slice(now)
    }

    /// Whether the metrics of this state can be others in failsafe-go.
    fn is_parted(&self, state: Option<&str>, now: u64, replay: &mut Replay<'_>) -> bool {
        let (counted, expired) = match state {
            Some("open") => (self.counted_while_open, self.opened_stale),
            Some("closed") => (false, self.is_stale(now)),
            _ => (false, false),
        };
        let counted = replay.quirk(Handling::MetricsUnlessOpen).filter(|_| counted);
        let expired = replay.quirk(Handling::MetricsOnRecords).filter(|_| expired);
        let Some(quirk) = counted.or(expired) else { return false };
        replay.leave_out(quirk);
        true
    }

    fn enter(&mut self, state: Option<&str>, now: u64) {
        match state {
            Some("open") => {
                self.opened_stale = self.is_stale(now);
                self.counted_while_open = false;
            }
            _ => self.last = None,
        }
    }
}

fn without_metrics(change: Option<&mut Value>) {
    if let Some(change) = change.and_then(Value::as_object_mut) {
        change.retain(|field, _| !METRICS.contains(&field.as_str()));
    }
}
