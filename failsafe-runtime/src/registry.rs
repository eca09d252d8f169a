//! Where named policies live: one instance for each name, reached by every function that says it,
//! by operators and by tests.

use crate::events::Hub;
use crate::live::Mode;
use crate::overrides::{self, UnknownPolicy};
use crate::site::{Declaration, declarations};
use crate::stateful::{Stateful, StatefulSet};
use failsafe_config::PolicyConfig;
use pin_project_lite::pin_project;
use serde::Serialize;
use std::cell::RefCell;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

/// How many scopes are alive; while there are none, nobody looks for one.
static SCOPES: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SCOPED: RefCell<Option<Registry>> = const { RefCell::new(None) };
}

/// Holds the stateful policies by name.
///
/// There is one for the process, [`registry`], and there can be others for tests: inside
/// [`scope`](Self::scope) every policy declared by an attribute or `policy!` has a fresh instance,
/// so that tests with the same names can run side by side.
#[derive(Debug, Clone)]
pub struct Registry(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    instances: Mutex<Instances>,
    /// The instances of declarations with a key.
    sets: Mutex<Sets>,
    /// Those that were built in code: they are not told what declarations of their name are told.
    built: Mutex<BTreeSet<(&'static str, String)>>,
    hub: Hub,
}

/// By policy and name.
type Instances = BTreeMap<(&'static str, String), Arc<dyn Stateful>>;

type Sets = BTreeMap<(&'static str, String), Arc<dyn StatefulSet>>;

/// The registry in force: the scoped one inside [`Registry::scope`], else the one of the process.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// if let Some(breaker) = failsafe::registry().circuit_breaker("svcB") {
///     breaker.open();
/// }
/// ```
pub fn registry() -> Registry {
    Registry::with_current(Registry::clone)
}

/// The registries of tests, which are told what changes as that of the process is. Those that are gone
/// are found when another one is made.
static OTHERS: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// The registries there are.
fn every() -> Vec<Registry> {
    let others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
    let others = others.iter().filter_map(Weak::upgrade).map(Registry);
    std::iter::once(process().clone()).chain(others).collect()
}

fn process() -> &'static Registry {
    static PROCESS: OnceLock<Registry> = OnceLock::new();
    PROCESS.get_or_init(|| Registry(Arc::default()))
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// A registry without instances, for [`scope`](Self::scope).
    pub fn new() -> Self {
        let shared = Arc::default();
        let mut others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
        others.retain(|other| other.strong_count() > 0);
        others.push(Arc::downgrade(&shared));
        Self(shared)
    }

    /// Runs a future whose calls find their policies here instead of in the registry of the
    /// process. Tasks that it spawns are outside, unless they are scoped too.
    ///
    /// # Cancel safety
    ///
    /// The scope ends with the future, also when it is dropped.
    ///
    /// ```
    /// # use failsafe_runtime::{self as failsafe, Registry};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let registry = Registry::new();
    /// registry.scope(async { /* calls */ }).await;
    /// assert!(registry.snapshot().policies.is_empty());
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> Scoped<F> {
        Scoped { registry: self.clone(), _alive: Alive::new(), future }
    }

    /// Runs blocking code whose calls find their policies here.
    pub fn scope_blocking<R>(&self, code: impl FnOnce() -> R) -> R {
        let _alive = Alive::new();
        let _entered = Entered::new(self.clone());
        code()
    }

    /// Every stateful policy that has been used, and every other policy that is declared in the
    /// binary, by kind and name.
    pub fn list(&self) -> Vec<PolicyId> {
        let live = self.all().into_iter();
        let live =
            live.map(|(policy, instance)| PolicyId { policy, name: instance.name().to_owned() });
        let declared = declarations().map(|declaration| PolicyId {
            policy: declaration.policy(),
            name: declaration.name().to_owned(),
        });
        let mut all: Vec<_> = live.chain(declared).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The state of every stateful policy that has been used.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot { policies: self.all().iter().map(|(_, instance)| instance.snapshot()).collect() }
    }

    /// Puts every stateful policy back to its start: closed and without history.
    pub fn reset(&self) {
        self.all().iter().for_each(|(_, instance)| instance.reset());
    }

    /// Whether any registry is scoped to anything.
    #[inline]
    pub(crate) fn any_scope() -> bool {
        SCOPES.load(Ordering::Relaxed) != 0
    }

    /// Looks at the registry in force.
    pub(crate) fn with_current<T>(look: impl FnOnce(&Self) -> T) -> T {
        match Self::scoped() {
            Some(registry) => look(&registry),
            None => look(process()),
        }
    }

    /// The registry scoped to the running task, if one is.
    pub(crate) fn scoped() -> Option<Self> {
        if !Self::any_scope() {
            return None;
        }
        SCOPED.with(|scoped| scoped.borrow().clone())
    }

    /// The instance of a declaration, made if this is its first use.
    pub(crate) fn declared<T: Stateful>(
        &self,
        declaration: &'static Declaration,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        let key = (declaration.policy(), declaration.name().to_owned());
        let mut instances = self.instances();
        let live = instances.entry(key).or_insert_with(|| Arc::new(make()));
        downcast(live).expect("one kind of policy has one type")
    }

    /// The live instance of that name, or the one that `make` makes of a declaration of that name
    /// nobody has called yet.
    pub(crate) fn find<T: Stateful>(
        &self,
        policy: &'static str,
        name: &str,
        make: impl FnOnce(&'static Declaration) -> T,
    ) -> Option<Arc<T>> {
        let all = self.all();
        let live = all.iter().find(|(kind, instance)| *kind == policy && instance.name() == name);
        if let Some((_, live)) = live {
            return downcast(live);
        }
        let mut declared = declarations().filter(|declared| !declared.is_keyed());
        let declaration =
            declared.find(|declared| declared.policy() == policy && declared.name() == name)?;
        Some(self.declared(declaration, || make(declaration)))
    }

    /// The instances of a declaration with a key.
    pub(crate) fn set<T: StatefulSet>(
        &self,
        declaration: &'static Declaration,
        make: impl FnOnce() -> T,
    ) -> Arc<T> {
        let key = (declaration.policy(), declaration.name().to_owned());
        let mut sets = self.sets();
        let set = Arc::clone(sets.entry(key).or_insert_with(|| Arc::new(make())));
        set.as_any().downcast().expect("one kind of policy has one type")
    }

    /// Lists an instance that was built in code under its name. The first of a name stays.
    pub(crate) fn adopt(&self, policy: &'static str, name: &str, instance: Arc<dyn Stateful>) {
        let key = (policy, name.to_owned());
        if let Entry::Vacant(place) = self.instances().entry(key) {
            self.built().insert(place.key().clone());
            place.insert(instance);
        }
    }

    /// Whether the instance of that name was built in code.
    pub(crate) fn is_built(&self, policy: &str, name: &str) -> bool {
        self.built().iter().any(|(kind, other)| *kind == policy && other == name)
    }

    /// Switches the policies of that kind and name on, whatever the settings say.
    ///
    /// They are switched for the whole process, inside a [`scope`](Self::scope) too: what is switched
    /// is the declaration. It is stronger than every other layer, and stays until it is switched
    /// again or `failsafe::settings::reset`.
    ///
    /// # Errors
    ///
    /// When no attribute and no `policy!` declares such a policy.
    pub fn enable(&self, policy: &str, name: &str) -> Result<(), UnknownPolicy> {
        overrides::switch(policy, name, Some(Mode::On))
    }

    /// Switches the policies of that kind and name off: calls go on as if they were not there.
    ///
    /// ```
    /// # use failsafe_runtime as failsafe;
    /// let unknown = failsafe::registry().disable("retry", "payments");
    /// assert_eq!(unknown.unwrap_err().to_string(), "this program declares no `retry`");
    /// ```
    ///
    /// # Errors
    ///
    /// When no attribute and no `policy!` declares such a policy.
    pub fn disable(&self, policy: &str, name: &str) -> Result<(), UnknownPolicy> {
        overrides::switch(policy, name, Some(Mode::Off))
    }

    /// Lets the policies of that kind and name only observe: they decide and tell what they decided,
    /// but calls go on as if they were not there.
    ///
    /// # Errors
    ///
    /// When no attribute and no `policy!` declares such a policy.
    pub fn observe(&self, policy: &str, name: &str) -> Result<(), UnknownPolicy> {
        overrides::switch(policy, name, Some(Mode::Observe))
    }

    /// Takes [`enable`](Self::enable), [`disable`](Self::disable) or [`observe`](Self::observe) back:
    /// the settings decide again.
    ///
    /// # Errors
    ///
    /// When no attribute and no `policy!` declares such a policy.
    pub fn unswitch(&self, policy: &str, name: &str) -> Result<(), UnknownPolicy> {
        overrides::switch(policy, name, None)
    }

    /// Tells the instances of a declaration, in every registry, the configuration that is in force.
    pub(crate) fn reconfigure(declaration: &'static Declaration, config: &dyn PolicyConfig) {
        let key = (declaration.policy(), declaration.name().to_owned());
        for registry in every() {
            let single = registry.instances().get(&key).map(Arc::clone);
            let single = single.filter(|_| !registry.built().contains(&key));
            let set = registry.sets().get(&key).map(Arc::clone);
            let keyed = set.map(|set| set.all()).unwrap_or_default();
            for instance in single.into_iter().chain(keyed) {
                instance.reconfigure(config);
            }
        }
    }

    /// Every instance there is, with its policy.
    fn all(&self) -> Vec<(&'static str, Arc<dyn Stateful>)> {
        let single: Vec<_> =
            self.instances().iter().map(|((policy, _), one)| (*policy, Arc::clone(one))).collect();
        let sets: Vec<_> =
            self.sets().iter().map(|((policy, _), set)| (*policy, Arc::clone(set))).collect();
        let keyed = sets.into_iter().flat_map(|(policy, set)| {
            set.all().into_iter().map(move |instance| (policy, instance))
        });
        single.into_iter().chain(keyed).collect()
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.0.hub
    }

    fn sets(&self) -> std::sync::MutexGuard<'_, Sets> {
        self.0.sets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn built(&self) -> std::sync::MutexGuard<'_, BTreeSet<(&'static str, String)>> {
        self.0.built.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn instances(&self) -> std::sync::MutexGuard<'_, Instances> {
        self.0.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn downcast<T: Stateful>(instance: &Arc<dyn Stateful>) -> Option<Arc<T>> {
    Arc::clone(instance).as_any().downcast().ok()
}

/// A policy by kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PolicyId {
    /// `"retry"`, `"circuit_breaker"`, ...
    pub policy: &'static str,
    /// The name it was given, or the path of its function.
    pub name: String,
}

/// The state of a registry at one time.
#[derive(Debug, Clone, Serialize)]
pub struct Snapshot {
    /// Its stateful policies, by name.
    pub policies: Vec<PolicySnapshot>,
}

/// The state of a policy at one time.
#[derive(Debug, Clone, Serialize)]
pub struct PolicySnapshot {
    /// `"circuit_breaker"`.
    pub policy: &'static str,
    /// Its name.
    pub name: String,
    /// What the policy tells of itself.
    #[serde(flatten)]
    pub details: Details,
}

/// What a policy tells of itself in a snapshot, by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Details(BTreeMap<&'static str, Detail>);

/// One thing that a policy tells of itself.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Detail {
    /// A word, such as a state.
    Text(&'static str),
    /// A number of things.
    Count(u64),
    /// A number with a fraction.
    Number(f64),
    /// A time in milliseconds; its name ends in `_ms`.
    Milliseconds(u64),
}

impl Details {
    /// What the policy tells under this name.
    pub fn get(&self, name: &str) -> Option<&Detail> {
        self.0.get(name)
    }

    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn text(self, name: &'static str, text: &'static str) -> Self {
        self.with(name, Detail::Text(text))
    }

    pub(crate) fn count(self, name: &'static str, count: u64) -> Self {
        self.with(name, Detail::Count(count))
    }

    pub(crate) fn duration(self, name: &'static str, time: Duration) -> Self {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.with(name, Detail::Milliseconds(milliseconds))
    }

    pub(crate) fn number(self, name: &'static str, number: f64) -> Self {
        self.with(name, Detail::Number(number))
    }

    fn with(mut self, name: &'static str, detail: Detail) -> Self {
        self.0.insert(name, detail);
        self
    }
}

/// Counts a scope as long as it is alive.
#[derive(Debug)]
struct Alive;

impl Alive {
    fn new() -> Self {
        SCOPES.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        SCOPES.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Puts a registry in force on this thread until dropped.
struct Entered(Option<Registry>);

impl Entered {
    fn new(registry: Registry) -> Self {
        Self(SCOPED.with(|scoped| scoped.replace(Some(registry))))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        SCOPED.with(|scoped| scoped.replace(self.0.take()));
    }
}

pin_project! {
    /// A future under a registry of its own; see [`Registry::scope`].
    #[derive(Debug)]
    pub struct Scoped<F> {
        registry: Registry,
        _alive: Alive,
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Scoped<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _entered = Entered::new(this.registry.clone());
        this.future.poll(cx)
    }
}
