//! A clock that runs faster.
//!
//! failsafe measures and waits by tokio's clock, and so do both services. A faster clock therefore
//! shortens every duration there is, and the attributes stay as they are.

use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::{task, time};

/// How far the clock goes on at a time.
const STEP: Duration = Duration::from_millis(10);

/// Lets the clock of this runtime run so many times faster, from now on.
///
/// It waits for the runtime: on a busy machine the clock is slow, but no deadline passes just
/// because the program had no time to run.
pub(crate) fn speed_up(factor: u32) {
    time::pause();
    let (tick, mut ticks) = mpsc::channel(1);
    // A paused clock jumps to the next deadline whenever there is nothing to do but wait for the
    // network, except while a blocking task runs.
    task::spawn_blocking(move || {
        // The other end is gone when the runtime is.
        while tick.blocking_send(()).is_ok() {
            thread::park_timeout(STEP / factor);
        }
    });
    task::spawn(async move {
        while ticks.recv().await.is_some() {
            time::advance(STEP).await;
        }
    });
}
