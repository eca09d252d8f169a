//! What a reload has changed.

use crate::defined::DefinedStack;
use crate::explain::{Effective, options};
use crate::layer::{Layer, Patch};
use crate::overrides::{self, patched_mode};
use crate::settings::{Replaced, SettingsFault, Told};
use crate::site::Declaration;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Settings were applied, and this is what they changed.
///
/// It displays as one line for each change, and then one for each warning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    changes: Vec<Change>,
    warnings: Vec<SettingsFault>,
}

impl Applied {
    /// What is another value now, by policy and name. It is empty where only comments were written,
    /// or what attributes say already.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What is in force, but does not do all that it says; see
    /// [`Settings::warnings`](crate::settings::Settings::warnings).
    pub fn warnings(&self) -> &[SettingsFault] {
        &self.warnings
    }

    pub(super) fn of(Replaced { before, now, warnings }: Replaced) -> Self {
        Self { warnings, ..Self::between(&before, &now) }
    }

    /// What differs from what was told before to what is told now.
    fn between((before, old): &Told, (now, new): &Told) -> Self {
        let none = Patch::default();
        let mut first: BTreeMap<overrides::Key, &'static Declaration> = BTreeMap::new();
        for one in overrides::everything() {
            let known = first.entry((one.policy(), one.name().to_owned())).or_insert(one);
            // The one that says the options.
            if known.is_reference() {
                *known = one;
            }
        }
        let changes = first.into_iter().flat_map(|(key, declaration)| {
            let (before, now) = (before.get(&key), now.get(&key));
            let untouched = before.is_none() && now.is_none();
            let differ = || changes(declaration, before.unwrap_or(&none), now.unwrap_or(&none));
            if untouched { Vec::new() } else { differ() }
        });
        Self { changes: changes.chain(stacks(old, new)).collect(), warnings: Vec::new() }
    }
}

/// The stacks that are other ones now.
fn stacks(before: &[DefinedStack], now: &[DefinedStack]) -> Vec<Change> {
    let effective = |all: &[DefinedStack], name: &str| {
        let stack = all.iter().find(|stack| stack.name == name)?;
        let set_by = Layer::Stack(stack.place.clone());
        Some(Effective { option: "policies", value: Some(list(stack)), set_by })
    };
    let names: BTreeSet<_> = before.iter().chain(now).map(|stack| stack.name).collect();
    let change = |name| {
        let (from, to) = (effective(before, name), effective(now, name));
        let value = |one: &Option<Effective>| one.as_ref().and_then(|one| one.value.clone());
        let differ = value(&from) != value(&to);
        differ.then_some(Change { policy: "stack", name, option: "policies", from, to })
    };
    names.into_iter().filter_map(change).collect()
}

/// The policies of a stack, as one line.
fn list(stack: &DefinedStack) -> String {
    let name = |one: &'static Declaration| format!("\"{}.{}\"", one.policy(), one.name());
    let names: Vec<_> = stack.members.iter().map(|member| name(member.declaration)).collect();
    format!("[{}]", names.join(", "))
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changes.is_empty() {
            f.write_str("no option has changed")?;
        }
        for (place, change) in self.changes.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{change}")?;
        }
        self.warnings.iter().try_for_each(|warning| write!(f, "\nwarning: {warning}"))
    }
}

/// An option of a policy that has another value now.
///
/// It displays as ``retry `payments.eu` max: 3 -> 5 (policy failsafe.toml:2)``.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `"retry"`, `"circuit_breaker"`, ...
    pub policy: &'static str,
    /// The name it was given, or the path of its function.
    pub name: &'static str,
    /// The option; `"mode"` for whether it acts.
    pub option: &'static str,
    /// What it was, and who said so; `None` where another option stood for it.
    pub from: Option<Effective>,
    /// What it is; `None` where another option stands for it.
    pub to: Option<Effective>,
}

fn changes(declaration: &'static Declaration, before: &Patch, now: &Patch) -> Vec<Change> {
    let effective = |patch: &Patch| {
        let mut all = options(declaration, patch);
        let (mode, set_by) = patched_mode(patch);
        all.push(Effective { option: "mode", value: Some(mode.to_string()), set_by });
        all
    };
    let (before, now) = (effective(before), effective(now));
    let mut names: Vec<_> = before.iter().chain(&now).map(|one| one.option).collect();
    let order = |option| declaration.table().options.iter().position(|one| one.name == option);
    names.sort_by_key(|option| (order(*option).is_none(), order(*option)));
    names.dedup();
    let find = |all: &[Effective], option| all.iter().find(|one| one.option == option).cloned();
    let change = |option| {
        let (from, to) = (find(&before, option), find(&now, option));
        let value = |one: &Option<Effective>| one.as_ref().and_then(|one| one.value.clone());
        let (policy, name) = (declaration.policy(), declaration.name());
        let differ = value(&from) != value(&to);
        differ.then_some(Change { policy, name, option, from, to })
    };
    names.into_iter().filter_map(change).collect()
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = |one: &Option<Effective>| {
            one.as_ref().and_then(|one| one.value.clone()).unwrap_or("none".to_owned())
        };
        let Self { policy, name, option, from, to } = self;
        write!(f, "{policy} `{name}` {option}: {} -> {}", value(from), value(to))?;
        to.as_ref().map_or(Ok(()), |to| write!(f, " ({})", to.set_by))
    }
}
