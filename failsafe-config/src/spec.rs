use crate::{
    AdaptiveLimiterConfig, AdaptiveThrottlerConfig, BudgetConfig, BulkheadConfig, CacheConfig,
    CircuitBreakerConfig, FailFastConfig, FallbackConfig, Fault, FeatureToggleConfig, HedgeConfig,
    PrioritizerConfig, RateLimiterConfig, RetryConfig, TimeoutConfig, Value, did_you_mean,
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
        Self { name, shape: Shape::Config { setter }, default, example, doc }
    }

    /// A row of a word that stands for itself.
    pub(crate) const fn flag(name: &'static str, doc: &'static str) -> Self {
        Self { name, shape: Shape::Flag, default: "", example: "true", doc }
    }

    /// A row of something that is evaluated in the function.
    pub(crate) const fn call(
        name: &'static str,
        shape: Shape,
        example: &'static str,
        doc: &'static str,
    ) -> Self {
        Self { name, shape, default: "", example, doc }
    }

    /// Whether it is a value of the configuration, which a settings file can set.
    pub const fn is_config(&self) -> bool {
        matches!(self.shape, Shape::Config { .. } | Shape::Flag)
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

    /// A copy of it.
    fn duplicate(&self) -> Box<dyn PolicyConfig>;

    /// The same, for those that know which policy it is.
    fn as_any(&self) -> &dyn Any;
}

macro_rules! policy_config {
    ($($config:ty $({ $($own:tt)* })?),* $(,)?) => {$(
        impl PolicyConfig for $config {
            $($($own)*)?

            fn set(&mut self, option: &str, value: &Value) -> Result<(), Fault> {
                Self::set(self, option, value)
            }

            fn check(&self) -> Result<(), Fault> {
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

            fn duplicate(&self) -> Box<dyn PolicyConfig> {
                Box::new(Clone::clone(self))
            }

            fn as_any(&self) -> &dyn Any {
                self
            }
        }
    )*};
}

policy_config!(BudgetConfig, PrioritizerConfig);
policy_config!(RetryConfig {
    fn replaced_by(&self, other: &dyn PolicyConfig) -> Result<(), Fault> {
        other.as_any().downcast_ref().map_or(Ok(()), |other| Self::replaced_by(self, other))
    }
});
policy_config!(
    CircuitBreakerConfig,
    TimeoutConfig,
    FallbackConfig,
    RateLimiterConfig,
    FeatureToggleConfig,
    BulkheadConfig,
    AdaptiveLimiterConfig,
    AdaptiveThrottlerConfig,
    CacheConfig,
    FailFastConfig,
    HedgeConfig,
);

/// What `name`, and nothing more, means where nobody has options under that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameAlone {
    /// It refers to options that are missing.
    Refers,
    /// It declares the policy with its defaults, which are all there is to say.
    Declares,
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
    /// Whether it can run the body more than once.
    pub reruns: bool,
    /// Whether it can end a call by itself with a rejection.
    pub rejects: bool,
    /// Why it cannot guard a blocking function, if it cannot.
    pub needs_async: Option<&'static str>,
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
    // A fallback is made for one function.
    policies().iter().filter(|policy| policy.name != "fallback").chain(PARTS)
}

/// Every table there is: those of the policies, and of what is no policy by itself.
pub fn tables() -> impl Iterator<Item = &'static PolicySpec> + Clone {
    policies().iter().chain(instances().filter(|table| policy(table.name).is_none()))
}
