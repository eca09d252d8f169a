//! Who has a permit, who waits for one, and what is a sample.

use std::sync::Arc;
use std::time::Duration;

use failsafe::adaptive_limiter::{Direction, Permit, Reason, Update};
use failsafe::testing::VirtualTime;
use failsafe::{
    AdaptiveLimiter, Kind, adaptive_limiter, circuit_breaker, policy, registry, retry, timeout,
    with,
};

use crate::support::*;

const EXCEEDED_LIMIT: Res = Err(Error::Rejected(Kind::LimitExceeded));

fn one() -> AdaptiveLimiter {
    AdaptiveLimiter::builder().limits("1..10").initial(1).build()
}

// GO Adaptive limiter: defaults (limit 20, metrics 0).
#[test]
fn what_nothing_was_said_of() {
    let metrics = AdaptiveLimiter::builder().build().metrics();
    assert_eq!((metrics.limit(), metrics.in_flight(), metrics.queued()), (20, 0, 0));
    assert_eq!((metrics.max_in_flight(), metrics.baseline(), metrics.update()), (0, None, None));
}

// GO Adaptive limiter: acquire/record toggles Inflight; Try fails when full; a permit that is dropped only gives back.
#[test]
fn a_permit_is_in_flight_until_it_is_recorded_or_dropped() {
    let limiter = one();
    for ends in [|permit: Permit<'_>| permit.record(), |permit: Permit<'_>| drop(permit)] {
        let permit = limiter.try_acquire().unwrap();
        assert_eq!((limiter.metrics().in_flight(), limiter.can_acquire()), (1, false));
        assert!(limiter.try_acquire().is_none());
        ends(permit);
        assert_eq!((limiter.metrics().in_flight(), limiter.can_acquire()), (0, true));
    }
}

guarded! {
    #[adaptive_limiter(limits = "1..10", initial = 1)]
    plain
}

// GO Adaptive limiter: pipeline ok 1/1.
#[tokio::test(start_paused = true)]
async fn a_call_with_a_permit_runs() {
    assert_eq!(call!(plain, "S"), (Ok(1), 1));
    assert_eq!(call!(plain, "F"), (DOWN, 1));
}

static EXCEEDED_HEARD: Notes = Notes::new();

#[adaptive_limiter(name = "limiter: one", limits = "1..1", on_limit_exceeded = |event| EXCEEDED_HEARD.add(format!(
    "{} {} {} {}", event.name(), event.limit(), event.in_flight(), event.queued(),
)))]
async fn single(body: &Body) -> Res {
    body.run().await
}

// GO Adaptive limiter: full 1/0 + event.
#[tokio::test(start_paused = true)]
async fn a_call_without_a_permit_is_refused_and_told() {
    alone(async {
        let mut heard = Heard::new();
        let slow = Body::taking("S", ms(100));
        assert_eq!(tokio::join!(single(&slow), single(&slow)), (Ok(1), EXCEEDED_LIMIT));
        assert_eq!(EXCEEDED_HEARD.take(), ["limiter: one 1 1 0"]);
        assert_eq!(heard.names(), ["adaptive_limiter rejected"]);
        let found = registry().adaptive_limiter("limiter: one").unwrap();
        assert_eq!((found.metrics().in_flight(), found.config().get_limits()), (0, (1, 1)));
    })
    .await;
}

#[adaptive_limiter(limits = "1..1", wait = "150ms")]
async fn patient(body: &Body) -> Res {
    body.run().await
}

#[adaptive_limiter(limits = "1..1", wait = unlimited)]
async fn endless(body: &Body) -> Res {
    body.run().await
}

// GO Adaptive limiter: waits 100 ms of 1 s ok; max wait exceeded 1/0. They wait in order.
#[tokio::test(start_paused = true)]
async fn calls_wait_for_so_long() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        let all = tokio::join!(patient(&slow), patient(&slow), patient(&slow));
        assert_eq!(all, (Ok(1), Ok(2), EXCEEDED_LIMIT));
        assert_eq!(slow.starts(), [0, 100]);
        let slow = Body::taking("S", Duration::from_secs(1_000_000));
        assert_eq!(tokio::join!(endless(&slow), endless(&slow)), (Ok(1), Ok(2)));
    })
    .await;
}

// GO Adaptive limiter: queueing 1.5 x 2 = 3: waits with 2 queued; 1 x 1 full + queue 1: rejected + event.
#[tokio::test(start_paused = true)]
async fn a_queue_is_so_long() {
    for (factors, waits) in [("1.5..2", 3), ("1..1", 2)] {
        let limiter = AdaptiveLimiter::builder().limits("2..2").queue(factors).build();
        let held = [limiter.try_acquire().unwrap(), limiter.try_acquire().unwrap()];
        let mut waiting = Vec::new();
        for number in 0..waits {
            assert!(limiter.metrics().rejection_rate() <= 0.0, "{factors}: {number}");
            let mut wait = Box::pin(limiter.acquire());
            assert!(poll_once(&mut wait).await.is_none());
            waiting.push(wait);
        }
        assert_eq!(limiter.metrics().rejection_rate() >= 1.0, waits == 2);
        if waits == 2 {
            assert_eq!(limiter.acquire().await.unwrap_err().kind(), Kind::LimitExceeded);
            assert!(!limiter.can_acquire());
        }
        drop(held);
        for wait in &mut waiting {
            assert!(poll_once(wait).await.is_some_and(|permit| permit.is_ok()));
        }
    }
}

// A waiter that is dropped leaves the queue; a permit it was given goes to the next.
#[tokio::test(start_paused = true)]
async fn a_dropped_waiter_hands_its_permit_on() {
    let limiter = one();
    let permit = limiter.try_acquire().unwrap();
    let mut first = Box::pin(limiter.acquire_timeout(Duration::MAX));
    let mut second = Box::pin(limiter.acquire_timeout(ms(10)));
    assert!(poll_once(&mut first).await.is_none() && poll_once(&mut second).await.is_none());
    assert_eq!(limiter.metrics().queued(), 2);
    permit.record();
    assert!(limiter.try_acquire().is_none(), "it is the permit of the first");
    drop(first);
    pass(20).await;
    let kept = poll_once(&mut second).await.unwrap();
    assert!(kept.is_ok(), "a permit given while the wait expires is kept");
    drop(kept);
    drop(second);
    let metrics = limiter.metrics();
    assert_eq!((metrics.in_flight(), metrics.queued()), (0, 0));
}

// A limit that grows lets those in who wait; one that shrinks takes no permit away, and lets nobody in until there are fewer.
#[tokio::test(start_paused = true)]
async fn the_limit_moves_under_those_who_wait() {
    let limiter = AdaptiveLimiter::builder().limits("1..3").initial(2).build();
    let held = [limiter.try_acquire().unwrap(), limiter.try_acquire().unwrap()];
    let mut first = Box::pin(limiter.acquire_timeout(Duration::MAX));
    let mut second = Box::pin(limiter.acquire_timeout(Duration::MAX));
    assert!(poll_once(&mut first).await.is_none() && poll_once(&mut second).await.is_none());
    assert_eq!(limiter.update(1e8, 2, true).direction(), Direction::Increase);
    let third = poll_once(&mut first).await.unwrap().unwrap();
    assert_eq!((limiter.metrics().in_flight(), limiter.metrics().queued()), (3, 1));
    while limiter.limit() > 1 {
        limiter.update(1e12, 3, true);
    }
    assert_eq!((limiter.metrics().in_flight(), limiter.metrics().queued()), (3, 1));
    for permit in held {
        permit.record();
        assert!(poll_once(&mut second).await.is_none());
    }
    third.record();
    assert!(poll_once(&mut second).await.unwrap().is_ok());
}

// Blocking calls wait on their thread, and on the virtual clock.
#[test]
fn a_thread_waits() {
    let limiter = Arc::new(one());
    let permit = limiter.try_acquire().unwrap();
    let time = VirtualTime::new();
    let refused = time.blocking(|| limiter.acquire_blocking(ms(50)).map(drop));
    assert_eq!(refused.unwrap_err().kind(), Kind::LimitExceeded);
    assert_eq!(time.elapsed(), ms(50));
    let waits = Arc::clone(&limiter);
    let thread =
        std::thread::spawn(move || waits.acquire_blocking(Duration::MAX).map(drop).is_ok());
    while limiter.metrics().queued() == 0 {
        std::thread::yield_now();
    }
    permit.record();
    assert!(thread.join().unwrap());
    assert_eq!(limiter.metrics().in_flight(), 0);
}

#[adaptive_limiter(name = "limiter: dropped", limits = "1..1", wait = "1s")]
#[retry(max = 1, delay = "10ms")]
async fn dropped(body: &Body) -> Res {
    body.run().await
}

#[adaptive_limiter(name = "limiter: dropped")]
async fn panics() -> Res {
    tokio::task::yield_now().await;
    panic!("at the disco")
}

#[adaptive_limiter(name = "limiter: dropped")]
fn panics_blocking() -> Res {
    panic!("at the disco")
}

// Dropped at any await point, or in a panic, everything is as it was, and nothing was sampled.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_or_panics_leaves_nothing_behind() {
    alone(async {
        let limiter = registry().adaptive_limiter("limiter: dropped").unwrap();
        let at_start = limiter.metrics();
        for held in [false, true] {
            for polls in 0..8 {
                let permit = held.then(|| limiter.try_acquire().unwrap());
                let slow = Body::taking("FS", ms(5));
                let mut call = Box::pin(dropped(&slow));
                for _ in 0..polls {
                    if poll_once(&mut call).await.is_some() {
                        break;
                    }
                    pass(3).await;
                }
                drop(call);
                drop(permit);
                assert_eq!(limiter.metrics(), at_start, "dropped after {polls} polls");
            }
        }
        assert!(tokio::spawn(registry().scope(panics())).await.unwrap_err().is_panic());
        let blocked = std::panic::catch_unwind(panics_blocking);
        assert!(blocked.is_err());
        assert_eq!(limiter.metrics(), at_start);
    })
    .await;
}

static LIMITER: AdaptiveLimiter = policy!(adaptive_limiter(
    name = "limiter: static",
    limits = "1..30",
    initial = 10,
    samples = 1,
    window = "0s..1s",
    max_limit_with = |in_flight| in_flight + 11,
    on_limit_changed = |event| CHANGED.add(format!("static {} -> {}", event.from(), event.to())),
));

static CHANGED: Notes = Notes::new();

#[adaptive_limiter(LIMITER, on_limit_changed = |event| CHANGED.add(format!(
    "{who} {} {}", event.to(), event.update().reason(),
)))]
async fn on_static(body: &Body, who: &str) -> Res {
    body.run().await
}

// Quirk 30: a listener is called after the limit has changed. One of the limiter hears of everything, one of a function of
// what its calls change. The function that bounds the limit is part of the limiter.
#[tokio::test(start_paused = true)]
async fn listeners_hear_of_changes() {
    alone(async {
        let mut heard = Heard::new();
        let quick = Body::taking("S", ms(10));
        for _ in 0..8 {
            assert!(on_static(&quick, "caller").await.is_ok());
        }
        assert_eq!(
            CHANGED.take(),
            ["static 10 -> 11", "caller 11 queue", "static 11 -> 12", "caller 12 queue"]
        );
        assert_eq!(heard.counts(["adaptive_limiter limit_changed"]), [2]);
        let update = *LIMITER.metrics().update().unwrap();
        assert_eq!((update.reason(), update.limit()), (Reason::Max, 12.0));
        LIMITER.reset();
        assert_eq!(
            (LIMITER.limit(), LIMITER.metrics().baseline(), CHANGED.take().len()),
            (10, None, 0)
        );
        let permit = LIMITER.try_acquire().unwrap();
        pass(10).await;
        permit.record();
        assert_eq!(CHANGED.take(), ["static 10 -> 11"]);
    })
    .await;

    let limiter: Arc<std::sync::OnceLock<AdaptiveLimiter>> = Arc::default();
    let looks = Arc::clone(&limiter);
    let built = AdaptiveLimiter::builder().on_limit_changed(move |event| {
        assert_eq!(looks.get().unwrap().limit(), event.to());
        CHANGED.add(format!("built {}", event.to()));
    });
    let built = limiter.get_or_init(|| built.build());
    built.update(1e8, 20, false);
    assert_eq!(CHANGED.take(), ["built 21"]);
}

#[adaptive_limiter(name = "limiter: failures", samples = 1, window = "0s..1s")]
#[timeout("500ms")]
#[circuit_breaker(failures = 1, delay = "1h")]
async fn failing(body: &Body) -> Res {
    body.run().await
}

// Quirk 28: a call that failed, or that an inner policy refused, in no time is no sample of how fast the service is; one that
// timed out is.
#[tokio::test(start_paused = true)]
async fn failing_fast_is_not_being_fast() {
    alone(async {
        let limiter = registry().adaptive_limiter("limiter: failures").unwrap();
        let updates = || limiter.metrics().update().map_or(0, Update::number);
        assert_eq!(failing(&Body::taking("S", ms(100))).await, Ok(1));
        assert_eq!((updates(), limiter.metrics().baseline()), (1, Some(ms(100))));
        pass(1_000).await;
        assert_eq!(failing(&Body::taking("S", ms(2_000))).await, TIMED_OUT);
        assert_eq!((updates(), limiter.metrics().update().unwrap().recent()), (2, ms(300)));
        pass(1_000).await;
        assert_eq!(failing(&Body::taking("F", ms(1))).await, DOWN);
        for _ in 0..5 {
            pass(1_000).await;
            assert_eq!(failing(&Body::new("S")).await, OPEN);
        }
        assert_eq!(updates(), 2);
    })
    .await;
}

#[adaptive_limiter(name = "limiter: all", samples = 1, window = "0s..1s", handle_if = |_| false)]
async fn all_are_samples(body: &Body) -> Res {
    body.run().await
}

#[adaptive_limiter(
    name = "limiter: some",
    samples = 1,
    window = "0s..1s",
    handle(Err(Error::Argument))
)]
async fn some_are_samples(body: &Body) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn conditions_say_what_a_failure_is() {
    alone(async {
        for script in ["F", "A"] {
            let body = Body::taking(script, ms(10));
            assert!(
                all_are_samples(&body).await.is_err() && some_are_samples(&body).await.is_err()
            );
        }
        let updates = ["limiter: all", "limiter: some"].map(|name| {
            let limiter = registry().adaptive_limiter(name).unwrap();
            limiter.metrics().update().map_or(0, Update::number)
        });
        // The second sample of both came within the window of the first.
        assert_eq!(updates, [1, 1]);
        let is_large = |value: &Res| value.is_ok_and(|value| value > 1);
        let built = AdaptiveLimiter::builder().samples(1).handle_if(is_large);
        let built = with(built.build());
        assert_eq!(built.run(|| async { Res::Ok(2) }).await, Ok(2));
        assert_eq!(built.run_blocking(|| Res::Ok(1)), Ok(1));
    })
    .await;
}

#[adaptive_limiter(name = "limiter: keyed", key = id, max_keys = 1000, limits = "1..1")]
async fn keyed(id: u32, body: &Body) -> Res {
    body.run().await
}

// Each key has a limit of its own, and never more keys are kept than may be.
#[tokio::test(start_paused = true)]
async fn keys_are_bounded_in_number() {
    alone(async {
        let slow = Body::taking("S", ms(10));
        let both = tokio::join!(keyed(1, &slow), keyed(2, &slow), keyed(1, &slow));
        assert_eq!(both, (Ok(1), Ok(2), EXCEEDED_LIMIT));
        let quick = Body::new("S");
        for id in 0..10_000 {
            assert!(keyed(id, &quick).await.is_ok());
        }
        let kept = registry().snapshot().policies;
        let kept = kept.iter().filter(|policy| policy.name.starts_with("limiter: keyed")).count();
        assert!((1..=1000).contains(&kept), "{kept}");
    })
    .await;
}

// All that is wrong with a builder's options is told at once.
#[test]
fn a_builder_refuses_what_makes_no_sense() {
    let builder = AdaptiveLimiter::builder()
        .limits("5..1")
        .max_limit_factor(0.5)
        .window("30s..1s")
        .quantile(1.0)
        .samples(0)
        .baseline_drift("a lot")
        .queue((3.0, 2.0));
    assert_eq!(builder.try_build().unwrap_err().faults().len(), 7);
    let outside = AdaptiveLimiter::builder().limits(1..=10).initial(11).try_build();
    assert!(outside.unwrap_err().to_string().contains("begins at 11"));
    let unheard = AdaptiveLimiter::builder().queue("1..2").wait(Duration::ZERO).try_build();
    assert!(unheard.is_err());
    assert_eq!(AdaptiveLimiter::builder().limits("1..10").build().limit(), 10);
    assert_eq!(AdaptiveLimiter::builder().limits("30..50").build().limit(), 30);
}
