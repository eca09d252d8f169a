//! What is in force, and who said so.
//!
//! ```
//! # use failsafe_runtime as failsafe;
//! for policy in failsafe::explain().policies {
//!     println!("{policy}");
//! }
//! ```

pub use crate::layer::{Layer, Place};

use crate::defined::DefinedStack;
use crate::layer::Patch;
use crate::live::Mode;
use crate::overrides;
use crate::site::{Declaration, Seal, declarations};
use crate::written::{is_literal, written};
use failsafe_config::{OptionSpec, PolicySpec, Shape};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Every policy declared in the binary with its effective options, and which layer set each of them.
///
/// [`Display`](fmt::Display) is text in columns for people; it serializes for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The policies, by kind and name.
    pub policies: Vec<Explained>,
    /// The stacks that settings define, by name.
    pub stacks: Vec<ExplainedStack>,
}

/// A stack that settings define.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedStack {
    /// Its name.
    pub name: &'static str,
    /// Where it is defined.
    pub set_by: Layer,
    /// Its policies, outermost first, by kind and name.
    pub policies: Vec<(&'static str, &'static str)>,
}

impl ExplainedStack {
    fn of(stack: &DefinedStack) -> Self {
        let members = stack.members.iter().map(|member| member.declaration);
        Self {
            name: stack.name,
            set_by: Layer::Stack(stack.place.clone()),
            policies: members.map(|one| (one.policy(), one.name())).collect(),
        }
    }
}

/// One policy, by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// `"retry"`, `"circuit_breaker"`, ...
    pub policy: &'static str,
    /// The name it was given, or the path of its function.
    pub name: &'static str,
    /// Where it is declared: the function, and `file:line`.
    pub declared: Vec<(&'static str, String)>,
    /// Whether it acts.
    pub mode: Mode,
    /// What set the mode.
    pub mode_set_by: Layer,
    /// Its options, in the order of their table. Options that are code are there if they are written.
    pub options: Vec<Effective>,
    /// What it does in spite of its mode: a fallback that is off goes on answering the rejections that
    /// its function cannot return.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effective {
    /// The option.
    pub option: &'static str,
    /// Its value, as one would write it in an attribute; `None` when nothing is set.
    pub value: Option<String>,
    /// What set it.
    pub set_by: Layer,
}

/// Every policy declared in the binary with its effective options, and which layer set each of them:
/// the default, the attribute, a settings file, the environment, or code.
///
/// Policies built in code are not among them: nothing but code says their options.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// println!("{}", failsafe::explain());
/// ```
pub fn explain() -> Explanation {
    let mut groups: BTreeMap<_, Vec<&'static Declaration>> = BTreeMap::new();
    // While settings change, all of it is of one file.
    let in_force = overrides::now();
    let stacks = in_force.stacks();
    let defined = stacks.iter().flat_map(DefinedStack::own);
    for declaration in declarations().chain(defined.clone().map(|member| member.declaration)) {
        let key = (declaration.policy(), declaration.name().to_owned());
        groups.entry(key).or_default().push(declaration);
    }
    let policies = groups.into_iter().filter_map(|(key, mut group)| {
        group.sort_by_key(|declared| (declared.is_reference(), declared.file(), declared.line()));
        let first = *group.first()?;
        let (patch, mode, mode_set_by) = in_force.of(&key);
        let place = |one: &&'static Declaration| {
            let mut defined = defined.clone();
            let defined = defined.find(|member| std::ptr::eq(member.declaration, *one));
            let declared = || format!("{}:{}", one.file(), one.line());
            (one.function(), defined.map_or_else(declared, |member| member.place.to_string()))
        };
        Some(Explained {
            policy: key.0,
            name: first.name(),
            declared: group.iter().map(place).collect(),
            mode,
            mode_set_by,
            options: options(first, &patch),
            notes: if mode == Mode::On { Vec::new() } else { notes(&group) },
        })
    });
    let policies = policies.collect();
    Explanation { policies, stacks: stacks.iter().map(ExplainedStack::of).collect() }
}

/// What declarations that do not act go on doing.
fn notes(group: &[&'static Declaration]) -> Vec<String> {
    let note = |declaration: &&'static Declaration| {
        let (function, seal) = (declaration.function(), declaration.seal()?);
        let when = match seal {
            Seal::Closed => "the return type of",
            Seal::Unknown => "this is so if the return type of",
        };
        Some(format!("it goes on answering rejections: {when} `{function}` holds none"))
    };
    group.iter().filter_map(note).collect()
}

/// The options of a declaration that is told this.
pub(crate) fn options(declaration: &'static Declaration, patch: &Patch) -> Vec<Effective> {
    let spec = declaration.table();
    let attribute = remaining(spec, declaration.options(), patch);
    let origin = Layer::Attribute { file: declaration.file(), line: declaration.line() };
    let mut shown: Vec<Effective> = Vec::new();
    for option in spec.options {
        let set = patch.settings.iter().find(|setting| setting.option == option.name);
        if let Some(set) = set {
            shown.push(Effective {
                option: option.name,
                value: Some(set.value.literal()),
                set_by: set.layer.clone(),
            });
        }
        // Listeners and conditions can be written several times.
        for (_, value) in attribute.iter().filter(|(name, _)| *name == option.name) {
            let value = Some((*value).to_owned());
            shown.push(Effective { option: option.name, value, set_by: origin.clone() });
        }
    }
    let said: Vec<_> = shown.iter().map(|effective| effective.option).collect();
    let unsaid = spec.options.iter().filter(|option| is_default(spec, option, &said));
    shown.extend(unsaid.map(|option| {
        let value = (!option.default.is_empty()).then(|| option.default.to_owned());
        Effective { option: option.name, value, set_by: Layer::Default }
    }));
    let order = |name| spec.options.iter().position(|option| option.name == name);
    shown.sort_by_key(|effective| order(effective.option));
    shown
}

/// What an attribute says that nothing stronger has replaced, and that still means something.
fn remaining<'a>(
    spec: &'static PolicySpec,
    text: &'a str,
    patch: &Patch,
) -> Vec<(&'static str, &'a str)> {
    let set = |option: &str| patch.settings.iter().any(|setting| setting.option == option);
    let replaced = |option: &str| {
        // Code stays: what it excludes is not set where all functions have it.
        let is_value = spec.option(option).is_some_and(OptionSpec::is_settable);
        let mut groups = spec.exclusive.iter().filter(|group| is_value && group.contains(&option));
        set(option) || groups.any(|group| group.iter().any(|other| set(other)))
    };
    let mut said = written(spec, text);
    // Code that says who calls is stronger; it may say nothing, and then what is set holds.
    let is_code = |option: &str, value: &str| {
        let row = spec.option(option);
        row.is_some_and(|row| row.shape == Shape::CallDefault) && !is_literal(value)
    };
    said.retain(|(option, value)| is_code(option, value) || !replaced(option));
    let all: Vec<_> = said.iter().map(|(option, _)| *option).collect();
    said.retain(|(option, _)| {
        let mut needs = spec.requires.iter().filter(|(of, ..)| of == option);
        needs.all(|(_, needs, _)| needs.iter().any(|need| all.contains(need) || set(need)))
    });
    said
}

/// Whether the default of an option is in force: nobody says it, or another that excludes it, and
/// there is the code that it is about, if it is about code.
fn is_default(spec: &PolicySpec, option: &OptionSpec, said: &[&str]) -> bool {
    if !option.is_settable() || said.contains(&option.name) {
        return false;
    }
    let is_code = |name: &&str| spec.option(name).is_some_and(|one| !one.is_settable());
    let mut needs = spec.requires.iter().filter(|(of, ..)| *of == option.name);
    if needs.any(|(_, needs, _)| needs.iter().all(|need| is_code(need) && !said.contains(need))) {
        return false;
    }
    let mut groups = spec.exclusive.iter().filter(|group| group.contains(&option.name));
    groups.all(|group| {
        // Of those that say the same in other words, the first.
        let has_default =
            |name: &&&str| spec.option(name).is_some_and(|one| !one.default.is_empty());
        let first = group.iter().find(has_default).or(group.first());
        !group.iter().any(|other| said.contains(other)) && first == Some(&option.name)
    })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, policy) in self.policies.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{policy}")?;
        }
        for stack in &self.stacks {
            write!(f, "\n{stack}")?;
        }
        Ok(())
    }
}

impl fmt::Display for ExplainedStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stack `{}` ({})", self.name, self.set_by)?;
        for (policy, name) in &self.policies {
            writeln!(f, "    {policy} `{name}`")?;
        }
        Ok(())
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`: {}", self.policy, self.name, self.mode)?;
        match self.mode_set_by {
            Layer::Default => writeln!(f)?,
            _ => writeln!(f, " ({})", self.mode_set_by)?,
        }
        for (function, place) in &self.declared {
            writeln!(f, "    on {function} at {place}")?;
        }
        for note in &self.notes {
            writeln!(f, "    note: {note}")?;
        }
        let value = |effective: &Effective| effective.value.clone().unwrap_or("none".to_owned());
        let names = self.options.iter().map(|one| one.option.len()).max().unwrap_or_default();
        // Code can be long: it does not push the others away.
        let lengths = self.options.iter().map(|one| value(one).chars().count());
        let values = lengths.filter(|length| *length <= 30).max().unwrap_or_default();
        for one in &self.options {
            writeln!(f, "    {:names$}  {:values$}  {}", one.option, value(one), one.set_by)?;
        }
        Ok(())
    }
}
