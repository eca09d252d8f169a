//! An argument which is not `Clone` and only borrowed.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

#[derive(Default)]
struct Connection(Runs);

#[retry(max = 2)]
#[timeout("1s")]
async fn query(connection: Connection) -> Result<u32, String> {
    tokio::task::yield_now().await;
    connection.0.third()
}

#[tokio::test(start_paused = true)]
async fn needs_no_clone() {
    assert_eq!(send(query(Connection::default())).await, Ok(3));
}
