//! The policies that a stack of the settings can have: the one place that names them all.

use crate::adaptive_limiter::AdaptiveLimiter;
use crate::adaptive_throttler::AdaptiveThrottler;
use crate::attempt::Call;
use crate::bulkhead::Bulkhead;
use crate::circuit_breaker::CircuitBreaker;
use crate::executor::{BlockingPolicy, Body, Policy};
use crate::fail_fast::FailFast;
use crate::feature_toggle::FeatureToggle;
use crate::hedge::Hedge;
use crate::outcome::{Flow, Outcome};
use crate::rate_limiter::RateLimiter;
use crate::retry::Retry;
use crate::site::Declaration;
use crate::timeout::Timeout;
use std::future::Future;
use std::pin::Pin;

/// What runs the rest of a stack. It is boxed: which policies it has is known only at run time.
type Running<'a, R> = Pin<Box<dyn Future<Output = Flow<R>> + Send + 'a>>;

/// A body whose type is left behind, so that the policies are compiled once for a return type and not
/// for every function.
pub(super) trait AnyBody<R>: Sync {
    /// Runs it once.
    fn start<'a>(&'a self, call: &'a mut Call) -> Running<'a, R>
    where
        R: 'a;
}

impl<R, B: Body<R>> AnyBody<R> for B {
    fn start<'a>(&'a self, call: &'a mut Call) -> Running<'a, R>
    where
        R: 'a,
    {
        Box::pin(self.run(call))
    }
}

/// What the policies further inside make of a body.
struct Inside<'a, R> {
    layers: &'a [Layer],
    body: &'a dyn AnyBody<R>,
}

impl<R: Outcome + Send> Body<R> for Inside<'_, R> {
    async fn run(&self, call: &mut Call) -> Flow<R> {
        start(self.layers, call, self.body).await
    }
}

macro_rules! layers {
    ($($any:ident = $any_name:literal),* ; asynchronous $($async:ident = $async_name:literal),*) => {
        /// One policy of a stack.
        #[derive(Debug)]
        pub(super) enum Layer {
            $($any($any),)*
            $($async($async),)*
        }

        /// Whether a policy can be in a stack of the settings: those that need code cannot.
        pub(crate) fn can_hold(policy: &str) -> bool {
            [$($any_name,)* $($async_name),*].contains(&policy)
        }

        impl Layer {
            /// The policy of a declaration.
            pub(super) fn of(declaration: &'static Declaration) -> Option<Self> {
                match declaration.policy() {
                    $($any_name => Some(Self::$any($any::declared((declaration, written(declaration))))),)*
                    $($async_name => Some(Self::$async($async::declared((declaration, written(declaration))))),)*
                    _ => None,
                }
            }

            /// The policy and why, if blocking code cannot run under it.
            pub(super) fn needs_async(&self) -> Option<(&'static str, &'static str)> {
                let policy = match self {
                    $(Self::$any(_) => $any_name,)*
                    $(Self::$async(_) => $async_name,)*
                };
                Some((policy, failsafe_config::policy(policy)?.needs_async?))
            }
        }

        /// Runs a body under policies, outermost first.
        pub(super) fn start<'a, R: Outcome + Send + 'a>(
            layers: &'a [Layer],
            call: &'a mut Call,
            body: &'a dyn AnyBody<R>,
        ) -> Running<'a, R> {
            let Some((outermost, layers)) = layers.split_first() else { return body.start(call) };
            let inside = Inside { layers, body };
            match outermost {
                $(Layer::$any(policy) => Box::pin(async move { policy.guard(call, &inside).await }),)*
                $(Layer::$async(policy) => Box::pin(async move { policy.guard(call, &inside).await }),)*
            }
        }

        /// Runs a blocking body under policies, outermost first.
        pub(super) fn run_blocking<R: Outcome>(
            layers: &[Layer],
            call: &mut Call,
            body: &mut dyn FnMut(&mut Call) -> Flow<R>,
        ) -> Flow<R> {
            let Some((outermost, layers)) = layers.split_first() else { return body(call) };
            let mut inside = |call: &mut Call| run_blocking(layers, call, &mut *body);
            match outermost {
                $(Layer::$any(policy) => policy.guard_blocking(call, &mut inside),)*
                // Settings with such a policy are refused while somebody makes blocking calls.
                $(Layer::$async(_) => inside(call),)*
            }
        }
    };
}

layers! {
    Retry = "retry",
    CircuitBreaker = "circuit_breaker",
    RateLimiter = "rate_limiter",
    FeatureToggle = "feature_toggle",
    Bulkhead = "bulkhead",
    FailFast = "fail_fast",
    AdaptiveThrottler = "adaptive_throttler",
    AdaptiveLimiter = "adaptive_limiter";
    asynchronous
    Timeout = "timeout",
    Hedge = "hedge"
}

/// The options that are written; what settings say is asked by the policy itself.
fn written<C: Copy + Default + 'static>(declaration: &'static Declaration) -> C {
    declaration.written().copied().unwrap_or_default()
}
