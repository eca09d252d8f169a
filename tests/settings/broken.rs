//! What cannot be read is told once: nothing that follows from it is a fault of its own.

use super::declared::{lines, wrong};
use failsafe::settings::from_json;

/// Nothing is wrong with it; its parts refer to each other.
const RIGHT: &str = "[stacks.shop]
policies = [
    { retry = { name = \"other\", max = 3, backoff = \"1s..10s\" } },
    { circuit_breaker = { failures = 3 } },
    \"timeout.short\",
]

[retry.other]
factor = 3
jitter = 0.2

[stacks.bank]
policies = [\"retry.other\", { timeout = \"2s\" }]

[timeout.bank]
enabled = true

[circuit_breaker.shop]
delay = \"30s\"

[retry.\"oth*\"]
max = 4

[timeout.short]
limit = \"3s\"
";

/// The text without one of its characters or lines, and cut off at each character.
fn broken(right: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let line = |at: usize| right[..at].matches('\n').count() + 1;
    for (at, each) in right.char_indices() {
        let without = right[..at].to_owned() + &right[at + each.len_utf8()..];
        all.push((format!("without {each:?} in line {}", line(at)), without));
        all.push((format!("cut off before {each:?} in line {}", line(at)), right[..at].to_owned()));
        for more in ["\"", "[", "]", "{", "}", "=", ",", "\n"] {
            let with = right[..at].to_owned() + more + &right[at..];
            all.push((format!("with {more:?} before {each:?} in line {}", line(at)), with));
        }
    }
    all
}

fn each_is_told_once(right: &str, is_readable: fn(&str) -> bool, told: fn(&str) -> Vec<String>) {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for (how, text) in broken(right) {
        if is_readable(&text) {
            continue;
        }
        tried += 1;
        let told = told(&text);
        if told.len() != 1 {
            wrong.push(format!("{how}:\n  {}", told.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 500, "{tried}");
}

#[test]
fn what_cannot_be_read_of_toml_is_told_once() {
    assert!(failsafe::settings::from_toml(RIGHT).is_ok());
    each_is_told_once(RIGHT, |text| text.parse::<toml::Table>().is_ok(), wrong);
}

#[test]
fn what_cannot_be_read_of_json_is_told_once() {
    let right = serde_json::to_string_pretty(&RIGHT.parse::<toml::Table>().unwrap()).unwrap();
    let right: String = right.lines().map(|line| line.trim_start().to_owned() + "\n").collect();
    assert!(from_json(&right).is_ok());
    let is_readable = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    each_is_told_once(&right, is_readable, |text| lines(&from_json(text).unwrap_err()));
}
