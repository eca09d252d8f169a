//! Comparing what was seen with what a trace expects.

use serde_json::{Map, Value};

/// The names of what a breaker has counted.
pub(crate) const METRICS: [&str; 5] =
    ["executions", "failures", "failure_rate", "successes", "success_rate"];

/// Compares all fields that are expected, but for those left out. What was seen and not expected is a difference only if
/// it is a list: lists that are empty are left out of a trace.
pub(crate) fn fields(
    expect: &Map<String, Value>,
    seen: &Map<String, Value>,
    left_out: &[&str],
) -> Result<(), String> {
    for (field, expected) in expect.iter().filter(|(field, _)| !left_out.contains(&field.as_str()))
    {
        let Some(seen) = seen.get(field) else {
            return Err(format!("unknown or unseen field `{field}`: {expected} expected"));
        };
        if !same(expected, seen) {
            return Err(format!("{field}: expected {expected}, was {seen}"));
        }
    }
    let surplus = seen.iter().find(|(field, seen)| {
        let is_shown = seen.as_array().is_some_and(|seen| !seen.is_empty());
        is_shown && !expect.contains_key(*field) && !left_out.contains(&field.as_str())
    });
    match surplus {
        Some((field, seen)) => Err(format!("{field}: expected none, was {seen}")),
        None => Ok(()),
    }
}

/// Whether two values are the same; `1` is 1.0, and no list is an empty one.
pub(crate) fn same(expected: &Value, seen: &Value) -> bool {
    match (expected, seen) {
        (Value::Number(expected), Value::Number(seen)) => {
            expected == seen
                || (expected.as_f64() == seen.as_f64() && !(is_whole(expected) && is_whole(seen)))
        }
        (Value::Null, Value::Array(seen)) => seen.is_empty(),
        (Value::Array(expected), Value::Array(seen)) => {
            expected.len() == seen.len() && expected.iter().zip(seen).all(|(e, s)| same(e, s))
        }
        (Value::Object(expected), Value::Object(seen)) => {
            expected.len() == seen.len()
                && expected
                    .iter()
                    .all(|(key, value)| seen.get(key).is_some_and(|seen| same(value, seen)))
        }
        _ => expected == seen,
    }
}

fn is_whole(number: &serde_json::Number) -> bool {
    number.is_u64() || number.is_i64()
}

/// Compares two lists, and says where they part.
pub(crate) fn lists(what: &str, expected: &[Value], seen: &[Value]) -> Result<(), String> {
    let parted = expected.iter().zip(seen).position(|(expected, seen)| !same(expected, seen));
    let at = parted.unwrap_or_else(|| expected.len().min(seen.len()));
    if at == expected.len() && at == seen.len() {
        return Ok(());
    }
    let show = |list: &[Value]| list.get(at).map_or_else(|| "nothing".to_owned(), Value::to_string);
    Err(format!("{what}[{at}]: expected {}, was {}", show(expected), show(seen)))
}
