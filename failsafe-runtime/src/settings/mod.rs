//! # Settings
//!
//! Options of the policies of a program, read when it starts, stronger than its attributes, and
//! judged by the same check.
//!
//! ```toml
//! [retry]                    # every retry
//! max = 5
//!
//! [retry."payments.*"]       # those whose name matches; `*` is any text
//! backoff = "1s..1m"
//!
//! [circuit_breaker.svcB]     # the one of that name
//! delay = "30s"
//! observe = true             # it decides and tells, but refuses nothing
//!
//! [timeout."shop::orders::find"]   # without a name: the path of the function
//! enabled = false
//! ```
//!
//! A policy is a section, and an option is written as in the attribute: the same names, grammars and
//! rules. Options that are code (patterns, functions, listeners, keys) belong into the attribute.
//! `enabled = false` takes a policy away; `observe = true` lets it decide and tell, but change
//! nothing. (A `feature_toggle` has an option `enabled` of its own: that is what it means there.)
//!
//! ## Stacks
//!
//! A file can define stacks by name, which code runs under: [`stack`].
//!
//! ```toml
//! [stacks.payments]
//! policies = [                                # outermost first
//!     { retry = { max = 3, delay = "1s" } },  # defined here
//!     "circuit_breaker.svcB",                 # one of the program
//!     { timeout = "2s" },
//! ]
//! ```
//!
//! ## What is stronger
//!
//! From weak to strong: the attribute; a file, for every policy of the kind, for a group, where a
//! stack defines the policy, for one policy; a variable of the environment, for every policy of the kind, for one; code
//! ([`Settings::set`], and [`Registry::disable`](crate::Registry::disable) and its like). Of two
//! groups the one that says more characters of the name is stronger, of two files the later one. An
//! option replaces the weaker ones that it excludes: `delay` in a file replaces `backoff` of the
//! attribute. What is said of many policies holds for those to which it means something: a `jitter`
//! for every retry does not disturb one without a delay.
//!
//! Where the attribute names a generic parameter, its options are known only in the function: there a
//! value that does not go with them is left out at the call.
//!
//! Policies built in code have their options from code, which is the strongest layer: no file reaches
//! them.
//!
//! ## Variables
//!
//! `FAILSAFE__RETRY__MAX=5` is for every retry, `FAILSAFE__CIRCUIT_BREAKER__SVCB__DELAY=30s` for one
//! policy. A name is written in capitals, with `_` for everything that is no letter or digit; where
//! that is two policies, it is an error that names both.
//!
//! ## Faults
//!
//! All faults are reported at once, each with its place, in the words of the compiler. Unknown
//! options, policies and names are faults too: names are compared with every attribute linked into
//! the program. Nothing changes unless everything is right. What may only follow from another fault is
//! not reported: a policy that is not found is none while a stack that may define it cannot be read.
//!
//! ```text
//! failsafe.toml:2:1: unknown option `max_retrys` of `retry`; did you mean `max`?
//! failsafe.toml:7:9: `30` has no unit: write "30ms", "30s" or "30m"
//! ```
//!
//! [`assert_valid`] is for a test, so that a wrong file is found before it is deployed; [`schema`] is
//! for editors.
//!
//! ## Reload
//!
//! With the feature `watch`, the function `watch` applies files and goes on doing so whenever one of
//! them changes: all or nothing, for all policies in one step, and nothing is lost of what instances
//! have counted.
//!
//! ## Memory
//!
//! A call reads one word beside its policy and takes no lock. In return a configuration that was in
//! force once is never freed: the memory is that of all different configurations ever applied.

mod environment;
mod fault;
mod json_file;
mod order;
mod read;
mod read_stacks;
mod resolve;
mod rule;
mod schema;
mod stacks;
mod toml_broken;
mod toml_file;
mod tree;
#[cfg(feature = "watch")]
mod watch;

pub use crate::stack::{BlockingStack, NeedsAsync, Stack, UnknownStack, stack};
pub use fault::{SettingsError, SettingsFault};
pub use schema::schema;
#[cfg(feature = "watch")]
pub use watch::{Applied, Change, Watch, Watcher, watch};

use crate::defined::DefinedStack;
use crate::overrides;
use failsafe_config::Value;
use fault::{Origin, verdict};
use read::{Format, Reading, Unclear};
use rule::{Class, Rule};
use stacks::Stacks;
use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// It is written where what is in force is, under that lock, so that of two that apply at once the one
/// that is named here is the one in force.
static CURRENT: Mutex<Option<Settings>> = Mutex::new(None);

/// Settings: what files, the environment and code say, before or after they are in force.
///
/// ```
/// # use failsafe_runtime::settings::Settings;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let file = std::env::temp_dir().join("failsafe-settings-doc.toml");
/// # std::fs::write(&file, "[retry]\nmax = 5\n")?;
/// Settings::new()
///     .file(&file)?
///     .env()?
///     .set("retry", "*", "jitter", 0.2)?
///     .apply()?;
/// # failsafe_runtime::settings::reset();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "settings are in force when they are applied"]
pub struct Settings {
    rules: Vec<Rule>,
    stacks: Stacks,
}

impl Settings {
    /// Nothing.
    pub const fn new() -> Self {
        Self { rules: Vec::new(), stacks: Stacks::new() }
    }

    /// Adds a file, whose name ends in `.toml` or `.json`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it: what cannot be read, is unknown or not allowed, and options
    /// that do not go together with each other, with what was added before or with those of the
    /// attributes.
    pub fn file(self, path: impl AsRef<Path>) -> Result<Self, SettingsError> {
        let reading = read::file(path.as_ref(), &self.stacks);
        self.add(reading)
    }

    /// Adds the text of a TOML file, which messages call `settings.toml`.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file).
    ///
    /// ```
    /// # use failsafe_runtime::settings::Settings;
    /// let wrong = Settings::new().toml("[retry]\nmax_retrys = 5\ndelay = 30").unwrap_err();
    /// assert_eq!(
    ///     wrong.to_string(),
    ///     "settings.toml:2:1: unknown option `max_retrys` of `retry`; did you mean `max`?\n\
    ///      settings.toml:3:9: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
    /// );
    /// ```
    pub fn toml(self, text: &str) -> Result<Self, SettingsError> {
        let reading = read::text("settings.toml", text, Format::Toml, &self.stacks);
        self.add(reading)
    }

    /// Adds the text of a JSON file, which messages call `settings.json`.
    ///
    /// # Errors
    ///
    /// As for [`file`](Self::file).
    pub fn json(self, text: &str) -> Result<Self, SettingsError> {
        let reading = read::text("settings.json", text, Format::Json, &self.stacks);
        self.add(reading)
    }

    /// Adds the variables of the environment that begin with `FAILSAFE__`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    pub fn env(self) -> Result<Self, SettingsError> {
        self.variables(std::env::vars_os())
    }

    /// Adds variables as if they were those of the environment; those that do not begin with
    /// `FAILSAFE__` are left out.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with them.
    ///
    /// ```
    /// # use failsafe_runtime::settings::Settings;
    /// let wrong = Settings::new().variables([("FAILSAFE__RETRY__DELAY", "30")]).unwrap_err();
    /// assert_eq!(
    ///     wrong.to_string(),
    ///     "FAILSAFE__RETRY__DELAY: `30` has no unit: write \"30ms\", \"30s\" or \"30m\"",
    /// );
    /// ```
    pub fn variables<N: Into<OsString>, V: Into<OsString>>(
        self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, SettingsError> {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let reading = environment::variables(variables, &self.stacks);
        self.add(reading)
    }

    /// Sets one option by code, for the policies of that name; `*` in it stands for any text.
    ///
    /// # Errors
    ///
    /// When there is no such policy or option, or the value is not allowed.
    pub fn set(
        self,
        policy: &str,
        name: &str,
        option: &str,
        value: impl Into<Value>,
    ) -> Result<Self, SettingsError> {
        let known = tables_name(policy).unwrap_or("policy");
        let origin = Origin::Code(known, overrides::shown(name));
        let mut reading = Reading::default();
        match code(&self.stacks, policy, name, option, value.into(), &origin) {
            Ok(rule) => reading.rules.push(rule),
            Err(message) => reading.faults.push(SettingsFault::new(&origin, message)),
        }
        // Options that go together are set one after the other: they are judged when all are there.
        verdict(reading.faults)?;
        Ok(Self { rules: [self.rules, reading.rules].concat(), ..self })
    }

    /// Judges everything together, without putting it in force.
    ///
    /// # Errors
    ///
    /// Options that do not go together with each other or with those of the attributes.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.resolved()?;
        let mut slots = crate::stack::slots();
        let defined = self.stacks.defined(|name| slots.name(name));
        verdict(stacks::unusable(&defined, slots.used()))
    }

    /// What is allowed, but does not do all that it says: a fallback that is switched off goes on
    /// answering rejections where the return type of its function holds none. Whether it does is known
    /// of the types of the language and of `std`, and of others after the first rejection.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use failsafe_runtime as failsafe;
    /// let settings = failsafe::settings::from_toml("[fallback]\nenabled = false")?;
    /// for warning in settings.warnings() {
    ///     eprintln!("{warning}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn warnings(&self) -> Vec<SettingsFault> {
        resolve::resolve(&self.rules, &self.stacks, &[]).warnings
    }

    /// Puts these settings in force, instead of those that were: for the calls that begin, and the
    /// decisions that are made, from now on. That is one step for all policies: whoever meets one as
    /// these settings say meets no other one afterwards as those before said.
    ///
    /// # Errors
    ///
    /// As for [`check`](Self::check); then nothing has changed.
    pub fn apply(self) -> Result<(), SettingsError> {
        self.replace().map(drop)
    }

    /// Puts these settings in force.
    fn replace(self) -> Result<Replaced, SettingsError> {
        let (resolved, stacks) = (self.resolved()?, self.stacks.clone());
        let (told, warnings) = (resolved.patches.clone(), resolved.warnings);
        let installed = stacks::install(resolved.patches, &stacks, || *current_slot() = Some(self));
        match installed {
            Ok((before, defined)) => Ok(Replaced { before, now: (told, defined), warnings }),
            Err(faults) => Err(verdict(faults).expect_err("there are faults")),
        }
    }

    /// What every policy is told.
    fn resolved(&self) -> Result<resolve::Resolved, SettingsError> {
        let mut resolved = resolve::resolve(&self.rules, &self.stacks, &[]);
        let faults = std::mem::take(&mut resolved.faults);
        verdict([faults, self.stacks.faults()].concat())?;
        verdict(self.stacks.out_of_order(&resolved.patches))?;
        Ok(resolved)
    }

    fn add(mut self, reading: Reading) -> Result<Self, SettingsError> {
        let faults = self.take(reading, &mut Vec::new());
        self.judged(faults)
    }

    /// These settings, if nothing is wrong with what was read of them, and with the order of stacks.
    fn judged(self, faults: Vec<SettingsFault>) -> Result<Self, SettingsError> {
        verdict(faults)?;
        let resolved = resolve::resolve(&self.rules, &self.stacks, &[]);
        verdict(self.stacks.out_of_order(&resolved.patches))?;
        Ok(self)
    }

    /// Adds what was read, also where something is wrong with it, and returns that: judged together
    /// with what was there before. `unclear` is of whom not everything could be read so far.
    fn take(&mut self, reading: Reading, unclear: &mut Vec<Unclear>) -> Vec<SettingsFault> {
        // What code has set waits for what goes with it.
        let before = resolve::resolve(&self.rules, &self.stacks, unclear).faults;
        self.rules.extend(reading.rules);
        self.stacks.extend(reading.stacks);
        unclear.extend(reading.unclear);
        let mut faults = resolve::resolve(&self.rules, &self.stacks, unclear).faults;
        faults.retain(|fault| !before.contains(fault));
        faults.extend(reading.faults);
        faults.extend(self.stacks.faults());
        faults
    }

    /// Adds other settings, which are stronger.
    #[cfg(feature = "watch")]
    fn merge(&mut self, others: Self) {
        self.rules.extend(others.rules);
        self.stacks.extend(others.stacks);
    }
}

/// What policies are told, and the stacks that are defined.
type Told = (overrides::Patches, Vec<DefinedStack>);

/// What settings that are in force now have replaced.
struct Replaced {
    /// What was told before.
    #[cfg_attr(not(feature = "watch"), expect(dead_code, reason = "only a watcher tells of it"))]
    before: Told,
    /// What is told now.
    #[cfg_attr(not(feature = "watch"), expect(dead_code, reason = "only a watcher tells of it"))]
    now: Told,
    #[cfg_attr(not(feature = "watch"), expect(dead_code, reason = "only a watcher tells of it"))]
    warnings: Vec<SettingsFault>,
}

fn tables_name(policy: &str) -> Option<&'static str> {
    rule::kind(policy).ok().map(|spec| spec.name)
}

fn code(
    stacks: &Stacks,
    policy: &str,
    name: &str,
    option: &str,
    value: Value,
    origin: &Origin,
) -> Result<Rule, String> {
    let spec = rule::kind(policy)?;
    let target = rule::target(spec, name, stacks)?;
    let option = rule::option(spec, option)?;
    rule::judge(spec, option, &value)?;
    Ok(Rule { spec, target, class: Class::Code, option, value, origin: origin.clone() })
}

fn current_slot() -> std::sync::MutexGuard<'static, Option<Settings>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads a file and then the environment; what is wrong with both is reported at once.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use failsafe_runtime as failsafe;
/// failsafe::settings::load("failsafe.toml")?.apply()?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn load(path: impl AsRef<Path>) -> Result<Settings, SettingsError> {
    let (mut settings, mut unclear) = (Settings::new(), Vec::new());
    let file = read::file(path.as_ref(), &settings.stacks);
    let mut faults = settings.take(file, &mut unclear);
    // A variable can be about a policy that a stack of the file defines.
    let environment = environment::variables(std::env::vars_os(), &settings.stacks);
    faults.extend(settings.take(environment, &mut unclear));
    settings.judged(faults)
}

/// Reads the text of a TOML file; see [`Settings::toml`].
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn from_toml(text: &str) -> Result<Settings, SettingsError> {
    Settings::new().toml(text)
}

/// Reads the text of a JSON file; see [`Settings::json`].
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn from_json(text: &str) -> Result<Settings, SettingsError> {
    Settings::new().json(text)
}

/// For a test: that a settings file is right for this program.
///
/// ```no_run
/// # use failsafe_runtime as failsafe;
/// #[test]
/// fn the_settings_are_valid() {
///     failsafe::settings::assert_valid("failsafe.toml");
/// }
/// ```
///
/// The environment is not looked at. Attributes of a crate that the test does not use are not linked
/// into it, so their names are not known there.
///
/// Nor are the stacks that code asks for: the name in [`stack`]`("payments")` is a value, which nobody
/// knows before it is asked for. One that the file leaves out is an error of `stack`, so a test asks for
/// each of them once:
///
/// ```no_run
/// # use failsafe_runtime as failsafe;
/// const PAYMENTS: &str = "payments"; // what the program asks for, too
///
/// #[test]
/// fn the_stacks_are_there() {
///     failsafe::settings::load("failsafe.toml").unwrap().apply().unwrap();
///     for name in [PAYMENTS] {
///         failsafe::settings::stack(name).unwrap();
///     }
/// }
/// ```
///
/// # Panics
///
/// With everything that is wrong with the file.
#[track_caller]
pub fn assert_valid(path: impl AsRef<Path>) {
    if let Err(error) = Settings::new().file(path) {
        panic!("the settings are not valid:\n{error}");
    }
}

/// The settings in force.
pub fn current() -> Settings {
    current_slot().clone().unwrap_or_default()
}

/// Takes everything back that was set at run time, [`Registry::disable`](crate::Registry::disable)
/// and its like included: the attributes hold again. For tests.
pub fn reset() {
    let mut slots = crate::stack::slots();
    overrides::reset(move |flip| {
        slots.publish(&[], flip);
        move || {
            *current_slot() = None;
            drop(slots);
        }
    });
}
