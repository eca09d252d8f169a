//! One thing that settings say, and of whom.

use super::fault::{Origin, SettingsFault};
use super::read_stacks::STACKS;
use super::stacks::{self, Stacks};
use crate::layer::Layer;
use crate::overrides::{shown, unknown};
use crate::site::{Declaration, declarations};
use failsafe_config::{PolicySpec, Shape, Value, did_you_mean, tables};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The policies a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    All,
    /// Those whose name matches, `*` standing for any text.
    Like(Arc<str>),
    Named(Arc<str>),
    /// The one that a stack of the settings defines, by its definition.
    Defined(Arc<str>),
}

impl Target {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "*" => Self::All,
            name if name.contains('*') => Self::Like(name.into()),
            name => Self::Named(name.into()),
        }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Like(pattern) => is_like(pattern, name),
            Self::Named(wanted) | Self::Defined(wanted) => **wanted == *name,
        }
    }

    /// How specific it is: all, a pattern by how much of the name it says, one,
    /// which a section says in more detail than the stack that defines it.
    fn weight(&self) -> (u8, usize) {
        match self {
            Self::All => (0, 0),
            Self::Like(pattern) => (1, pattern.chars().filter(|each| *each != '*').count()),
            Self::Defined(_) => (2, 0),
            Self::Named(_) => (3, 0),
        }
    }

    /// Whether it is one policy, of which everything that is said has to mean something.
    pub(super) const fn is_one(&self) -> bool {
        matches!(self, Self::Named(_) | Self::Defined(_))
    }
}

/// Whether a name matches a pattern.
fn is_like(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Which source a rule is from, from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    File,
    Environment,
    Code,
}

/// One option for some policies.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) spec: &'static PolicySpec,
    pub(super) target: Target,
    pub(super) class: Class,
    pub(super) option: &'static str,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

impl Rule {
    pub(super) fn is_about(&self, policy: &str, name: &str) -> bool {
        self.spec.name == policy && self.target.matches(name)
    }

    /// The order from weak to strong; of the same strength the later rule is the stronger.
    pub(super) fn strength(&self) -> (Class, (u8, usize)) {
        (self.class, self.target.weight())
    }

    pub(super) fn layer(&self) -> Layer {
        match (&self.origin, &self.target) {
            (Origin::Place(place), Target::All) => Layer::Global(place.clone()),
            (Origin::Place(place), Target::Defined(_)) => Layer::Stack(place.clone()),
            (Origin::Place(place), Target::Named(_)) => Layer::Policy(place.clone()),
            (Origin::Place(place), Target::Like(pattern)) => {
                Layer::Group { pattern: Arc::clone(pattern), place: place.clone() }
            }
            (Origin::Variable(variable), _) => Layer::Environment(Arc::clone(variable)),
            (Origin::File(_) | Origin::Code(..), _) => Layer::Code,
        }
    }
}

/// Whether a policy acts: these two are no options of the attributes. Where a table has an option of
/// that name, it is that.
pub(super) const ENABLED: &str = "enabled";
pub(super) const OBSERVE: &str = "observe";

/// What the sections of a policy can say.
pub(super) fn settable(spec: &'static PolicySpec) -> impl Iterator<Item = &'static str> + Clone {
    let modes = [ENABLED, OBSERVE].into_iter().filter(|mode| spec.option(mode).is_none());
    let options = spec.options.iter().filter(|option| option.is_settable());
    options.map(|option| option.name).chain(modes)
}

/// The option of that name, if it can be set.
pub(super) fn option(spec: &'static PolicySpec, key: &str) -> Result<&'static str, String> {
    if let Some(option) = settable(spec).find(|option| *option == key) {
        return Ok(option);
    }
    let (policy, key) = (spec.name, shown(key));
    let shape = spec.option(&key).map(|option| option.shape);
    if shape.is_some() || key == "map_err" {
        let what = match shape {
            Some(Shape::Expression) => "an expression of the function",
            _ => "code",
        };
        return Err(format!("`{key}` of `{policy}` is {what}: it belongs into the attribute"));
    }
    if key == "name" {
        return Err(format!(
            "the name of a `{policy}` is that of its section: `[{policy}.\"svcB\"]`"
        ));
    }
    Err(spec.unknown_option(&key, settable(spec)))
}

/// Judges a value as the attribute does.
pub(super) fn judge(spec: &PolicySpec, option: &str, value: &Value) -> Result<(), String> {
    let judged = match spec.option(option) {
        Some(_) => (spec.blank)().set(option, value),
        None => value.flag().map(drop),
    };
    judged.map_err(|fault| fault.to_string())
}

/// The table of a kind of policy.
pub(super) fn kind(name: &str) -> Result<&'static PolicySpec, String> {
    tables().find(|table| table.name == name).ok_or_else(|| {
        let name = shown(name);
        if failsafe_config::nearest(&name, [STACKS]).is_some() {
            return format!("there is no policy `{name}`; did you mean `{STACKS}`?");
        }
        let hint = did_you_mean(&name, "policies", tables().map(|table| table.name));
        format!("there is no policy `{name}`; {hint}")
    })
}

/// Whether a target is there.
pub(super) fn target(spec: &PolicySpec, name: &str, stacks: &Stacks) -> Result<Target, String> {
    let target = Target::of(name);
    let all = || stacks::known(stacks);
    let mut names = all().filter(|one| one.policy() == spec.name).map(Declaration::name);
    let is_there = |name: &str| target.matches(name);
    let is_lost = || stacks.may_lose(spec.name, is_there);
    if target == Target::All || names.any(is_there) || is_lost() {
        return Ok(target);
    }
    let (policy, shown) = (spec.name, shown(name));
    Err(match target {
        Target::Named(_) => unknown(policy, name, all()),
        _ => format!("no `{policy}` of this program has a name like `{shown}`"),
    })
}

/// What one section says twice in different words; also where a value is wrong.
pub(super) fn exclusions(spec: &PolicySpec, keys: &[(&'static str, Origin)]) -> Vec<SettingsFault> {
    let mut faults = Vec::new();
    for group in spec.exclusive {
        let given: Vec<_> = keys.iter().filter(|(key, _)| group.contains(key)).collect();
        if let [_, (_, second), ..] = &given[..] {
            let names: Vec<_> = given.iter().map(|(key, _)| *key).collect();
            faults.push(SettingsFault::new(second, PolicySpec::excluding(&names)));
        }
    }
    faults
}

/// What one section says against itself.
pub(super) fn contradiction(rules: &[Rule]) -> Option<SettingsFault> {
    let spec = rules.first()?.spec;
    let says = |option: &str, flag| {
        let is_mode = spec.option(option).is_none();
        rules
            .iter()
            .find(|rule| is_mode && rule.option == option && rule.value == Value::Bool(flag))
    };
    let origin = (&says(ENABLED, false)?.origin).max(&says(OBSERVE, true)?.origin);
    let message = "`enabled = false` and `observe = true` exclude each other; keep one";
    Some(SettingsFault::new(origin, message))
}

/// The declarations of the program, by kind and name.
pub(super) type Catalog = BTreeMap<(&'static str, &'static str), Vec<&'static Declaration>>;

pub(super) fn catalog() -> Catalog {
    let mut catalog = Catalog::new();
    for declaration in declarations() {
        let key = (declaration.policy(), declaration.name());
        catalog.entry(key).or_default().push(declaration);
    }
    for group in catalog.values_mut() {
        group.sort_by_key(|declared| (declared.is_reference(), declared.file(), declared.line()));
    }
    catalog
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_names() {
        let like = |pattern: &str, name: &str| Target::of(pattern).matches(name);
        assert!(like("payments.*", "payments.eu") && like("*", "") && like("*.eu", "payments.eu"));
        assert!(like("p*.e*", "payments.eu") && like("a*b*c", "aXbYbZc") && like("a**b", "ab"));
        assert!(!like("payments.*", "payments") && !like("a*a", "a") && !like("a*b*c", "aXcYb"));
        assert!(like("ä*ß", "äöß") && !like("x", "xx"));
    }
}
