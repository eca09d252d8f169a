//! What a user is told of a file that is wrong.

use super::declared::{lines, wrong};
use failsafe::settings::{Settings, assert_valid, from_json, from_toml};

const TEN: &str = r#"[retry]
max_retrys = 5
jitter = 2

[retry."payments.eu"]
delay = 30
backoff = "1s..10s"

[retry.paymets]
max = 3

[retrys.orders]
max = 1

[retry.orders]
handle = "Err(_)"
max = 4294967296
attempts = 3

[circuit_breaker.svcB]
failures = "6/5"
enabled = "false"

[timeout.short]
limit = ["1s"]
"#;

/// Ten mistakes are ten errors in one run, in the order in which they are written.
#[test]
fn ten_mistakes_are_ten_errors() {
    let wrong = wrong(TEN);
    let expected = [
        "settings.toml:2:1: unknown option `max_retrys` of `retry`; did you mean `max`?",
        "settings.toml:3:10: a jitter without a unit is a share of the delay, from 0 to 1: 0.2 means 20 % of it",
        "settings.toml:6:9: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
        "settings.toml:9:8: no `retry` of this program is called `paymets`; the names are: generic, orders, payments.eu, payments.us, settings::settings::declared::unnamed, shared",
        "settings.toml:12:2: there is no policy `retrys`; did you mean `retry`?",
        "settings.toml:16:1: `handle` of `retry` is code: it belongs into the attribute",
        "settings.toml:17:7: `4294967296` is too large: the most is 4294967295; for no limit write `max = unlimited`",
        "settings.toml:21:12: `6/5` cannot be reached: 6 failures do not fit into the last 5 calls",
        "settings.toml:22:11: \"false\" is a string: write false without the quotes",
        "settings.toml:25:9: `limit` takes one value, such as \"1s\"; found an array",
    ];
    assert_eq!(wrong, expected, "{}", wrong.join("\n"));
}
