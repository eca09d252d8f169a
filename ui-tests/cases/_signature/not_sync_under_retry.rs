use failsafe::retry;
use std::cell::Cell;

async fn pause() {}

#[retry(max = 3)]
async fn greeting(calls: Cell<u32>) -> Result<(), String> {
    calls.set(calls.get() + 1);
    pause().await;
    calls.set(calls.get() + 1);
    Ok(())
}

fn main() {
    let greeting = greeting(Cell::new(0));
    tokio::spawn(greeting);
}
