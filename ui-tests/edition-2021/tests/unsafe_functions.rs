//! Policies on `unsafe fn`, `async unsafe fn` and `extern "C"`, in edition 2021, where the body of an
//! unsafe function may do unsafe things without a block of its own (a23, a24).

#![deny(warnings)]
#![allow(unsafe_op_in_unsafe_fn, reason = "what edition 2021 allows is what this is about")]

use failsafe::{circuit_breaker, fallback, retry, timeout, Rejected};
use std::sync::atomic::{AtomicU32, Ordering};

/// Reads what the pointer points at; fails twice before.
///
/// # Safety
///
/// The pointer must be valid.
#[retry(max = 2)]
unsafe fn read(pointer: *const u32, runs: &AtomicU32) -> Option<u32> {
    let run = runs.fetch_add(1, Ordering::SeqCst);
    (run == 2).then(|| *pointer)
}

/// The same, waiting.
///
/// # Safety
///
/// The pointer must be valid until the future is dropped.
#[fallback(value = Ok(0))]
#[retry(max = 2, delay = "1s")]
#[circuit_breaker(failures = 9)]
#[timeout("1s")]
async unsafe fn read_later(pointer: &u32, runs: &AtomicU32) -> Result<u32, Rejected> {
    tokio::task::yield_now().await;
    let pointer: *const u32 = pointer;
    let run = runs.fetch_add(1, Ordering::SeqCst);
    if run < 2 {
        std::future::pending::<()>().await;
    }
    Ok(*pointer)
}

/// Called from C.
#[circuit_breaker(failures = 3)]
unsafe extern "C" fn called(pointer: *const u32) -> Option<std::num::NonZeroU32> {
    std::num::NonZeroU32::new(*pointer)
}

#[test]
fn an_unsafe_function_is_run_again() {
    let (value, runs) = (7, AtomicU32::new(0));
    // SAFETY: the pointer is that of a local.
    assert_eq!(unsafe { read(&value, &runs) }, Some(7));
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[tokio::test(start_paused = true)]
async fn an_async_unsafe_function_is_run_again() {
    let (value, runs) = (7, AtomicU32::new(0));
    // SAFETY: the reference is valid.
    let outcome = unsafe { read_later(&value, &runs) }.await;
    assert_eq!(outcome.ok(), Some(7));
    assert_eq!(runs.load(Ordering::SeqCst), 3);
}

#[test]
fn an_unsafe_extern_function_is_guarded() {
    // SAFETY: the pointer is that of a local.
    assert_eq!(unsafe { called(&3) }.map(std::num::NonZeroU32::get), Some(3));
}
