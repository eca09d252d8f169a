//! One call runs for all that miss the same key.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use failsafe::cache::AnyCache;
use failsafe::testing::VirtualTime;
use failsafe::{Cache, Registry, cache, policy, registry, timeout};
use tokio::task::JoinSet;

use crate::support::*;

#[cache(key = id, name = "flight: shared")]
async fn shared(id: u32, body: Arc<Body>) -> Res {
    body.run().await
}

fn metrics() -> AnyCache {
    registry().cache("flight: shared").unwrap()
}

/// Nobody runs, and nobody waits.
fn at_rest() -> bool {
    let metrics = metrics().metrics();
    (metrics.running(), metrics.waiting()) == (0, 0)
}

// 1,000 concurrent misses of one key run the body once, in one task and in many; keys do not wait for each other.
#[tokio::test(start_paused = true)]
async fn a_thousand_misses_run_once() {
    alone(async {
        let body = Arc::new(Body::taking("S", ms(100)));
        let start = tokio::time::Instant::now();
        let mut calls = JoinSet::new();
        for _ in 0..1000 {
            calls.spawn(registry().scope(shared(1, Arc::clone(&body))));
        }
        let other = Arc::new(Body::new("S"));
        assert_eq!(shared(2, Arc::clone(&other)).await, Ok(1));
        assert_eq!(start.elapsed(), ms(0), "another key does not wait");
        assert!(calls.join_all().await.into_iter().all(|outcome| outcome == Ok(1)));
        assert_eq!((body.runs(), start.elapsed()), (1, ms(100)));
        let metrics = metrics().metrics();
        assert_eq!((metrics.hits(), metrics.misses()), (999, 2));
        assert!(at_rest());
    })
    .await;
}

// On many threads at once, again and again.
#[test]
fn many_threads_run_once() {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    #[cache(key = round)]
    fn round(round: u32) -> u32 {
        std::thread::yield_now();
        RUNS.fetch_add(1, Ordering::Relaxed)
    }
    let start = Barrier::new(8);
    let all = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    (0..500).map(round).collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(RUNS.load(Ordering::Relaxed), 500);
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

static LEADER: Mutex<Option<tokio::task::Id>> = Mutex::new(None);

#[cache(key = (), name = "flight: crowd")]
async fn crowd(runs: Arc<AtomicU32>) -> Res {
    let run = runs.fetch_add(1, Ordering::SeqCst) + 1;
    let found = registry().cache("flight: crowd").unwrap();
    while run < 3 && found.metrics().waiting() < 1000 - run as usize {
        tokio::task::yield_now().await;
    }
    match run {
        1 => DOWN,
        2 => {
            *LEADER.lock().unwrap() = Some(tokio::task::id());
            std::future::pending().await
        }
        _ => Ok(run),
    }
}

// The same in tasks on several threads, where the first that runs fails and the second is aborted: the third runs for all
// others.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_tasks_survive_a_failure_and_an_abort() {
    let (own, runs) = (Registry::new(), Arc::new(AtomicU32::new(0)));
    let mut calls = JoinSet::new();
    let tasks: Vec<_> =
        (0..1000).map(|_| calls.spawn(own.scope(crowd(Arc::clone(&runs))))).collect();
    let leader = loop {
        if let Some(leader) = LEADER.lock().unwrap().take() {
            break leader;
        }
        tokio::task::yield_now().await;
    };
    tasks.iter().find(|task| task.id() == leader).unwrap().abort();
    let mut ends = [0; 3];
    while let Some(end) = calls.join_next().await {
        match end {
            Ok(DOWN) => ends[0] += 1,
            Ok(outcome) => {
                assert_eq!(outcome, Ok(3));
                ends[1] += 1;
            }
            Err(error) => ends[2] += usize::from(error.is_cancelled()),
        }
    }
    assert_eq!((ends, runs.load(Ordering::SeqCst)), ([1, 998, 1], 3));
    let metrics = own.cache("flight: crowd").unwrap().metrics();
    assert_eq!((metrics.running(), metrics.waiting()), (0, 0));
}

// One that fails leaves the key to the one that waits longest, and the others wait for that: one at a time.
#[tokio::test(start_paused = true)]
async fn a_failure_is_tried_one_at_a_time() {
    alone(async {
        let body = Arc::new(Body::taking("FFS", ms(100)));
        let call = || shared(1, Arc::clone(&body));
        let all = tokio::join!(call(), call(), call(), call(), call());
        assert_eq!(all, (DOWN, DOWN, Ok(3), Ok(3), Ok(3)));
        assert_eq!(body.starts(), [0, 100, 200]);
        assert!(at_rest());
    })
    .await;
}

// Whoever is dropped, at whichever await, while it runs or waits: the others go on, and nothing is left behind.
#[tokio::test(start_paused = true)]
async fn calls_can_be_dropped_at_every_await() {
    for polls in 0..5 {
        alone(async {
            let body = Arc::new(Body::taking("S", ms(10)));
            let mut leader = Box::pin(shared(1, Arc::clone(&body)));
            let mut first = Box::pin(shared(1, Arc::clone(&body)));
            let mut second = Box::pin(shared(1, Arc::clone(&body)));
            for _ in 0..polls {
                assert_eq!(poll_once(&mut leader).await, None);
                assert_eq!(poll_once(&mut first).await, None);
                assert_eq!(poll_once(&mut second).await, None);
                tokio::time::advance(ms(2)).await;
            }
            drop(leader);
            let handed = metrics().metrics();
            assert_eq!(handed.running(), usize::from(polls > 0), "after {polls} polls");
            // It may have been given the lead without knowing.
            drop(first);
            assert_eq!(second.await, Ok(if polls > 0 { 2 } else { 1 }), "after {polls} polls");
            assert!(at_rest(), "after {polls} polls");
        })
        .await;
    }
}

// One that waits is dropped: the others are not disturbed.
#[tokio::test(start_paused = true)]
async fn a_waiter_leaves_nothing_behind() {
    alone(async {
        let body = Arc::new(Body::taking("S", ms(10)));
        let mut leader = Box::pin(shared(1, Arc::clone(&body)));
        assert_eq!(poll_once(&mut leader).await, None);
        for _ in 0..10 {
            let mut waiter = Box::pin(shared(1, Arc::clone(&body)));
            assert_eq!(poll_once(&mut waiter).await, None);
            assert_eq!(metrics().metrics().waiting(), 1);
        }
        assert_eq!((metrics().metrics().waiting(), leader.await), (0, Ok(1)));
        assert!(at_rest());
    })
    .await;
}

#[cache(key = id, name = "flight: shared")]
async fn panics_once(id: u32, panicked: &AtomicBool) -> Res {
    tokio::task::yield_now().await;
    assert!(panicked.swap(true, Ordering::Relaxed), "the first panics");
    Ok(7)
}

// A panic reaches its caller; the next runs. Nothing is poisoned.
#[tokio::test(start_paused = true)]
async fn a_panic_leaves_the_key_to_the_next() {
    alone(async {
        let panicked = Arc::new(AtomicBool::new(false));
        let call = || {
            let panicked = Arc::clone(&panicked);
            tokio::spawn(registry().scope(async move { panics_once(1, &panicked).await }))
        };
        let (first, second, third) = tokio::join!(call(), call(), call());
        assert!(first.unwrap_err().is_panic());
        assert_eq!((second.unwrap(), third.unwrap()), (Ok(7), Ok(7)));
        assert!(at_rest());
    })
    .await;
}

// The same of threads that block.
#[test]
fn a_blocked_thread_goes_on_after_a_panic() {
    static PANICKED: AtomicBool = AtomicBool::new(false);
    #[cache(key = (), name = "flight: threads")]
    fn panics_once() -> u32 {
        let found = registry().cache("flight: threads").unwrap();
        while found.metrics().waiting() == 0 && !PANICKED.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
        assert!(PANICKED.swap(true, Ordering::Relaxed), "the first panics");
        7
    }
    let results = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(panics_once)).collect();
        threads.into_iter().map(|thread| thread.join().ok()).collect::<Vec<_>>()
    });
    assert_eq!(results.iter().filter(|result| **result == Some(7)).count(), 2);
    let metrics = registry().cache("flight: threads").unwrap().metrics();
    assert_eq!((metrics.running(), metrics.waiting()), (0, 0));
}

// A panic in `cache_if`, and in the clone of the value: the next runs.
#[tokio::test(start_paused = true)]
async fn a_panic_of_the_users_code_after_the_body() {
    #[cache(key = id, cache_if = |_| !CHOOSY.swap(false, Ordering::Relaxed) || panic!("choosy"))]
    fn choosy(id: u32) -> u32 {
        id
    }
    static CHOOSY: AtomicBool = AtomicBool::new(true);
    alone(async {
        assert!(std::panic::catch_unwind(AssertUnwindSafe(|| choosy(1))).is_err());
        assert_eq!((choosy(1), choosy(1)), (1, 1));
    })
    .await;
}

// A call of the same key from inside the body does not wait for itself: it runs, async and blocking.
#[tokio::test(start_paused = true)]
async fn a_body_may_call_itself() {
    #[cache(key = id)]
    async fn nested(id: u32, depth: u32, notes: &Notes) -> u32 {
        notes.add(format!("run {depth}"));
        tokio::task::yield_now().await;
        if depth == 0 { 0 } else { Box::pin(nested(id, depth - 1, notes)).await + 1 }
    }
    #[cache(key = id)]
    fn blocking(id: u32, depth: u32) -> u32 {
        if depth == 0 { 0 } else { blocking(id, depth - 1) + 1 }
    }
    alone(async {
        let notes = Notes::new();
        assert_eq!((nested(1, 2, &notes).await, nested(1, 2, &notes).await), (2, 2));
        assert_eq!(notes.take(), ["run 2", "run 1", "run 0"]);
        assert_eq!((blocking(1, 2), blocking(1, 9)), (2, 2));
    })
    .await;
}

static VERSION: Cache<u32, u32> = policy!(cache(name = "flight: version"));

#[cache(VERSION, key = id)]
async fn version(id: u32, body: &Body) -> Res {
    body.run().await
}

// What ran when its key was removed is not kept, and who comes later does not wait for it.
#[tokio::test(start_paused = true)]
async fn a_value_of_before_is_not_kept() {
    for everything in [false, true] {
        alone(async {
            let body = Body::taking("S", ms(10));
            let mut before = Box::pin(version(1, &body));
            let mut waiting = Box::pin(version(1, &body));
            assert_eq!(poll_once(&mut before).await, None);
            assert_eq!(poll_once(&mut waiting).await, None);
            if everything {
                VERSION.clear();
            } else {
                VERSION.invalidate(&1);
            }
            let mut after = Box::pin(version(1, &body));
            assert_eq!(poll_once(&mut after).await, None);
            assert_eq!(body.runs(), 2);
            assert_eq!((before.await, VERSION.get(&1)), (Ok(1), None));
            assert_eq!(waiting.await, Ok(1), "it began before the change");
            assert_eq!((after.await, VERSION.get(&1)), (Ok(2), Some(2)));
        })
        .await;
    }
}

#[timeout("50ms")]
#[cache(key = id)]
async fn bounded(id: u32, body: &Body) -> Res {
    body.run().await
}

// A timeout outside bounds the wait, and a leader that it drops leaves the key.
#[tokio::test(start_paused = true)]
async fn a_timeout_bounds_the_wait() {
    alone(async {
        let slow = Body::taking("S", ms(80));
        let late = async {
            pass(20).await;
            bounded(1, &slow).await
        };
        let last = async {
            pass(60).await;
            bounded(1, &Body::new("S")).await
        };
        let all = tokio::join!(bounded(1, &slow), late, last);
        assert_eq!(all, (TIMED_OUT, TIMED_OUT, Ok(1)));
        assert_eq!(slow.starts(), [0, 50]);
    })
    .await;
}

// Blocking calls through the builders, under a virtual clock.
#[test]
fn a_blocking_call_runs_once() {
    let body = Body::new("FS");
    VirtualTime::new().blocking(|| {
        Registry::new().scope_blocking(|| {
            let cache = Cache::<u32, u32>::builder().build();
            let guarded = failsafe::with(cache.for_key(1));
            let outcomes = [(); 3].map(|()| guarded.run_blocking(|| body.block()));
            assert_eq!(outcomes, [DOWN, Ok(2), Ok(2)]);
        });
    });
}
