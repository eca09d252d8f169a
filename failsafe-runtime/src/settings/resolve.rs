//! What the rules make of each policy: of every option the strongest value, judged together with
//! what its attribute says.

use super::fault::{Origin, SettingsFault};
use super::rule::{self, Catalog, ENABLED, OBSERVE, Rule, Target};
use super::stacks::Stacks;
use crate::layer::{Layer, Patch, Setting};
use crate::overrides::Key;
use crate::site::Declaration;
use crate::written::written;
use failsafe_config::{Fault, PolicyConfig, PolicySpec, Value};
use std::collections::BTreeMap;

/// What every policy is told.
pub(super) struct Resolved {
    pub(super) patches: BTreeMap<Key, Patch>,
    pub(super) faults: Vec<SettingsFault>,
}

/// A fault of the options of one policy together, and the rule that is to blame.
struct Conflict<'a> {
    rule: &'a Rule,
    message: String,
    policy: (&'static str, &'static str),
}

/// Judges what the rules make of each policy of the program; those of which something was unclear are
/// left out.
pub(super) fn resolve(
    rules: &[Rule],
    stacks: &Stacks,
    unclear: &[(&'static str, Target)],
) -> Resolved {
    let mut patches = BTreeMap::new();
    let mut conflicts = Vec::new();
    let rules: Vec<_> = stacks.rules().chain(rules).collect();
    let mut catalog: Catalog = rule::catalog();
    for defined in stacks.declarations() {
        // What is declared under that name too is told elsewhere.
        catalog.entry((defined.policy(), defined.name())).or_insert_with(|| vec![defined]);
    }
    for ((policy, name), group) in catalog {
        let mut about: Vec<_> =
            rules.iter().copied().filter(|rule| rule.is_about(policy, name)).collect();
        let (Some(first), false) = (group.first(), about.is_empty()) else { continue };
        about.sort_by_key(|rule: &&Rule| rule.strength());
        let strongest = strongest(first, &about);
        let is_unclear =
            unclear.iter().any(|(kind, target)| *kind == policy && target.matches(name));
        if !is_unclear {
            let found = together(first, &strongest, &about);
            conflicts.extend(found.map(|(rule, message)| Conflict {
                rule,
                message,
                policy: (policy, name),
            }));
        }
        patches.insert((policy, name.to_owned()), patch(&about, &strongest));
    }
    Resolved { patches, faults: told(conflicts) }
}

/// One fault for each place, naming the policies where the rule is about several.
fn told(conflicts: Vec<Conflict<'_>>) -> Vec<SettingsFault> {
    let mut places: BTreeMap<(Origin, String), Vec<String>> = BTreeMap::new();
    for Conflict { rule, message, policy: (policy, name) } in conflicts {
        let names = places.entry((rule.origin.clone(), message)).or_default();
        if !rule.target.is_one() {
            names.push(format!("{policy} `{name}`"));
        }
    }
    let told = places.into_iter().map(|((origin, message), names)| {
        let names =
            if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
        SettingsFault::new(&origin, message + &names)
    });
    told.collect()
}

/// Of every option the strongest rule. An option replaces the weaker ones that it excludes.
fn strongest<'a>(declaration: &'static Declaration, about: &[&'a Rule]) -> Vec<&'a Rule> {
    let mut strongest: Vec<&Rule> = Vec::new();
    for rule in about.iter().filter(|rule| rule.spec.option(rule.option).is_some()) {
        let excluded = excluded(rule.spec, rule.option);
        strongest
            .retain(|weaker| weaker.option != rule.option && !excluded.contains(&weaker.option));
        strongest.push(rule);
    }
    // What is said of many means nothing to those that have nothing it is about.
    let all = strongest.clone();
    strongest.retain(|rule| rule.target.is_one() || needed(declaration, rule, &all).is_none());
    strongest
}

/// The options that an option excludes.
fn excluded(spec: &PolicySpec, option: &str) -> Vec<&'static str> {
    let groups = spec.exclusive.iter().filter(|group| group.contains(&option));
    let others = groups.flat_map(|group| group.iter().copied());
    others.filter(|other| *other != option).collect()
}

/// Why an option means nothing here, if it needs one that is not there.
fn needed(declaration: &'static Declaration, rule: &Rule, all: &[&Rule]) -> Option<&'static str> {
    let said = written(rule.spec, declaration.options());
    let replaced = |option: &str| {
        let excluded = excluded(rule.spec, option);
        all.iter().any(|rule| excluded.contains(&rule.option))
    };
    let is_there = |option: &&str| {
        let is_written = said.iter().any(|(said, _)| said == option) && !replaced(option);
        is_written || all.iter().any(|rule| rule.option == *option)
    };
    let mut requires = rule.spec.requires.iter();
    let unmet = requires.find(|(of, needs, _)| *of == rule.option && !needs.iter().any(is_there));
    unmet.map(|(.., why)| *why)
}

/// What is wrong with the options of a policy together.
fn together<'a>(
    declaration: &'static Declaration,
    strongest: &[&'a Rule],
    about: &[&'a Rule],
) -> Option<(&'a Rule, String)> {
    for rule in strongest {
        if let Some(why) = needed(declaration, rule, strongest) {
            return Some((rule, why.to_owned()));
        }
    }
    let base = declaration.base()?;
    let check = |rules: &[&Rule]| check(&*base, rules, declaration.is_compiled());
    let fault = check(strongest).err()?;
    // What was written as constants has not been judged; it is no fault of the settings.
    if check(&[]) == Err(fault.clone()) {
        return None;
    }
    // To blame is the strongest without which all would be well.
    let is_cause = |blamed: &Rule| {
        let others = about.iter().copied().filter(|rule| !std::ptr::eq(*rule, blamed));
        check(&self::strongest(declaration, &others.collect::<Vec<_>>())).is_ok()
    };
    let blamed = strongest.iter().rev().find(|rule| is_cause(rule)).or(strongest.last())?;
    Some((blamed, fault.to_string()))
}

fn check(base: &dyn PolicyConfig, rules: &[&Rule], is_compiled: bool) -> Result<(), Fault> {
    let mut config = base.duplicate();
    for rule in rules {
        config.set(rule.option, &rule.value)?;
    }
    if is_compiled {
        base.replaced_by(&*config)?;
    }
    config.check()
}

fn patch(about: &[&Rule], strongest: &[&Rule]) -> Patch {
    let mode = |option: &str| {
        let is_mode = |rule: &Rule| rule.option == option && rule.spec.option(option).is_none();
        let rule = about.iter().rev().find(|rule| is_mode(rule))?;
        Some((rule.value == Value::Bool(true), rule.layer()))
    };
    let settings = strongest.iter().map(|rule| Setting {
        option: rule.option,
        value: rule.value.clone(),
        layer: rule.layer(),
    });
    let (enabled, observe): (Option<(bool, Layer)>, _) = (mode(ENABLED), mode(OBSERVE));
    Patch { settings: settings.collect(), enabled, observe }
}
