//! Every option of every attribute: what is part of the configuration can be set, and what is code is
//! told apart.

use super::declared::{Alone, lines};
use failsafe::config::{OptionSpec, PolicySpec, Shape, Value, tables};
use failsafe::settings::{Settings, from_json, from_toml};
use std::collections::BTreeSet;

/// What code an option is that a file cannot set. A new option is a value, or is named here with what
/// it takes: nothing else is left out.
const CODE: &[(&str, Shape)] = &[
    // What tells outcomes apart, by the types of the function.
    ("handle", Shape::Pattern),
    ("handle_if", Shape::Function),
    ("handle_rejected", Shape::Kinds),
    ("abort", Shape::Pattern),
    ("abort_if", Shape::Function),
    ("abort_rejected", Shape::Kinds),
    ("cancel", Shape::Pattern),
    ("cancel_if", Shape::Function),
    ("cancel_rejected", Shape::Kinds),
    ("cache_if", Shape::Function),
    // What is asked at run time.
    ("delay_with", Shape::Function),
    ("max_limit_with", Shape::Function),
    ("probe", Shape::Function),
    ("when", Shape::Function),
    // What makes a value of the return type of the function.
    ("value", Shape::Expression),
    ("with", Shape::Function),
    ("error", Shape::Expression),
    ("otherwise", Shape::Expression),
    // Who calls, by the arguments of the function.
    ("key", Shape::Expression),
    ("user", Shape::Expression),
    // Instances.
    ("budget", Shape::Expression),
    ("prioritizer", Shape::Expression),
    ("store", Shape::Expression),
];

/// The lines of a section that sets an option to its example, with what it needs beside it.
fn section(spec: &PolicySpec, option: &OptionSpec) -> Vec<(&'static str, &'static str)> {
    let mut lines = vec![(option.name, option.example)];
    for (_, needs, _) in spec.requires.iter().filter(|(of, ..)| *of == option.name) {
        let mut needed = needs.iter().filter_map(|need| spec.option(need));
        // What needs code has it in the attribute.
        lines.extend(needed.find(|need| need.is_settable()).map(|need| (need.name, need.example)));
    }
    lines
}

fn toml(spec: &PolicySpec, name: Option<&str>, option: &OptionSpec) -> String {
    let head =
        name.map_or(format!("[{}]", spec.name), |name| format!("[{}.\"{name}\"]", spec.name));
    let line = |(option, value): (&str, &str)| format!("\n{option} = {}", literal(value));
    head + &section(spec, option).into_iter().map(line).collect::<String>()
}

/// A value as TOML and JSON write it: a bare word is a string there.
fn literal(written: &str) -> String {
    match Value::bare(written) {
        Value::Text(text) => format!("{text:?}"),
        other => other.literal(),
    }
}

/// The options that can be set.
fn settable() -> impl Iterator<Item = (&'static PolicySpec, &'static OptionSpec)> {
    let options = |spec: &'static PolicySpec| spec.options.iter().map(move |option| (spec, option));
    tables().flat_map(options).filter(|(_, option)| option.is_settable())
}

#[test]
fn every_option_can_be_set() {
    for (spec, option) in settable() {
        let (text, head) = (toml(spec, None, option), format!("{}.{}", spec.name, option.name));
        // What is said of all may not fit a policy of this program: that names it.
        let told = from_toml(&text).map_or_else(|error| lines(&error), |_| Vec::new());
        let of_some = |line: &String| line.ends_with("`)");
        assert!(told.iter().all(of_some), "{head}: {told:?}");
        let object: Vec<_> = section(spec, option)
            .into_iter()
            .map(|(option, value)| format!("\"{option}\": {}", literal(value)))
            .collect();
        let json = format!("{{\"{}\": {{{}}}}}", spec.name, object.join(", "));
        let told = from_json(&json).map_or_else(|error| lines(&error), |_| Vec::new());
        assert!(told.iter().all(of_some), "{head}: {told:?}");
        let variables = section(spec, option).into_iter().map(|(option, value)| {
            let name = format!("FAILSAFE__{}__{}", spec.name, option).to_uppercase();
            (name, value.trim_matches('"').to_owned())
        });
        let variables = Settings::new().variables(variables.collect::<Vec<_>>());
        let told = variables.map_or_else(|error| lines(&error), |_| Vec::new());
        assert!(told.iter().all(of_some), "{head}: {told:?}");
    }
}

/// It arrives: where the program declares a policy of the kind, its options are what was set.
#[test]
fn every_option_arrives() {
    let _alone = Alone::blocking();
    let mut arrived = 0;
    for (spec, option) in settable() {
        let named = |one: &&failsafe::Declaration| {
            one.policy() == spec.name && one.is_named() && !one.is_reference()
        };
        let mut named: Vec<_> = failsafe::declarations().filter(named).collect();
        named.sort_by_key(|one| one.name());
        if named.is_empty() {
            continue;
        }
        // One with nothing written that it could not go with, and with the code that it needs.
        let last_first = named.iter().rev().map(|one| one.name());
        let mut texts = last_first.map(|name| (name, toml(spec, Some(name), option)));
        let found = texts.find_map(|(name, text)| Some((name, from_toml(&text).ok()?, text)));
        let found = found.unwrap_or_else(|| panic!("{} of no {}", option.name, spec.name));
        let (name, settings, text) = found;
        settings.apply().unwrap();
        let explained = failsafe::explain().policies;
        let policy =
            explained.iter().find(|one| one.policy == spec.name && one.name == name).unwrap();
        let shown = policy.options.iter().find(|one| one.option == option.name).unwrap();
        let expected = Value::bare(option.example).literal();
        assert_eq!(shown.value.as_deref(), Some(expected.as_str()), "{text}");
        assert_eq!(shown.set_by.to_string(), "policy settings.toml:2");
        arrived += 1;
    }
    assert!(arrived >= 20, "{arrived}");
}

#[test]
fn what_is_code_is_told_apart() {
    for spec in tables() {
        for option in spec.options.iter().filter(|option| !option.is_settable()) {
            let text = format!("[{}]\n{} = 1", spec.name, option.name);
            let told = lines(&from_toml(&text).unwrap_err());
            let what = match option.shape {
                Shape::Expression => "an expression of the function",
                _ => "code",
            };
            let (policy, option) = (spec.name, option.name);
            let expected = format!(
                "settings.toml:2:1: `{option}` of `{policy}` is {what}: it belongs into the attribute"
            );
            assert_eq!(told, [expected]);
        }
    }
}

/// Every option of every table is one or the other: a value that a file sets, or code of a shape that no
/// file can hold.
#[test]
fn every_option_can_be_set_or_is_code() {
    let mut used = BTreeSet::new();
    for spec in tables() {
        for option in spec.options.iter().filter(|option| !option.is_settable()) {
            let listener = option.shape == Shape::Listener && option.name.starts_with("on_");
            let code = CODE.iter().find(|code| **code == (option.name, option.shape));
            assert!(listener || code.is_some(), "`{}` of `{}`", option.name, spec.name);
            used.extend(code.map(|(name, _)| *name));
        }
    }
    assert_eq!(used, CODE.iter().map(|(name, _)| *name).collect(), "what is code is still code");
}

/// Setting one option of a group that excludes each other leaves nothing of another.
#[test]
fn an_option_replaces_what_it_excludes() {
    for spec in tables() {
        for group in spec.exclusive {
            let options = group.iter().filter_map(|name| spec.option(name));
            let options: Vec<_> = options.filter(|option| option.is_settable()).collect();
            for (first, second) in
                options.iter().flat_map(|one| options.iter().map(move |two| (one, two)))
            {
                let set = |options: &[&OptionSpec]| {
                    let mut config = (spec.blank)();
                    for option in options {
                        config.set(option.name, &Value::bare(option.example)).unwrap();
                    }
                    config.recipe()
                };
                let both = set(&[first, second]);
                assert_eq!(
                    both,
                    set(&[second]),
                    "{}: {} then {}",
                    spec.name,
                    first.name,
                    second.name
                );
            }
        }
    }
}

/// Every policy can be switched, and none has an option that is taken for the switch but the toggle.
#[test]
fn every_policy_can_be_switched() {
    for spec in tables() {
        for mode in ["enabled = false", "enabled = true", "observe = true"] {
            let text = format!("[{}]\n{mode}", spec.name);
            assert!(from_toml(&text).is_ok(), "{text}");
        }
        assert_eq!(spec.option("enabled").is_some(), spec.name == "feature_toggle");
        assert!(spec.option("observe").is_none());
    }
}
