//! What the policies of this process are told at run time, and how they are told.

use crate::defined::DefinedStack;
use crate::flip::Flip;
use crate::layer::{Layer, Patch};
use crate::live::{self, Mode};
use crate::registry::Registry;
use crate::site::{Declaration, declarations};
use failsafe_config::did_you_mean;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A kind of policy, and a name.
pub(crate) type Key = (&'static str, String);

/// What settings tell the policies.
pub(crate) type Patches = BTreeMap<Key, Patch>;

/// What is in force.
#[derive(Debug, Clone, Default)]
pub(crate) struct InForce {
    /// What the settings say.
    patches: Patches,
    /// What was switched by code, which is stronger.
    switches: BTreeMap<Key, Mode>,
    /// The stacks that the settings define.
    stacks: Vec<DefinedStack>,
    /// Counts the changes.
    version: u64,
}

static IN_FORCE: Mutex<InForce> = Mutex::new(InForce {
    patches: BTreeMap::new(),
    switches: BTreeMap::new(),
    stacks: Vec::new(),
    version: 0,
});

fn in_force() -> MutexGuard<'static, InForce> {
    IN_FORCE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(declaration: &Declaration) -> Key {
    (declaration.policy(), declaration.name().to_owned())
}

/// What is in force, all of it at one moment.
pub(crate) fn now() -> InForce {
    in_force().clone()
}

/// Every policy that is declared in the binary or defined by settings.
pub(crate) fn everything() -> impl Iterator<Item = &'static Declaration> {
    let defined: Vec<_> = in_force().defined().collect();
    declarations().chain(defined)
}

/// Puts settings in force instead of those that were, which it returns. `publish` adds the stacks to
/// the change, and returns what is to be done when it is made.
#[cfg(feature = "settings")]
pub(crate) fn install<M: FnOnce()>(
    mut patches: Patches,
    mut stacks: Vec<DefinedStack>,
    publish: impl FnOnce(&mut Flip) -> M,
) -> (Patches, Vec<DefinedStack>) {
    let swap = |in_force: &mut InForce| {
        std::mem::swap(&mut in_force.patches, &mut patches);
        std::mem::swap(&mut in_force.stacks, &mut stacks);
    };
    change(swap, publish);
    (patches, stacks)
}

/// Takes back everything that was told; `publish` as for settings.
#[cfg(feature = "settings")]
pub(crate) fn reset<M: FnOnce()>(publish: impl FnOnce(&mut Flip) -> M) {
    let clear = |in_force: &mut InForce| {
        in_force.patches.clear();
        in_force.switches.clear();
        in_force.stacks.clear();
    };
    change(clear, publish);
}

impl InForce {
    /// What the policies of a name are told, and the mode that results, with where it comes from.
    pub(crate) fn of(&self, key: &Key) -> (Patch, Mode, Layer) {
        let patch = self.patches.get(key).cloned().unwrap_or_default();
        let (mode, layer) = self.mode(key, &patch);
        (patch, mode, layer)
    }

    /// The stacks that settings define.
    pub(crate) fn stacks(&self) -> &[DefinedStack] {
        &self.stacks
    }

    /// The policies that settings define.
    fn defined(&self) -> impl Iterator<Item = &'static Declaration> {
        self.stacks.iter().flat_map(DefinedStack::own).map(|member| member.declaration)
    }

    fn mode(&self, key: &Key, patch: &Patch) -> (Mode, Layer) {
        if let Some(mode) = self.switches.get(key) {
            return (*mode, Layer::Code);
        }
        patched_mode(patch)
    }

    /// Tells a declaration with the change, and whether its mode or its configuration is another one
    /// then.
    fn tell(&self, flip: &mut Flip, declaration: &'static Declaration) -> bool {
        let key = key(declaration);
        let none = Patch::default();
        let patch = self.patches.get(&key).unwrap_or(&none);
        let (mode, _) = self.mode(&key, patch);
        let number = match declaration.base() {
            _ if patch.settings.is_empty() => None,
            Some(written) => {
                let is_compiled = declaration.is_compiled();
                let told = live::changed(&*written, patch.changes(), is_compiled);
                live::whole(declaration.policy(), told)
            }
            None => {
                let changes = patch.changes().map(|(option, value)| (option, value.clone()));
                live::differences(declaration.policy(), changes.collect())
            }
        };
        declaration.live().tell(flip, mode, number)
    }
}

/// The mode that settings say, and where.
pub(crate) fn patched_mode(patch: &Patch) -> (Mode, Layer) {
    match (&patch.enabled, &patch.observe) {
        (Some((false, layer)), _) => (Mode::Off, layer.clone()),
        (_, Some((true, layer))) => (Mode::Observe, layer.clone()),
        (Some((_, layer)), _) | (None, Some((_, layer))) => (Mode::On, layer.clone()),
        (None, None) => (Mode::On, Layer::Default),
    }
}

/// Changes what is in force: for all declarations in one step, to which `publish` adds what else there
/// is. Nothing of it is in force until everything is known that is to be.
///
/// The instances are told afterwards and without the lock, so that what they have to do at once is done:
/// those who decide meanwhile see for themselves what is in force. Whoever is overtaken by another
/// change tells them again, so that the last thing they hear is what is in force.
fn change<M: FnOnce()>(change: impl FnOnce(&mut InForce), publish: impl FnOnce(&mut Flip) -> M) {
    let (mut changed, mut version) = {
        let mut in_force = in_force();
        let mut next = in_force.clone();
        change(&mut next);
        next.version += 1;
        let mut flip = Flip::begin();
        let all = declarations().chain(next.defined());
        let changed: Vec<_> = all.filter(|declared| next.tell(&mut flip, declared)).collect();
        let made = publish(&mut flip);
        flip.make();
        *in_force = next;
        made();
        (changed, in_force.version)
    };
    changed.sort_by_key(|declared| key(declared));
    changed.dedup_by_key(|declared| key(declared));
    loop {
        for declaration in &changed {
            if let Some(config) = declaration.effective() {
                Registry::reconfigure(declaration, &*config);
            }
        }
        let now = in_force().version;
        if now == version {
            return;
        }
        version = now;
    }
}

/// There is no policy of that kind and name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownPolicy(String);

/// Switches the policies of a name by code; `None` leaves it to the settings again.
pub(crate) fn switch(policy: &str, name: &str, mode: Option<Mode>) -> Result<(), UnknownPolicy> {
    let declaration = everything().find(|one| one.policy() == policy && one.name() == name);
    let key = key(declaration.ok_or_else(|| UnknownPolicy(unknown(policy, name, everything())))?);
    let switch = |in_force: &mut InForce| match mode {
        Some(mode) => drop(in_force.switches.insert(key, mode)),
        None => drop(in_force.switches.remove(&key)),
    };
    change(switch, |_| || ());
    Ok(())
}

/// What to say of a name that none of these declarations of the policy has.
pub(crate) fn unknown(
    policy: &str,
    name: &str,
    all: impl Iterator<Item = &'static Declaration>,
) -> String {
    /// The most names in a message.
    const SHOWN: usize = 10;
    let mut names: Vec<_> =
        all.filter(|one| one.policy() == policy).map(Declaration::name).collect();
    names.sort_unstable();
    names.dedup();
    let name = &shown(name);
    if crate::registry::registry().is_built(policy, name) {
        return format!(
            "the `{policy}` called `{name}` is built in code: neither settings nor switches reach it"
        );
    }
    if names.is_empty() {
        return format!("this program declares no `{}`", shown(policy));
    }
    let near = failsafe_config::nearest(name, names.iter().copied()).is_some();
    let more = names.len().saturating_sub(SHOWN);
    if !near {
        names.truncate(SHOWN);
    }
    let hint = did_you_mean(name, "the names", names.iter().copied());
    let more = if near || more == 0 { String::new() } else { format!(" and {more} more") };
    format!("no `{policy}` of this program is called `{name}`; {hint}{more}")
}

/// A key or name as it is shown in a message: on one line, and not longer than one.
pub(crate) fn shown(key: &str) -> String {
    const LONGEST: usize = 60;
    let mut characters = key.chars();
    let mut text: String = characters.by_ref().take(LONGEST).flat_map(char::escape_debug).collect();
    if characters.next().is_some() {
        text.push('…');
    }
    text
}

#[cfg(all(test, feature = "settings"))]
mod tests {
    use crate::registry::{Details, PolicySnapshot, Registry};
    use crate::site::{AnyConfig, Declaration, Entry};
    use crate::stateful::Stateful;
    use failsafe_config::{BulkheadConfig, PolicyConfig};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WRITTEN: BulkheadConfig = BulkheadConfig::new().max(3);

    const fn declared(name: &'static str) -> Declaration {
        let config = AnyConfig::Known(&WRITTEN);
        Declaration::new(
            BulkheadConfig::TABLE,
            Some(name),
            || "here",
            "max = 3",
            config,
            (file!(), line!()),
        )
    }

    static BOTH: [Declaration; 2] = [declared("told"), declared("shadowed")];
    static DECLARED: &Declaration = &BOTH[0];

    inventory::submit! { Entry(&BOTH) }

    /// What the declaration says.
    fn in_force() -> u32 {
        DECLARED.in_force(&WRITTEN).get_max()
    }

    /// It keeps the `max` it was told last.
    #[derive(Debug)]
    struct Listening(&'static str, AtomicU32);

    impl Listening {
        fn new(name: &'static str) -> Self {
            Self(name, AtomicU32::new(0))
        }

        fn told(&self) -> u32 {
            self.1.load(Ordering::Relaxed)
        }
    }

    impl Stateful for Listening {
        fn name(&self) -> &str {
            self.0
        }

        fn snapshot(&self) -> PolicySnapshot {
            PolicySnapshot { policy: "bulkhead", name: self.0.into(), details: Details::new() }
        }

        fn reset(&self) {}

        fn reconfigure(&self, config: &dyn PolicyConfig) {
            let config: &BulkheadConfig =
                config.as_any().downcast_ref().expect("it is of a bulkhead");
            self.1.store(config.get_max(), Ordering::Relaxed);
        }
    }

    /// Instances are told what changes, and what holds again, also those of scoped registries; those
    /// built in code are not.
    #[test]
    fn instances_are_told() {
        let registry = crate::registry::registry();
        let live = registry.declared(DECLARED, || Listening::new("told"));
        let built = Arc::new(Listening::new("shadowed"));
        registry.adopt("bulkhead", "shadowed", Arc::clone(&built) as _);
        let other = Registry::new();
        let scoped = other.declared(DECLARED, || Listening::new("told"));
        let apply = |text: &str| crate::settings::from_toml(text).unwrap().apply().unwrap();
        apply("[bulkhead]\nmax = 7");
        assert_eq!([live.told(), built.told(), scoped.told()], [7, 0, 7]);
        assert_eq!(in_force(), 7);
        apply("[bulkhead.told]\nmax = 8");
        assert_eq!(live.told(), 8);
        // What is the same is not told again, but that the mode is another one.
        live.1.store(0, Ordering::Relaxed);
        apply("[bulkhead.told]\nmax = 8");
        assert_eq!((live.told(), DECLARED.mode()), (0, crate::Mode::On));
        apply("[bulkhead.told]\nmax = 8\nobserve = true");
        assert_eq!((live.told(), DECLARED.mode()), (8, crate::Mode::Observe));
        crate::settings::reset();
        assert_eq!((live.told(), DECLARED.mode()), (3, crate::Mode::On));
        assert_eq!(in_force(), 3);
    }
}
