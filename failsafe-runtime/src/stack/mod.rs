//! Stacks that settings define by name, and code that runs under them.

mod declared;
mod layer;
mod slot;

pub(crate) use declared::declaration;
pub(crate) use layer::can_hold;
pub(crate) use slot::slots;

use crate::attempt::Call;
use crate::executor::{BlockingPolicy, Body, Executor, Policy, with};
use crate::outcome::{Flow, Outcome, Reject};
use crate::overrides::shown;
use failsafe_config::did_you_mean;
use slot::Handle;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// The stack that the settings in force define under this name.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Rejected};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Usually a file.
/// failsafe::settings::from_toml(
///     "[stacks.payments]
///      policies = [
///          { retry = { max = 3, backoff = '100ms..1s' } },
///          { circuit_breaker = { failures = '3/5', delay = '30s' } },
///          { timeout = '2s' },
///      ]",
/// )?
/// .apply()?;
///
/// let payments = failsafe::settings::stack("payments")?;
/// let paid: Result<u32, Rejected> = payments.run(|| async { Ok(42) }).await;
/// assert_eq!(paid?, 42);
///
/// let unknown = failsafe::settings::stack("paymets").unwrap_err();
/// let says = "the settings define no stack `paymets`; did you mean `payments`?";
/// assert_eq!(unknown.to_string(), says);
/// # drop(payments);
/// # failsafe::settings::reset();
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When the settings in force define no stack of that name; also while none are applied.
///
/// The name is a value, so nothing knows it before this is called: neither
/// [`Settings::check`](crate::settings::Settings::check) nor
/// [`assert_valid`](crate::settings::assert_valid) misses a stack that was never asked for. Ask for all of
/// them when the program starts, and keep them: from then on settings without them are refused.
pub fn stack(name: &str) -> Result<Stack, UnknownStack> {
    let slots = slots();
    let slot = slots.find(name).ok_or_else(|| {
        let name = &shown(name);
        UnknownStack(if slots.names().next().is_none() {
            format!("no settings in force define a stack, so there is no `{name}`")
        } else {
            let hint = did_you_mean(name, "the stacks", slots.names());
            format!("the settings define no stack `{name}`; {hint}")
        })
    })?;
    let handle = Stacked(Arc::new(Handle::new(slot, false, &slots)));
    Ok(Stack(with(handle).name(slot.name)))
}

/// The settings in force define no stack of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownStack(String);

/// A stack has policies that blocking calls cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NeedsAsync(String);

/// A stack that settings define: runs asynchronous code under its policies; see [`stack`].
///
/// It runs code of any return type that can hold a rejection, as an [`Executor`] does, and its policies
/// take for a failure what [`Outcome`] does. What settings define when a call begins holds for that
/// call; the options of the policies can change meanwhile, as they can under an attribute.
///
/// It is a policy itself: `failsafe::with((fallback, stack))` puts around it what needs code, such as a
/// fallback or a cache, and has listeners and tasks.
///
/// While a program has a stack, settings that do not define it are refused. Clones are cheap.
#[derive(Clone)]
pub struct Stack(Executor<Stacked>);

/// A stack that settings define: runs blocking code under its policies; see [`Stack::blocking`].
#[derive(Clone)]
pub struct BlockingStack(Executor<Stacked>);

/// What is in force under a name.
#[derive(Clone)]
struct Stacked(Arc<Handle>);

impl Stack {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.0.policies().0.slot.name
    }

    /// Runs an asynchronous body under the policies; each attempt calls it anew.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the attempt; permits are given back, and nothing is counted.
    pub async fn run<R, F, A>(&self, body: F) -> R
    where
        R: Reject + Outcome + Send,
        F: Fn() -> A + Sync + Send,
        A: Future<Output = R> + Send,
    {
        self.0.run(body).await
    }

    /// Runs an asynchronous body under the policies, and returns a rejection as such: for bodies
    /// whose return type has no place for it.
    ///
    /// # Errors
    ///
    /// The rejection of a policy.
    ///
    /// # Cancel safety
    ///
    /// As [`run`](Self::run).
    pub async fn try_run<R, F, A>(&self, body: F) -> Flow<R>
    where
        R: Outcome + Send,
        F: Fn() -> A + Sync + Send,
        A: Future<Output = R> + Send,
    {
        self.0.try_run(body).await
    }

    /// The same stack for blocking code. While the program has one, settings by which the stack would
    /// have policies that need asynchronous code are refused.
    ///
    /// ```
    /// # use failsafe_runtime::{self as failsafe, Rejected};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// failsafe::settings::from_toml("[stacks.reports]\npolicies = [{ bulkhead = 4 }]")?.apply()?;
    /// let reports = failsafe::settings::stack("reports")?.blocking()?;
    /// let written: Result<u32, Rejected> = reports.run(|| Ok(42));
    /// assert_eq!(written?, 42);
    /// # drop(reports);
    /// # failsafe::settings::reset();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When it has a timeout or a hedge: a blocking call cannot be stopped from outside.
    pub fn blocking(&self) -> Result<BlockingStack, NeedsAsync> {
        let slots = slots();
        let slot = self.0.policies().0.slot;
        if let Some((policy, why)) = slot.layers().iter().find_map(layer::Layer::needs_async) {
            let name = slot.name;
            let says =
                format!("the stack `{name}` has the `{policy}`, but a blocking call cannot: {why}");
            return Err(NeedsAsync(says));
        }
        let handle = Stacked(Arc::new(Handle::new(slot, true, &slots)));
        Ok(BlockingStack(with(handle).name(slot.name)))
    }
}

impl BlockingStack {
    /// Its name.
    pub fn name(&self) -> &'static str {
        self.0.policies().0.slot.name
    }

    /// Runs a blocking body under the policies; waits block the thread.
    pub fn run<R: Reject + Outcome>(&self, body: impl FnMut() -> R) -> R {
        self.0.run_blocking(body)
    }
}

impl<R: Outcome + Send> Policy<R> for Stacked {
    async fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> Flow<R> {
        layer::start(self.0.slot.layers(), call, body).await
    }
}

impl<R: Outcome> BlockingPolicy<R> for Stacked {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        layer::run_blocking(self.0.slot.layers(), call, body)
    }
}

impl<R: Outcome + Send> Policy<R> for Stack {
    fn guard<B: Body<R>>(&self, call: &mut Call, body: &B) -> impl Future<Output = Flow<R>> + Send {
        self.0.policies().guard(call, body)
    }
}

impl<R: Outcome> BlockingPolicy<R> for BlockingStack {
    fn guard_blocking(
        &self,
        call: &mut Call,
        body: &mut dyn FnMut(&mut Call) -> Flow<R>,
    ) -> Flow<R> {
        self.0.policies().guard_blocking(call, body)
    }
}

impl fmt::Debug for Stacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.slot.layers()).finish()
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stack").field(&self.name()).field(self.0.policies()).finish()
    }
}

impl fmt::Debug for BlockingStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingStack").field(&self.name()).field(self.0.policies()).finish()
    }
}
