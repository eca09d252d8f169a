//! A bulkhead inside a circuit breaker: what the breaker makes of refusals.

use failsafe::{Kind, Rejected, bulkhead, circuit_breaker};
use std::sync::Arc;
use tokio::sync::Notify;

type Res = Result<u32, Rejected>;

fn kind(outcome: &Res) -> Option<Kind> {
    outcome.as_ref().err().map(Rejected::kind)
}

#[circuit_breaker(failures = 3, delay = "50s")]
#[bulkhead(1)]
async fn refusing(release: &Notify) -> Res {
    release.notified().await;
    Ok(1)
}

// CB-22: the refusals of a bulkhead inside a breaker are failures to it. The call that ran all the time ends as it will.
#[tokio::test(start_paused = true)]
async fn refusals_of_a_bulkhead_open_the_breaker_outside_it() {
    let release = Arc::new(Notify::new());
    let held = Arc::clone(&release);
    let first = tokio::spawn(async move { refusing(&held).await });
    tokio::task::yield_now().await;
    for _ in 2..=4 {
        assert_eq!(kind(&refusing(&release).await), Some(Kind::BulkheadFull));
    }
    for _ in 5..=6 {
        assert_eq!(kind(&refusing(&release).await), Some(Kind::CircuitOpen));
    }
    release.notify_one();
    assert_eq!(first.await.unwrap().ok(), Some(1));
}

#[circuit_breaker(failures = 3, delay = "50s")]
#[bulkhead(1, wait = "1h", queue = 1)]
async fn queueing(release: &Notify) -> Res {
    release.notified().await;
    Ok(1)
}

// CB-21: the same with a queue: one runs, one waits, the next three are refused and open the breaker, and the first two
// end as they will.
#[tokio::test(start_paused = true)]
async fn those_who_run_and_wait_are_not_touched_by_the_breaker() {
    let release = Arc::new(Notify::new());
    let mut admitted = Vec::new();
    for _ in 1..=2 {
        let held = Arc::clone(&release);
        admitted.push(tokio::spawn(async move { queueing(&held).await }));
        tokio::task::yield_now().await;
    }
    for _ in 3..=5 {
        assert_eq!(kind(&queueing(&release).await), Some(Kind::BulkheadFull));
    }
    for _ in 6..=7 {
        assert_eq!(kind(&queueing(&release).await), Some(Kind::CircuitOpen));
    }
    for call in admitted {
        release.notify_one();
        assert_eq!(call.await.unwrap().ok(), Some(1));
    }
}

#[circuit_breaker(failures = 3, delay = "50s", handle(Err(_)))]
#[bulkhead(1)]
async fn handling(release: &Notify) -> Res {
    release.notified().await;
    Ok(1)
}

// CB-23: a breaker whose conditions do not name the refusals does not count them.
#[tokio::test(start_paused = true)]
async fn refusals_that_no_condition_names_do_not_open_the_breaker() {
    let release = Arc::new(Notify::new());
    let held = Arc::clone(&release);
    let first = tokio::spawn(async move { handling(&held).await });
    tokio::task::yield_now().await;
    for _ in 3..=7 {
        assert_eq!(kind(&handling(&release).await), Some(Kind::BulkheadFull));
    }
    release.notify_one();
    assert_eq!(first.await.unwrap().ok(), Some(1));
}
