//! Which layer is stronger.

use super::declared::{Alone, SHARED};
use failsafe::explain::explain;
use failsafe::settings::{Settings, current, from_toml};

/// The effective value of an option and what set it.
fn shown(policy: &str, name: &str, option: &str) -> (String, String) {
    let explained = explain().policies;
    let policy = explained.iter().find(|one| one.policy == policy && one.name == name).unwrap();
    let option = policy.options.iter().find(|one| one.option == option).unwrap();
    (option.value.clone().unwrap_or_default(), option.set_by.to_string())
}

/// What is said of `max`: a text of TOML, or a variable.
enum Said {
    Toml(&'static str),
    Variable(&'static str, &'static str),
}

/// From weak to strong: what is said, and the value and the layer that are shown then.
const STEPS: [(Said, &str, &str); 6] = [
    (Said::Toml("[retry]\nmax = 10"), "10", "global settings.toml:2"),
    (Said::Toml("[retry.\"s*\"]\nmax = 11"), "11", "group `s*` settings.toml:2"),
    (Said::Toml("[retry.\"s*d\"]\nmax = 12"), "12", "group `s*d` settings.toml:2"),
    (Said::Toml("[retry.shared]\n\nmax = 13"), "13", "policy settings.toml:3"),
    (Said::Variable("FAILSAFE__RETRY__MAX", "14"), "14", "environment FAILSAFE__RETRY__MAX"),
    (
        Said::Variable("FAILSAFE__RETRY__SHARED__MAX", "15"),
        "15",
        "environment FAILSAFE__RETRY__SHARED__MAX",
    ),
];

fn say(settings: Settings, (said, ..): &(Said, &str, &str)) -> Settings {
    match said {
        Said::Toml(text) => settings.toml(text).unwrap(),
        Said::Variable(name, value) => settings.variables([(name, value)]).unwrap(),
    }
}

/// Each layer is stronger than all before it, in whatever order they are said.
#[test]
fn from_weak_to_strong() {
    let _alone = Alone::blocking();
    let declared = failsafe::declarations().find(|one| one.name() == "shared").unwrap();
    let attribute = format!("attribute {}:{}", declared.file(), declared.line());
    assert_eq!(shown("retry", "shared", "max"), ("4".into(), attribute));
    assert_eq!(shown("retry", "shared", "jitter"), ("\"0s\"".into(), "default".into()));
    for (step, (_, value, layer)) in STEPS.iter().enumerate() {
        let forwards = STEPS[..=step].iter().fold(Settings::new(), say);
        let backwards = STEPS[..=step].iter().rev().fold(Settings::new(), say);
        for settings in [forwards, backwards] {
            settings.apply().unwrap();
            let expected = ((*value).to_owned(), (*layer).to_owned());
            assert_eq!(shown("retry", "shared", "max"), expected);
            assert_eq!(SHARED.config().get_max().unwrap().to_string(), *value);
        }
    }
    let set = |settings: Settings, name, max: i32| settings.set("retry", name, "max", max).unwrap();
    let strongest = set(set(set(current(), "shared", 18), "*", 16), "sha*", 17);
    strongest.apply().unwrap();
    assert_eq!(shown("retry", "shared", "max"), ("18".into(), "code".into()));
    assert_eq!(shown("retry", "orders", "max"), ("16".into(), "code".into()));
    failsafe::settings::reset();
    assert_eq!(SHARED.config().get_max(), Some(4));
}

#[test]
fn of_two_files_the_later_is_stronger() {
    let _alone = Alone::blocking();
    let settings = from_toml("[retry.shared]\nmax = 7\ndelay = \"1s\"").unwrap();
    settings.toml("[retry.shared]\nmax = 8").unwrap().apply().unwrap();
    let config = SHARED.config();
    assert_eq!(
        (config.get_max(), config.get_delay()),
        (Some(8), failsafe::config::Delay::Fixed(std::time::Duration::from_secs(1)))
    );
    // What is applied replaces what was.
    from_toml("").unwrap().apply().unwrap();
    assert_eq!(SHARED.config().get_max(), Some(4));
}

/// An option replaces the weaker ones that it excludes, with what only they gave a meaning.
#[test]
fn an_option_replaces_those_it_excludes() {
    let _alone = Alone::blocking();
    from_toml("[retry.\"payments.us\"]\ndelay = \"2s\"\n[retry]\nattempts = 6")
        .unwrap()
        .apply()
        .unwrap();
    let explained = explain().policies;
    let policy = explained.iter().find(|one| one.name == "payments.us").unwrap();
    let said: Vec<_> =
        policy.options.iter().map(|one| (one.option, one.value.as_deref())).collect();
    let expected = [
        ("attempts", Some("6")),
        ("delay", Some("\"2s\"")),
        ("factor", Some("2")),
        ("jitter", Some("0.1")),
        ("max_duration", None),
        ("exhausted", Some("\"last\"")),
    ];
    assert_eq!(said, expected);
}

/// What is said of all means nothing to those that have nothing it is about.
#[test]
fn what_is_said_of_all_holds_where_it_has_a_meaning() {
    let _alone = Alone::blocking();
    from_toml("[retry]\njitter = 0.5\nfactor = 4").unwrap().apply().unwrap();
    assert_eq!(shown("retry", "payments.us", "factor").0, "4");
    assert_eq!(shown("retry", "payments.eu", "jitter").0, "0.5");
    assert_eq!(shown("retry", "payments.eu", "factor").1, "default");
    assert_eq!(shown("retry", "shared", "jitter").1, "default");
}

/// Nothing changes unless everything is right.
#[test]
fn all_or_nothing() {
    let _alone = Alone::blocking();
    from_toml("[retry.shared]\nmax = 9").unwrap().apply().unwrap();
    let delay = Settings::new().set("retry", "shared", "max", 1).unwrap();
    let wrong = delay.set("retry", "shared", "delay", "5s").unwrap();
    let wrong = wrong.set("retry", "shared", "max_duration", "1s").unwrap();
    assert!(wrong.apply().is_err());
    assert_eq!(SHARED.config().get_max(), Some(9));
    assert_eq!(shown("retry", "shared", "max").1, "policy settings.toml:2");
}
