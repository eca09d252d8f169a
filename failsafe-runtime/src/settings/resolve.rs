//! What the rules make of each policy: of every option the strongest value, judged together with
//! what its attribute says.

use super::fault::{Origin, SettingsFault};
use super::read::Unclear;
use super::rule::{self, Catalog, ENABLED, OBSERVE, Rule};
use super::stacks::Stacks;
use crate::layer::{Layer, Patch, Setting};
use crate::live::Mode;
use crate::overrides::{Key, patched_mode};
use crate::site::{Declaration, Seal};
use crate::written::{Said, said_of_calls, written};
use failsafe_config::{Fault, PolicyConfig, PolicySpec, Shape, Value};
use std::collections::BTreeMap;

/// What every policy is told.
pub(super) struct Resolved {
    pub(super) patches: BTreeMap<Key, Patch>,
    pub(super) faults: Vec<SettingsFault>,
    /// What is in force, but not as it may have been meant.
    pub(super) warnings: Vec<SettingsFault>,
}

/// A fault of the options of one policy together, and the rule that is to blame.
struct Conflict<'a> {
    rule: &'a Rule,
    message: String,
    policy: (&'static str, &'static str),
}

/// Judges what the rules make of each policy of the program; those of which something was unclear are
/// left out.
pub(super) fn resolve(rules: &[Rule], stacks: &Stacks, unclear: &[Unclear]) -> Resolved {
    let mut patches = BTreeMap::new();
    let (mut conflicts, mut doubts) = (Vec::new(), Vec::new());
    let rules: Vec<_> = stacks.rules().chain(rules).collect();
    let mut catalog: Catalog = rule::catalog();
    for defined in stacks.declarations() {
        // What is declared under that name too is told elsewhere.
        catalog.entry((defined.policy(), defined.name())).or_insert_with(|| vec![defined]);
    }
    for ((policy, name), group) in catalog {
        let mut about: Vec<_> =
            rules.iter().copied().filter(|rule| rule.is_about(policy, name)).collect();
        if about.is_empty() {
            continue;
        }
        about.sort_by_key(|rule: &&Rule| rule.strength());
        let strongest = strongest(&group, &about);
        let is_unclear =
            unclear.iter().any(|(kind, target)| *kind == policy && target.matches(name));
        if !is_unclear {
            let found = together(&group, &strongest, &about);
            conflicts.extend(found.map(|(rule, message)| Conflict {
                rule,
                message,
                policy: (policy, name),
            }));
        }
        let patch = patch(&about, &strongest);
        let doubtful = doubtful(&group, &about, &patch);
        doubts.extend(doubtful.map(|(rule, message)| Conflict {
            rule,
            message,
            policy: (policy, name),
        }));
        patches.insert((policy, name.to_owned()), patch);
    }
    Resolved { patches, faults: in_order(conflicts), warnings: in_order(doubts) }
}

/// One fault for each place, naming the policies where the rule is about several.
fn in_order(conflicts: Vec<Conflict<'_>>) -> Vec<SettingsFault> {
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
fn strongest<'a>(group: &[&'static Declaration], about: &[&'a Rule]) -> Vec<&'a Rule> {
    let mut strongest: Vec<&Rule> = Vec::new();
    for rule in about.iter().filter(|rule| rule.spec.option(rule.option).is_some()) {
        let excluded = excluded(rule.spec, rule.option);
        strongest
            .retain(|weaker| weaker.option != rule.option && !excluded.contains(&weaker.option));
        strongest.push(rule);
    }
    // What is said of many means nothing to those that have nothing it is about.
    let all = strongest.clone();
    strongest.retain(|rule| rule.target.is_one() || meaningless(group, rule, &all).is_none());
    strongest
}

/// The options that an option excludes.
fn excluded(spec: &PolicySpec, option: &str) -> Vec<&'static str> {
    let groups = spec.exclusive.iter().filter(|group| group.contains(&option));
    let others = groups.flat_map(|group| group.iter().copied());
    others.filter(|other| *other != option).collect()
}

/// Why an option means nothing to the policies of one name, if it does not.
fn meaningless(group: &[&'static Declaration], rule: &Rule, all: &[&Rule]) -> Option<String> {
    needed(group, rule, all).map(str::to_owned).or_else(|| hidden(group, rule))
}

/// Why an option has no effect, if code in the attributes says instead of it: a value cannot replace
/// that.
fn hidden(group: &[&'static Declaration], rule: &Rule) -> Option<String> {
    let excluded = excluded(rule.spec, rule.option);
    let is_code = |option: &str| rule.spec.option(option).is_some_and(|one| !one.is_settable());
    let code = |declaration: &Declaration| {
        let said = written(rule.spec, declaration.options()).into_iter().map(|(said, _)| said);
        let mut said = said.filter(|said| excluded.contains(said) && is_code(said));
        Some((said.next()?, format!("{}:{}", declaration.file(), declaration.line())))
    };
    // One function without such code has the value.
    let all: Option<Vec<_>> = group.iter().map(|declaration| code(declaration)).collect();
    let (code, place) = all?.into_iter().next()?;
    let option = rule.option;
    Some(format!(
        "`{option}` has no effect: `{code}` of the attribute at {place} says it instead; remove \
         `{option}` here, or `{code}` there"
    ))
}

/// Why an option means nothing here, if it needs one that is not there.
fn needed(group: &[&'static Declaration], rule: &Rule, all: &[&Rule]) -> Option<&'static str> {
    let said = group.iter().flat_map(|declaration| written(rule.spec, declaration.options()));
    let said: Vec<_> = said.collect();
    let replaced = |option: &str| {
        let excluded = excluded(rule.spec, option);
        all.iter().any(|rule| excluded.contains(&rule.option))
    };
    let is_there = |option: &&str| {
        let is_written = said.iter().any(|(said, _)| said == option) && !replaced(option);
        let is_of_users = is_told_by_users(rule.spec, option)
            && group.iter().any(|declaration| declaration.is_instance());
        is_written || is_of_users || all.iter().any(|rule| rule.option == *option)
    };
    let mut requires = rule.spec.requires.iter();
    let unmet = requires.find(|(of, needs, _)| *of == rule.option && !needs.iter().any(is_there));
    unmet.map(|(.., why)| *why)
}

/// Whether an option is code that stands where an instance is used, and not where it is made.
fn is_told_by_users(spec: &PolicySpec, option: &str) -> bool {
    let is_expression = spec.option(option).is_some_and(|row| row.shape == Shape::Expression);
    is_expression && !spec.is_about_keys(option)
}

/// What is wrong with the options of a policy together.
fn together<'a>(
    group: &[&'static Declaration],
    strongest: &[&'a Rule],
    about: &[&'a Rule],
) -> Option<(&'a Rule, String)> {
    for rule in strongest {
        if let Some(why) = meaningless(group, rule, strongest) {
            return Some((rule, why));
        }
    }
    let declaration = group.first()?;
    let base = declaration.base()?;
    let calls: Vec<_> = group.iter().flat_map(|declared| said_of_calls(declared)).collect();
    let check = |rules: &[&Rule]| check(&*base, rules, declaration.is_compiled(), &calls);
    let fault = check(strongest).err()?;
    // What was written as constants has not been judged; it is no fault of the settings.
    if check(&[]) == Err(fault.clone()) {
        return None;
    }
    // To blame is the strongest without which all would be well.
    let is_cause = |blamed: &Rule| {
        let others = about.iter().copied().filter(|rule| !std::ptr::eq(*rule, blamed));
        check(&self::strongest(group, &others.collect::<Vec<_>>())).is_ok()
    };
    let blamed = strongest.iter().rev().find(|rule| is_cause(rule)).or(strongest.last())?;
    Some((blamed, fault))
}

/// What a fallback that is switched off goes on doing, because the function has no other way to return
/// a rejection; and the rule that switches it off.
fn doubtful<'a>(
    group: &[&'static Declaration],
    about: &[&'a Rule],
    patch: &Patch,
) -> Option<(&'a Rule, String)> {
    let (option, value) = match patched_mode(patch).0 {
        Mode::On => return None,
        Mode::Observe => (OBSERVE, true),
        Mode::Off => (ENABLED, false),
    };
    let closed = group.iter().find(|declared| declared.seal() == Some(Seal::Closed))?;
    let says = |rule: &&&Rule| rule.option == option && rule.value == Value::Bool(value);
    let rule = about.iter().rev().find(says)?;
    let (function, file, line) = (closed.function(), closed.file(), closed.line());
    let message = format!(
        "`{option} = {value}` is for failures only: `{function}` at {file}:{line} returns a type that \
         holds no rejection, so the fallback goes on answering those; return a `Result` or an \
         `Option`, or implement `failsafe::Reject` for the type, to let them out"
    );
    Some((rule, message))
}

fn check(
    base: &dyn PolicyConfig,
    rules: &[&Rule],
    is_compiled: bool,
    calls: &[Said],
) -> Result<(), String> {
    let config = told(base, rules, is_compiled).map_err(|fault| fault.to_string())?;
    let mut calls = calls.iter().filter(|said| rules.iter().all(|rule| rule.option != said.option));
    calls.find_map(|said| said.fault(&*config)).map_or(Ok(()), Err)
}

/// The options that result, if they go together.
fn told(
    base: &dyn PolicyConfig,
    rules: &[&Rule],
    is_compiled: bool,
) -> Result<Box<dyn PolicyConfig>, Fault> {
    let mut config = base.duplicate();
    for rule in rules {
        config.set(rule.option, &rule.value)?;
    }
    if is_compiled {
        base.replaced_by(&*config)?;
    }
    config.check()?;
    Ok(config)
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
