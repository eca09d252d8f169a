//! Replays the trackers of a prioritizer by themselves.

use super::clock;
use super::compare;
use super::differences::Handling;
use super::file::{self, Step, VectorFile};
use super::report::Replay;
use failsafe::Priority;
use failsafe::priority::{Level, LevelTracker, UsageTracker};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Config {
    LevelTracker { window: u32 },
    UsageTracker { window_ns: u64, max_users: u32, buckets: u32 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    dt_ns: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLevels {
    levels: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetLevel {
    quantile: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordUsage {
    user: String,
    usage: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetUsage {
    user: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetUserLevel {
    user: String,
    priority: String,
}

enum Tracker {
    Levels(LevelTracker),
    Usage(Usage),
}

/// A tracker, and what failsafe-go shows of it.
struct Usage {
    tracker: UsageTracker,
    /// What the users had used when that was last brought up to date: reading does not.
    shown: BTreeMap<String, u64>,
}

impl Usage {
    fn of(&self, user: &str) -> Option<u64> {
        clock::at(|| self.tracker.usage(user))
    }

    /// Whether all that a user had used has expired since it was last brought up to date.
    fn has_expired(&self, user: &str) -> bool {
        self.of(user) == Some(0) && self.shown.get(user).is_some_and(|shown| *shown > 0)
    }
}

/// Replays a file.
pub(crate) fn replay(file: &VectorFile, replay: &mut Replay<'_>) -> Result<(), String> {
    let mut tracker = match file::parse("config", file.config.clone())? {
        Config::LevelTracker { window } => Tracker::Levels(LevelTracker::new(window)),
        Config::UsageTracker { window_ns, max_users, buckets: 30 } => {
            let window = Duration::from_nanos(window_ns);
            let tracker = clock::at(|| UsageTracker::new(window, max_users));
            Tracker::Usage(Usage { tracker, shown: BTreeMap::new() })
        }
        Config::UsageTracker { buckets, .. } => {
            return Err(format!("config: {buckets} buckets; there are always 30"));
        }
    };
    for (index, step) in file.steps.iter().enumerate() {
        if !replay.begin(index) {
            return Ok(());
        }
        let differs = |why| format!("step {index} ({}): {why}", step.op);
        clock::check(step.at_ns).map_err(differs)?;
        let (seen, left_out) = execute(&mut tracker, step, replay).map_err(differs)?;
        compare::fields(&step.expect, &seen, left_out).map_err(differs)?;
    }
    Ok(())
}

/// What a step showed, and what of it is not compared.
type Seen = (Map<String, Value>, &'static [&'static str]);

fn execute(tracker: &mut Tracker, step: &Step, replay: &mut Replay<'_>) -> Result<Seen, String> {
    let mut seen = Map::new();
    let mut left_out: &[&str] = &[];
    match (tracker, step.op.as_str()) {
        (Tracker::Levels(levels), "record_levels") => {
            for level in step.args::<RecordLevels>()?.levels {
                levels.record(Level::new(level));
            }
        }
        (Tracker::Levels(levels), "get_level") => {
            let level = levels.level(step.args::<GetLevel>()?.quantile);
            seen.insert("level".to_owned(), json!(level.get()));
        }
        (Tracker::Usage(usage), "record_usage") => {
            let args: RecordUsage = step.args()?;
            clock::at(|| usage.tracker.record(&args.user, args.usage));
            let shown = usage.of(&args.user).ok_or("a user is not known after a record")?;
            usage.shown.insert(args.user, shown);
        }
        (Tracker::Usage(usage), "calibrate") => {
            let Nothing {} = step.args()?;
            clock::at(|| usage.tracker.calibrate());
            let users: Vec<_> = usage.shown.keys().cloned().collect();
            usage.shown = users
                .into_iter()
                .filter_map(|user| usage.of(&user).map(|shown| (user, shown)))
                .collect();
        }
        (Tracker::Usage(usage), "get_usage") => {
            let args: GetUsage = step.args()?;
            let is_known = usage.of(&args.user).is_some();
            let shown = usage.shown.get(&args.user).filter(|_| is_known);
            seen.insert("known".to_owned(), json!(is_known));
            seen.insert("usage".to_owned(), json!(shown.copied().unwrap_or_default()));
        }
        (Tracker::Usage(usage), "get_level") => {
            let args: GetUserLevel = step.args()?;
            let priority = Priority::ALL.into_iter().find(|known| known.name() == args.priority);
            let priority = priority.ok_or_else(|| format!("priority {}", args.priority))?;
            let level = clock::at(|| usage.tracker.level(&args.user, priority));
            let expired = replay.quirk(Handling::LevelUnlessExpired);
            if let Some(quirk) = expired.filter(|_| usage.has_expired(&args.user)) {
                replay.leave_out(quirk);
                left_out = &["level"];
            }
            seen.insert("level".to_owned(), json!(level.get()));
        }
        (_, "advance") => clock::advance(step.args::<Advance>()?.dt_ns),
        _ => return Err("unknown operation".to_owned()),
    }
    Ok((seen, left_out))
}
