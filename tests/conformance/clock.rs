//! The virtual clock of the file that is replayed: on this thread, from 0.

use failsafe::testing::VirtualTime;
use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

thread_local! {
    static CLOCK: RefCell<VirtualTime> = RefCell::new(VirtualTime::new());
}

fn current() -> VirtualTime {
    CLOCK.with(|clock| clock.borrow().clone())
}

/// Begins again at 0.
pub(crate) fn restart() {
    CLOCK.with(|clock| clock.replace(VirtualTime::new()));
}

/// Nanoseconds since the start of the trace.
pub(crate) fn now() -> u64 {
    u64::try_from(current().elapsed().as_nanos()).expect("a trace is shorter than 584 years")
}

/// Whether it is as late as a step of the trace says.
pub(crate) fn check(at_ns: u64) -> Result<(), String> {
    match now() {
        now if now == at_ns => Ok(()),
        now => Err(format!("at_ns: expected {at_ns}, was {now}")),
    }
}

/// Lets time pass.
pub(crate) fn advance(nanos: u64) {
    run(VirtualTime::sleep(Duration::from_nanos(nanos)));
}

/// Runs a future to its end.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    current().run(future)
}

/// Runs code that reads the clock.
pub(crate) fn at<R>(code: impl FnOnce() -> R) -> R {
    current().blocking(code)
}
