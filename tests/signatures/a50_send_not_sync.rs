//! Arguments which are `Send` but not `Sync` leave a run-once future `Send`.

use std::cell::Cell;

use failsafe::{circuit_breaker, timeout};

#[circuit_breaker(name = "a50", failures = 5)]
#[timeout("1s")]
async fn get(cell: Cell<u32>) -> Result<u32, String> {
    cell.set(cell.get() + 1);
    tokio::task::yield_now().await;
    cell.set(cell.get() + 1);
    Ok(cell.get())
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    assert_eq!(tokio::spawn(get(Cell::new(1))).await.unwrap(), Ok(3));
}
