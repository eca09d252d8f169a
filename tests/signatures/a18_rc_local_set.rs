//! An `Rc` argument and local, on a `LocalSet`.

use std::cell::Cell;
use std::rc::Rc;

use failsafe::{retry, timeout};

#[retry(max = 2)]
#[timeout("1s")]
async fn count(runs: Rc<Cell<u32>>) -> Result<u32, String> {
    let local = Rc::clone(&runs);
    local.set(local.get() + 1);
    tokio::task::yield_now().await;
    if runs.get() == 3 { Ok(3) } else { Err("early".into()) }
}

#[tokio::test(start_paused = true)]
async fn need_not_be_send() {
    let runs = Rc::new(Cell::new(0));
    let local = tokio::task::LocalSet::new();
    let task = local.spawn_local(count(Rc::clone(&runs)));
    local.await;
    assert_eq!(task.await.unwrap(), Ok(3));
}
