//! A stack of another crate, whose paths are those of that crate.
#![deny(warnings)]

use failsafe::{Rejected, policies};
use failsafe_ui_tests::FROM_HERE as CAREFULLY;

#[policies(CAREFULLY)]
async fn pay(runs: &mut u32) -> Result<u32, Rejected> {
    *runs += 1;
    std::future::pending().await
}

#[policies(failsafe_ui_tests::module::FROM_HERE)]
async fn refund(runs: &mut u32) -> Result<u32, Rejected> {
    *runs += 1;
    std::future::pending().await
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut runs = 0;
    assert!(pay(&mut runs).await.is_err());
    assert_eq!(runs, 1 + failsafe_ui_tests::RETRIES);
    let mut runs = 0;
    assert!(refund(&mut runs).await.is_err());
    assert_eq!(runs, 1 + failsafe_ui_tests::RETRIES);
}
