//! Who goes at once, who waits and who is refused by a rate limiter.

use failsafe::config::Pace;
use failsafe::events;
use failsafe::testing::VirtualTime;
use failsafe::{
    Kind, RateLimiter, Registry, Rejected, fallback, policy, rate_limiter, registry, retry, timeout,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::Instant;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

async fn scoped<F: Future>(future: F) -> F::Output {
    Registry::new().scope(future).await
}

/// How long a call took, and how it ended.
async fn timed<T>(call: impl Future<Output = T>) -> (u128, T) {
    let start = Instant::now();
    let output = call.await;
    (start.elapsed().as_millis(), output)
}

type Res = Result<u32, Rejected>;

#[rate_limiter(smooth = "10/s")]
async fn smooth() -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn smooth_permits_come_one_by_one() {
    scoped(async {
        assert_eq!(smooth().await.unwrap(), 1);
        let rejected = smooth().await.unwrap_err();
        assert_eq!(rejected.kind(), Kind::RateLimited);
        assert_eq!(rejected.retry_after(), Some(ms(100)));
        assert!(rejected.policy().ends_with("rate_limiter::smooth"), "{}", rejected.policy());
        tokio::time::sleep(ms(99)).await;
        assert!(smooth().await.is_err());
        tokio::time::sleep(ms(1)).await;
        assert!(smooth().await.is_ok());
        // What is not used is not saved.
        tokio::time::sleep(ms(1000)).await;
        assert!(smooth().await.is_ok());
        assert!(smooth().await.is_err());
    })
    .await;
}

#[rate_limiter(bursty = "2/1s", wait = "1500ms")]
async fn bursty() -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn bursty_permits_come_all_at_once_and_calls_wait() {
    scoped(async {
        let calls = tokio::join!(
            timed(bursty()),
            timed(bursty()),
            timed(bursty()),
            timed(bursty()),
            timed(bursty())
        );
        assert_eq!((calls.0.0, calls.1.0, calls.2.0, calls.3.0), (0, 0, 1000, 1000));
        assert!(calls.3.1.is_ok());
        let rejected = calls.4.1.unwrap_err();
        assert_eq!((calls.4.0, rejected.retry_after()), (0, Some(ms(500))));
        // A debt is paid up to what a period holds.
        tokio::time::sleep(ms(20_000)).await;
        assert_eq!(timed(bursty()).await.0, 0);
        assert_eq!(timed(bursty()).await.0, 0);
        assert_eq!(timed(bursty()).await.0, 1000);
    })
    .await;
}

fn weight(items: &[u32]) -> u32 {
    u32::try_from(items.len()).unwrap_or(u32::MAX)
}

#[rate_limiter(smooth = "1 per 100ms", wait = "1m", permits = weight(items))]
async fn weighed(items: &[u32]) -> Res {
    Ok(items.iter().sum())
}

#[tokio::test(start_paused = true)]
async fn a_call_can_need_several_permits_or_none() {
    scoped(async {
        let (took, outcome) = timed(weighed(&[1, 2, 3])).await;
        assert_eq!((took, outcome.unwrap()), (200, 6));
        assert_eq!(timed(weighed(&[])).await.0, 0);
        assert_eq!(timed(weighed(&[4])).await.0, 100);
    })
    .await;
}

#[rate_limiter(smooth = "10/s", wait = "10s")]
async fn queued() -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_gives_its_permits_back() {
    scoped(async {
        queued().await.unwrap();
        let mut dropped = Box::pin(queued());
        let mut behind = Box::pin(queued());
        // Both have permits now: at 100 ms and at 200 ms.
        assert!(tokio::time::timeout(ms(10), &mut dropped).await.is_err());
        assert!(tokio::time::timeout(ms(10), &mut behind).await.is_err());
        drop(dropped);
        // The next call has those at 100 ms; nobody else's time has changed.
        assert_eq!(timed(queued()).await.0, 80);
        assert_eq!(timed(behind).await.0, 100);
        assert_eq!(timed(queued()).await.0, 100);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn permits_whose_time_has_passed_do_not_come_back() {
    let limiter = RateLimiter::smooth("10/s").build();
    {
        let mut waits = Box::pin(limiter.acquire(4));
        assert!(tokio::time::timeout(ms(250), &mut waits).await.is_err());
    }
    // As if nobody had waited: the permit of 200 ms, and then that of 300 ms.
    assert_eq!(limiter.reserve(1), ms(0));
    assert_eq!(limiter.reserve(1), ms(50));
    assert_eq!(limiter.reserve(3), ms(350));
}

#[tokio::test(start_paused = true)]
async fn what_a_reset_has_freed_is_not_given_back_again() {
    let limiter = RateLimiter::smooth("10/s").build();
    limiter.reserve(1);
    {
        let mut waits = Box::pin(limiter.acquire(2));
        assert!(tokio::time::timeout(ms(10), &mut waits).await.is_err());
        limiter.reset();
        assert_eq!(limiter.reserve(3), ms(190));
    }
    assert_eq!(limiter.reserve(1), ms(290));
}

#[timeout("50ms")]
#[rate_limiter(smooth = "10/s", wait = "10s")]
async fn limited_in_time() -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn a_timeout_outside_gives_permits_back() {
    scoped(async {
        limited_in_time().await.unwrap();
        for _ in 0..9 {
            let (took, outcome) = timed(limited_in_time()).await;
            let Err(rejected) = outcome else {
                assert!(took <= 50);
                continue;
            };
            assert_eq!((took, rejected.kind()), (50, Kind::Timeout));
        }
        assert!(timed(limited_in_time()).await.0 <= 50);
    })
    .await;
}

#[retry(max = 2, delay = "100ms")]
#[rate_limiter(smooth = "10/s")]
async fn retried() -> Res {
    Ok(failsafe::attempt().number())
}

#[tokio::test(start_paused = true)]
async fn each_attempt_needs_permits() {
    scoped(async {
        assert_eq!(retried().await.unwrap(), 1);
        assert_eq!(timed(retried()).await.1.unwrap(), 2);
    })
    .await;
}

#[fallback(value = 0)]
#[rate_limiter(bursty = "1/h")]
async fn plain() -> u32 {
    1
}

#[tokio::test(start_paused = true)]
async fn a_plain_type_is_answered_by_a_fallback() {
    scoped(async { assert_eq!((plain().await, plain().await), (1, 0)) }).await;
}

#[rate_limiter(smooth = "10/s", wait = "200ms")]
fn blocking() -> Res {
    Ok(1)
}

#[test]
fn blocking_functions_block_the_thread() {
    Registry::new().scope_blocking(|| {
        let time = VirtualTime::new();
        time.blocking(|| {
            assert!((0..3).all(|_| blocking().is_ok()));
            assert_eq!(time.elapsed(), ms(200));
            assert!(blocking().is_ok());
            assert_eq!(time.elapsed(), ms(300));
        });
    });
}

#[rate_limiter(name = "limiter: tenants", bursty = "1/m", key = tenant)]
async fn tenants(tenant: &str) -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_limiter() {
    scoped(async {
        assert!(tenants("one").await.is_ok());
        assert_eq!(tenants("one").await.unwrap_err().policy(), "limiter: tenants[\"one\"]");
        assert!(tenants("two").await.is_ok());
        registry().reset();
        assert!(tenants("one").await.is_ok());
    })
    .await;
}

const PACE: Pace = Pace::per_second(10);

static SHARED: RateLimiter = policy!(rate_limiter(name = "limiter: shared", smooth = PACE));

#[rate_limiter(SHARED)]
async fn by_static() -> Res {
    Ok(1)
}

#[rate_limiter(name = "limiter: shared")]
async fn by_name() -> Res {
    Ok(1)
}

#[tokio::test(start_paused = true)]
async fn a_name_is_one_limiter() {
    scoped(async {
        by_static().await.unwrap();
        assert!(by_name().await.is_err());
        let found = registry().rate_limiter("limiter: shared").unwrap();
        assert_eq!((found.available(), found.config().get_smooth()), (0, Some(PACE)));
        assert_eq!(SHARED.reserve(2), ms(200));
        assert_eq!(found.available(), -2);
        let snapshot = serde_json::to_value(registry().snapshot()).unwrap();
        assert_eq!(
            snapshot["policies"][0],
            serde_json::json!({"policy": "rate_limiter", "name": "limiter: shared", "available": 0, "owed": 2})
        );
        found.reset();
        assert!(by_name().await.is_ok());
    })
    .await;
    // Another registry has another.
    scoped(async { assert!(by_static().await.is_ok()) }).await;
}

struct Client {
    limiter: RateLimiter,
    heard: Mutex<Vec<(u32, Duration)>>,
}

impl Client {
    #[rate_limiter(
        self.limiter,
        permits = weight,
        on_rate_limited = |event| self.heard.lock().unwrap().push((event.permits(), event.retry_after())),
    )]
    async fn send(&self, weight: u32) -> Res {
        Ok(weight)
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_heard_by_listeners_and_the_stream() {
    let refused = std::sync::Arc::new(AtomicU32::new(0));
    let heard = std::sync::Arc::clone(&refused);
    let limiter = RateLimiter::bursty("5/s")
        .on_rate_limited(move |event| {
            assert_eq!(event.name(), "rate_limiter");
            heard.fetch_add(1, Ordering::Relaxed);
        })
        .build();
    scoped(async {
        let mut events = events::subscribe();
        let client = Client { limiter, heard: Mutex::default() };
        client.send(4).await.unwrap();
        assert!(client.send(2).await.is_err());
        client.send(1).await.unwrap();
        assert_eq!(*client.heard.lock().unwrap(), [(2, ms(1000))]);
        let told: Vec<_> = events.drain().iter().map(ToString::to_string).collect();
        assert!(
            told.contains(&"rate_limiter `rate_limiter` rejected: rate limit exceeded".to_owned()),
            "{told:?}"
        );
    })
    .await;
    assert_eq!(refused.load(Ordering::Relaxed), 1);
}

// What an instance is told is known when it is used: a call that needs more than ever comes is refused at any time, and the
// rejection says why instead of when.
#[tokio::test(start_paused = true)]
async fn a_call_that_never_gets_its_permits_says_so() {
    let client =
        Client { limiter: RateLimiter::bursty("5/s").wait("1s").build(), heard: Mutex::default() };
    client.send(10).await.unwrap();
    for _ in 0..3 {
        let refused = client.send(11).await.unwrap_err();
        assert_eq!((refused.kind(), refused.retry_after()), (Kind::RateLimited, None));
        let why = std::error::Error::source(&refused).unwrap().to_string();
        let says = "a call that needs 11 permits never gets them: 5 permits come every 1s, and it may wait \
                    1s; write `wait = \"2s\"` or longer, or fewer permits";
        assert_eq!(why, says);
        assert_eq!(client.heard.lock().unwrap().pop(), Some((11, Duration::MAX)));
        tokio::time::sleep(ms(3000)).await;
    }
    client.send(10).await.unwrap();
    let refused = client.send(10).await.unwrap_err();
    assert!(refused.retry_after().is_some() && std::error::Error::source(&refused).is_none());
}

#[tokio::test(start_paused = true)]
async fn it_works_alone_and_in_an_executor() {
    let limiter = RateLimiter::smooth("1 per 100ms").wait("100ms").build();
    assert!(limiter.try_acquire(1) && !limiter.try_acquire(1));
    assert_eq!(limiter.try_reserve(1, ms(99)), None);
    assert_eq!(limiter.try_reserve(1, ms(100)), Some(ms(100)));
    let refused = limiter.acquire_within(1, ms(199)).await.unwrap_err();
    assert_eq!(refused.retry_after(), Some(ms(1)));
    assert_eq!(timed(limiter.acquire(1)).await.0, 200);
    let guarded = failsafe::with(limiter.clone());
    let (took, outcome) = timed(guarded.run(|| async { Res::Ok(1) })).await;
    assert_eq!((took, outcome.is_ok()), (100, true));
}

#[test]
fn a_blocking_executor_and_acquire_block() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let limiter = RateLimiter::smooth("10/s").wait("100ms").build();
        limiter.acquire_blocking(3);
        assert_eq!(time.elapsed(), ms(200));
        assert!(limiter.acquire_blocking_within(1, ms(99)).is_err());
        assert!(failsafe::with(limiter).run_blocking(|| Res::Ok(1)).is_ok());
        assert_eq!(time.elapsed(), ms(300));
    });
}

#[test]
fn builders_judge_as_attributes_do() {
    let wrong =
        |builder: rate_limiter::RateLimiterBuilder| builder.try_build().unwrap_err().to_string();
    assert!(wrong(RateLimiter::smooth("100")).contains("does not say in how much time"));
    assert!(wrong(RateLimiter::smooth("2000000000/s")).contains("nanosecond"));
    assert!(wrong(RateLimiter::bursty("0/s").wait("5")).contains("no unit"));
    for text in ["100/s", "100 per 1s", "100 / 1000ms"] {
        let limiter = RateLimiter::bursty(text).build();
        assert_eq!(limiter.config().get_bursty(), Some(Pace::per_second(100)), "{text}");
    }
}

// GO Rate limiter: an interval of 100 ns: try ok, no; t=150 ok, no; t=210 ok, no. TryReserve of 100 ms intervals: 1 ms: 0;
// 10 ms: no; 100 ms and 200 ms: as they come; 100 ms: no. Equal intervals for 10/s and 1 per 100 ms. 50 permits of debt
// reject.
#[test]
fn permits_are_asked_for_by_hand() {
    let time = VirtualTime::new();
    time.blocking(|| {
        let limiter = RateLimiter::smooth("1 per 100ns").build();
        for passed in [0, 150, 60] {
            time.advance(Duration::from_nanos(passed));
            assert!(limiter.try_acquire(1) && !limiter.try_acquire(1), "{:?}", time.elapsed());
        }
        let limiters = ["10/s", "1 per 100ms"].map(|pace| RateLimiter::smooth(pace).build());
        for limiter in limiters {
            assert_eq!(limiter.try_reserve(1, ms(1)), Some(ms(0)));
            assert_eq!(limiter.try_reserve(1, ms(10)), None);
            assert_eq!(limiter.try_reserve(1, ms(100)), Some(ms(100)));
            assert_eq!(limiter.try_reserve(1, ms(200)), Some(ms(200)));
            assert_eq!(limiter.try_reserve(1, ms(100)), None);
            limiter.reset();
            assert_eq!(limiter.reserve(50), ms(4_900));
            assert!(!limiter.try_acquire(1));
            let refused = failsafe::with(limiter).run_blocking(|| Res::Ok(1)).unwrap_err();
            assert_eq!(
                (refused.kind(), refused.retry_after()),
                (Kind::RateLimited, Some(ms(5_000)))
            );
        }
    });
}
