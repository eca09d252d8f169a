//! What a user is told of a file that is wrong.

use super::declared::{Alone, lines, wrong};
use failsafe::settings::{Settings, assert_valid, from_json, load};

const TEN: &str = r#"[retry]
max_retrys = 5
jitter = 2

[retry."payments.eu"]
delay = 30

[retry."paymets.eu"]
max = 3

[retrys.orders]
max = 1

[retry.orders]
handle = "Err(_)"
max = 4294967296
attempts = 3

[circuit_breaker.svcB]
failures = "6/5"

[timeout.short]
limit = ["1s"]
"#;

/// Ten mistakes are ten errors in one run, in the order in which they are written.
#[test]
fn ten_mistakes_are_ten_errors() {
    let expected = [
        "2:1: unknown option `max_retrys` of `retry`; did you mean `max`?",
        "3:10: a jitter without a unit is a share of the delay, from 0 to 1: 0.2 means 20 % of it",
        "6:9: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
        "8:8: no `retry` of this program is called `paymets.eu`; did you mean `payments.eu`?",
        "11:2: there is no policy `retrys`; did you mean `retry`?",
        "15:1: `handle` of `retry` is code: it belongs into the attribute",
        "16:7: `4294967296` is too large: the most is 4294967295; for no limit write `max = unlimited`",
        "17:1: `max` and `attempts` exclude each other; keep one",
        "20:12: more failures than calls can never be reached: in \"3/5\" the first number is at most the second",
        "23:9: `limit` takes one value, such as \"1s\"; found an array",
    ];
    let expected = expected.map(|line| format!("settings.toml:{line}"));
    assert_eq!(wrong(TEN), expected, "{}", wrong(TEN).join("\n"));
}

/// The same file in JSON, with the places it has there.
#[test]
fn the_same_mistakes_in_json() {
    let json = r#"{
  "$schema": "failsafe.schema.json",
  "retry": {
    "max_retrys": 5, "jitter": 2,
    "payments.eu": { "delay": 30 },
    "paymets.eu": { "max": 3 },
    "orders": { "handle": "Err(_)", "max": 4294967296, "attempts": 3 }
  },
  "retrys": { "orders": { "max": 1 } },
  "circuit_breaker": { "svcB": { "failures": "6/5" } },
  "timeout": { "short": { "limit": ["1s"] } }
}"#;
    let error = from_json(json).unwrap_err();
    let messages = |lines: Vec<String>| {
        let message = |line: &String| line.splitn(4, ':').last().unwrap_or_default().to_owned();
        let mut messages: Vec<_> = lines.iter().map(message).collect();
        messages.sort();
        messages
    };
    assert_eq!(messages(lines(&error)), messages(wrong(TEN)));
    let places = error.faults().iter().map(|fault| {
        let place = fault.place().unwrap();
        assert_eq!(&*place.file, "settings.json");
        (place.line, place.column)
    });
    let expected =
        [(4, 5), (4, 32), (5, 31), (6, 5), (7, 17), (7, 44), (7, 56), (9, 3), (10, 46), (11, 36)];
    assert_eq!(places.collect::<Vec<_>>(), expected, "{error}");
}

fn one(text: &str, expected: &str) {
    assert_eq!(wrong(text), [format!("settings.toml:{expected}")], "{text}");
}

#[test]
fn every_kind_of_mistake_has_its_words() {
    // Sections.
    let names: Vec<_> = failsafe::config::tables().map(|table| table.name).collect();
    let names = names.join(", ");
    one("max = 1", &format!("1:1: there is no policy `max`; policies are: {names}"));
    one("retry = 3", "1:9: `retry` is a section: write `[retry]`");
    one("[retry]\norders = 3", "2:1: `orders` is a policy: write a section `[retry.orders]`");
    one("[retry]\nmax = { a = 1 }", "2:7: `max` takes one value, such as 3; found a table");
    one(
        "[retry.payments.eu]\nmax = 1",
        "1:8: no `retry` of this program is called `payments`; \
        did you mean `payments.eu`?; a name with a dot is quoted: `\"payments.eu\"`",
    );
    one("[retry.\"pay*\"]\n[retry.\"x*\"]", "2:8: no `retry` of this program has a name like `x*`");
    // Keys.
    one(
        "[retry.orders]\nname = \"x\"",
        "2:1: the name of a `retry` is that of its section: `[retry.\"svcB\"]`",
    );
    one("[retry]\nmap_err = 1", "2:1: `map_err` of `retry` is code: it belongs into the attribute");
    one(
        "[fallback.answer]\nvalue = 1",
        "2:1: `value` of `fallback` is an expression of the function: it belongs into the attribute",
    );
    one(
        "[retry]\nbudget = \"x\"",
        "2:1: `budget` of `retry` is an expression of the function: it belongs into the attribute",
    );
    // Values.
    one("[retry]\nenabled = 1", "2:11: expected `true` or `false`, found `1`");
    one("[retry]\nmax = 1979-05-27", "2:7: `max` takes one value, such as 3; found a date");
    one(
        "[retry.orders]\nenabled = false\nobserve = true",
        "3:1: `enabled = false` and `observe = true` exclude each other; keep one",
    );
    // What the function was not compiled for.
    one(
        "[retry.shared]\nexhausted = \"error\"",
        "2:1: a function returns `RetriesExceeded` only if it was \
        compiled for it: write `exhausted = \"error\"` in the attribute; it can be set back to \"last\" here",
    );
    // Options together.
    one(
        "[retry.\"payments.eu\"]\ndelay = \"1s\"\nbackoff = \"1s..2s\"",
        "3:1: `delay` and `backoff` exclude each other; keep one",
    );
    one(
        "[retry.orders]\nfactor = 2",
        "2:1: `factor` is how fast a `backoff` grows, and there is none: \
        add `backoff` or remove it",
    );
    one(
        "[retry.\"payments.us\"]\ndelay = \"1s\"\nfactor = 2.0",
        "3:1: `factor` is how fast a `backoff` \
        grows, and there is none: add `backoff` or remove it",
    );
    one(
        "[bulkhead.pool]\nwait = \"0s\"\nqueue = 4",
        "3:1: `queue` bounds the calls that wait, and a `wait` of 0 lets none: write a longer one, or remove `queue`",
    );
}

/// What is wrong for some policies only names them.
#[test]
fn a_conflict_of_a_value_for_all_names_the_policies() {
    one(
        "[retry]\nmax_duration = \"500ms\"",
        "2:1: the first delay of 1s does not fit in the `max_duration` of 500ms: make the delay \
         shorter or the duration longer (retry `payments.us`)",
    );
    let both = wrong("[retry.\"payments.*\"]\nmax_duration = \"50ms\"");
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both[0].ends_with("(retry `payments.eu`)") && both[1].ends_with("(retry `payments.us`)")
    );
    // The blame is on what makes the difference, wherever it stands.
    one(
        "[retry.\"payments.us\"]\nmax = 5\n\n[retry]\nmax_duration = \"500ms\"",
        "5:1: the first delay of 1s does not fit in the `max_duration` of 500ms: make the delay \
         shorter or the duration longer (retry `payments.us`)",
    );
    // For the one policy that it does not fit, something stronger may.
    let fits = "[retry]\nmax_duration = \"50ms\"\n[retry.\"payments.*\"]\nmax_duration = \"1m\"";
    assert!(failsafe::settings::from_toml(fits).is_ok());
}

/// Several faults of the syntax, and those of what could be read beside them.
#[test]
fn syntax_errors_are_among_the_others() {
    let wrong =
        wrong("[retry]\nmax = = 3\ndelay = 5\nmax = 1\nmax = 2\n[timeout\nlimit = \"1s\"\n");
    let at = |place: &str| wrong.iter().filter(|line| line.starts_with(place)).count();
    assert_eq!([at("settings.toml:2:"), at("settings.toml:3:9:")], [1, 1], "{}", wrong.join("\n"));
    assert!(at("settings.toml:5:") == 1 && at("settings.toml:6:") == 1, "{}", wrong.join("\n"));
    let error = from_json("{\"retry\": {\"max\": -1, \"orders\" 5}}").unwrap_err();
    let expected = [
        "settings.json:1:19: `-1` is negative: write 0 or more; for no limit write `max = unlimited`",
        "settings.json:1:32: a `:` stands between a key and its value",
    ];
    assert_eq!(lines(&error), expected);
}

#[test]
fn files_that_cannot_be_read() {
    let error = |path: &str| Settings::new().file(path).unwrap_err().to_string();
    assert!(error("nowhere.toml").starts_with("nowhere.toml: it cannot be read: "));
    assert_eq!(
        error("failsafe.yaml"),
        "failsafe.yaml: the name of a settings file ends in `.toml` or `.json`"
    );
    let folder = std::env::temp_dir().join(format!("failsafe-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (large, binary) = (folder.join("large.toml"), folder.join("binary.toml"));
    std::fs::write(&large, "#".repeat((1 << 20) + 1)).unwrap();
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    assert!(
        error(large.to_str().unwrap())
            .ends_with("this is larger than 1 MiB, which no settings file is")
    );
    assert!(error(binary.to_str().unwrap()).contains("it cannot be read: "));
    let file = folder.join("failsafe.toml");
    std::fs::write(&file, "[retry]\nmax = -1\n").unwrap();
    let told = std::panic::catch_unwind(|| assert_valid(&file)).unwrap_err();
    let told = told.downcast_ref::<String>().unwrap();
    assert_eq!(
        *told,
        format!(
            "the settings are not valid:\n{}:2:7: `-1` is negative: write 0 or more; for no limit \
             write `max = unlimited`",
            file.display()
        )
    );
    std::fs::write(&file, "[retry]\nmax = 3\n").unwrap();
    assert_valid(&file);
    assert!(load(&file).is_ok());
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_code_sets_is_judged_too() {
    let _alone = Alone::blocking();
    let error = |policy: &str, name: &str, option: &str| {
        Settings::new().set(policy, name, option, -1).unwrap_err().to_string()
    };
    assert_eq!(
        error("retrie", "x", "max"),
        "in code, policy `x`: there is no policy `retrie`; did you mean `retry`?"
    );
    assert_eq!(
        error("retry", "order", "max"),
        "in code, retry `order`: no `retry` of this program is called `order`; did you mean `orders`?"
    );
    assert_eq!(
        error("retry", "orders", "maxx"),
        "in code, retry `orders`: unknown option `maxx` of `retry`; did you mean `max`?"
    );
    let set = Settings::new().set("retry", "orders", "factor", 3).unwrap();
    let error = set.clone().apply().unwrap_err();
    assert_eq!(
        error.to_string(),
        "in code, retry `orders`: `factor` is how fast a `backoff` grows, and there is none: add \
         `backoff` or remove it"
    );
    assert!(error.faults()[0].place().is_none());
    assert!(set.set("retry", "orders", "backoff", "1s..2s").unwrap().check().is_ok());
}

/// What was built in code has its options from there.
#[test]
fn a_policy_built_in_code_is_not_set() {
    let _built = failsafe::CircuitBreaker::builder().name("from code").build();
    one(
        "[circuit_breaker.\"from code\"]\ndelay = \"1s\"",
        "1:18: the `circuit_breaker` called `from code` is built in code: neither settings nor switches reach it",
    );
}
