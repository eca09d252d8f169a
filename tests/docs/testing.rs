use failsafe::{Registry, circuit_breaker, retry, testing::VirtualTime};
use std::time::Duration;
use tokio::time::Instant;

#[retry(max = 2, delay = "10s")]
#[circuit_breaker(name = "mail", failures = 3)]
async fn send_mail() -> Result<(), String> {
    Err("refused".to_owned())
}

#[tokio::test(start_paused = true)]
async fn gives_up_after_twenty_seconds() {
    // The test has a breaker "mail" of its own, whatever other tests do to theirs.
    let scope = Registry::new();
    scope
        .scope(async {
            let start = Instant::now();
            assert_eq!(send_mail().await.unwrap_err(), "refused");
            assert_eq!(start.elapsed(), Duration::from_secs(20)); // in no time at all
        })
        .await;
    assert!(scope.circuit_breaker("mail").unwrap().is_open());
}

#[retry(max = 2, delay = "10s")]
fn read_file() -> Result<String, String> {
    Err("not there yet".to_owned())
}

#[test]
fn a_blocking_function_waits_in_virtual_time() {
    let time = VirtualTime::new();
    assert!(time.blocking(read_file).is_err());
    assert_eq!(time.elapsed(), Duration::from_secs(20));
}
