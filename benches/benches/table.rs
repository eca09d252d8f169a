//! The one command: every contender in one run, one table.
//!
//! `cargo bench -p failsafe-benches --bench table`

use std::time::Duration;

use failsafe_benches::alloc::Counting;
use failsafe_benches::{Plan, cases, measure, render, verdict};

#[global_allocator]
static HEAP: Counting = Counting;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a timer needs no resources");
    let _entered = runtime.enter();

    // `cargo bench` passes `--bench`. Without it this is `cargo test --benches`: see that everything runs, once.
    let plan = if std::env::args().any(|arg| arg == "--bench") {
        Plan { rounds: 200, turn: Duration::from_millis(1) }
    } else {
        Plan { rounds: 1, turn: Duration::ZERO }
    };
    let mut cases = cases();
    let measured = measure(&mut cases, plan);
    print!("{}\n{}", render(&cases, &measured), verdict(&cases, &measured));
}
