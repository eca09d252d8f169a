//! What the replayer of `tests/conformance.rs` must not let pass: traces that name something it does not know, or that
//! expect something else. Each is a trace of ours with one change, and has to be reported by its name.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "conformance/mod.rs"]
mod replayer;

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// One change to a trace; whether it could be made.
type Change = fn(&mut Value) -> bool;

fn put(object: Option<&mut Value>, value: Value) -> bool {
    let Some(object) = object.and_then(Value::as_object_mut) else { return false };
    object.insert("unheard_of".to_owned(), value);
    true
}

fn last(trace: &mut Value) -> Option<&mut Value> {
    trace["steps"].as_array_mut()?.last_mut()
}

/// Makes the first number, word or truth in it another one.
fn change_first(value: &mut Value) -> bool {
    match value {
        Value::Null => return false,
        Value::Bool(bool) => *bool = !*bool,
        Value::Number(number) => *value = json!(number.as_f64().unwrap() + 7.0),
        Value::String(text) => text.push('x'),
        Value::Array(values) => return values.iter_mut().any(change_first),
        Value::Object(fields) => return fields.values_mut().any(change_first),
    }
    true
}

const CHANGES: &[(&str, Change)] = &[
    ("format", |trace| {
        trace["format"] = json!(2);
        true
    }),
    ("field", |trace| put(Some(trace), json!(1))),
    ("option", |trace| put(trace.get_mut("config"), json!(1))),
    ("field_of_step", |trace| put(last(trace), json!(1))),
    ("operation", |trace| {
        last(trace).unwrap()["op"] = json!("unheard_of");
        true
    }),
    ("argument", |trace| put(last(trace).unwrap().get_mut("args"), json!(1))),
    ("expectation", |trace| put(last(trace).unwrap().get_mut("expect"), json!(1))),
    ("empty_expectation", |trace| put(last(trace).unwrap().get_mut("expect"), json!([]))),
    ("time", |trace| {
        let step = last(trace).unwrap();
        step["at_ns"] = json!(u64::from(step["at_ns"] == json!(0)));
        true
    }),
    ("value", |trace| change_first(&mut last(trace).unwrap()["expect"])),
    ("number_of_step", |trace| {
        let step = last(trace).unwrap();
        step["i"] = json!(step["i"].as_u64().unwrap() + 1);
        true
    }),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// How many traces of each policy are changed, and how many steps of them are kept: few, as what we do differently ends
/// some of them early.
const TRACES: usize = 4;
const STEPS: usize = 6;

/// The first traces of a policy that show nothing that is left out.
fn whole_traces(folder: &Path, quirks: &Value) -> Vec<Value> {
    let policy = folder.file_name().unwrap().to_str().unwrap();
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let name = |file: &PathBuf| format!("{policy}/{}", file.file_name().unwrap().to_str().unwrap());
    files.retain(|file| quirks.get(name(file)).is_none());
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let mut trace: Value = serde_json::from_str(&text).unwrap();
        trace["steps"].as_array_mut().unwrap().truncate(STEPS);
        trace
    };
    files.iter().take(TRACES).map(read).collect()
}

fn write(into: &Path, mut trace: Value, name: &str) {
    trace["name"] = json!(name);
    fs::write(into.join(format!("{name}.json")), trace.to_string()).unwrap();
}

#[test]
fn what_is_malformed_is_reported_by_its_name() {
    let vectors = root().join("tests/vectors");
    let quirks: Value =
        serde_json::from_str(&fs::read_to_string(vectors.join("QUIRKS.json")).unwrap()).unwrap();
    let changed = tempfile::tempdir().unwrap();
    let (mut expected, mut policies) = (BTreeSet::new(), 0);
    for folder in fs::read_dir(&vectors).unwrap().map(|entry| entry.unwrap().path()) {
        if !folder.is_dir() {
            continue;
        }
        policies += 1;
        let policy = folder.file_name().unwrap().to_str().unwrap();
        let into = changed.path().join(policy);
        fs::create_dir(&into).unwrap();
        let mut made = BTreeSet::new();
        for (number, trace) in whole_traces(&folder, &quirks).into_iter().enumerate() {
            // As it is, it passes.
            write(&into, trace.clone(), &format!("t{number}"));
            for (what, change) in CHANGES {
                let mut changed = trace.clone();
                if change(&mut changed) {
                    let name = format!("t{number}_{what}");
                    write(&into, changed, &name);
                    expected.insert(format!("{policy}/{name}.json"));
                    made.insert(*what);
                }
            }
        }
        assert_eq!(made.len(), CHANGES.len(), "{policy}: {made:?}");
    }
    assert!(policies >= 10, "{policies}");
    let more = changed.path().join("unheard_of");
    fs::create_dir(&more).unwrap();
    fs::write(more.join("torn.json"), "{\"format\": 1,").unwrap();
    let nothing = json!({"format": 1, "policy": "unheard_of", "set": "", "seed": 0, "source": "",
        "config": {}, "steps": []});
    write(&more, nothing, "nothing");
    expected.extend(["torn", "nothing"].map(|name| format!("unheard_of/{name}.json")));

    let report = replayer::replay_all(changed.path(), &root().join("docs/differences.md"));
    let _ = std::panic::take_hook();
    assert!(!report.is_clean());
    let text = report.to_string();
    let found: BTreeSet<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("DIFFERS ")?.split(": ").next())
        .map(str::to_owned)
        .collect();
    let missed: Vec<_> = expected.difference(&found).collect();
    assert!(missed.is_empty(), "these pass: {missed:#?}");
    let refused: Vec<_> = found.difference(&expected).collect();
    assert!(refused.is_empty(), "these are as they were: {refused:#?}\n{text}");
}

// A directory without a trace is a mistake, not a success.
#[test]
fn nothing_to_replay_is_a_failure() {
    let empty = tempfile::tempdir().unwrap();
    let differences = root().join("docs/differences.md");
    assert!(!replayer::replay_all(empty.path(), &differences).is_clean());
    assert!(!replayer::replay_all(&empty.path().join("none"), &differences).is_clean());
}
