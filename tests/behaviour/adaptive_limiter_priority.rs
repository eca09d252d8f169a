//! Who is refused first while an adaptive limiter is full.

use std::time::Duration;

use failsafe::adaptive_limiter::Permit;
use failsafe::{
    AdaptiveLimiter, Caller, Kind, Level, Prioritizer, Priority, Rejected, adaptive_limiter, policy,
};

use crate::support::*;

fn prioritizer() -> Prioritizer {
    Prioritizer::builder().every(Duration::MAX).build()
}

fn limiter(prioritizer: &Prioritizer, queue: &str) -> AdaptiveLimiter {
    AdaptiveLimiter::builder().limits("1..1").queue(queue).prioritizer(prioritizer).build()
}

type Acquire<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Permit<'a>, Rejected>> + 'a>>;

fn acquire(limiter: &AdaptiveLimiter, level: u16) -> Acquire<'_> {
    Box::pin(Caller::new().level(level).scope(limiter.acquire()))
}

// GO Adaptive limiter, priority: Calibrate: limit 1, factors 2/4, 4 queued (one then admitted): rate .5, and the level of half
// the calls is the threshold: below it calls are refused, above it they wait, and not beyond the longest queue.
#[tokio::test(start_paused = true)]
async fn the_less_important_are_refused_first() {
    let prioritizer = prioritizer();
    let limiter = limiter(&prioritizer, "2..4");
    let permit = limiter.try_acquire().unwrap();
    let mut waiting: Vec<_> = [50, 150, 150, 250].map(|level| acquire(&limiter, level)).into();
    for wait in &mut waiting {
        assert!(poll_once(wait).await.is_none(), "there is no threshold yet");
    }
    // The queue is at its end, also for the most important.
    assert_eq!(acquire(&limiter, 499).await.unwrap_err().kind(), Kind::LimitExceeded);
    permit.record();
    let held = poll_once(&mut waiting.remove(0)).await.unwrap().unwrap();
    prioritizer.calibrate();
    assert_eq!(prioritizer.policies(), 1);
    assert!((prioritizer.rejection_rate() - 0.5).abs() < 1e-12);
    assert_eq!(prioritizer.rejection_threshold(), Level::new(150));
    assert_eq!(acquire(&limiter, 149).await.unwrap_err().kind(), Kind::LimitExceeded);
    let low = Caller::new().level(149).scope_blocking(|| limiter.can_acquire());
    let high = Caller::new().level(350).scope_blocking(|| limiter.can_acquire());
    assert_eq!((low, high), (false, true));
    let mut important = acquire(&limiter, 350);
    assert!(poll_once(&mut important).await.is_none());
    assert_eq!(limiter.metrics().queued(), 4);
    drop((held, waiting, important));
    let metrics = limiter.metrics();
    assert_eq!((metrics.in_flight(), metrics.queued()), (0, 0));
}

// Quirk 31: of several limiters under one prioritizer, an idle one refuses nobody, and a queue stays as long as it is.
#[tokio::test(start_paused = true)]
async fn idle_capacity_is_never_refused() {
    let prioritizer = prioritizer();
    let (busy, idle) = (limiter(&prioritizer, "1..3"), limiter(&prioritizer, "1..3"));
    let _permit = busy.try_acquire().unwrap();
    let mut waiting = [490, 491, 492].map(|level| acquire(&busy, level));
    for wait in &mut waiting {
        assert!(poll_once(wait).await.is_none());
    }
    prioritizer.calibrate();
    assert_eq!((prioritizer.policies(), prioritizer.rejection_rate()), (2, 0.25));
    assert!(prioritizer.rejection_threshold() >= Level::new(490));
    assert!(acquire(&idle, 0).await.is_ok());
    assert!(acquire(&busy, 499).await.is_err());
}

// GO Adaptive limiter: a permit records user usage 300 ms; users of the same priority are refused by what they used.
#[tokio::test(start_paused = true)]
async fn heavy_users_are_refused_before_light_ones() {
    let prioritizer = Prioritizer::builder().every(Duration::MAX).usage_window("1m").build();
    let limiter = limiter(&prioritizer, "1..3");
    for (user, takes) in [("light", 100), ("heavy", 300)] {
        let caller = Caller::new().priority(Priority::Medium).user(user);
        let permit = caller.scope(limiter.acquire()).await.unwrap();
        pass(takes).await;
        permit.record_usage(1);
        permit.record();
        assert_eq!(prioritizer.usage(user), Some(takes * 1_000_000 + 1));
    }
    prioritizer.calibrate();
    let permit = limiter.try_acquire().unwrap();
    let mut waiting = ["light", "heavy"].map(|user| {
        Box::pin(Caller::new().priority(Priority::Medium).user(user).scope(limiter.acquire()))
    });
    for wait in &mut waiting {
        assert!(poll_once(wait).await.is_none());
    }
    prioritizer.calibrate();
    assert_eq!(prioritizer.rejection_threshold(), Level::new(249));
    drop(permit);
}

static SHEDDING: Prioritizer = policy!(prioritizer(name = "limiter: shedding", every = "1ms"));

#[adaptive_limiter(limits = "1..1", queue = "1..3", prioritizer = SHEDDING, priority = priority, user = who)]
async fn served(body: &Body, priority: Priority, who: &str) -> Res {
    body.run().await
}

// The same through attributes: a limiter full of calls refuses those of low priority once it was calibrated, by itself.
#[tokio::test(start_paused = true)]
async fn priorities_of_a_function() {
    alone(async {
        let slow = Body::taking("S", ms(100));
        let call = |priority| served(&slow, priority, "me");
        let late = async {
            pass(10).await;
            let low = call(Priority::Low).await;
            (low, call(Priority::VeryHigh).await)
        };
        let high = || call(Priority::High);
        let (first, second, third, (low, highest)) = tokio::join!(high(), high(), high(), late);
        assert_eq!((first, second, third), (Ok(1), Ok(2), Ok(3)));
        assert_eq!(low, Err(Error::Rejected(Kind::LimitExceeded)));
        assert_eq!(highest, Ok(4));
    })
    .await;
}
