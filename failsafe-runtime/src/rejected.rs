//! A call that a policy refused or gave up on.

use crate::label::Label;
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Why a policy refused a call or gave up on it.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A circuit breaker is open, or half-open with all its trial calls under way.
    CircuitOpen,
    /// A timeout's limit has passed.
    Timeout,
    /// A bulkhead has no place left.
    BulkheadFull,
    /// A rate limiter has no permit in time.
    RateLimited,
    /// An adaptive limiter's limit is reached.
    LimitExceeded,
    /// An adaptive throttler sheds load.
    Throttled,
    /// A fail-fast is in its failed state.
    FailFast,
    /// A feature toggle is off.
    FeatureDisabled,
    /// A budget allows no further attempt.
    BudgetExceeded,
    /// A retry has run out, and returns that instead of the last outcome.
    RetriesExceeded,
    /// The handle of a spawned call was cancelled.
    Cancelled,
}

impl Kind {
    /// What happened, in words.
    const fn text(self) -> &'static str {
        match self {
            Self::CircuitOpen => "circuit breaker open",
            Self::Timeout => "timeout exceeded",
            Self::BulkheadFull => "bulkhead full",
            Self::RateLimited => "rate limit exceeded",
            Self::LimitExceeded => "limit exceeded",
            Self::Throttled => "failure rate exceeded",
            Self::FailFast => "failing fast",
            Self::FeatureDisabled => "feature disabled",
            Self::BudgetExceeded => "budget exceeded",
            Self::RetriesExceeded => "retries exceeded",
            Self::Cancelled => "execution canceled",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// A call that a policy refused or gave up on.
///
/// It is small, cheap to clone, and making one does not allocate. A function under policies returns
/// it as its own error type, which needs `From<Rejected>` (see [`Reject`](crate::Reject)).
///
/// ```
/// # use failsafe_runtime as failsafe;
/// #[derive(Debug)]
/// enum Error {
///     Busy(failsafe::Rejected),
/// }
///
/// impl From<failsafe::Rejected> for Error {
///     fn from(rejected: failsafe::Rejected) -> Self {
///         Self::Busy(rejected)
///     }
/// }
/// ```
#[non_exhaustive]
#[derive(Clone)]
pub struct Rejected {
    kind: Kind,
    policy: Label,
    /// In nanoseconds; the largest number stands for none.
    retry_after: u64,
    /// Behind a thin pointer, which keeps what travels between policies small.
    source: Option<Arc<Source>>,
}

type Source = Arc<dyn Error + Send + Sync>;

impl Rejected {
    pub(crate) const fn new(kind: Kind, policy: Label) -> Self {
        Self { kind, policy, retry_after: u64::MAX, source: None }
    }

    /// Adds when a call may be let through again.
    #[must_use]
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.retry_after = crate::clock::nanos(delay).min(u64::MAX - 1);
        self
    }

    /// Adds the error that was the last straw.
    #[must_use]
    pub(crate) fn because(mut self, source: Option<Arc<dyn Error + Send + Sync>>) -> Self {
        self.source = source.map(Arc::new);
        self
    }

    /// The name of the policy: the one it was given, or the path of the function it stands on.
    pub fn policy(&self) -> &str {
        self.policy.name()
    }

    /// Why.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How long until a call may be let through again, where the policy knows.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self.retry_after {
            u64::MAX => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.policy)
    }
}

// By hand, not derived: a derived `source` is the `Arc`, which cannot be downcast to what is in it.
impl Error for Rejected {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| &**source as _)
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Rejected");
        debug.field("kind", &self.kind).field("policy", &self.policy());
        if let Some(after) = self.retry_after() {
            debug.field("retry_after", &after);
        }
        if let Some(source) = &self.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl From<Rejected> for io::Error {
    fn from(rejected: Rejected) -> Self {
        let kind = match rejected.kind {
            Kind::Timeout => io::ErrorKind::TimedOut,
            Kind::RateLimited | Kind::BulkheadFull | Kind::LimitExceeded | Kind::Throttled => {
                io::ErrorKind::WouldBlock
            }
            Kind::Cancelled => io::ErrorKind::Interrupted,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, rejected)
    }
}

impl From<Rejected> for String {
    fn from(rejected: Rejected) -> Self {
        rejected.to_string()
    }
}
