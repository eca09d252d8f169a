//! What is in force, and who said so.

use super::declared::Alone;
use failsafe::settings::Settings;

/// The text of one policy, with the places in this folder shortened.
fn text(policy: &str, name: &str) -> String {
    let explained = failsafe::explain().policies;
    let found = explained.iter().find(|one| one.policy == policy && one.name == name);
    let text = found.unwrap().to_string();
    let line = |line: &str| match line.split_once("tests/settings/declared.rs:") {
        Some((before, _)) => format!("{before}declared.rs"),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_option_says_who_set_it() {
    let _alone = Alone::blocking();
    Settings::new()
        .toml(
            "[retry]\nmax_duration = \"1m\"\n\n[retry.\"payments.*\"]\nmax = 5\njitter = \"10ms\"",
        )
        .unwrap()
        .variables([("FAILSAFE__RETRY__PAYMENTS_EU__DELAY", "250ms")])
        .unwrap()
        .set("retry", "payments.eu", "exhausted", "last")
        .unwrap()
        .apply()
        .unwrap();
    failsafe::registry().observe("retry", "payments.eu").unwrap();
    let expected = "\
retry `payments.eu`: observe (code)
    on settings::settings::declared::in_europe at declared.rs
    on settings::settings::declared::refers_to_europe at declared.rs
    max           5        group `payments.*` settings.toml:5
    delay         \"250ms\"  environment FAILSAFE__RETRY__PAYMENTS_EU__DELAY
    factor        2        default
    jitter        \"10ms\"   group `payments.*` settings.toml:6
    max_duration  \"1m\"     global settings.toml:2
    exhausted     \"last\"   code";
    assert_eq!(text("retry", "payments.eu"), expected);
    let expected = "\
timeout `slow`: on
    on settings::settings::declared::slow at declared.rs
    limit  LONG  attribute declared.rs";
    assert_eq!(text("timeout", "slow"), expected);
    let orders = text("retry", "orders");
    assert!(orders.contains("handle        (Err(Error::Down))"), "{orders}");
}

#[test]
fn it_serializes() {
    let _alone = Alone::blocking();
    Settings::new().toml("[timeout.\"sh*\"]\nlimit = \"2s\"").unwrap().apply().unwrap();
    let json = serde_json::to_value(failsafe::explain()).unwrap();
    let policies = json["policies"].as_array().unwrap();
    let short = policies.iter().find(|policy| policy["name"] == "short").unwrap();
    let set_by =
        serde_json::json!({ "layer": "group", "pattern": "sh*", "place": "settings.toml:2" });
    let limit = serde_json::json!({ "option": "limit", "value": "\"2s\"", "set_by": set_by });
    assert_eq!(short["options"], serde_json::json!([limit]));
    assert_eq!(
        (&short["mode"], &short["mode_set_by"]),
        (&"on".into(), &serde_json::json!({ "layer": "default" }))
    );
}

/// Everything that is declared is there, once for each name.
#[test]
fn every_policy_is_there() {
    let explained = failsafe::explain();
    let shown: Vec<_> = explained.policies.iter().map(|one| (one.policy, one.name)).collect();
    let mut declared: Vec<_> =
        failsafe::declarations().map(|one| (one.policy(), one.name())).collect();
    declared.sort_unstable();
    declared.dedup();
    assert_eq!(shown, declared);
    assert!(explained.to_string().contains("\n\nretry `orders`: "));
}
