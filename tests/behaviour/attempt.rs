//! What a body knows of its attempt.

use std::time::Duration;

use failsafe::testing::VirtualTime;
use failsafe::{Attempt, LastFailure, attempt, circuit_breaker, retry, timeout};

use crate::support::*;

/// An attempt in words.
fn words(now: &Attempt) -> String {
    let last = now.last_failure().map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let (number, retries, elapsed) = (now.number(), now.retries(), now.elapsed().as_millis());
    format!("{number} {retries} {elapsed}ms after {last}")
}

#[retry(max = 2, delay = "100ms")]
async fn tells(notes: &Notes, takes: u64) -> Res {
    notes.add(words(&attempt()));
    pass(takes).await;
    notes.add(words(&attempt()));
    Err(Error::Argument)
}

// GO 1.5: number, retries, elapsed since the start of the call, last failure.
#[tokio::test(start_paused = true)]
async fn an_attempt_knows_its_number_time_and_the_last_failure() {
    let notes = Notes::new();
    assert_eq!(tells(&notes, 10).await, Err(Error::Argument));
    let expected = [
        "1 0 0ms after nothing",
        "1 0 10ms after nothing",
        "2 1 110ms after bad argument",
        "2 1 120ms after bad argument",
        "3 2 220ms after bad argument",
        "3 2 230ms after bad argument",
    ];
    assert_eq!(notes.take(), expected);
    assert!(attempt().is_first() && !attempt().is_retry() && !attempt().is_hedge());
}

#[retry(max = 1, delay = "100ms")]
fn blocking(notes: &Notes) -> Res {
    notes.add(words(&attempt()));
    Err(Error::State)
}

#[test]
fn a_blocking_attempt_knows_it_too() {
    let notes = Notes::new();
    let outcome = VirtualTime::new().blocking(|| blocking(&notes));
    assert_eq!(outcome, Err(Error::State));
    assert_eq!(notes.take(), ["1 0 0ms after nothing", "2 1 100ms after bad state"]);
}

#[retry(max = 1)]
async fn outer(notes: &Notes) -> Res {
    notes.add(format!("outer {}", words(&attempt())));
    let inner = inner(notes).await;
    notes.add(format!("outer {}", words(&attempt())));
    inner
}

#[retry(max = 1)]
async fn inner(notes: &Notes) -> Res {
    notes.add(format!("inner {}", words(&attempt())));
    tokio::task::yield_now().await;
    plain(notes).await
}

async fn plain(notes: &Notes) -> Res {
    tokio::task::yield_now().await;
    notes.add(format!("plain {}", attempt().number()));
    Err(Error::Down)
}

// Functions that call each other each have their own attempts; a function without policies sees its caller's.
#[tokio::test(start_paused = true)]
async fn nested_functions_see_their_own_attempts() {
    let notes = Notes::new();
    assert_eq!(outer(&notes).await, DOWN);
    let inner = ["inner 1 0 0ms after nothing", "plain 1", "inner 2 1 0ms after down", "plain 2"];
    let mut expected = vec!["outer 1 0 0ms after nothing"];
    expected.extend(inner);
    expected.extend(["outer 1 0 0ms after nothing", "outer 2 1 0ms after down"]);
    expected.extend(inner);
    expected.push("outer 2 1 0ms after down");
    assert_eq!(notes.take(), expected);
}

#[retry(max = 1)]
async fn side_by_side(notes: &Notes, name: &str) -> Res {
    for _ in 0..3 {
        notes.add(format!("{name} {}", attempt().number()));
        tokio::task::yield_now().await;
    }
    Err(Error::Down)
}

// Two calls on one task take turns, and each finds its own attempt.
#[tokio::test(start_paused = true)]
async fn calls_on_one_task_do_not_mix() {
    let notes = Notes::new();
    let (one, two) = tokio::join!(side_by_side(&notes, "one"), async {
        assert_eq!(attempt().number(), 1);
        side_by_side(&notes, "two").await
    });
    assert_eq!((one, two), (DOWN, DOWN));
    let taken = notes.take();
    for name in ["one", "two"] {
        let own: Vec<_> = taken.iter().filter(|note| note.starts_with(name)).collect();
        let expected = [1, 1, 1, 2, 2, 2].map(|number| format!("{name} {number}"));
        assert_eq!(own, expected.iter().collect::<Vec<_>>());
    }
    // The first runs of both were under way at once.
    assert!(
        taken[..3].iter().any(|note| note == "one 1")
            && taken[..3].iter().any(|note| note == "two 1")
    );
}

#[retry(max = 2, delay = "100ms")]
#[circuit_breaker(name = "attempt: rejected", delay = "150ms")]
#[timeout("5ms")]
async fn rejected(notes: &Notes) -> Res {
    if attempt().is_first() {
        std::future::pending::<()>().await;
    }
    let now = attempt();
    let Some(LastFailure::Rejected(rejected)) = now.last_failure() else { panic!("{now:?}") };
    notes.add(format!("{} {:?} {:?}", now.number(), rejected.kind(), now.elapsed()));
    Ok(now.number())
}

// The last failure may be the rejection of an inner policy; an attempt that was refused is one too: the first times
// out and opens the breaker, the second is refused, the third is let through.
#[tokio::test(start_paused = true)]
async fn the_last_failure_may_be_a_rejection() {
    alone(async {
        let notes = Notes::new();
        assert_eq!(rejected(&notes).await, Ok(3));
        assert_eq!(notes.take(), ["3 CircuitOpen 205ms"]);
    })
    .await;
}

struct Opaque;

#[retry(max = 1)]
async fn opaque(notes: &Notes) -> Result<u32, Opaque> {
    notes.add(words(&attempt()));
    Err(Opaque)
}

#[retry(max = 1)]
async fn none(notes: &Notes) -> Option<u32> {
    notes.add(words(&attempt()));
    None
}

#[retry(max = 1, handle(Ok(7)))]
async fn value(notes: &Notes) -> Result<u32, Opaque> {
    notes.add(words(&attempt()));
    Ok(7)
}

// What is known of a failure is as much as its type allows: Display, else Debug, else that it was one.
#[tokio::test(start_paused = true)]
async fn the_last_failure_is_described_as_the_type_allows() {
    let notes = Notes::new();
    assert!(opaque(&notes).await.is_err());
    assert_eq!(notes.take()[1], "2 1 0ms after failure");
    assert!(none(&notes).await.is_none());
    assert_eq!(notes.take()[1], "2 1 0ms after None");
    assert!(value(&notes).await.is_ok());
    assert_eq!(notes.take()[1], "2 1 0ms after failure");
}

// Elapsed counts from where the call first waited, failed or asked.
#[tokio::test(start_paused = true)]
async fn elapsed_is_that_of_the_call() {
    #[retry(max = 1)]
    async fn waits() -> Result<Duration, Error> {
        if attempt().is_first() {
            pass(30).await;
            return Err(Error::Down);
        }
        Ok(attempt().elapsed())
    }
    assert_eq!(waits().await, Ok(ms(30)));
}

// In a spawned task there is no attempt, unless the task has one.
#[tokio::test(start_paused = true)]
async fn another_task_is_not_in_the_attempt() {
    #[retry(max = 1)]
    async fn spawns() -> Res {
        let number = tokio::spawn(async { attempt().number() }).await.unwrap();
        assert_eq!(number, 1);
        if attempt().is_first() { Err(Error::Down) } else { Ok(attempt().number()) }
    }
    assert_eq!(spawns().await, Ok(2));
}
