//! Asking whether something has recovered: what a probe may return, and how it is run, within its
//! time and with its panics caught.

use crate::clock::{self, Sleep};
use crate::listener;
use pin_project_lite::pin_project;
use std::any::Any;
use std::fmt;
use std::future::{Future, Ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

/// Begins a probe that belongs to an instance; `None` where it has to wait and may not.
pub type Ask = fn(may_wait: bool) -> Option<Probing>;

/// What a probe may return, at its end.
#[diagnostic::on_unimplemented(
    message = "the probe returns `{Self}`, which does not say whether it has recovered",
    label = "this must return `bool`, a `Result` or nothing",
    note = "the probe of a blocking function is blocking too"
)]
pub trait Verdict {
    /// Whether calls may pass again.
    fn has_recovered(self) -> bool;
}

impl Verdict for bool {
    fn has_recovered(self) -> bool {
        self
    }
}

impl Verdict for () {
    fn has_recovered(self) -> bool {
        true
    }
}

impl<T: Any, E> Verdict for Result<T, E> {
    fn has_recovered(self) -> bool {
        // `Ok(false)` is a probe that could be run and says no.
        self.is_ok_and(|found| (&found as &dyn Any).downcast_ref() != Some(&false))
    }
}

/// What a probe may return: its verdict, or a future of it.
#[diagnostic::on_unimplemented(
    message = "the probe returns `{Self}`, which does not say whether it has recovered",
    label = "this must return `bool`, a `Result` or nothing, at once or as an async function"
)]
pub trait Probed<How>: Sized {
    /// Whether it is a future.
    const WAITS: bool;

    /// What the verdict is awaited by. A type, so that a probe of another type is one error.
    type Asking: Future<Output = bool>;

    /// The verdict.
    fn verdict(self) -> Self::Asking;

    /// The same, of a type that can be named.
    fn boxed(self) -> Probing
    where
        Self: Send + 'static;
}

/// The verdict is there.
#[derive(Debug)]
pub struct Now;

/// The verdict is on its way.
#[derive(Debug)]
pub struct Later;

impl<V: Verdict> Probed<Now> for V {
    const WAITS: bool = false;

    type Asking = Ready<bool>;

    fn verdict(self) -> Ready<bool> {
        std::future::ready(self.has_recovered())
    }

    fn boxed(self) -> Probing {
        Probing::Ended(self.has_recovered())
    }
}

#[diagnostic::do_not_recommend]
impl<F: Future> Probed<Later> for F
where
    F::Output: Verdict,
{
    const WAITS: bool = true;

    type Asking = Asking<F>;

    fn verdict(self) -> Asking<F> {
        Asking { probe: self }
    }

    fn boxed(self) -> Probing
    where
        Self: Send + 'static,
    {
        Probing::Waits(Box::pin(self.verdict()))
    }
}

pin_project! {
    /// The verdict of a future.
    #[derive(Debug)]
    pub struct Asking<F> {
        #[pin]
        probe: F,
    }
}

impl<F: Future> Future for Asking<F>
where
    F::Output: Verdict,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        self.project().probe.poll(cx).map(Verdict::has_recovered)
    }
}

/// A probe under way.
pub enum Probing {
    /// It has ended, and says whether calls may pass again.
    Ended(bool),
    /// It waits for something.
    Waits(Pin<Box<dyn Future<Output = bool> + Send>>),
}

impl Future for Probing {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        match &mut *self {
            Self::Ended(verdict) => Poll::Ready(*verdict),
            Self::Waits(probe) => probe.as_mut().poll(cx),
        }
    }
}

impl fmt::Debug for Probing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Probing")
    }
}

/// The probe of an attribute, which sees the function's arguments.
#[doc(hidden)]
pub fn probing<A: Probed<How>, How>(probe: impl FnOnce() -> A) -> A::Asking {
    probe().verdict()
}

/// The same, of a blocking function.
#[doc(hidden)]
pub fn probing_now<V: Verdict>(probe: impl FnOnce() -> V) -> bool {
    probe().has_recovered()
}

/// The probe of a declaration, which uses nothing of the function.
#[doc(hidden)]
pub fn shared<A, How>(may_wait: bool, probe: impl FnOnce() -> A) -> Option<Probing>
where
    A: Probed<How> + Send + 'static,
{
    (may_wait || !A::WAITS).then(|| probe().boxed())
}

/// The same, of a blocking function.
#[doc(hidden)]
pub fn shared_now<V: Verdict>(_may_wait: bool, probe: impl FnOnce() -> V) -> Option<Probing> {
    Some(Probing::Ended(probing_now(probe)))
}

pin_project! {
    /// A probe within its time, whose panics end in it.
    pub struct Limited<F> {
        #[pin]
        probe: F,
        #[pin]
        timer: Option<Sleep>,
        limit: Duration,
    }
}

/// How a probe ended: with a verdict, by its limit (which is one), or in a panic.
pub type Ended = Result<bool, ()>;

impl<F> Limited<F> {
    /// That probe, with so much time.
    pub const fn new(probe: F, limit: Duration) -> Self {
        Self { probe, timer: None, limit }
    }
}

impl<F: Future<Output = bool>> Future for Limited<F> {
    type Output = Ended;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let mut this = self.project();
        match listener::guard(|| this.probe.poll(cx)) {
            Ok(Poll::Ready(verdict)) => return Poll::Ready(Ok(verdict)),
            Err(()) => return Poll::Ready(Err(())),
            Ok(Poll::Pending) => {}
        }
        if this.timer.is_none() {
            this.timer.set(Some(clock::sleep(*this.limit)));
        }
        // A probe that has used up the task's budget must not keep the timer from being looked at.
        let timer = this.timer.as_pin_mut().map(tokio::task::unconstrained);
        match timer.map(|timer| pin!(timer).poll(cx)) {
            Some(Poll::Ready(())) => Poll::Ready(Ok(false)),
            _ => Poll::Pending,
        }
    }
}
