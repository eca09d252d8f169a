//! Attempts that run beside each other, through the attribute and the builder.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use failsafe::executor::Policy;
use failsafe::{Budget, Executor, Hedge, Kind, hedge, policy, registry, retry, timeout};
use tokio::time::Instant;

use crate::support::*;

/// A body whose n-th run takes so many milliseconds and ends in that letter, as those of a `Body`; the last holds for
/// all further ones.
pub(super) struct Runs {
    script: Vec<(u64, u8)>,
    created: Instant,
    starts: Mutex<Vec<u128>>,
    seen: Notes,
    live: AtomicU32,
}

/// A run that has not ended.
struct Live<'a>(&'a AtomicU32);

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Runs {
    pub(super) fn new(script: &[(u64, char)]) -> Self {
        let script = script.iter().map(|(time, letter)| (*time, *letter as u8)).collect();
        let (starts, seen, live) = (Mutex::default(), Notes::new(), AtomicU32::new(0));
        Self { script, created: Instant::now(), starts, seen, live }
    }

    pub(super) async fn run(&self) -> Res {
        self.live.fetch_add(1, Ordering::SeqCst);
        let _live = Live(&self.live);
        let run = {
            let mut starts = self.starts.lock().unwrap();
            starts.push(self.created.elapsed().as_millis());
            starts.len()
        };
        let at = failsafe::attempt();
        let kind = match (at.is_hedge(), at.is_retry()) {
            (false, false) => "first",
            (true, false) => "hedge",
            (false, true) => "retry",
            (true, true) => "retry of a hedge",
        };
        self.seen.add(format!("{} {kind}", at.number()));
        let (time, letter) = self.script[(run - 1).min(self.script.len() - 1)];
        if time > 0 {
            pass(time).await;
        }
        match letter {
            b'S' => Ok(u32::try_from(run).unwrap()),
            b'F' => DOWN,
            b'P' => panic!("run {run}"),
            _ => Err(Error::Argument),
        }
    }

    fn starts(&self) -> Vec<u128> {
        self.starts.lock().unwrap().clone()
    }

    fn elapsed(&self) -> u128 {
        self.created.elapsed().as_millis()
    }
}

/// Calls a function and an executor with the same script: the outcome, when it was there, and when the runs started. What
/// has lost is dropped by then.
async fn both(
    function: impl AsyncFn(&Runs) -> Res,
    executor: Executor<impl Policy<Res>>,
    script: &[(u64, char)],
) -> (Res, u128, Vec<u128>) {
    let runs = Runs::new(script);
    let outcome = function(&runs).await;
    let first = (outcome, runs.elapsed(), runs.starts());
    assert_eq!(runs.live.load(Ordering::SeqCst), 0, "an attempt is still there");
    let runs = Runs::new(script);
    let outcome = executor.run(|| runs.run()).await;
    let second = (outcome, runs.elapsed(), runs.starts());
    assert_eq!(first, second, "the attribute and the builder differ");
    first
}

#[hedge("10ms")]
async fn plain(runs: &Runs) -> Res {
    runs.run().await
}

fn plainly() -> Executor<impl Policy<Res>> {
    failsafe::with(Hedge::builder("10ms").build())
}

// GO Hedge: 1 s delay: 1/1, 0 hedges; a hedge that is faster wins, one that is slower does not.
#[tokio::test(start_paused = true)]
async fn the_first_success_wins() {
    let call = async |script| both(plain, plainly(), script).await;
    assert_eq!(call(&[(0, 'S')]).await, (Ok(1), 0, vec![0]));
    assert_eq!(call(&[(9, 'S')]).await, (Ok(1), 9, vec![0]));
    assert_eq!(call(&[(100, 'S'), (5, 'S')]).await, (Ok(2), 15, vec![0, 10]));
    assert_eq!(call(&[(20, 'S'), (50, 'S')]).await, (Ok(1), 20, vec![0, 10]));
    // A failure ends nothing while another attempt runs.
    assert_eq!(call(&[(100, 'S'), (5, 'F')]).await, (Ok(1), 100, vec![0, 10]));
    assert_eq!(call(&[(15, 'F'), (50, 'S')]).await, (Ok(2), 60, vec![0, 10]));
    // Without a success the last outcome is returned, not the first.
    assert_eq!(call(&[(15, 'F'), (50, 'A')]).await, (Err(Error::Argument), 60, vec![0, 10]));
    assert_eq!(call(&[(100, 'F'), (50, 'A')]).await, (DOWN, 100, vec![0, 10]));
}

// GO quirk 22: when everything has failed already, the next hedge does not wait.
#[tokio::test(start_paused = true)]
async fn when_all_have_failed_the_next_starts_at_once() {
    let call = async |script| both(plain, plainly(), script).await;
    assert_eq!(call(&[(0, 'F'), (5, 'S')]).await, (Ok(2), 5, vec![0, 0]));
    assert_eq!(call(&[(3, 'F'), (5, 'A')]).await, (Err(Error::Argument), 8, vec![0, 3]));
}

#[hedge("10ms", max = 2)]
async fn twice(runs: &Runs) -> Res {
    runs.run().await
}

fn twofold() -> Executor<impl Policy<Res>> {
    failsafe::with(Hedge::builder("10ms").max(2).build())
}

// GO Hedge: 10 ms, 2 hedges, 100 ms function: 3 attempts, the first attempt's result; 20 ms x2 all slow.
#[tokio::test(start_paused = true)]
async fn several_hedges_start_one_after_the_other() {
    let call = async |script| both(twice, twofold(), script).await;
    assert_eq!(call(&[(100, 'S')]).await, (Ok(1), 100, vec![0, 10, 20]));
    assert_eq!(call(&[(100, 'S'), (100, 'S'), (1, 'S')]).await, (Ok(3), 21, vec![0, 10, 20]));
    assert_eq!(call(&[(12, 'F'), (4, 'F'), (9, 'S')]).await, (Ok(3), 23, vec![0, 10, 14]));
    assert_eq!(call(&[(50, 'F'), (50, 'F'), (2, 'F')]).await, (DOWN, 60, vec![0, 10, 20]));
}

#[hedge("10ms", max = 2, first)]
async fn first(runs: &Runs) -> Res {
    runs.run().await
}

// GO quirk 21: as in failsafe-go, the first outcome ends the race, a failure too.
#[tokio::test(start_paused = true)]
async fn with_first_any_outcome_ends_the_race() {
    let executor = || failsafe::with(Hedge::builder("10ms").max(2).first().build());
    let call = async |script| both(first, executor(), script).await;
    assert_eq!(call(&[(5, 'F'), (1, 'S')]).await, (DOWN, 5, vec![0]));
    assert_eq!(call(&[(100, 'S'), (5, 'F')]).await, (DOWN, 15, vec![0, 10]));
}

#[hedge("0s", max = 2, cancel(Ok(3)))]
async fn third(runs: &Runs) -> Res {
    runs.run().await
}

// GO Hedge: delay 0 with CancelOnResult(3): 3 attempts.
#[tokio::test(start_paused = true)]
async fn without_a_delay_all_start_at_once() {
    let ends = |outcome: &Res| *outcome == Ok(3);
    let executor = || failsafe::with(Hedge::builder("0s").max(2).cancel_if(ends).build());
    let call = async |script| both(third, executor(), script).await;
    assert_eq!(call(&[(5, 'S'), (7, 'S'), (9, 'S')]).await, (Ok(3), 9, vec![0, 0, 0]));
    assert_eq!(call(&[(9, 'S'), (7, 'S'), (5, 'S')]).await, (Ok(3), 5, vec![0, 0, 0]));
}

#[hedge(delay_with = |hedges| (hedges == 0).then_some(ms(7)), max = 5)]
async fn computed(runs: &Runs) -> Res {
    runs.run().await
}

// GO Hedge: a delay function that says no starts no more, and what runs goes on.
#[tokio::test(start_paused = true)]
async fn a_computed_delay_can_stop_the_hedging() {
    let delay = |hedges| (hedges == 0).then_some(ms(7));
    let executor = || failsafe::with(Hedge::delay_with(delay).max(5).build());
    let call = async |script| both(computed, executor(), script).await;
    assert_eq!(call(&[(100, 'S')]).await, (Ok(1), 100, vec![0, 7]));
    assert_eq!(call(&[(9, 'F'), (50, 'A')]).await, (Err(Error::Argument), 57, vec![0, 7]));
}

#[hedge(quantile = 0.95, name = "hedge: quantile")]
async fn by_quantile(runs: &Runs) -> Res {
    runs.run().await
}

// GO Hedge: quantile .95/30/20: no hedge in 20 calls; after 25 calls of 5 ms one of 200 ms is hedged once.
#[tokio::test(start_paused = true)]
async fn a_quantile_learns_how_long_calls_take() {
    alone(async {
        let mut heard = Heard::new();
        for call in 0..25 {
            let time = if call < 20 { 5 + call % 2 } else { 5 };
            assert_eq!(by_quantile(&Runs::new(&[(time, 'S')])).await, Ok(1));
        }
        assert_eq!(heard.counts(["hedge hedge"]), [0]);
        let runs = Runs::new(&[(200, 'S')]);
        assert_eq!((by_quantile(&runs).await, runs.starts().len()), (Ok(1), 2));
        assert_eq!(heard.counts(["hedge hedge"]), [1]);
        let found = registry().hedge("hedge: quantile").unwrap();
        assert_eq!(found.metrics().samples(), 26, "the one that lost is not counted");
        assert!(found.metrics().quantile() > ms(5));
        let snapshot = registry().snapshot();
        let details = &snapshot.policies[0].details;
        assert_eq!(details.get("samples"), Some(&failsafe::Detail::Count(26)));
        registry().reset();
        assert_eq!((found.metrics().samples(), found.delay(0)), (0, None));
    })
    .await;
}

static HEDGE: Hedge = policy!(hedge(delay = 10ms, max = 2));

#[hedge(HEDGE, cancel(Ok(3)), on_hedge = |event| HEARD.add(format!("{} of {}", event.hedges(), event.attempts())))]
async fn by_static(runs: &Runs) -> Res {
    runs.run().await
}

static HEARD: Notes = Notes::new();

struct Client {
    hedge: std::sync::Arc<Hedge>,
}

impl Client {
    #[hedge(self.hedge)]
    async fn get(&self, runs: &Runs) -> Res {
        runs.run().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_is_used_from_where_it_is() {
    let runs = Runs::new(&[(100, 'S')]);
    assert_eq!((by_static(&runs).await, runs.elapsed()), (Ok(3), 120));
    assert_eq!(HEARD.take(), ["1 of 2", "2 of 3"]);
    let budget = Budget::builder().min_concurrency(0).max_rate(0.0).build();
    let hedge = Hedge::builder("10ms").budget(budget.clone()).build();
    let client = Client { hedge: hedge.into() };
    let runs = Runs::new(&[(100, 'S')]);
    assert_eq!((client.get(&runs).await, runs.starts()), (Ok(1), vec![0, 10]));
    let busy = budget.try_acquire();
    assert_eq!((client.get(&Runs::new(&[(100, 'S')])).await, budget.extras()), (Ok(1), 1));
    drop(busy);
    assert_eq!((budget.executions(), budget.extras()), (0, 0));
}

static ONE: Budget = policy!(budget(max_rate = 0.0, min_concurrency = 1));

#[hedge("20ms", max = 3, budget = ONE, on_budget_exceeded = |event| REFUSED.add(event.what().name()))]
async fn within(runs: &Runs) -> Res {
    runs.run().await
}

static REFUSED: Notes = Notes::new();

// GO Budget: issue 141: a refusal ends the hedging, and the attempts that run give the result.
#[tokio::test(start_paused = true)]
async fn a_budget_bounds_the_hedges() {
    let call = async |script| {
        let runs = Runs::new(script);
        (within(&runs).await, runs.elapsed(), runs.starts())
    };
    assert_eq!(call(&[(200, 'S')]).await, (Ok(1), 200, vec![0, 20]));
    assert_eq!(REFUSED.take(), ["budget_exceeded"]);
    // What a hedge was granted is free again when it has ended.
    assert_eq!(call(&[(200, 'S'), (5, 'F')]).await, (Ok(1), 200, vec![0, 20, 40, 60]));
    assert!(REFUSED.take().is_empty());
    // Refused when nothing runs any more: the last outcome.
    let busy = ONE.try_acquire();
    assert_eq!(call(&[(5, 'F')]).await, (DOWN, 5, vec![0]));
    assert_eq!((REFUSED.take().len(), ONE.executions(), ONE.extras()), (1, 1, 1));
    drop(busy);
    let mut dropped = Box::pin(async { within(&Runs::new(&[(200, 'S')])).await });
    assert_eq!(poll_once(&mut dropped).await, None);
    tokio::time::advance(ms(20)).await;
    assert_eq!(poll_once(&mut dropped).await, None);
    assert_eq!((ONE.executions(), ONE.extras()), (2, 1));
    drop(dropped);
    assert_eq!((ONE.executions(), ONE.extras()), (0, 0));
}

#[retry(max = 2, handle(Err(Error::Down)))]
#[hedge("10ms", first)]
async fn retried(runs: &Runs) -> Res {
    runs.run().await
}

#[hedge("10ms")]
#[retry(max = 1, delay = "2ms")]
async fn hedged_retry(runs: &Runs) -> Res {
    runs.run().await
}

// GO 6.4: Retry(Hedge 10 ms, 1 hedge) with a 20 ms failing function: 6 attempts, 2 retries, 3 hedges; quirks 19 and 24:
// a retry inside a hedge begins anew in each attempt, and an attempt knows what it is.
#[tokio::test(start_paused = true)]
async fn an_attempt_knows_which_one_it_is() {
    let mut heard = Heard::new();
    let runs = Runs::new(&[(20, 'F')]);
    assert_eq!((retried(&runs).await, runs.elapsed()), (DOWN, 60));
    assert_eq!(heard.done(), [(6, 6, false)]);
    let seen = ["1 first", "2 hedge", "3 retry", "4 hedge", "5 retry", "6 hedge"];
    assert_eq!(runs.seen.take().len(), seen.len());

    let runs = Runs::new(&[(20, 'F')]);
    assert_eq!((hedged_retry(&runs).await, runs.elapsed()), (DOWN, 52));
    assert_eq!(runs.starts(), [0, 10, 22, 32]);
    assert_eq!(runs.seen.take(), ["1 first", "2 hedge", "3 retry", "4 retry of a hedge"]);
    assert_eq!(heard.done(), [(4, 4, false)]);
}

#[timeout("100ms")]
#[hedge("10ms", max = 2)]
async fn bounded(runs: &Runs) -> Res {
    runs.run().await
}

#[hedge("10ms", max = 2)]
#[timeout("100ms")]
async fn each_bounded(runs: &Runs) -> Res {
    runs.run().await
}

// GO 6.4: Timeout 100(Hedge 10 ms x2): 3 attempts, 1 timeout; Hedge(Timeout 100), 2 hedges: 3 timeouts.
#[tokio::test(start_paused = true)]
async fn a_timeout_outside_bounds_all_and_inside_each() {
    let mut heard = Heard::new();
    let runs = Runs::new(&[(1_000, 'S')]);
    assert_eq!((bounded(&runs).await, runs.elapsed()), (TIMED_OUT, 100));
    assert_eq!(heard.counts(["hedge hedge", "timeout timeout"]), [2, 1]);
    assert_eq!(runs.live.load(Ordering::SeqCst), 0);
    assert_eq!((bounded(&runs).await, heard.done()), (TIMED_OUT, vec![(3, 3, false)]));
    let runs = Runs::new(&[(1_000, 'S')]);
    assert_eq!((each_bounded(&runs).await, runs.elapsed()), (TIMED_OUT, 120));
    assert_eq!(heard.counts(["hedge hedge", "timeout timeout"]), [2, 3]);
}

#[hedge("10ms", cancel_rejected(Kind::Timeout))]
#[timeout("15ms")]
async fn timed_out(runs: &Runs) -> Res {
    runs.run().await
}

#[tokio::test(start_paused = true)]
async fn a_rejection_can_end_the_race() {
    let runs = Runs::new(&[(1_000, 'S')]);
    assert_eq!((timed_out(&runs).await, runs.elapsed()), (TIMED_OUT, 15));
}

#[hedge("10ms", max = 2, budget = DROPS)]
async fn dropping(runs: &Runs) -> Res {
    runs.run().await
}

static DROPS: Budget = policy!(budget(min_concurrency = 9));

// Wherever a call is dropped, and whichever attempt panics, everything is given back. GO quirk 23.
#[tokio::test(start_paused = true)]
async fn a_call_can_be_dropped_at_every_await() {
    for polls in 0..8 {
        let runs = Runs::new(&[(60, 'F'), (60, 'F'), (60, 'F')]);
        let mut call = Box::pin(dropping(&runs));
        let mut over = false;
        for _ in 0..polls {
            over = over || poll_once(&mut call).await.is_some();
            tokio::time::advance(ms(10)).await;
        }
        assert!(!over, "it takes 80 ms");
        let live = u32::try_from(polls.min(3)).unwrap();
        assert!(polls > 6 || runs.live.load(Ordering::SeqCst) == live, "after {polls} polls");
        drop(call);
        assert_eq!(runs.live.load(Ordering::SeqCst), 0, "dropped after {polls} polls");
        assert_eq!((DROPS.executions(), DROPS.extras()), (0, 0), "dropped after {polls} polls");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_any_attempt_reaches_the_caller() {
    for (script, message) in [
        (vec![(5, 'P')], "run 1"),
        (vec![(50, 'P'), (90, 'S')], "run 1"),
        (vec![(50, 'S'), (5, 'P')], "run 2"),
        (vec![(50, 'S'), (0, 'P')], "run 2"),
    ] {
        let runs = std::sync::Arc::new(Runs::new(&script));
        let call = tokio::spawn({
            let runs = std::sync::Arc::clone(&runs);
            async move { dropping(&runs).await }
        });
        let panic = call.await.unwrap_err().into_panic();
        assert_eq!(*panic.downcast_ref::<String>().unwrap(), message);
        assert_eq!(runs.live.load(Ordering::SeqCst), 0);
        assert_eq!((DROPS.executions(), DROPS.extras()), (0, 0));
    }
    assert_eq!(failsafe::attempt().number(), 1, "no attempt is left behind");
}

// Time that stands still, and a delay without end.
#[tokio::test(start_paused = true)]
async fn a_delay_without_end_never_hedges() {
    let forever = failsafe::with(Hedge::builder(Duration::MAX).build());
    let runs = Runs::new(&[(86_400_000, 'S')]);
    assert_eq!((forever.run(|| runs.run()).await, runs.starts()), (Ok(1), vec![0]));
    let standing = failsafe::testing::VirtualTime::new();
    let executor = plainly();
    let outcome = standing.run(executor.run(|| async { Ok(7) }));
    assert_eq!((outcome, standing.elapsed()), (Ok(7), Duration::ZERO));
}

/// Neither `Copy` nor `'static`; used up by the body.
#[derive(Clone)]
struct Query<'a>(&'a str, String);

#[hedge("10ms", cancel_if = |found| found.as_ref().is_ok_and(|len| *len > limit))]
async fn consuming(query: Query<'_>, mut words: Vec<String>, limit: usize) -> Result<usize, Error> {
    words.push(query.1);
    words.push(query.0.to_owned());
    pass(5).await;
    Ok(words.len())
}

#[hedge("10ms")]
async fn never_fails(runs: &Runs) -> u32 {
    runs.run().await.unwrap_or(0)
}

#[hedge("10ms")]
fn promised(runs: &Runs) -> impl Future<Output = Res> + Send {
    runs.run()
}

// What is used up is cloned for each attempt; any return type will do; a call is `Send`.
#[tokio::test(start_paused = true)]
async fn it_stands_on_any_async_function() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    let text = "borrowed".to_owned();
    let query = Query(&text, "owned".to_owned());
    assert_eq!(send(consuming(query.clone(), vec![], 1)).await, Ok(2));
    assert_eq!(send(consuming(query, vec![], 5)).await, Ok(2));
    assert_eq!(send(never_fails(&Runs::new(&[(50, 'S'), (50, 'F')]))).await, 1);
    assert_eq!(send(promised(&Runs::new(&[(50, 'S'), (5, 'S')]))).await, Ok(2));
    let spawned = failsafe::with(Hedge::builder("10ms").build());
    assert_eq!(spawned.spawn(|| async { Runs::new(&[(50, 'S')]).run().await }).await, Ok(1));
}

#[hedge("10ms")]
#[hedge("4ms")]
async fn nested(runs: &Runs) -> Res {
    runs.run().await
}

#[hedge("10ms")]
async fn calls_another(runs: &Runs, other: &Runs) -> Res {
    let inner = plain(other).await;
    runs.seen.add(format!("after {} of {}", failsafe::attempt().number(), other.starts().len()));
    runs.run().await.and(inner)
}

// A race in a race counts for the whole call; a call inside an attempt has counters of its own.
#[tokio::test(start_paused = true)]
async fn races_nest() {
    let mut heard = Heard::new();
    let runs = Runs::new(&[(30, 'S')]);
    assert_eq!((nested(&runs).await, runs.starts()), (Ok(1), vec![0, 4, 10, 14]));
    assert_eq!(runs.seen.take(), ["1 first", "2 hedge", "3 hedge", "4 hedge"]);
    assert_eq!(heard.done(), [(4, 4, true)]);
    let (runs, other) = (Runs::new(&[(0, 'S')]), Runs::new(&[(15, 'S')]));
    assert_eq!(calls_another(&runs, &other).await, Ok(1));
    assert_eq!(runs.seen.take(), ["after 1 of 3", "1 first"]);
}

// Options that cannot be are refused by the builder, all at once.
#[test]
fn a_builder_refuses_what_an_attribute_refuses() {
    let wrong = Hedge::quantile(1.5).max(0).age(0).threshold(0).try_build().unwrap_err();
    assert_eq!(wrong.faults().len(), 4, "{wrong}");
    assert!(Hedge::quantile("95%").try_build().is_ok());
    assert!(Hedge::builder("soon").try_build().is_err());
}
