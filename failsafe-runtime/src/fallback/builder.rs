use super::{FallbackEvent, Hooks};
use crate::executor::conditions::{Classify, Conditions};
use crate::label::Label;
use crate::outcome::{Failure, Flow, Outcome};
use crate::rejected::{Kind, Rejected};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

type BoxFuture<R> = Pin<Box<dyn Future<Output = R> + Send>>;
type Listener<R> = Arc<dyn Fn(&FallbackEvent<'_, R>) + Send + Sync>;

/// How the answer is made.
pub(crate) enum Answerer<R> {
    Sync(Arc<dyn Fn(Failure<R>) -> R + Send + Sync>),
    Async(Arc<dyn Fn(Failure<R>) -> BoxFuture<R> + Send + Sync>),
}

/// A fallback: what to answer instead of a failure.
///
/// ```
/// # use failsafe_runtime::{self as failsafe, Fallback};
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let fallback = Fallback::with(|_| Ok::<u32, String>(0)).build();
/// let answer = failsafe::with(fallback).try_run(|| async { Err("down".to_owned()) }).await;
/// assert_eq!(answer.unwrap(), Ok(0));
/// # }
/// ```
pub struct Fallback<R> {
    pub(crate) label: Label,
    pub(crate) answerer: Answerer<R>,
    handle: Conditions<R>,
    listeners: Vec<Listener<R>>,
}

impl<R: Outcome + 'static> Fallback<R> {
    /// Answers with what the function makes of the failure.
    pub fn with(answer: impl Fn(Failure<R>) -> R + Send + Sync + 'static) -> FallbackBuilder<R> {
        Self::from(Answerer::Sync(Arc::new(answer)))
    }

    /// Answers with what the asynchronous function makes of the failure.
    pub fn with_async<F>(
        answer: impl Fn(Failure<R>) -> F + Send + Sync + 'static,
    ) -> FallbackBuilder<R>
    where
        F: Future<Output = R> + Send + 'static,
    {
        Self::from(Answerer::Async(Arc::new(move |failure| Box::pin(answer(failure)))))
    }

    /// Answers with a copy of this value.
    pub fn value(value: R) -> FallbackBuilder<R>
    where
        R: Clone + Send + Sync,
    {
        Self::with(move |_| value.clone())
    }

    fn from(answerer: Answerer<R>) -> FallbackBuilder<R> {
        let label = Label::Unnamed(&"fallback");
        let handle = Conditions::any_failure();
        FallbackBuilder(Self { label, answerer, handle, listeners: Vec::new() })
    }
}

impl<T: 'static, E: Clone + Send + Sync + 'static> Fallback<Result<T, E>> {
    /// Answers with a copy of this error.
    pub fn error(error: E) -> FallbackBuilder<Result<T, E>> {
        Self::with(move |_| Err(error.clone()))
    }
}

impl<R> Fallback<R> {
    /// Its name.
    pub fn name(&self) -> &str {
        self.label.name()
    }
}

impl<R> Hooks<R> for Fallback<R> {
    fn is_failure(&self, flow: &Flow<R>) -> bool {
        self.handle.is_failure(flow)
    }

    fn is_heard(&self) -> bool {
        !self.listeners.is_empty()
    }

    fn hear(&self, event: &FallbackEvent<'_, R>) {
        self.listeners.iter().for_each(|listener| listener(event));
    }
}

impl<R> fmt::Debug for Fallback<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fallback").field("name", &self.name()).finish_non_exhaustive()
    }
}

/// Builds a [`Fallback`].
#[derive(Debug)]
#[must_use = "a builder does nothing until it builds"]
pub struct FallbackBuilder<R>(Fallback<R>);

impl<R: 'static> FallbackBuilder<R> {
    /// The name in events.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.label = Label::Given(Arc::new(name.into()));
        self
    }

    /// Adds a condition: these return values are failures. Conditions are OR-ed, and replace "any
    /// failure", rejections by policies inside included.
    pub fn handle_if(mut self, test: impl Fn(&R) -> bool + Send + Sync + 'static) -> Self {
        self.0.handle.add_outcome(test);
        self
    }

    /// Adds a condition: these rejections by policies inside are failures.
    pub fn handle_rejected(mut self, test: impl Fn(Kind) -> bool + Send + Sync + 'static) -> Self {
        self.0.handle.add_rejected(move |rejected: &Rejected| test(rejected.kind()));
        self
    }

    /// Adds a condition as [`handle_rejected`](Self::handle_rejected) does, over the whole
    /// rejection, its source included.
    pub fn handle_rejection_if(
        mut self,
        test: impl Fn(&Rejected) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.0.handle.add_rejected(test);
        self
    }

    /// Adds a listener that is called when the fallback has answered.
    pub fn on_fallback(
        self,
        listener: impl Fn(&FallbackEvent<'_, R>) + Send + Sync + 'static,
    ) -> Self {
        self.on("fallback", listener)
    }

    /// Adds a listener that is called when there was no failure.
    pub fn on_success(
        self,
        listener: impl Fn(&FallbackEvent<'_, R>) + Send + Sync + 'static,
    ) -> Self {
        self.on("success", listener)
    }

    /// Adds a listener that is called when there was a failure, before the fallback answers.
    pub fn on_failure(
        self,
        listener: impl Fn(&FallbackEvent<'_, R>) + Send + Sync + 'static,
    ) -> Self {
        self.on("failure", listener)
    }

    /// The fallback.
    #[must_use]
    pub fn build(self) -> Fallback<R> {
        self.0
    }

    fn on(
        mut self,
        event: &'static str,
        listener: impl Fn(&FallbackEvent<'_, R>) + Send + Sync + 'static,
    ) -> Self {
        self.0.listeners.push(Arc::new(move |heard: &FallbackEvent<'_, R>| {
            if heard.what().name() == event {
                listener(heard);
            }
        }));
        self
    }
}
