//! Files that nobody would write.

use super::declared::{lines, wrong};
use failsafe::config::{Value, tables};
use failsafe::settings::{from_json, from_toml};
use std::fmt::Write as _;

#[test]
fn no_value_is_a_panic() {
    let values = [
        Value::Int(i128::MAX),
        Value::Int(i128::MIN),
        Value::Int(0),
        Value::Float(f64::NAN),
        Value::Float(f64::INFINITY),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(f64::MIN_POSITIVE),
        Value::Float(-0.0),
        Value::Text(String::new()),
        Value::Text("9".repeat(100_000)),
        Value::Text("\u{0}".into()),
        Value::Text("1s..".repeat(1000)),
        Value::Text("%".into()),
        Value::Text("/".into()),
        Value::Text("in".into()),
        Value::Text("of in".into()),
        Value::Text("٣s".into()),
        Value::Text("1µs".into()),
        Value::Text("1s\u{301}".into()),
        Value::Bool(true),
    ];
    for spec in tables() {
        for option in spec.options.iter().filter(|option| option.is_settable()) {
            for value in &values {
                let mut config = (spec.blank)();
                if config.set(option.name, value).is_ok() {
                    let _ =
                        (config.check(), config.recipe(), config.summary(), config.fingerprint());
                }
            }
        }
    }
}

#[test]
fn numbers_that_are_none_or_too_large() {
    for written in ["nan", "inf", "-inf", "1e999", "-0.1", "0x7fffffffffffffff"] {
        let told = wrong(&format!("[retry]\nfactor = {written}\njitter = {written}"));
        assert!(!told.is_empty(), "{written}");
    }
    let told = wrong(
        "[retry]\nmax = 9223372036854775808\nattempts = 0b0\n[bulkhead]\nmax = -9223372036854775809",
    );
    assert_eq!(told.len(), 4, "{told:?}");
}

#[test]
fn depth_is_an_error() {
    let deep = format!("[retry]\nmax = {}", "[".repeat(100_000));
    assert!(!wrong(&deep).is_empty());
    let deep = format!("{}{}", "[", "a.".repeat(50_000)) + "a]\nb = 1";
    assert!(from_toml(&deep).is_err());
    let deep = format!("{{\"retry\": {}", "{\"a\": ".repeat(100_000));
    let told = lines(&from_json(&deep).unwrap_err());
    assert!(told.iter().any(|line| line.contains("too deep")), "{told:?}");
}

#[test]
fn a_large_file_is_read_in_good_time() {
    let mut text = String::from("[retry]\n");
    for number in 0..5_000 {
        writeln!(text, "option_{number} = {number}").unwrap();
    }
    assert_eq!(wrong(&text).len(), 5_000);
    let key = "k".repeat(500_000);
    let told = wrong(&format!("[retry]\n{key} = 1\n[{key}]\n[retry.x{key}]"));
    assert_eq!(told.len(), 3);
    assert!(told.iter().all(|line| line.len() < 700), "a key is shown in short");
}

/// Names of any characters are shown on one line, and columns count characters.
#[test]
fn names_of_any_characters() {
    let told = wrong(
        "[retry.\"a\\nb\\u202e\"]\nmax = 1\n[retry.\"😀😀\"]\n[\"\"]\n[retry]\n\"ö\" = { }\n\"ä\" = 1",
    );
    assert!(told.iter().all(|line| line.lines().count() == 1), "{told:?}");
    assert!(told[0].contains("`a\\nb\\u{202e}`"), "{}", told[0]);
    let told = lines(&from_json("{\"retry\": {\"😀😀\": {}, \"max\": -1}}").unwrap_err());
    assert!(told[1].starts_with("settings.json:1:29: "), "{told:?}");
    let told = lines(&from_json("{\"retry\": {\"max\": 1, \"max\": 2}}").unwrap_err());
    assert_eq!(told, ["settings.json:1:22: `max` is given twice; keep one"]);
}

/// Lines that end as on Windows, a byte-order mark, nothing at all.
#[test]
fn texts_that_are_strange_and_right() {
    assert!(from_toml("").is_ok() && from_toml("\u{feff}[retry]\nmax = 1").is_ok());
    assert!(from_json("\u{feff}{}").is_ok());
    assert_eq!(
        wrong("[retry]\r\n\r\nmax = -1\r\n")[0].split(' ').next(),
        Some("settings.toml:3:7:")
    );
    assert!(from_json("").is_err());
}
