//! The stacks that settings define: what they are made of, and what is wrong with them as a whole.

use super::Told;
use super::fault::{Origin, SettingsFault};
use super::order::{self, Judged};
use super::rule::{self, Catalog, Rule};
use crate::defined::{DefinedStack, Member};
use crate::layer::Place;
use crate::live::{self, Mode};
use crate::overrides::{self, Patches, shown, unknown};
use crate::site::Declaration;
use crate::stack::can_hold;
use crate::written::written;
use failsafe_config::{PolicyConfig, PolicySpec, Shape};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The stacks of some settings, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Stacks {
    by_name: BTreeMap<String, Written>,
    /// What has a fault: that nothing is found under a name that it may have is no second one.
    lost: Vec<Lost>,
}

/// A policy that a stack was to define.
#[derive(Debug, Clone)]
pub(super) struct Lost {
    /// Its kind, unless that is what is wrong.
    pub(super) policy: Option<&'static str>,
    /// What it may be called; none where it may be anything.
    pub(super) names: Option<Vec<String>>,
}

/// A stack as it is written.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) layers: Vec<Layer>,
}

/// A policy of a stack as it is written, outermost first.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    pub(super) spec: &'static PolicySpec,
    pub(super) name: Arc<str>,
    pub(super) place: Place,
    /// What defines it, if it is defined here; otherwise this refers to it.
    pub(super) own: Option<Own>,
}

/// A policy that a stack defines.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) declaration: &'static Declaration,
    pub(super) rules: Vec<Rule>,
    /// Whether its name is known: an unknown option can be a misspelt `name`.
    pub(super) is_named: bool,
}

impl Layer {
    fn fault(&self, message: impl Into<String>) -> SettingsFault {
        SettingsFault::new(&Origin::Place(self.place.clone()), message)
    }

    fn is_named(&self) -> bool {
        self.own.as_ref().is_none_or(|own| own.is_named)
    }

    fn is(&self, other: &Self) -> bool {
        self.spec.name == other.spec.name && self.name == other.name
    }
}

impl Stacks {
    pub(super) const fn new() -> Self {
        Self { by_name: BTreeMap::new(), lost: Vec::new() }
    }

    /// Adds a stack, instead of the one of that name.
    pub(super) fn add(&mut self, stack: Written) {
        self.by_name.insert(stack.name.clone(), stack);
    }

    /// Adds others, each instead of the one of its name.
    pub(super) fn extend(&mut self, others: Self) {
        self.by_name.extend(others.by_name);
        self.lost.extend(others.lost);
    }

    /// Stacks may be defined in what could not be read: whatever is not found may be there.
    pub(super) fn lose_all(&mut self) {
        self.lose(Lost { policy: None, names: None });
    }

    /// Adds what could not be read.
    pub(super) fn lose(&mut self, lost: Lost) {
        self.lost.push(lost);
    }

    /// Whether a policy whose definition has a fault may have a name of which this is so.
    pub(super) fn may_lose(&self, policy: &str, is: impl Fn(&str) -> bool) -> bool {
        let mut lost = self.lost(policy);
        lost.any(|lost| lost.names.as_ref().is_none_or(|names| names.iter().any(|name| is(name))))
    }

    /// The names that policies may have whose definition has a fault, as far as they are known.
    pub(super) fn lost_names(&self, policy: &str) -> impl Iterator<Item = &str> {
        self.lost(policy).filter_map(|lost| lost.names.as_ref()).flatten().map(String::as_str)
    }

    fn lost(&self, policy: &str) -> impl Iterator<Item = &Lost> {
        self.lost.iter().filter(move |lost| lost.policy.is_none_or(|kind| kind == policy))
    }

    fn own(&self) -> impl Iterator<Item = (&Written, &Layer, &Own)> + Clone {
        let layers = self
            .by_name
            .values()
            .flat_map(|stack| stack.layers.iter().map(move |layer| (stack, layer)));
        layers.filter_map(|(stack, layer)| Some((stack, layer, layer.own.as_ref()?)))
    }

    /// The declarations of the policies that they define.
    pub(super) fn declarations(&self) -> impl Iterator<Item = &'static Declaration> {
        self.own().map(|(_, _, own)| own.declaration)
    }

    /// What they say of the policies that they define.
    pub(super) fn rules(&self) -> impl Iterator<Item = &Rule> + Clone {
        self.own().flat_map(|(_, _, own)| &own.rules)
    }

    /// What is wrong with them, other than the options of each policy.
    pub(super) fn faults(&self) -> Vec<SettingsFault> {
        let catalog = rule::catalog();
        let mut faults = Vec::new();
        for stack in self.by_name.values() {
            let layers = stack.layers.iter().enumerate();
            for (depth, layer) in layers.filter(|(_, layer)| layer.is_named()) {
                let outside = &stack.layers[..depth];
                let found = twice(layer, outside).or_else(|| match &layer.own {
                    Some(_) => self.clash(&catalog, stack, layer),
                    None => self.reference(&catalog, layer),
                });
                faults.extend(found.map(|message| layer.fault(message)));
            }
        }
        faults
    }

    /// Why a policy cannot be defined under its name.
    fn clash(&self, catalog: &Catalog, stack: &Written, layer: &Layer) -> Option<String> {
        let (policy, name) = (layer.spec.name, &*layer.name);
        let quoted = shown(name);
        let refer = format!("refer to it as \"{policy}.{quoted}\"");
        if catalog.contains_key(&(policy, name)) {
            return Some(format!(
                "the program declares a `{policy}` called `{quoted}`: {refer}, and set its options in \
                 `[{policy}.{}]`, or give this one another `name`",
                key(name)
            ));
        }
        if crate::registry::registry().is_built(policy, name) {
            return Some(format!(
                "the program builds a `{policy}` called `{quoted}` in code: give this one another \
                 `name`"
            ));
        }
        let mut others = self.own().take_while(|(_, other, _)| !std::ptr::eq(*other, layer));
        let (other, ..) =
            others.find(|(other, one, _)| other.name != stack.name && one.is(layer))?;
        let other = shown(&other.name);
        Some(format!(
            "the stack `{other}` defines a `{policy}` called `{quoted}` already: {refer}, or give this \
             one another `name`"
        ))
    }

    /// Why a policy cannot be referred to.
    fn reference(&self, catalog: &Catalog, layer: &Layer) -> Option<String> {
        let (spec, name) = (layer.spec, &*layer.name);
        let Some(declared) = catalog.get(&(spec.name, name)).and_then(|group| group.first()) else {
            let all = crate::site::declarations().chain(self.declarations());
            let is_defined = self.own().any(|(_, other, _)| other.is(layer));
            let is_lost = self.may_lose(spec.name, |lost| lost == name);
            return (!is_defined && !is_lost).then(|| unknown(spec.name, name, all));
        };
        needs_code(spec, declared)
    }

    /// What the policies of each stack are to each other, in the order of the stack.
    pub(super) fn out_of_order(&self, patches: &Patches) -> Vec<SettingsFault> {
        let catalog = rule::catalog();
        let stacks = self.by_name.values().map(|stack| {
            let judged = stack.layers.iter().filter_map(|layer| {
                let config = in_force(self.declaration(&catalog, layer)?, patches)?;
                Some(Judged { spec: layer.spec, place: &layer.place, config })
            });
            order::faults(&judged.collect::<Vec<_>>())
        });
        stacks.flatten().collect()
    }

    /// The declaration of a policy.
    fn declaration(&self, catalog: &Catalog, layer: &Layer) -> Option<&'static Declaration> {
        if let Some(own) = &layer.own {
            return Some(own.declaration);
        }
        let linked = catalog.get(&(layer.spec.name, &*layer.name));
        let defined = || self.own().find(|(_, other, _)| other.is(layer));
        let linked = linked.and_then(|group| group.first().copied());
        linked.or_else(|| defined().map(|(_, _, own)| own.declaration))
    }

    /// The stacks as they are put in force; they have no faults.
    pub(super) fn defined(&self, mut keep: impl FnMut(&str) -> &'static str) -> Vec<DefinedStack> {
        let catalog = rule::catalog();
        let members = |stack: &Written| {
            let member = |layer: &Layer| {
                let (place, is_own) = (layer.place.clone(), layer.own.is_some());
                let declaration = self.declaration(&catalog, layer)?;
                Some(Member { declaration, place, is_own })
            };
            stack.layers.iter().filter_map(member).collect()
        };
        let defined = |stack: &Written| {
            let (name, place) = (keep(&stack.name), stack.place.clone());
            DefinedStack { name, place, members: members(stack) }
        };
        self.by_name.values().map(defined).collect()
    }
}

/// The configuration of a policy that is told this; none if it is switched off.
fn in_force(declaration: &'static Declaration, patches: &Patches) -> Option<Box<dyn PolicyConfig>> {
    let base = declaration.base()?;
    let key = (declaration.policy(), declaration.name().to_owned());
    let Some(patch) = patches.get(&key) else { return Some(base) };
    let (mode, _) = overrides::patched_mode(patch);
    (mode != Mode::Off).then(|| live::changed(&*base, patch.changes(), declaration.is_compiled()))
}

/// Whether a policy is there already, further outside.
fn twice(layer: &Layer, outside: &[Layer]) -> Option<String> {
    outside.iter().find(|other| other.is(layer) && other.is_named())?;
    let (policy, name) = (layer.spec.name, shown(&layer.name));
    let why = layer.spec.twice.map(|why| format!(", where {why}")).unwrap_or_default();
    Some(format!("the `{policy}` called `{name}` is in this stack two times{why}; keep one"))
}

/// Why a declared policy cannot be in a stack: it is not all in its options.
fn needs_code(spec: &'static PolicySpec, declared: &'static Declaration) -> Option<String> {
    let definition = declared.definition();
    let (policy, name) = (spec.name, declared.name());
    if definition.is_keyed() {
        return Some(format!(
            "the `{policy}` called `{name}` has an instance for each `key`, which is an expression of its \
             function: a stack cannot know which one is meant; define one without it under another \
             name, in `policy!` or here"
        ));
    }
    let is_code = |option: &str| {
        let shape = spec.option(option).map(|option| option.shape);
        !matches!(shape, None | Some(Shape::Config { .. } | Shape::Flag | Shape::Listener))
    };
    let options = written(spec, definition.options());
    if let Some((option, _)) = options.iter().find(|(option, _)| is_code(option)) {
        return Some(format!(
            "the `{policy}` called `{name}` has `{option}` in its attribute, which is code that a stack \
             cannot have: define the policy without it, in `policy!` or here"
        ));
    }
    definition.base().is_none().then(|| {
        format!(
            "an option of the `{policy}` called `{name}` names a generic parameter of its function, which \
             a stack does not have: define the policy without it under another name, in `policy!` or here"
        )
    })
}

/// Why no stack can have policies of this kind.
pub(super) fn unfit(spec: &PolicySpec) -> Option<String> {
    let policy = spec.name;
    if can_hold(policy) {
        return None;
    }
    Some(if failsafe_config::policy(policy).is_some() {
        format!(
            "a `{policy}` needs code, which no file has: put it around the stack, \
             `failsafe::with(({policy}, stack))`"
        )
    } else {
        format!(
            "a `{policy}` is no policy by itself: it belongs to those of the program that share it"
        )
    })
}

/// A name as a key of TOML.
pub(super) fn key(name: &str) -> String {
    let is_bare = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-');
    if name.chars().all(is_bare) { name.to_owned() } else { format!("\"{}\"", shown(name)) }
}

/// Judges stacks against those that the program uses now.
pub(super) fn unusable(
    stacks: &[DefinedStack],
    used: impl Iterator<Item = (&'static str, bool)>,
) -> Vec<SettingsFault> {
    let mut faults = Vec::new();
    for (name, is_blocking) in used {
        let Some(stack) = stacks.iter().find(|stack| stack.name == name) else {
            let message = "the program uses it, and these settings do not define it";
            faults.push(SettingsFault::new(&Origin::Code("stack", shown(name)), message));
            continue;
        };
        for member in stack.members.iter().filter(|_| is_blocking) {
            let policy = failsafe_config::policy(member.declaration.policy());
            let why = policy.and_then(|policy| policy.needs_async);
            faults.extend(why.map(|why| {
                let message = format!("the program makes blocking calls with this stack: {why}");
                SettingsFault::new(&Origin::Place(member.place.clone()), message)
            }));
        }
    }
    faults
}

/// The declarations that settings with these stacks know, by kind and name.
pub(super) fn known(stacks: &Stacks) -> impl Iterator<Item = &'static Declaration> {
    crate::site::declarations().chain(stacks.declarations().collect::<Vec<_>>())
}

/// Puts stacks and what policies are told in force together, and returns what was before and the stacks
/// that are now.
pub(super) fn install(
    patches: Patches,
    stacks: &Stacks,
    record: impl FnOnce(),
) -> Result<(Told, Vec<DefinedStack>), Vec<SettingsFault>> {
    let mut slots = crate::stack::slots();
    let defined = stacks.defined(|name| slots.name(name));
    let faults = unusable(&defined, slots.used());
    if !faults.is_empty() {
        return Err(faults);
    }
    let published = defined.clone();
    let before = overrides::install(patches, defined.clone(), move |flip| {
        slots.publish(&published, flip);
        move || {
            record();
            // Nobody finds a stack before it is in force.
            drop(slots);
        }
    });
    Ok((before, defined))
}
