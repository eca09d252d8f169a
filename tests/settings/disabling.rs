//! What `MicroProfile` Fault Tolerance says of switching policies off and of setting their options, as
//! far as there is the same here: DS-01 to DS-11 and CF-01 to CF-08 of its compatibility kit.
//!
//! Its key for a method is the name of a policy here, its key for a class a group, and its global key
//! the section of the kind.

use super::declared::{Alone, Error, RUNS, runs};
use failsafe::settings::from_toml;
use failsafe::{Kind, fallback, retry, timeout};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, sleep};

fn apply(text: &str) {
    from_toml(text).unwrap_or_else(|error| panic!("{error}")).apply().unwrap();
}

const T: Result<u32, Error> = Err(Error::Down);

fn fails() -> Result<u32, Error> {
    RUNS.fetch_add(1, Ordering::Relaxed);
    T
}

#[retry(name = "client.retried", max = 1)]
async fn retried() -> Result<u32, Error> {
    fails()
}

#[fallback(name = "client.answered", value = Ok(1))]
async fn answered() -> Result<u32, Error> {
    fails()
}

#[timeout("500ms", name = "client.limited")]
async fn limited() -> Result<u32, Error> {
    sleep(Duration::from_secs(2)).await;
    fails()
}

/// Whether each of the three acts.
async fn acting() -> [bool; 3] {
    runs();
    assert_eq!(retried().await, T);
    let retries = runs() == 2;
    let answer = answered().await;
    assert!(answer == Ok(1) || answer == T);
    let result = limited().await;
    assert!(result == T || result == Err(Error::Rejected(Kind::Timeout)));
    [retries, answer.is_ok(), result != T]
}

/// What each of the three is told by a section for its name, for its group, and for its kind.
fn sections(target: &str, enabled: bool) -> String {
    let names = [("retry", "retried"), ("fallback", "answered"), ("timeout", "limited")];
    let section = |(policy, name): &(&str, &str)| match target {
        "method" => format!("[{policy}.\"client.{name}\"]\nenabled = {enabled}\n"),
        "class" => format!("[{policy}.\"client.*\"]\nenabled = {enabled}\n"),
        _ => format!("[{policy}]\nenabled = {enabled}\n"),
    };
    names.iter().map(section).collect()
}

// DS-01 to DS-07: the method before the class before the global key.
#[tokio::test(start_paused = true)]
async fn what_is_said_of_less_is_stronger() {
    let _alone = Alone::new().await;
    let cases: [(&[(&str, bool)], bool); 8] = [
        (&[], true),
        (&[("method", false)], false),
        (&[("class", false)], false),
        (&[("global", false)], false),
        (&[("class", false), ("method", true)], true),
        (&[("global", false), ("class", true)], true),
        (&[("global", false), ("method", true)], true),
        (&[("global", false), ("class", true), ("method", false)], false),
    ];
    for (said, acts) in cases {
        apply(&said.iter().map(|(target, enabled)| sections(target, *enabled)).collect::<String>());
        assert_eq!(acting().await, [acts; 3], "{said:?}");
    }
}

// DS-08 to DS-11: all but fallbacks switched off, which is said of each kind here, and then on again.
#[tokio::test(start_paused = true)]
async fn all_but_fallbacks_are_off() {
    let _alone = Alone::new().await;
    let others = "[retry]\nenabled = false\n[timeout]\nenabled = false\n";
    apply(others);
    assert_eq!(acting().await, [false, true, false]);
    for target in ["class", "method"] {
        apply(&format!("{others}{}", sections(target, true)));
        assert_eq!(acting().await, [true; 3], "{target}");
    }
}

#[retry(name = "configured.method", max = 5)]
async fn configured() -> Result<u32, Error> {
    fails()
}

/// How often it ran, and for how long.
async fn executions() -> (u32, Duration) {
    runs();
    let start = Instant::now();
    assert_eq!(configured().await, T);
    (runs(), start.elapsed())
}

// CF-01 to CF-07: the number of runs by a key of the method, the class, or all; a key of the class holds for
// all methods here, also those with a policy of their own (CF-03, CF-05: deliberately).
#[tokio::test(start_paused = true)]
async fn the_number_of_runs_by_each_key() {
    let _alone = Alone::new().await;
    let method = "[retry.\"configured.method\"]\nmax = 6\n";
    let class = "[retry.\"configured.*\"]\nmax = 3\n";
    let global = "[retry]\nmax = 7\n";
    let cases = [
        (vec![], 6),
        (vec![method], 7),
        (vec![class], 4),
        (vec![global], 8),
        (vec![class, global], 4),
        (vec![class, method], 7),
        (vec![class, method, global], 7),
    ];
    for (said, expected) in cases {
        apply(&said.concat());
        assert_eq!(executions().await.0, expected, "{said:?}");
    }
    apply("[retry.\"configured.method\"]\nmax_duration = \"1s\"\ndelay = \"100ms\"\nmax = 100");
    assert_eq!(executions().await, (11, Duration::from_secs(1)));
}

// CF-08: every option with a value can be set.
#[tokio::test(start_paused = true)]
async fn every_option_of_a_retry_can_be_set() {
    let _alone = Alone::new().await;
    let set = |options: &str| apply(&format!("[retry.\"configured.method\"]\n{options}"));
    set("max = 10\ndelay = \"400ms\"");
    assert_eq!(executions().await, (11, Duration::from_secs(4)));
    set("max = 100\ndelay = \"400ms\"\nmax_duration = \"1s\"");
    assert_eq!(executions().await.1, Duration::from_secs(1));
    set("delay = \"2ms\"");
    assert_eq!(executions().await, (6, Duration::from_millis(10)));
    set("backoff = \"1s..4s\"");
    assert_eq!(executions().await, (6, Duration::from_secs(15)));
    set("delay = \"2s\"\njitter = \"1s\"");
    let mut varied = false;
    for _ in 0..5 {
        let (runs, took) = executions().await;
        assert_eq!(runs, 6);
        assert!((5..=15).contains(&took.as_secs()), "{took:?}");
        varied |= took != Duration::from_secs(10);
    }
    assert!(varied, "five calls that took the same time to the millisecond");
}
