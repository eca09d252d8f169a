//! Declarations: every attribute and every `policy!` linked into the binary, known before anything
//! is called.

use crate::found::Found;
use crate::live::{Live, Mode, Told};
use crate::written::said_of_calls;
use failsafe_config::{NameAlone, PolicyConfig, PolicySpec, config_of_text};
use serde::Serialize;
use std::any::Any;
use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// The configuration in a declaration, whichever policy it is of.
#[derive(Clone, Copy)]
pub enum AnyConfig {
    /// What the options say, as a constant.
    Known(&'static (dyn PolicyConfig + Send + Sync)),
    /// What the text of the options says: there are only literals in it.
    Written,
    /// Not given here: the options are declared elsewhere, under the same name.
    Reference,
    /// Known only where the function is compiled for its types: an option names a generic
    /// parameter.
    Generic,
}

/// A policy as it was written on a function.
pub struct Declaration {
    table: &'static PolicySpec,
    given_name: Option<&'static str>,
    path: fn() -> &'static str,
    options: &'static str,
    config: AnyConfig,
    file: &'static str,
    line: u32,
    /// What the policy keeps beside its configuration: listeners that use nothing of the function.
    extra: Option<&'static (dyn Any + Send + Sync)>,
    keyed: bool,
    /// Whether it is that of a `policy!`: what is said of calls is said where it is used.
    instance: bool,
    /// Which one of several policies of its kind on a function it is, from 0.
    twin: u32,
    /// Whether it is a fallback that alone answers for the rejections of what is inside.
    seals: bool,
    /// Whether they have no other way out, as far as is known.
    is_only_way_out: AtomicBool,
    /// What it is told at run time.
    live: Live,
    found: OnceLock<Box<Found>>,
}

/// What is known of a fallback that alone answers for the rejections of what is inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seal {
    /// Whether the return type of its function holds a rejection only the compiler knows.
    Unknown,
    /// The return type holds none, so the fallback goes on answering.
    Closed,
}

inventory::collect!(Entry);

/// How to find the path of an item.
pub const fn path_of<T>(_: &T) -> fn() -> &'static str {
    std::any::type_name::<T>
}

/// What is collected at link time: the declarations on one function, or that of a `policy!`.
#[derive(Debug)]
pub struct Entry(pub &'static [Declaration]);

impl Declaration {
    /// What an attribute says.
    pub const fn new(
        table: &'static PolicySpec,
        given_name: Option<&'static str>,
        path: fn() -> &'static str,
        options: &'static str,
        config: AnyConfig,
        (file, line): (&'static str, u32),
    ) -> Self {
        Self {
            table,
            given_name,
            path,
            options,
            config,
            file,
            line,
            extra: None,
            keyed: false,
            instance: false,
            twin: 0,
            seals: false,
            is_only_way_out: const { AtomicBool::new(false) },
            live: const { Live::untouched() },
            found: const { OnceLock::new() },
        }
    }

    /// A policy that settings define: no function has it, and settings say all its options.
    #[cfg(feature = "settings")]
    pub(crate) fn defined(policy: &'static str, name: &'static str) -> Self {
        let config = AnyConfig::Reference;
        let table =
            failsafe_config::tables().find(|table| table.name == policy).expect("it is a policy");
        let declaration = Self::new(table, Some(name), || "", "", config, ("", 0));
        let _ = declaration.found().path.set(("a stack of the settings", name));
        declaration
    }

    /// Says which one of several policies of its kind on a function it is, from 0.
    #[must_use]
    pub const fn with_twin(mut self, twin: u32) -> Self {
        self.twin = twin;
        self
    }

    /// Adds what the policy keeps beside its configuration.
    #[must_use]
    pub const fn with_extra(mut self, extra: &'static (dyn Any + Send + Sync)) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Says that it has an instance for each key.
    #[must_use]
    pub const fn with_key(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// Says that it is that of a `policy!`, which functions use that say more of their calls.
    #[must_use]
    pub const fn of_instance(mut self) -> Self {
        self.instance = true;
        self
    }

    /// Says that it is a fallback that alone answers for rejections, and whether it is sure that the
    /// return type holds none.
    #[must_use]
    pub const fn with_seal(mut self, is_sure: bool) -> Self {
        self.seals = true;
        self.is_only_way_out = AtomicBool::new(is_sure);
        self
    }

    /// What is known of it, if it is a fallback that alone answers for rejections.
    pub(crate) fn seal(&self) -> Option<Seal> {
        let is_closed = self.is_only_way_out.load(Ordering::Relaxed);
        self.seals.then_some(if is_closed { Seal::Closed } else { Seal::Unknown })
    }

    /// A call had no other way out.
    pub(crate) fn found_closed(&self) {
        self.is_only_way_out.store(true, Ordering::Relaxed);
    }

    /// Whether code was compiled for it: settings can then tell it nothing that the code cannot do.
    pub(crate) const fn is_compiled(&self) -> bool {
        !self.file.is_empty()
    }

    /// Whether it has an instance for each key.
    pub const fn is_keyed(&self) -> bool {
        self.keyed
    }

    /// Whether it is that of a `policy!`: what is said of calls is said where it is used.
    pub const fn is_instance(&self) -> bool {
        self.instance
    }

    /// Which policy: `"retry"`, `"circuit_breaker"`, ...
    pub const fn policy(&self) -> &'static str {
        self.table.name
    }

    /// Its name: the one it was given, or the path of the function.
    pub fn name(&self) -> &'static str {
        self.given_name.unwrap_or_else(|| self.resolve().1)
    }

    /// Whether it was given a name, and so is shared with others of that name.
    pub const fn is_named(&self) -> bool {
        self.given_name.is_some()
    }

    /// Whether it only refers to options declared elsewhere.
    pub const fn is_reference(&self) -> bool {
        matches!(self.config, AnyConfig::Reference)
    }

    /// The path of the function it stands on.
    pub fn function(&self) -> &'static str {
        self.resolve().0
    }

    /// The options as they were written.
    pub const fn options(&self) -> &'static str {
        self.options
    }

    /// The file it was written in.
    pub const fn file(&self) -> &'static str {
        self.file
    }

    /// The line it was written on.
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The configuration that is written, where it is known and of that type; of a reference, that
    /// of the declaration it refers to.
    pub(crate) fn written<C: 'static>(&'static self) -> Option<&'static C> {
        self.definition().known()?.as_any().downcast_ref()
    }

    /// The configuration that its own options say, where that is known.
    fn known(&self) -> Option<&dyn PolicyConfig> {
        match self.config {
            AnyConfig::Known(config) => Some(config),
            AnyConfig::Written => {
                let read = || config_of_text(self.table, self.options);
                let read = || read().expect("it was read when it was compiled");
                Some(&**self.found().config.get_or_init(read))
            }
            AnyConfig::Reference | AnyConfig::Generic => None,
        }
    }

    /// Whether what is written on it is in force: it is told nothing, and refers to nothing.
    #[inline]
    pub(crate) fn is_as_written(&self) -> bool {
        self.live.is_untouched() && !self.is_reference()
    }

    /// The configuration in force where this one is written: that itself, unless the declaration is
    /// told another one at run time.
    #[inline]
    pub(crate) fn in_force<'a, C: PolicyConfig + PartialEq>(
        &'static self,
        written: &'a C,
    ) -> &'a C {
        if self.live.is_untouched() {
            return written;
        }
        self.told_instead_of(written)
    }

    #[cold]
    fn told_instead_of<'a, C: PolicyConfig + PartialEq>(&'static self, written: &'a C) -> &'a C {
        self.live.told().map_or(written, |told| told.instead_of(written))
    }

    /// The configuration that it is told, whichever policy it is of; none where what is written is in
    /// force, or where it is known only in the function.
    pub(crate) fn told(&'static self) -> Option<&'static dyn PolicyConfig> {
        match self.live.told()? {
            Told::Whole(config) => Some(&**config),
            Told::Differences { .. } => None,
        }
    }

    /// The configuration that is changed at run time; none where it is known only in the function.
    pub(crate) fn base(&'static self) -> Option<Box<dyn PolicyConfig>> {
        let definition = self.definition();
        match definition.config {
            // A name whose options are nowhere has the defaults.
            AnyConfig::Reference => Some((self.table.blank)()),
            _ => definition.known().map(PolicyConfig::duplicate),
        }
    }

    /// The configuration in force, whichever policy it is of.
    pub(crate) fn effective(&'static self) -> Option<Box<dyn PolicyConfig>> {
        match self.live.told() {
            Some(Told::Whole(config)) => Some(config.duplicate()),
            Some(Told::Differences { .. }) | None => self.base(),
        }
    }

    /// The table of its options.
    pub(crate) const fn table(&self) -> &'static PolicySpec {
        self.table
    }

    /// What is found out about it.
    pub(crate) fn found(&self) -> &Found {
        self.found.get_or_init(Box::default)
    }

    /// The instance of the process, once a stack of steps has looked for it.
    #[inline]
    pub(crate) fn instance(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.found.get()?.instance.get().map(|instance| &**instance)
    }

    pub(crate) const fn live(&self) -> &Live {
        &self.live
    }

    /// Whether the policy acts, as settings or code say it now.
    #[inline]
    pub fn mode(&self) -> Mode {
        self.live.mode()
    }

    /// What the policy keeps beside its configuration, if it is of that type.
    pub(crate) fn extra<T: 'static>(&self) -> Option<&'static T> {
        self.extra.and_then(|extra| extra.downcast_ref())
    }

    /// All declarations of its name, or itself if it has none.
    pub(crate) fn namesakes(&'static self) -> Vec<&'static Self> {
        if !self.is_named() {
            return vec![self];
        }
        let same = |other: &&Self| {
            other.is_named() && other.policy() == self.policy() && other.name() == self.name()
        };
        declarations().filter(same).collect()
    }

    /// The function's path, and the name of a policy without one: the path too, unless the function
    /// has several of the policy; then with the place among them.
    fn resolve(&self) -> (&'static str, &'static str) {
        *self.found().path.get_or_init(|| {
            let path = function_path((self.path)());
            (path, if self.twin == 0 { path } else { leak(format!("{path}#{}", self.twin + 1)) })
        })
    }

    /// The declaration under the same name that has the options, or this one.
    pub(crate) fn definition(&'static self) -> &'static Self {
        if !self.is_reference() {
            return self;
        }
        self.found().definition.get_or_init(|| {
            self.namesakes().into_iter().find(|other| !other.is_reference()).unwrap_or(self)
        })
    }
}

/// Cuts what the expansion added off the path of an item inside the function.
pub(crate) fn function_path(path: &'static str) -> &'static str {
    let end = path.find("::__failsafe").or_else(|| path.find("::__DECLARATION"));
    path[..end.unwrap_or(path.len())].trim_end_matches("::{{closure}}")
}

fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

impl fmt::Debug for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Declaration")
            .field("policy", &self.policy())
            .field("name", &self.name())
            .field("function", &self.function())
            .field("options", &self.options)
            .field("at", &format_args!("{}:{}", self.file, self.line))
            .finish_non_exhaustive()
    }
}

impl Serialize for Declaration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut state = serializer.serialize_struct("Declaration", 6)?;
        state.serialize_field("policy", self.policy())?;
        state.serialize_field("name", self.name())?;
        state.serialize_field("function", self.function())?;
        state.serialize_field("options", self.options)?;
        state.serialize_field("file", self.file)?;
        state.serialize_field("line", &self.line)?;
        state.end()
    }
}

/// Every policy attribute and `policy!` linked into this binary, called or not.
///
/// A dependency that nothing refers to is not linked, so its attributes are not seen.
pub fn declarations() -> impl Iterator<Item = &'static Declaration> {
    inventory::iter::<Entry>.into_iter().flat_map(|entry| entry.0)
}

/// Declarations of one name that do not agree, or that refer to nothing or to what cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Conflicts(Vec<String>);

impl Conflicts {
    /// What is wrong, one text for each name.
    pub fn messages(&self) -> &[String] {
        &self.0
    }
}

/// Compares the declarations of all crates: one name has one configuration, and a name without
/// options must have them elsewhere; and what an attribute says of its calls by a number, such as the
/// `permits` of a rate limiter, can be had from what is declared under its name. A retry or a feature toggle may do without: its defaults are a
/// choice of their own, and the name is what settings and operators call it by.
///
/// Call it when the program starts, or in a test.
///
/// # Errors
///
/// All conflicts and dangling references at once, with the places they were written at.
///
/// ```
/// # use failsafe_runtime as failsafe;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// failsafe::check()?;
/// # Ok(())
/// # }
/// ```
pub fn check() -> Result<(), Conflicts> {
    let mut seen: Vec<&'static Declaration> = Vec::new();
    let mut messages = Vec::new();
    let mut named: Vec<_> = declarations().filter(|declared| declared.is_named()).collect();
    named.sort_by_key(|declared| (declared.is_reference(), declared.file, declared.line));
    for declared in named {
        let same = |other: &&&Declaration| {
            other.policy() == declared.policy() && other.name() == declared.name()
        };
        match seen.iter().find(same) {
            None if declared.is_reference() => {
                let table = declared.table();
                if table.name_alone == NameAlone::Refers {
                    messages.push(dangling(declared));
                }
            }
            None => seen.push(declared),
            Some(first) if declared.is_reference() || agree(first, declared) => {}
            Some(first) => messages.push(conflict(first, declared)),
        }
    }
    messages.extend(impossible());
    if messages.is_empty() { Ok(()) } else { Err(Conflicts(messages)) }
}

/// What attributes say of their calls by a number that does not go with the options of the policy.
fn impossible() -> Vec<String> {
    let mut messages: Vec<_> = declarations().flat_map(faults_of_calls).collect();
    messages.sort();
    messages
}

fn faults_of_calls(declared: &'static Declaration) -> Vec<String> {
    let said = said_of_calls(declared);
    let base = if said.is_empty() { None } else { declared.base() };
    let Some(config) = base else { return Vec::new() };
    let (policy, name) = (declared.policy(), declared.name());
    let faults = said.iter().filter_map(|said| said.fault(&*config));
    faults.map(|fault| format!("{policy} `{name}`: {fault}")).collect()
}

fn agree(first: &Declaration, second: &Declaration) -> bool {
    match (first.known(), second.known()) {
        (Some(first), Some(second)) => first.recipe() == second.recipe(),
        _ => first.options == second.options,
    }
}

fn conflict(first: &Declaration, second: &Declaration) -> String {
    let place = |declared: &Declaration| {
        let options = if declared.options.is_empty() { "no options" } else { declared.options };
        let (file, line, function) = (declared.file, declared.line, declared.function());
        format!("\n    {options}  at {file}:{line} ({function})")
    };
    let (policy, name) = (first.policy(), first.name());
    let places = place(first) + &place(second);
    format!("{policy} `{name}` is declared with different options:{places}")
}

fn dangling(declared: &Declaration) -> String {
    let (policy, name) = (declared.policy(), declared.name());
    format!(
        "{policy} `{name}` at {}:{} ({}) has no options, and no other declaration of that name has \
         any; it runs with the defaults",
        declared.file,
        declared.line,
        declared.function(),
    )
}

/// Declares a policy at link time, and gives the `&'static` declaration and the configuration.
#[doc(hidden)]
#[macro_export]
macro_rules! __declare {
    ($name:expr, $options:expr, known $ty:ty = $config:expr $(, $($more:tt)*)?) => {{
        // Not a name the user's constant could have: items are not hygienic.
        const __CONFIG: $ty = $config;
        (
            $crate::__declare!(
                @static $ty, $name, $options, $crate::__rt::AnyConfig::Known(&__CONFIG),
                $($($more)*)?
            ),
            __CONFIG,
        )
    }};
    ($name:expr, $options:expr, $how:ident $ty:ty $(, $($more:tt)*)?) => {
        (
            $crate::__declare!(
                @static $ty, $name, $options, $crate::__rt::AnyConfig::$how, $($($more)*)?
            ),
            <$ty>::new(),
        )
    };
    (
        @static $ty:ty, $name:expr, $options:expr, $config:expr,
        $(@extra $extra:expr,)? $($keyed:ident)?
    ) => {{
        static __DECLARATION: $crate::__rt::Declaration = $crate::__rt::Declaration::new(
            <$ty>::TABLE,
            $name,
            {
                fn here() {}
                $crate::__rt::path_of(&here)
            },
            $options,
            $config,
            (::core::file!(), ::core::line!()),
        )$(.with_extra(&$extra))?$(.$keyed())?.of_instance();
        $crate::__rt::inventory::submit! { $crate::__rt::Entry(::core::slice::from_ref(&__DECLARATION)) }
        &__DECLARATION
    }};
}
