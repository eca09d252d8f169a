//! How many calls run at a time, and who waits.

use failsafe::testing::VirtualTime;
use failsafe::{Bulkhead, Kind, bulkhead, policy, registry, retry};

use crate::support::*;

const FULL: Res = Err(Error::Rejected(Kind::BulkheadFull));

#[bulkhead(2, name = "bulkhead: two", on_full = |event| FULLS.add(event.name()))]
async fn two(body: &Body) -> Res {
    body.run().await
}

static FULLS: Notes = Notes::new();

// So many run; the next is refused, and told; a place that is given back can be taken.
#[tokio::test(start_paused = true)]
async fn so_many_run_at_a_time() {
    alone(async {
        let mut heard = Heard::new();
        let slow = Body::taking("S", ms(100));
        let (first, second, third) = tokio::join!(two(&slow), two(&slow), two(&slow));
        assert_eq!((first, second, third), (Ok(1), Ok(2), FULL));
        assert_eq!(
            (FULLS.take(), heard.names()),
            (vec!["bulkhead: two".to_owned()], vec!["bulkhead rejected".to_owned()])
        );
        assert_eq!(two(&slow).await, Ok(3));
        let found = registry().bulkhead("bulkhead: two").unwrap();
        assert_eq!((found.in_flight(), found.waiting(), found.config().get_max()), (0, 0, 2));
    })
    .await;
}

#[bulkhead(1, wait = "150ms", queue = 2)]
async fn queued(body: &Body) -> Res {
    body.run().await
}

// Calls wait in order, at most so many, at most so long.
#[tokio::test(start_paused = true)]
async fn calls_wait_in_order() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        let all = tokio::join!(queued(&slow), queued(&slow), queued(&slow), queued(&slow));
        assert_eq!(all, (Ok(1), Ok(2), FULL, FULL));
        assert_eq!(slow.starts(), [0, 100]);
    })
    .await;
}

// GO Bulkhead: manual acquire/release arithmetic with 2 permits; a wait of 1 ns is enough for a free place; AcquirePermit
// blocks for 200 ms until the release.
#[tokio::test(start_paused = true)]
async fn permits_are_taken_and_given_back_by_hand() {
    let bulkhead = Bulkhead::builder(2).build();
    let first = bulkhead.try_acquire().unwrap();
    let second = bulkhead.acquire_timeout(std::time::Duration::from_nanos(1)).await.unwrap();
    assert!(bulkhead.try_acquire().is_none());
    assert_eq!(bulkhead.in_flight(), 2);
    drop(first);
    let third = bulkhead.try_acquire().unwrap();
    assert!(bulkhead.try_acquire().is_none());
    drop((second, third));
    assert_eq!(bulkhead.in_flight(), 0);
    let held = [bulkhead.try_acquire().unwrap(), bulkhead.try_acquire().unwrap()];
    let start = tokio::time::Instant::now();
    let release = async {
        pass(200).await;
        drop(held);
    };
    let (permit, ()) = tokio::join!(bulkhead.acquire(), release);
    assert_eq!((permit.is_ok(), start.elapsed()), (true, ms(200)));
}

// A waiter that is dropped leaves the queue; a place it was given goes to the next.
#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_hands_its_place_on() {
    let bulkhead = Bulkhead::builder(1).build();
    let permit = bulkhead.try_acquire().unwrap();
    let mut first = Box::pin(bulkhead.acquire());
    let mut second = Box::pin(bulkhead.acquire());
    let mut third = Box::pin(bulkhead.acquire());
    assert!(poll_once(&mut first).await.is_none());
    assert!(poll_once(&mut second).await.is_none());
    assert!(poll_once(&mut third).await.is_none());
    assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (1, 3));
    drop(second);
    assert_eq!(bulkhead.waiting(), 2);
    drop(permit);
    assert!(bulkhead.try_acquire().is_none(), "it is the place of the first");
    drop(first);
    let permit = poll_once(&mut third).await.expect("it was handed on").unwrap();
    assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (1, 0));
    drop(permit);
    drop(third);
    assert_eq!(bulkhead.in_flight(), 0);
}

// A place that is given when the wait ends is kept.
#[tokio::test(start_paused = true)]
async fn a_place_given_at_the_end_is_kept() {
    let bulkhead = Bulkhead::builder(1).build();
    let permit = bulkhead.try_acquire().unwrap();
    let mut waits = Box::pin(bulkhead.acquire_timeout(ms(10)));
    assert!(poll_once(&mut waits).await.is_none());
    tokio::time::advance(ms(20)).await;
    drop(permit);
    assert!(waits.await.is_ok());
    assert_eq!(bulkhead.in_flight(), 0);
}

// A call that is dropped or panics gives its place back.
#[tokio::test(start_paused = true)]
async fn a_place_comes_back() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        let mut call = Box::pin(queued(&slow));
        assert!(poll_once(&mut call).await.is_none());
        drop(call);
        assert_eq!(queued(&Body::new("S")).await, Ok(1));
        let bulkhead = Bulkhead::builder(1).build();
        let guarded = failsafe::with(bulkhead.clone());
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            guarded.run_blocking(|| -> Res { panic!("in the body") })
        }));
        assert!(caught.is_err());
        assert_eq!(bulkhead.in_flight(), 0);
    })
    .await;
}

static SHARED: Bulkhead = policy!(bulkhead(1, wait = "50ms"));

#[bulkhead(SHARED)]
fn blocking() -> Res {
    Ok(1)
}

// A blocking function waits too; under a virtual clock the wait passes at once.
#[test]
fn a_blocking_function_waits() {
    failsafe::Registry::new().scope_blocking(|| {
        assert_eq!(blocking(), Ok(1));
        let permit = SHARED.try_acquire().unwrap();
        let time = VirtualTime::new();
        assert_eq!(time.blocking(blocking), FULL);
        assert_eq!(time.elapsed(), ms(50));
        drop(permit);
        assert_eq!(blocking(), Ok(1));
    });
}

// A thread that waits is woken by the one that gives its place back.
#[test]
fn a_thread_is_woken() {
    let bulkhead = Bulkhead::builder(1).build();
    let permit = bulkhead.try_acquire().unwrap();
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| bulkhead.acquire_blocking(std::time::Duration::MAX).is_ok());
        while bulkhead.waiting() == 0 {
            std::thread::yield_now();
        }
        drop(permit);
        assert!(waits.join().unwrap());
    });
    assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (0, 0));
}

#[bulkhead(1, key = tenant)]
async fn keyed(tenant: u32, body: &Body) -> Res {
    body.run().await
}

// Each key has places of its own.
#[tokio::test(start_paused = true)]
async fn each_key_has_its_places() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        let all = tokio::join!(keyed(1, &slow), keyed(2, &slow), keyed(1, &slow));
        assert_eq!(all, (Ok(1), Ok(2), FULL));
    })
    .await;
}

#[retry(max = 2, delay = "60ms")]
#[bulkhead(1)]
async fn retried(body: &Body) -> Res {
    body.run().await
}

// A retry holds no place while it waits, and retries a full bulkhead.
#[tokio::test(start_paused = true)]
async fn a_retry_holds_no_place_while_it_waits() {
    alone(async {
        let (fails, succeeds) = (Body::taking("FS", ms(50)), Body::taking("S", ms(30)));
        let (first, second) = tokio::join!(retried(&fails), retried(&succeeds));
        assert_eq!((first, second), (Ok(2), Ok(1)));
        assert_eq!((fails.starts(), succeeds.starts()), (vec![0, 110], vec![60]));
    })
    .await;
}

// What cannot be meant is refused when it is built.
#[test]
fn faults_are_reported() {
    let error = Bulkhead::builder(0).queue(0).try_build().unwrap_err().to_string();
    assert!(error.contains("1 or more"), "{error}");
    assert!(Bulkhead::builder(1).queue(1).try_build().is_err());
}
