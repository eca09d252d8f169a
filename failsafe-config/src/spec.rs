use crate::{
    AdaptiveLimiterConfig, AdaptiveThrottlerConfig, BudgetConfig, BulkheadConfig, CacheConfig,
    CircuitBreakerConfig, FailFastConfig, FallbackConfig, Fault, FeatureToggleConfig, HedgeConfig,
    KeyBounds, PrioritizerConfig, RateLimiterConfig, RetryConfig, TimeoutConfig, Value,
    did_you_mean,
};
use std::any::Any;

/// What kind of thing an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A value that is part of the policy's configuration: a literal or a constant expression.
    Config {
        /// The `const fn` of the configuration that takes a constant expression, if one does.
        setter: Option<&'static str>,
    },
    /// `option`, and nothing more: a value of the configuration that is true if it is written.
    Flag,
    /// `option(<pattern>)`, a pattern over the function's return type.
    Pattern,
    /// `option(Kind::Timeout | Kind::CircuitOpen)`: kinds of rejections.
    Kinds,
    /// `option = <fn or closure>`, evaluated in the function, where it sees the arguments.
    Function,
    /// `option = <fn or closure>` that is called when something happens.
    Listener,
    /// `option = <expression>`, evaluated in the function, where it sees the arguments.
    Expression,
    /// The same, where a settings file can say a value for all calls instead.
    CallValue,
    /// The same, where a settings file can say a value for the calls whose expression says none. A
    /// literal is the attribute's, which a file is stronger than.
    CallDefault,
}

/// One option of a policy: one row of its table.
#[derive(Debug, Clone, Copy)]
pub struct OptionSpec {
    /// The word before the `=`.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
    /// What holds when it is not written, as it would be written; empty when nothing does.
    pub default: &'static str,
    /// An example of a value.
    pub example: &'static str,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// Whose the code under it is.
    pub owner: Owner,
    /// Whether the code under it may be async where the function is.
    pub may_wait: bool,
}

/// Whose the code under an option is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// That of the function it is written on, whose calls ask and tell it.
    Function,
    /// That of the instance, if it is written where that is declared and uses nothing of the
    /// function: it then hears of everything that happens to the instance. Otherwise that of the
    /// function.
    InstanceIfFree,
    /// That of the instance, so that it may use nothing of a function.
    Instance {
        /// What to do instead of using something of the function.
        instead: &'static str,
    },
}

impl OptionSpec {
    /// A row of a value that is part of the configuration.
    pub(crate) const fn config(
        name: &'static str,
        setter: Option<&'static str>,
        default: &'static str,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { default, ..Self::call(name, Shape::Config { setter }, example, doc) }
    }

    /// A row of a word that stands for itself.
    pub(crate) const fn flag(name: &'static str, doc: &'static str) -> Self {
        Self::call(name, Shape::Flag, "true", doc)
    }

    /// A row of something that is evaluated in the function.
    pub(crate) const fn call(
        name: &'static str,
        shape: Shape,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        let owner = Owner::Function;
        Self { name, shape, default: "", example, doc, owner, may_wait: false }
    }

    /// The same row of code that belongs to the instance if it uses nothing of the function.
    pub(crate) const fn of_instance_if_free(self) -> Self {
        Self { owner: Owner::InstanceIfFree, ..self }
    }

    /// The same row of code that belongs to the instance, and what to do instead of using something
    /// of the function.
    pub(crate) const fn of_instance(self, instead: &'static str) -> Self {
        Self { owner: Owner::Instance { instead }, ..self }
    }

    /// The same row of code that may be async where the function is.
    pub(crate) const fn may_wait(self) -> Self {
        Self { may_wait: true, ..self }
    }

    /// Whether code under it can belong to an instance.
    pub fn can_be_of_instance(&self) -> bool {
        self.owner != Owner::Function
    }

    /// A row of something that is evaluated in the function, or said by a settings file.
    pub(crate) const fn call_value(
        name: &'static str,
        default: &'static str,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { default, ..Self::call(name, Shape::CallValue, example, doc) }
    }

    /// Whether it is a value of the configuration that an attribute declares.
    pub const fn is_config(&self) -> bool {
        matches!(self.shape, Shape::Config { .. } | Shape::Flag)
    }

    /// Whether a settings file can set it: it is a value; the others are code.
    pub const fn is_settable(&self) -> bool {
        self.is_config() || matches!(self.shape, Shape::CallValue | Shape::CallDefault)
    }
}

/// What every policy's configuration can do, for those that do not know which policy it is.
pub trait PolicyConfig: Any + Send + Sync {
    /// Sets one option from what was written.
    ///
    /// # Errors
    ///
    /// Says what is wrong with the value and what to write instead.
    fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault>;

    /// Judges the options together, as a declaration.
    ///
    /// # Errors
    ///
    /// When they cannot mean what they say.
    fn check(&self) -> Result<(), Fault>;

    /// The calls of `const` setters that make this configuration from a new one.
    fn recipe(&self) -> Vec<String>;

    /// What it does, for the documentation of the function it stands on.
    fn summary(&self) -> String;

    /// The values that two declarations of one name must share, by the name of the option.
    fn fingerprint(&self) -> Vec<(&'static str, u64, u64)>;

    /// Judges whether a function that was compiled with this configuration can be told another one
    /// at run time.
    ///
    /// # Errors
    ///
    /// When the function could not do what that says.
    fn replaced_by(&self, _other: &dyn PolicyConfig) -> Result<(), Fault> {
        Ok(())
    }

    /// Whether the policy has to know when a call began.
    fn is_timed(&self) -> bool {
        false
    }

    /// Whether its values let the policy end a call by itself with a rejection; asked where that
    /// depends on them, by [`Rejection::said_by`].
    fn rejects(&self) -> bool {
        true
    }

    /// How many keys are kept, and for how long, where the policy has a `key`.
    fn key_bounds(&self) -> KeyBounds {
        KeyBounds::new()
    }

    /// A copy of it.
    fn duplicate(&self) -> Box<dyn PolicyConfig>;

    /// The same, for those that know which policy it is.
    fn as_any(&self) -> &dyn Any;
}

/// A configuration by its own methods, and what it says otherwise than others.
macro_rules! policy_config {
    ($config:ty $({ $($own:tt)* })?) => {
        impl $crate::PolicyConfig for $config {
            $($($own)*)?

            fn set(&mut self, option: &str, value: &$crate::Value) -> Result<(), $crate::Fault> {
                Self::set(self, option, value)
            }

            fn check(&self) -> Result<(), $crate::Fault> {
                Self::check(self)
            }

            fn recipe(&self) -> Vec<String> {
                Self::recipe(self)
            }

            fn summary(&self) -> String {
                Self::summary(self)
            }

            fn fingerprint(&self) -> Vec<(&'static str, u64, u64)> {
                Self::fingerprint(self)
            }

            fn duplicate(&self) -> Box<dyn $crate::PolicyConfig> {
                Box::new(Clone::clone(self))
            }

            fn as_any(&self) -> &dyn ::std::any::Any {
                self
            }
        }

        impl $config {
            /// The table of the policy.
            #[doc(hidden)]
            pub const TABLE: &'static $crate::PolicySpec = &Self::SPEC;
        }
    };
}

pub(crate) use policy_config;

/// What `name`, and nothing more, means where nobody has options under that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameAlone {
    /// It refers to options that are missing.
    Refers,
    /// It declares the policy with its defaults, which are all there is to say.
    Declares,
}

/// How often a policy runs what is inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Runs {
    /// Once at the most.
    Once,
    /// Again after an attempt is over.
    OneAfterAnother,
    /// Several times side by side.
    SideBySide,
}

/// What a policy does when what is inside it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing, or it is for other things as well.
    Other,
    /// It acts, and on nothing else: where it never sees a failure it is for nothing.
    Acts,
    /// It answers, so that no failure comes out of it unless conditions leave some.
    Answers,
}

/// The rejection with which a policy can end a call by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    /// The variant of `Kind`.
    pub kind: &'static str,
    /// Whether a call that is repeated at once is rejected again.
    pub lasts: bool,
    /// The options by which it can, if without them it cannot.
    pub said_by: &'static [&'static str],
}

impl Rejection {
    /// A rejection that is always possible.
    pub(crate) const fn of_kind(kind: &'static str) -> Self {
        Self { kind, lasts: false, said_by: &[] }
    }

    /// The same where a call that is repeated at once is rejected again.
    pub(crate) const fn lasting(self) -> Self {
        Self { lasts: true, ..self }
    }

    /// The same where it is possible only by one of these options.
    pub(crate) const fn if_said_by(self, said_by: &'static [&'static str]) -> Self {
        Self { said_by, ..self }
    }
}

/// The table of one policy.
#[derive(Debug, Clone, Copy)]
pub struct PolicySpec {
    /// The attribute, module, section of a settings file and policy of an event: one word.
    pub name: &'static str,
    /// The policy's type in the crate `failsafe`.
    pub type_name: &'static str,
    /// The option that may be written first without its name.
    pub positional: Option<&'static str>,
    /// A configuration to which nothing has been said.
    pub blank: fn() -> Box<dyn PolicyConfig>,
    /// Every option but `name`, which all policies have.
    pub options: &'static [OptionSpec],
    /// Options of which at most one can be written.
    pub exclusive: &'static [&'static [&'static str]],
    /// An option that means nothing unless one of the others is written too, and why.
    pub requires: &'static [(&'static str, &'static [&'static str], &'static str)],
    /// Options of which at least one must be written, and what to write.
    pub needs_one_of: Option<(&'static [&'static str], &'static str)>,
    /// Whether the policy has state that functions can share.
    pub stateful: bool,
    /// What happens to a call that passes one instance two times, if nobody can mean that.
    pub twice: Option<&'static str>,
    /// What a `name` alone means where nobody has options under that name.
    pub name_alone: NameAlone,
    /// How often it runs what is inside.
    pub runs: Runs,
    /// The rejection with which it can end a call by itself, if it can.
    pub rejects: Option<Rejection>,
    /// What it does when what is inside fails.
    pub on_failure: OnFailure,
    /// Whether its type has parameters, which the static of a function cannot name.
    pub generic: bool,
    /// Why it cannot guard a blocking function, if it cannot.
    pub needs_async: Option<&'static str>,
    /// Whether it is also a step, whose code functions share that say nothing in code of their own.
    pub is_step: bool,
}

impl PolicySpec {
    /// The row of an option.
    pub fn option(&self, name: &str) -> Option<&'static OptionSpec> {
        self.options.iter().find(|option| option.name == name)
    }

    /// Whether code under this option says what is otherwise said by a value, so that a `name` beside
    /// it is more than a reference to options declared elsewhere.
    pub fn is_declared_by(&self, option: &str) -> bool {
        let needed = self.needs_one_of.is_some_and(|(options, _)| options.contains(&option));
        let instead = |(_, needs, _): &(_, &[&str], _)| needs.contains(&option);
        needed || (!self.stateful && self.requires.iter().any(instead))
    }

    /// Whether it answers instead of a failure. An answer is of the type of one function, so there
    /// are no instances of such a policy.
    pub fn answers(&self) -> bool {
        self.on_failure == OnFailure::Answers
    }

    /// Whether there can be an instance for each value of a `key`.
    pub fn has_keys(&self) -> bool {
        self.option("max_keys").is_some()
    }

    /// Whether an option is about the instances of a `key`, which a single instance has nothing of.
    pub fn is_about_keys(&self, option: &str) -> bool {
        self.has_keys() && ["key", "max_keys", "key_idle"].contains(&option)
    }

    /// What to say of options of which one can be written, at each of them but the first.
    pub fn excluding(names: &[&str]) -> String {
        let mut quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let last = quoted.pop().unwrap_or_default();
        format!("{} and {last} exclude each other; keep one", quoted.join(", "))
    }

    /// What to say of a word that is no option, and which ones there are.
    pub fn unknown_option<'a>(
        &self,
        written: &str,
        options: impl IntoIterator<Item = &'a str> + Clone,
    ) -> String {
        let hint = did_you_mean(written, "options", options);
        format!("unknown option `{written}` of `{}`; {hint}", self.name)
    }
}

/// The tables of all policies.
pub fn policies() -> &'static [PolicySpec] {
    const ALL: &[PolicySpec] = &[
        RetryConfig::SPEC,
        CircuitBreakerConfig::SPEC,
        TimeoutConfig::SPEC,
        FallbackConfig::SPEC,
        RateLimiterConfig::SPEC,
        FeatureToggleConfig::SPEC,
        BulkheadConfig::SPEC,
        FailFastConfig::SPEC,
        HedgeConfig::SPEC,
        CacheConfig::SPEC,
        AdaptiveThrottlerConfig::SPEC,
        AdaptiveLimiterConfig::SPEC,
    ];
    ALL
}

/// The table of the policy with that name.
pub fn policy(name: &str) -> Option<&'static PolicySpec> {
    policies().iter().find(|policy| policy.name == name)
}

/// The tables of what `policy!` makes an instance of: the policies that functions can share, and what
/// is no policy by itself but shared by them.
pub fn instances() -> impl Iterator<Item = &'static PolicySpec> + Clone {
    const PARTS: &[PolicySpec] = &[BudgetConfig::SPEC, PrioritizerConfig::SPEC];
    policies().iter().filter(|policy| !policy.answers()).chain(PARTS)
}

/// Every table there is: those of the policies, and of what is no policy by itself.
pub fn tables() -> impl Iterator<Item = &'static PolicySpec> + Clone {
    policies().iter().chain(instances().filter(|table| policy(table.name).is_none()))
}

/// The kinds of rejections that there are, as the variants of `Kind` are called.
pub fn kinds() -> impl Iterator<Item = &'static str> + Clone {
    // Who holds the handle of a spawned call can cancel it, under any policy.
    let others = ["Cancelled"];
    tables().filter_map(|table| table.rejects).map(|rejection| rejection.kind).chain(others)
}
