//! Variables of the environment: `FAILSAFE__CIRCUIT_BREAKER__SVCB__DELAY=30s`.

use super::fault::{Origin, SettingsFault};
use super::read::{self, Reading, Unclear};
use super::read_stacks::STACKS;
use super::rule::{self, Class, Rule, Target};
use super::stacks::{self, Stacks};
use crate::overrides::{shown, unknown};
use crate::site::Declaration;
use failsafe_config::{PolicySpec, Value, did_you_mean, tables};
use std::ffi::OsString;

const PREFIX: &str = "FAILSAFE__";

/// Reads the variables that begin with our prefix.
pub(super) fn variables(
    all: impl IntoIterator<Item = (OsString, OsString)>,
    stacks: &Stacks,
) -> Reading {
    let names = all.into_iter().map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    let mut ours: Vec<_> = names.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    let mut reading = Reading::default();
    for (name, value) in ours {
        let origin = Origin::Variable(shown(&name).into());
        let rule = match value.to_str() {
            Some(value) => rule(&name[PREFIX.len()..], value, &origin, stacks),
            None => Err("its value is not UTF-8".to_owned()),
        };
        match rule {
            Ok(rule) => reading.rules.push(rule),
            Err(message) => {
                reading.unclear.extend(unclear(&name[PREFIX.len()..]));
                reading.faults.push(SettingsFault::new(&origin, message));
            }
        }
    }
    contradictions(&mut reading);
    reading
}

/// Several variables about one target are like one section of a file.
fn contradictions(reading: &mut Reading) {
    let mut seen: Vec<(&str, &Target)> = Vec::new();
    let mut faults = Vec::new();
    for rule in &reading.rules {
        let about = (rule.spec.name, &rule.target);
        if !seen.contains(&about) {
            seen.push(about);
            let same = |other: &&Rule| (other.spec.name, &other.target) == about;
            let section: Vec<_> = reading.rules.iter().filter(same).cloned().collect();
            let keys: Vec<_> = section.iter().map(|one| (one.option, one.origin.clone())).collect();
            faults.extend(rule::exclusions(rule.spec, &keys));
            faults.extend(rule::contradiction(&section));
        }
    }
    reading.faults.extend(faults);
}

/// Of whom a variable may say something that has a fault: it may be about another kind or name than it
/// seems to be.
fn unclear(name: &str) -> Vec<Unclear> {
    let kind = name.split_once("__").map_or(name, |(kind, _)| kind);
    let is_meant = |table: &&PolicySpec| upper(table.name) == kind;
    let meant: Vec<_> = tables().filter(is_meant).map(|table| (table.name, Target::All)).collect();
    if meant.is_empty() { read::all_unclear().collect() } else { meant }
}

/// `KIND__OPTION`, for all, or `KIND__NAME__OPTION`.
fn rule(name: &str, value: &str, origin: &Origin, stacks: &Stacks) -> Result<Rule, String> {
    let (kind, rest) = name.split_once("__").unwrap_or((name, ""));
    if kind == upper(STACKS) {
        return Err("a stack is a list, which a file defines; its policies are set by their names, such as \
                    `FAILSAFE__RETRY__PAYMENTS__MAX`"
            .to_owned());
    }
    let spec = tables().find(|table| upper(table.name) == kind).ok_or_else(|| {
        let hint = did_you_mean(&shown(kind), "policies", tables().map(|table| table.name));
        format!("there is no policy `{}`; {hint}", shown(kind))
    })?;
    let (target, option) = match rest.rsplit_once("__") {
        Some((name, option)) => (target(spec, name, stacks)?, option),
        None => (Target::All, rest),
    };
    let option = rule::option(spec, &option.to_lowercase())?;
    let value = Value::bare(value);
    rule::judge(spec, option, &value)?;
    let (class, origin) = (Class::Environment, origin.clone());
    Ok(Rule { spec, target, class, option, value, origin })
}

/// The policy whose name is written so in a variable.
fn target(spec: &PolicySpec, written: &str, stacks: &Stacks) -> Result<Target, String> {
    let all = stacks::known(stacks).filter(|one| one.policy() == spec.name).map(Declaration::name);
    let mut meant: Vec<&str> = all.collect();
    meant.extend(stacks.lost_names(spec.name));
    meant.retain(|name| upper(name) == written);
    meant.sort_unstable();
    meant.dedup();
    match meant[..] {
        [] if stacks.may_lose(spec.name, |_| false) => {
            Ok(Target::Named(written.to_lowercase().into()))
        }
        [] => Err(unknown(spec.name, &written.to_lowercase(), stacks::known(stacks))),
        [one] => Ok(Target::Named(one.into())),
        [first, second, ..] => Err(format!(
            "this can be the `{}` called `{first}` and the one called `{second}`: set it in a file",
            spec.name
        )),
    }
}

/// A name as it is written in a variable.
pub(super) fn upper(name: &str) -> String {
    let each = name.chars().flat_map(char::to_uppercase);
    each.map(|each| if each.is_alphanumeric() { each } else { '_' }).collect()
}
