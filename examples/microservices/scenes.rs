//! Thirteen scenes, each with the claims that it has to keep.

mod burst;
mod callers;
mod crowd;
mod failures;
mod operator;
mod payments;
mod priorities;
mod profiles;
mod replicas;
mod stage;

use crate::args;
use crate::report::{self, Row};
use crate::timeline::{Colour, line};
use stage::Stage;
use std::time::Duration;

/// What most durations here are made of.
const SECOND: Duration = Duration::from_secs(1);

/// Plays all scenes; whether every claim came true.
pub(crate) async fn play(fast: bool) -> anyhow::Result<bool> {
    let stage = Stage::build().await?;
    line("Service A calls service B, which misbehaves. The policies are attributes on A's client,");
    line(
        "in examples/microservices: main.rs and traffic.rs. Times are seconds since a scene began.",
    );
    if fast {
        line(format_args!(
            "The clock runs {} times too fast; the times shown are its own.",
            args::FAST
        ));
    }
    chapter("When B fails");
    let mut rows = vec![
        failures::slow(&stage).await?,
        failures::flaky(&stage).await?,
        failures::outage(&stage).await?,
        failures::down(&stage).await?,
        failures::all_four(&stage).await?,
    ];
    chapter("When there is too much to do, and while A runs");
    rows.extend([
        burst::bulkhead(&stage).await?,
        burst::adaptive_limiter(&stage).await?,
        replicas::hedge(&stage).await?,
        callers::rate_limiter(&stage).await?,
        profiles::cache(&stage).await?,
        payments::fail_fast(&stage).await?,
        priorities::adaptive_throttler(&stage).await?,
        operator::switches(&stage).await?,
    ]);
    report::print(&rows);
    Ok(verdict(&rows))
}

/// Begins a part of the demo.
fn chapter(title: &str) {
    line("");
    line(Colour::Bold.paint(format_args!("== {title}")));
}

/// Says whether every claim came true.
fn verdict(rows: &[Row]) -> bool {
    let claims: usize = rows.iter().map(|row| row.claims).sum();
    let kept = rows.iter().all(|row| row.kept);
    line("");
    if kept {
        line(Colour::Green.paint(format_args!("All {claims} claims came true.")));
    } else {
        line(Colour::Red.paint("A claim did not come true: look for FAILED above."));
    }
    kept
}
