//! Stacks of a crate of another edition, and decorators of traits with unsafe methods.

use failsafe::{policies, resilient, Rejected};
use failsafe_ui_tests::FROM_HERE;

failsafe::stack! {
    HERE = #[retry(max = 3)] #[policies(failsafe_ui_tests::module::FROM_HERE)]
}

#[policies(FROM_HERE)]
async fn of_another_crate(runs: &mut u32) -> Result<u32, Rejected> {
    *runs += 1;
    std::future::pending().await
}

#[policies(HERE)]
async fn around_another_crate(runs: &mut u32) -> Result<u32, Rejected> {
    *runs += 1;
    Ok(*runs)
}

/// # Safety
///
/// What is read is not changed.
#[resilient(policies(FROM_HERE))]
unsafe trait Read {
    /// # Safety
    ///
    /// The address is that of an initialised value.
    async unsafe fn read(&self, from: usize) -> Result<u32, Rejected>;
}

struct Memory;

unsafe impl Read for Memory {
    async unsafe fn read(&self, from: usize) -> Result<u32, Rejected> {
        tokio::task::yield_now().await;
        Ok(*(from as *const u32))
    }
}

#[tokio::test(start_paused = true)]
async fn stacks_cross_editions() {
    let mut runs = 0;
    assert!(of_another_crate(&mut runs).await.is_err());
    assert_eq!(runs, 1 + failsafe_ui_tests::RETRIES);
    assert_eq!(around_another_crate(&mut 6).await.ok(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn unsafe_methods_are_passed_on() {
    let number = 7_u32;
    // SAFETY: the value lives on the stack of this function.
    let read = unsafe { ResilientRead::new(Memory).read(&raw const number as usize).await };
    assert_eq!(read.ok(), Some(7));
}
