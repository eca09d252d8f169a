//! The one stream of everything that policies decide.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use failsafe::circuit_breaker::State;
use failsafe::events::{Event, What, listen, subscribe};
use failsafe::{Counters, Kind, Registry, circuit_breaker, fallback, registry, retry, timeout};

use crate::support::*;

#[fallback(value = Ok(0))]
#[retry(max = 1, delay = "100ms")]
#[circuit_breaker(name = "events: breaker", delay = "0s")]
#[timeout("1s")]
async fn everything(body: &Body) -> Res {
    body.run().await
}

fn words(event: &Event) -> String {
    format!("{event} {}/{}", event.counters.attempts, event.counters.executions)
}

// Every decision is an event, in the order in which they were made, with the counters of its call.
#[tokio::test(start_paused = true)]
async fn every_decision_is_told_in_order() {
    alone(async {
        let mut events = subscribe();
        assert_eq!(everything(&Body::new("F")).await, Ok(0));
        let path = "behaviour::behaviour::events::everything";
        let heard: Vec<_> = events.drain().iter().map(words).collect();
        let expected = [
            "circuit_breaker `events: breaker` failure 1/1".to_owned(),
            "circuit_breaker `events: breaker` state_changed closed -> open 1/1".to_owned(),
            format!("retry `{path}` failure 1/1"),
            format!("retry `{path}` retry_scheduled in 100ms 1/1"),
            format!("retry `{path}` retry 2/1"),
            "circuit_breaker `events: breaker` state_changed open -> half-open 2/1".to_owned(),
            "circuit_breaker `events: breaker` failure 2/2".to_owned(),
            "circuit_breaker `events: breaker` state_changed half-open -> open 2/2".to_owned(),
            format!("retry `{path}` failure 2/2"),
            format!("retry `{path}` retries_exceeded 2/2"),
            format!("fallback `{path}` failure 2/2"),
            format!("fallback `{path}` fallback 2/2"),
            format!("call `{path}` done 2/2"),
        ];
        assert_eq!(heard, expected);
    })
    .await;
}

// Each event says when it happened.
#[tokio::test(start_paused = true)]
async fn events_say_when() {
    alone(async {
        let mut events = subscribe();
        assert_eq!(everything(&Body::taking("S", ms(5_000))).await, Ok(0));
        let events = events.drain();
        let timeouts: Vec<_> =
            events.iter().filter(|event| matches!(event.what, What::Timeout(_))).collect();
        assert_eq!(timeouts.len(), 2);
        assert_eq!(timeouts[1].at.since(timeouts[0].at), ms(1_100));
        assert_eq!(timeouts[0].what, What::Timeout(ms(1_000)));
    })
    .await;
}

// What an operator does is told without a call: its counters are zeros. A refused call is told.
#[tokio::test(start_paused = true)]
async fn changes_by_hand_and_refusals_are_told() {
    alone(async {
        let mut events = subscribe();
        let breaker = registry().circuit_breaker("events: breaker").unwrap();
        breaker.force_open();
        let [event] = &events.drain()[..] else { panic!("one event") };
        assert_eq!(event.counters, Counters::default());
        assert_eq!(event.what, What::StateChanged { from: State::Closed, to: State::Open });
        assert_eq!(everything(&Body::new("S")).await, Ok(0));
        let refused: Vec<_> = events.drain().into_iter().map(|event| event.what).collect();
        let of = |what| refused.iter().filter(|heard| **heard == what).count();
        assert_eq!(of(What::Rejected(Kind::CircuitOpen)), 2);
        assert_eq!(of(What::Done { success: true }), 1);
    })
    .await;
}

// A scope has its own stream; listeners outside it hear nothing of it, and the other way round.
#[tokio::test(start_paused = true)]
async fn a_scope_has_its_own_events() {
    let (one, two) = (Registry::new(), Registry::new());
    let mut of_one = one.scope(async { subscribe() }).await;
    let mut of_two = two.scope_blocking(subscribe);
    assert_eq!(one.scope(everything(&Body::new("S"))).await, Ok(1));
    assert_eq!((of_one.drain().is_empty(), of_two.drain().is_empty()), (false, true));
    assert_eq!(two.scope(everything(&Body::new("S"))).await, Ok(1));
    assert_eq!((of_one.drain().is_empty(), of_two.drain().is_empty()), (true, false));
    // One inside the other: the inner one is in force.
    let body = Body::new("S");
    let nested = one.scope(two.scope(everything(&body)));
    assert_eq!(nested.await, Ok(1));
    assert_eq!((of_one.drain().is_empty(), of_two.drain().is_empty()), (true, false));
}

// A reader that falls behind loses the oldest events, and knows how many; nobody waits for it.
#[tokio::test(start_paused = true)]
async fn a_reader_that_falls_behind_loses_the_oldest() {
    alone(async {
        let mut events = subscribe();
        let breaker = registry().circuit_breaker("events: breaker").unwrap();
        for _ in 0..5_050 {
            breaker.open();
            breaker.close();
        }
        assert_eq!(events.lost(), 100);
        let kept = events.drain();
        assert_eq!(kept.len(), 10_000);
        assert_eq!(kept[0].what, What::StateChanged { from: State::Closed, to: State::Open });
        breaker.open();
        assert_eq!((events.drain().len(), events.lost()), (1, 100));
    })
    .await;
}

// A reader can wait for the next event, and stop waiting without losing it.
#[tokio::test(start_paused = true)]
async fn a_reader_can_wait() {
    alone(async {
        let mut events = subscribe();
        assert!(events.try_recv().is_none());
        assert!(tokio::time::timeout(ms(10), events.recv()).await.is_err());
        let breaker = registry().circuit_breaker("events: breaker").unwrap();
        let later = async {
            pass(10).await;
            breaker.open();
        };
        let (event, ()) = tokio::join!(events.recv(), later);
        assert_eq!(event.name(), "events: breaker");
        breaker.close();
        assert_eq!(events.recv().await.what.name(), "state_changed");
    })
    .await;
}

// A listener is called on the task of the call, until its guard is dropped; several hear in the order they came.
#[tokio::test(start_paused = true)]
async fn a_listener_hears_until_its_guard_is_dropped() {
    alone(async {
        let notes = Arc::new(Notes::new());
        let noting = |name: &'static str| {
            let notes = Arc::clone(&notes);
            listen(move |event| {
                if event.policy == "call" {
                    notes.add(name);
                }
            })
        };
        let (first, second) = (noting("first"), noting("second"));
        assert_eq!(everything(&Body::new("S")).await, Ok(1));
        assert_eq!(notes.take(), ["first", "second"]);
        drop(first);
        assert_eq!(everything(&Body::new("S")).await, Ok(1));
        assert_eq!(notes.take(), ["second"]);
        drop(second);
        assert_eq!(everything(&Body::new("S")).await, Ok(1));
        assert!(notes.take().is_empty());
    })
    .await;
}

// A listener of the stream that panics does not stop the call, nor the others.
#[tokio::test(start_paused = true)]
async fn a_panicking_listener_of_the_stream_is_caught() {
    alone(async {
        let panicking = listen(|_| panic!("the listener"));
        let mut events = subscribe();
        assert_eq!(everything(&Body::new("S")).await, Ok(1));
        assert!(!events.drain().is_empty());
        drop(panicking);
    })
    .await;
}

// A listener may use the registry, and subscribe, while it is told.
#[tokio::test(start_paused = true)]
async fn a_listener_may_use_the_registry() {
    alone(async {
        let heard = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&heard);
        let listening = listen(move |event| {
            if matches!(event.what, What::StateChanged { to: State::Open, .. }) {
                drop(subscribe());
                registry().circuit_breaker("events: breaker").unwrap().reset();
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        assert_eq!(everything(&Body::new("F")).await, Ok(0));
        assert_eq!(heard.load(Ordering::SeqCst), 2);
        assert!(registry().circuit_breaker("events: breaker").unwrap().is_closed());
        drop(listening);
    })
    .await;
}

// Blocking functions are told of in the same way.
#[test]
fn blocking_calls_are_told_too() {
    #[retry(max = 1)]
    fn blocking(body: &Body) -> Res {
        body.block()
    }
    Registry::new().scope_blocking(|| {
        let mut events = subscribe();
        let outcome = failsafe::testing::VirtualTime::new().blocking(|| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let _entered = runtime.enter();
            blocking(&Body::new("F"))
        });
        assert_eq!(outcome, DOWN);
        let names: Vec<_> = events.drain().iter().map(|event| event.what.name()).collect();
        let attempt =
            ["failure", "retry_scheduled", "retry", "failure", "retries_exceeded", "done"];
        assert_eq!(names, attempt);
    });
}
