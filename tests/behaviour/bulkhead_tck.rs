//! The facts of `MicroProfile`'s TCK about bulkheads: how many run, who waits, and what a retry or a timeout outside
//! makes of it.

use failsafe::{Bulkhead, Kind, bulkhead, policy, registry, retry, timeout};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::support::*;

const FULL: Res = Err(Error::Rejected(Kind::BulkheadFull));

/// Bodies that run until they are told to end, one by one, in the order they began.
#[derive(Default)]
struct Gate {
    begun: AtomicU32,
    ended: AtomicU32,
    end: Notify,
}

impl Gate {
    async fn run(&self) -> Res {
        let number = self.begun.fetch_add(1, SeqCst) + 1;
        self.end.notified().await;
        self.ended.fetch_add(1, SeqCst);
        Ok(number)
    }

    /// How many bodies run.
    fn running(&self) -> u32 {
        self.begun.load(SeqCst) - self.ended.load(SeqCst)
    }
}

/// Calls that are under way.
struct Calls<'a>(Vec<Pin<Box<dyn Future<Output = Res> + 'a>>>);

impl<'a> Calls<'a> {
    /// Begins another call; what it ended in, if it did at once.
    async fn begin(&mut self, call: impl Future<Output = Res> + 'a) -> Option<Res> {
        let mut call: Pin<Box<dyn Future<Output = Res> + 'a>> = Box::pin(call);
        let ended = poll_once(&mut call).await;
        if ended.is_none() {
            self.0.push(call);
        }
        ended
    }

    /// Lets every call go on; those that end.
    async fn go_on(&mut self) -> Vec<Res> {
        let mut ended = Vec::new();
        // A place that one gives back another takes: twice, so that the first can see it.
        for _ in 0..2 {
            let mut still = Vec::new();
            for mut call in self.0.drain(..) {
                match poll_once(&mut call).await {
                    Some(outcome) => ended.push(outcome),
                    None => still.push(call),
                }
            }
            self.0 = still;
        }
        ended
    }
}

static THREE: Bulkhead = policy!(bulkhead(3));
static THREE_AND_THREE: Bulkhead = policy!(bulkhead(3, wait = "1h", queue = 3));
static TEN_AND_TWO: Bulkhead = policy!(bulkhead(10, wait = "1h", queue = 2));
static TEN: Bulkhead = policy!(bulkhead(10));

struct Client<'a>(&'a Bulkhead);

impl Client<'_> {
    #[bulkhead(self.0)]
    async fn call(&self, gate: &Gate) -> Res {
        gate.run().await
    }
}

// BH-01, BH-03: so many run, so many wait without running, the next is refused; one that ends lets exactly one that waits
// run and one more wait.
#[tokio::test(start_paused = true)]
async fn so_many_run_and_so_many_wait() {
    let cases = [(&THREE, 3, 0), (&TEN, 10, 0), (&THREE_AND_THREE, 3, 3), (&TEN_AND_TWO, 10, 2)];
    for (bulkhead, max, queue) in cases {
        alone(async {
            let (gate, client) = (Gate::default(), Client(bulkhead));
            let mut calls = Calls(Vec::new());
            for _ in 0..max + queue {
                assert_eq!(calls.begin(client.call(&gate)).await, None);
            }
            assert_eq!((gate.running(), bulkhead.waiting()), (max, queue));
            assert_eq!(calls.begin(client.call(&gate)).await, Some(FULL));
            gate.end.notify_one();
            assert_eq!(calls.go_on().await.len(), 1);
            assert_eq!(gate.running(), max - u32::from(queue == 0));
            assert_eq!(calls.begin(client.call(&gate)).await, None);
            assert_eq!((gate.running(), bulkhead.waiting()), (max, queue));
            assert_eq!(calls.begin(client.call(&gate)).await, Some(FULL));
            drop(calls);
            assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (0, 0));
        })
        .await;
    }
}

#[bulkhead(5, name = "tck: pressure")]
async fn pressed(running: &AtomicU32, most: &AtomicU32) -> Res {
    most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
    tokio::time::sleep(ms(500)).await;
    running.fetch_sub(1, SeqCst);
    Ok(1)
}

// BH-06: under pressure the others are refused and nothing else, and never more run than may.
#[tokio::test(start_paused = true)]
async fn under_pressure() {
    alone(async {
        let (running, most) = (AtomicU32::new(0), AtomicU32::new(0));
        let mut calls = Calls(Vec::new());
        let mut outcomes = Vec::new();
        for _ in 0..100 {
            outcomes.extend(calls.begin(pressed(&running, &most)).await);
            tokio::time::advance(ms(25)).await;
            outcomes.extend(calls.go_on().await);
        }
        tokio::time::advance(ms(500)).await;
        outcomes.extend(calls.go_on().await);
        let succeeded = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        // Five places, each taken by one call of twenty ticks at a time, over a hundred ticks.
        assert_eq!((outcomes.len(), succeeded), (100, 25));
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() || *outcome == FULL));
        assert_eq!((most.load(SeqCst), running.load(SeqCst)), (5, 0));
    })
    .await;
}

struct Service;

impl Service {
    #[bulkhead(2, name = "tck: shared")]
    async fn first(&self, gate: &Gate) -> Res {
        gate.run().await
    }

    #[bulkhead(name = "tck: shared")]
    async fn second(&self, gate: &Gate) -> Res {
        gate.run().await
    }

    #[bulkhead(2)]
    async fn own(&self, gate: &Gate) -> Res {
        gate.run().await
    }
}

// BH-07: values of a type share the places of a method; methods share by a name, and only by it.
#[tokio::test(start_paused = true)]
async fn who_shares_places() {
    alone(async {
        let (gate, one, other) = (Gate::default(), Service, Service);
        let mut calls = Calls(Vec::new());
        assert_eq!(calls.begin(one.first(&gate)).await, None);
        assert_eq!(calls.begin(other.second(&gate)).await, None);
        assert_eq!(calls.begin(other.first(&gate)).await, Some(FULL));
        assert_eq!(calls.begin(one.second(&gate)).await, Some(FULL));
        assert_eq!(calls.begin(one.own(&gate)).await, None);
        assert_eq!(calls.begin(other.own(&gate)).await, None);
        assert_eq!(calls.begin(one.own(&gate)).await, Some(FULL));
    })
    .await;
}

#[retry(max = 99_999, max_duration = "3s", delay = "100ms")]
#[bulkhead(1, name = "tck: RB-01")]
async fn persistent(body: &Body) -> Res {
    body.run().await
}

// RB-01: who is refused and retries gets in when the other is out.
#[tokio::test(start_paused = true)]
async fn a_refused_call_retries_until_there_is_a_place() {
    alone(async {
        let (slow, quick) = (Body::taking("S", ms(950)), Body::new("S"));
        let outcomes = tokio::join!(persistent(&slow), persistent(&quick));
        assert_eq!(outcomes, (Ok(1), Ok(1)));
        assert_eq!((slow.starts(), quick.starts()), (vec![0], vec![1_000]));
    })
    .await;
}

#[retry(max = 10, delay = "1us")]
#[bulkhead(5, wait = "1h", queue = 5)]
async fn hasty(gate: &Gate) -> Res {
    gate.run().await
}

// RB-02: retries that find it full every time end in the refusal.
#[tokio::test(start_paused = true)]
async fn retries_end_in_the_refusal_while_it_is_full() {
    alone(async {
        let gate = Gate::default();
        let mut calls = Calls(Vec::new());
        for _ in 0..10 {
            assert_eq!(calls.begin(hasty(&gate)).await, None);
        }
        let mut heard = Heard::new();
        assert_eq!(hasty(&gate).await, FULL);
        let [refused, retried] = heard.counts(["bulkhead rejected", "retry retry"]);
        assert_eq!((refused, retried, gate.running()), (11, 10, 5));
    })
    .await;
}

#[retry(max = 1, delay = "1s", handle(Err(Error::State)))]
#[bulkhead(1, name = "tck: RB-03")]
async fn patient(body: &Body) -> Res {
    body.run().await
}

// RB-03: a retry holds no place while it waits, and may find it taken.
#[tokio::test(start_paused = true)]
async fn a_retry_may_find_its_place_taken() {
    alone(async {
        let (fails, slow) = (Body::new("T"), Body::taking("S", ms(2_000)));
        let second = async {
            pass(100).await;
            patient(&slow).await
        };
        assert_eq!(tokio::join!(patient(&fails), second), (FULL, Ok(1)));
        assert_eq!((fails.starts(), slow.starts()), (vec![0], vec![100]));
    })
    .await;
}

#[retry(max = 1, delay = "10ms", handle(Err(Error::State)))]
#[bulkhead(1, wait = "1h", queue = 1)]
async fn requeued(body: &Body) -> Res {
    body.run().await
}

// RB-04: a retry that finds the place and the queue taken is refused.
#[tokio::test(start_paused = true)]
async fn a_retry_may_find_the_queue_full() {
    alone(async {
        let [first, second, third] = ["T", "S", "S"].map(|script| Body::taking(script, ms(100)));
        let late = async {
            pass(105).await;
            requeued(&third).await
        };
        let outcomes = tokio::join!(requeued(&first), requeued(&second), late);
        assert_eq!(outcomes, (FULL, Ok(1), Ok(1)));
        assert_eq!((first.runs(), second.starts(), third.starts()), (1, vec![100], vec![200]));
    })
    .await;
}

#[retry(max = 1, handle(Err(Error::State)))]
#[bulkhead(1, wait = "1h", queue = 2)]
async fn behind(body: &Body) -> Res {
    body.run().await
}

// RB-05: a retry goes to the back of the queue.
#[tokio::test(start_paused = true)]
async fn a_retry_waits_behind_those_who_wait() {
    alone(async {
        let bodies = ["T", "S", "S"].map(|script| Body::taking(script, ms(100)));
        let [first, second, third] = &bodies;
        let outcomes = tokio::join!(behind(first), behind(second), behind(third));
        assert_eq!(outcomes, (Err(Error::State), Ok(1), Ok(1)));
        assert_eq!(first.starts(), [0, 300]);
        assert_eq!((second.starts(), third.starts()), (vec![100], vec![200]));
    })
    .await;
}

#[retry(max = 1, delay = "1s", handle(Err(Error::State)))]
#[bulkhead(1, name = "tck: RB-06")]
async fn not_named(gate: &Gate) -> Res {
    gate.run().await
}

#[retry(max = 1, delay = "1s", abort_rejected(Kind::BulkheadFull))]
#[bulkhead(name = "tck: RB-06")]
async fn aborted(gate: &Gate) -> Res {
    gate.run().await
}

#[retry(max = 0)]
#[bulkhead(name = "tck: RB-06")]
async fn never(gate: &Gate) -> Res {
    gate.run().await
}

// RB-06: refusals that no condition names, or that an abort names, or with no retry allowed, surface at once.
#[tokio::test(start_paused = true)]
async fn refusals_that_are_not_retried_surface_at_once() {
    alone(async {
        let gate = Gate::default();
        let mut calls = Calls(Vec::new());
        assert_eq!(calls.begin(not_named(&gate)).await, None);
        let start = Instant::now();
        assert_eq!(not_named(&gate).await, FULL);
        assert_eq!(aborted(&gate).await, FULL);
        assert_eq!(never(&gate).await, FULL);
        assert_eq!(start.elapsed(), Duration::ZERO);
    })
    .await;
}

#[timeout("500ms")]
#[bulkhead(1, wait = "1h", queue = 1)]
async fn limited(body: &Body) -> Res {
    body.run().await
}

// TO-10, dropped instead of detached: what runs and what waits when its time is over gives its place at once.
#[tokio::test(start_paused = true)]
async fn a_call_whose_time_is_over_leaves_the_bulkhead() {
    alone(async {
        let [first, second, third, fourth] = [(); 4].map(|()| Body::taking("S", ms(2_000)));
        let outcomes = tokio::join!(limited(&first), limited(&second), limited(&third), async {
            pass(600).await;
            limited(&fourth).await
        });
        assert_eq!(outcomes, (TIMED_OUT, TIMED_OUT, FULL, TIMED_OUT));
        assert_eq!((first.runs(), second.runs(), third.runs()), (1, 0, 0));
        assert_eq!((fourth.starts(), first.ended()), (vec![600], 0));
        let found = registry().snapshot();
        assert_eq!(found.policies.len(), 1);
    })
    .await;
}

// TO-11: the time runs from when the call begins to wait.
#[tokio::test(start_paused = true)]
async fn the_wait_for_a_place_is_part_of_the_time() {
    alone(async {
        let (first, second) = (Body::taking("S", ms(300)), Body::taking("S", ms(2_000)));
        let start = Instant::now();
        let outcomes = tokio::join!(limited(&first), limited(&second));
        assert_eq!((outcomes, start.elapsed()), ((Ok(1), TIMED_OUT), ms(500)));
        assert_eq!((second.starts(), second.ended()), (vec![300], 0));
    })
    .await;
}

// AS-06, dropped instead of interrupted: a cancelled call has left its place. AS-07: one that is cancelled while it waits
// never starts.
#[tokio::test(start_paused = true)]
async fn cancelled_calls_leave_their_place_or_the_queue() {
    alone(async {
        let gate = Gate::default();
        let client = Client(&THREE_AND_THREE);
        let mut calls: Vec<_> = (0..5).map(|_| Box::pin(client.call(&gate))).collect();
        for call in &mut calls {
            assert_eq!(poll_once(call).await, None);
        }
        assert_eq!((gate.running(), THREE_AND_THREE.waiting()), (3, 2));
        drop(calls.remove(3));
        assert_eq!((gate.begun.load(SeqCst), THREE_AND_THREE.waiting()), (3, 1));
        drop(calls.remove(0));
        assert_eq!(poll_once(&mut calls[2]).await, None);
        assert_eq!((gate.begun.load(SeqCst), THREE_AND_THREE.waiting()), (4, 0));
        drop(calls);
        assert_eq!(THREE_AND_THREE.in_flight(), 0);
    })
    .await;
}

#[retry(max = 1, handle_rejected(Kind::BulkheadFull))]
#[timeout("500ms")]
#[bulkhead(1)]
async fn only_refusals(body: &Body) -> Res {
    body.run().await
}

// RT-23: a retry of refusals does not retry what took too long.
#[tokio::test(start_paused = true)]
async fn what_took_too_long_is_no_refusal() {
    alone(async {
        let slow = Body::taking("S", ms(1_000));
        assert_eq!((only_refusals(&slow).await, slow.runs()), (TIMED_OUT, 1));
    })
    .await;
}

// Many threads: never more run than may, and all places are there at the end.
#[test]
fn many_threads() {
    let bulkhead = Bulkhead::builder(3).wait(Duration::from_secs(60)).build();
    let guarded = failsafe::with(bulkhead.clone());
    let (running, most) = (AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let outcome = guarded.run_blocking(|| -> Res {
                        most.fetch_max(running.fetch_add(1, SeqCst) + 1, SeqCst);
                        std::thread::yield_now();
                        running.fetch_sub(1, SeqCst);
                        Ok(1)
                    });
                    assert_eq!(outcome, Ok(1));
                }
            });
        }
    });
    assert!(most.load(SeqCst) <= 3);
    assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (0, 0));
}
