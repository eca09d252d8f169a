//! The contenders really run under the same settings: each stack is led through the same outage, on a paused clock.

use std::cell::Cell;
use std::future::pending;
use std::time::Duration;

use layered::Service as _;
use tick::ClockControl;
use tokio::time::Instant;
use tower::{Service as _, ServiceExt as _};

use crate::op::{Body, Error};
use crate::settings::OPEN_FOR;
use crate::{assembled, by_hand, ours, seatbelt, tower_resilience};

thread_local! {
    static RUNS: Cell<u32> = const { Cell::new(0) };
}

/// Counts how often it runs, and never ends.
struct Hangs;

impl Body for Hangs {
    fn run(_: u64) -> impl Future<Output = Result<u64, Error>> + Send + 'static {
        RUNS.set(RUNS.get() + 1);
        pending()
    }
}

/// One call during the outage: how often the operation ran, and how long the call took, to the nearest 10 ms (tokio's
/// timer is exact to 1 ms).
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    runs: u32,
    millis: u128,
}

/// What the calls of an outage are expected to look like.
const OUTAGE: [Seen; 3] = [
    // Three attempts of a second, 100 ms and 200 ms between them.
    Seen { runs: 3, millis: 3300 },
    // The fifth failure in a row opens the breaker, which then refuses the third attempt.
    Seen { runs: 2, millis: 2300 },
    // After the breaker's delay: the trial fails, and the breaker refuses the retries.
    Seen { runs: 1, millis: 1300 },
];

/// Makes the first `calls` calls of the outage. The third needs a breaker on a clock that can be moved.
async fn outage<E: std::fmt::Debug>(
    calls: usize,
    mut call: impl AsyncFnMut() -> Result<u64, E>,
    now: impl Fn() -> Duration,
    wait: impl AsyncFn(Duration),
) {
    for (at, expected) in OUTAGE.iter().enumerate().take(calls) {
        if at == 2 {
            wait(OPEN_FOR).await;
        }
        let (runs, start) = (RUNS.get(), now());
        call().await.expect_err("the operation never ends");
        let millis = now().abs_diff(start).as_millis() / 10 * 10;
        assert_eq!(Seen { runs: RUNS.get() - runs, millis }, *expected, "call {at}");
    }
}

async fn tokio_outage<E: std::fmt::Debug>(calls: usize, call: impl AsyncFnMut() -> Result<u64, E>) {
    let start = Instant::now();
    outage(calls, call, || start.elapsed(), tokio::time::sleep).await;
}

#[tokio::test(start_paused = true)]
async fn ours_agrees() {
    // Half-open, it judges as many trials as its failure threshold counts, not one: see its docs.
    tokio_outage(2, async || ours::stack::<Hangs>(0).await).await;
}

#[tokio::test(start_paused = true)]
async fn by_hand_agrees() {
    tokio_outage(3, async || by_hand::stack::<Hangs>(0).await).await;
}

#[tokio::test(start_paused = true)]
async fn assembled_agrees() {
    // Its breaker reads std's clock.
    let breaker = assembled::breaker();
    tokio_outage(2, async || assembled::stack::<Hangs>(breaker, 0).await).await;
}

#[tokio::test(start_paused = true)]
async fn tower_resilience_agrees() {
    // Its breaker reads std's clock.
    let mut service = tower_resilience::stack::<Hangs>();
    tokio_outage(2, async move || service.ready().await?.call(0).await).await;
}

#[tokio::test]
async fn seatbelt_agrees() {
    let control = ClockControl::new().auto_advance_timers(true);
    let clock = control.to_clock();
    let service = seatbelt::stack::<Hangs>(&seatbelt::Context::new(&clock));
    let watch = clock.stopwatch();
    outage(
        3,
        async || service.execute(0).await,
        || watch.elapsed(),
        async |delay| clock.delay(delay).await,
    )
    .await;
}
