//! What calls do under settings.

use super::declared::{
    Alone, Error, blocking, breaker, generic, in_america, in_europe, refers_to_europe, runs, short,
    slow, unnamed,
};
use failsafe::events::{What, subscribe};
use failsafe::settings::from_toml;
use failsafe::testing::VirtualTime;
use failsafe::{Kind, Registry};
use std::time::Duration;
use tokio::time::Instant;

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

/// How long a future takes.
async fn takes<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    let result = future.await;
    (result, start.elapsed())
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn a_retry_has_the_options_in_force() {
    let _alone = Alone::new().await;
    let call = async || {
        let (result, time) = takes(in_europe()).await;
        assert_eq!(result, Err(Error::Down));
        (runs(), time)
    };
    assert_eq!(call().await, (2, Duration::from_millis(100)));
    apply("[retry.\"payments.eu\"]\nmax = 3\ndelay = \"1s\"");
    assert_eq!(call().await, (4, seconds(3)));
    // The one that refers to it has the same.
    assert_eq!(takes(refers_to_europe()).await, (Err(Error::Down), seconds(3)));
    assert_eq!(runs(), 4);
    // A backoff instead of the fixed delay.
    apply("[retry.\"payments.eu\"]\nmax = 3\nbackoff = \"1s..1m\"");
    let (result, time) = takes(in_europe()).await;
    assert_eq!((result, time), (Err(Error::Down), seconds(7)));
    runs();
    failsafe::settings::reset();
    assert_eq!(call().await, (2, Duration::from_millis(100)));
}

#[test]
fn a_blocking_retry_has_them_too() {
    let _alone = Alone::blocking();
    let time = VirtualTime::new();
    let blocking = || time.blocking(blocking);
    assert_eq!(blocking(), Err(Error::Rejected(Kind::RetriesExceeded)));
    assert_eq!(runs(), 2);
    apply("[retry.orders]\nmax = 2\ndelay = \"1s\"\nexhausted = \"last\"");
    assert_eq!(blocking(), Err(Error::Down));
    assert_eq!((runs(), time.elapsed()), (3, seconds(2)));
    apply("[retry.orders]\nenabled = false");
    assert_eq!((blocking(), runs()), (Err(Error::Down), 1));
    apply("[retry.orders]\nobserve = true\nmax = 0");
    assert_eq!((blocking(), runs()), (Err(Error::Down), 1));
}

/// Where an option is known only in the function, the settings change what is written there.
#[tokio::test(start_paused = true)]
async fn a_generic_retry_has_them_too() {
    let _alone = Alone::new().await;
    assert_eq!(takes(generic::<1>()).await.1, seconds(1));
    apply("[retry.generic]\ndelay = \"3s\"");
    assert_eq!((takes(generic::<1>()).await.1, runs()), (seconds(3), 4));
    assert_eq!((takes(generic::<2>()).await.1, runs()), (seconds(6), 3));
    assert_eq!((takes(generic::<1>()).await.1, runs()), (seconds(3), 2));
    apply("[retry.generic]\nmax = 4");
    assert_eq!((takes(generic::<2>()).await.1, runs()), (seconds(4), 5));
}

#[tokio::test(start_paused = true)]
async fn without_a_name_it_is_set_by_its_path() {
    let _alone = Alone::new().await;
    apply(
        "[retry.\"settings::settings::declared::unnamed\"]\nmax = unlimited"
            .replace("unlimited", "\"unlimited\"\nmax_duration = \"1s\"\ndelay = \"100ms\"")
            .as_str(),
    );
    assert!(unnamed().await.is_err());
    assert_eq!(runs(), 11);
}

/// A call that is under way decides its next step by what is in force then.
#[tokio::test(start_paused = true)]
async fn a_call_under_way_takes_the_change() {
    let _alone = Alone::new().await;
    apply("[retry.\"payments.eu\"]\nmax = 100\ndelay = \"1s\"");
    let call = tokio::spawn(in_europe());
    tokio::time::sleep(Duration::from_millis(2500)).await;
    apply("[retry.\"payments.eu\"]\nmax = 3\ndelay = \"1s\"");
    assert!(call.await.unwrap().is_err());
    assert_eq!(runs(), 4);
    let call = tokio::spawn(in_america());
    tokio::time::sleep(Duration::from_millis(500)).await;
    apply("[retry]\nenabled = false");
    assert!(call.await.unwrap().is_err());
    assert_eq!(runs(), 2);
}

/// Off: one attempt, its outcome, and nobody is told. Observe: the same, and the decision is told.
#[tokio::test(start_paused = true)]
async fn a_retry_that_is_off_or_observes() {
    let _alone = Alone::new().await;
    Registry::new()
        .scope(async {
            let mut events = subscribe();
            let mut told =
                || events.drain().into_iter().map(|event| event.what).collect::<Vec<_>>();
            let done = What::Done { success: false };
            apply("[retry]\nenabled = false");
            assert_eq!(takes(in_europe()).await, (Err(Error::Down), Duration::ZERO));
            assert_eq!((runs(), told()), (1, vec![done]));
            apply("[retry]\nobserve = true");
            assert_eq!(takes(in_europe()).await, (Err(Error::Down), Duration::ZERO));
            let again = What::RetryScheduled(Duration::from_millis(100));
            assert_eq!((runs(), told()), (1, vec![What::Failure, again, done]));
            apply("[retry]\nobserve = true\nmax = 0");
            assert_eq!(in_europe().await, Err(Error::Down));
            assert_eq!((runs(), told()), (1, vec![What::Failure, What::RetriesExceeded, done]));
            // What is said of one is stronger than what is said of all.
            apply("[retry]\nenabled = false\n[retry.\"payments.eu\"]\nenabled = true");
            assert_eq!((in_europe().await, runs()), (Err(Error::Down), 2));
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_timeout_has_the_limit_in_force() {
    let _alone = Alone::new().await;
    let timed_out = Err(Error::Rejected(Kind::Timeout));
    assert_eq!(takes(slow(seconds(100))).await, (timed_out.clone(), seconds(60)));
    apply("[timeout]\nlimit = \"5s\"");
    assert_eq!(takes(slow(seconds(100))).await, (timed_out.clone(), seconds(5)));
    assert_eq!(takes(short(seconds(100))).await, (timed_out.clone(), seconds(5)));
    // TCK TO-15: by a key of its own, which is stronger.
    apply("[timeout]\nlimit = \"5s\"\n[timeout.short]\nlimit = \"2s\"");
    assert_eq!(takes(short(seconds(100))).await, (timed_out.clone(), seconds(2)));
    assert_eq!(takes(slow(seconds(100))).await, (timed_out.clone(), seconds(5)));
    apply("[timeout.short]\nenabled = false");
    assert_eq!(takes(short(seconds(100))).await, (Ok(1), seconds(100)));
    assert_eq!(takes(slow(seconds(100))).await, (timed_out, seconds(60)));
}

/// It tells once that the limit has passed, and the call goes on.
#[tokio::test(start_paused = true)]
async fn a_timeout_that_observes() {
    let _alone = Alone::new().await;
    apply("[timeout.short]\nobserve = true");
    Registry::new()
        .scope(async {
            let mut events = subscribe();
            // Polled again and again after the limit.
            let call = async {
                let mut call = std::pin::pin!(short(seconds(10)));
                loop {
                    tokio::select! {
                        result = &mut call => break result,
                        () = tokio::time::sleep(Duration::from_millis(300)) => {}
                    }
                }
            };
            assert_eq!(takes(call).await, (Ok(1), seconds(10)));
            let told: Vec<_> = events.drain().into_iter().map(|event| event.what).collect();
            assert_eq!(told, [What::Timeout(seconds(1)), What::Done { success: true }]);
            assert_eq!(short(Duration::ZERO).await, Ok(1));
            assert_eq!(events.drain().len(), 1);
        })
        .await;
}

/// Switched while a call waits: the limit that is armed counts only if the policy acts when it ends.
#[tokio::test(start_paused = true)]
async fn a_timeout_that_is_switched_while_it_waits() {
    let _alone = Alone::new().await;
    let call = tokio::spawn(short(seconds(10)));
    tokio::time::sleep(Duration::from_millis(500)).await;
    apply("[timeout.short]\nenabled = false");
    assert_eq!(call.await.unwrap(), Ok(1));
}

/// An instance that is made after the settings were applied begins with them.
#[tokio::test(start_paused = true)]
async fn an_instance_begins_with_the_options_in_force() {
    let _alone = Alone::new().await;
    apply("[circuit_breaker.svcB]\nfailures = 1\ndelay = \"30s\"");
    Registry::new()
        .scope(async {
            assert_eq!(breaker().await, Err(Error::Down));
            assert_eq!(breaker().await, Err(Error::Rejected(Kind::CircuitOpen)));
            tokio::time::sleep(seconds(30)).await;
            assert_eq!(breaker().await, Err(Error::Down));
        })
        .await;
}

/// Applying while calls read takes nothing from them: each decision is of one configuration.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applying_while_calls_run() {
    let _alone = Alone::new().await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let reader = tokio::spawn({
        let stop = std::sync::Arc::clone(&stop);
        async move {
            let mut calls = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let max = super::declared::SHARED.config();
                let delay = max.get_max_duration().map_or(4, |duration| duration.as_secs());
                assert_eq!(u64::from(max.get_max().unwrap()), delay);
                calls += 1;
                if calls % 1000 == 0 {
                    tokio::task::yield_now().await;
                }
            }
        }
    });
    for round in 0..200 {
        let seconds = 10 + round % 7;
        apply(&format!("[retry.shared]\nmax = {seconds}\nmax_duration = \"{seconds}s\""));
        if round % 5 == 0 {
            failsafe::settings::reset();
        }
        tokio::task::yield_now().await;
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    reader.await.unwrap();
}
