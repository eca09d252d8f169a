//! `failsafe::check()` across crates: what two crates say of one name is compared when the program starts, and everything is
//! reported at once, with both places.

#![deny(warnings)]

use failsafe::{circuit_breaker, feature_toggle, hedge, retry, timeout, Rejected};
use failsafe_ui_tests::shared;
use std::time::Duration;

const OTHER: &str = include_str!("../../src/lib.rs");
const HERE: &str = include_str!("declarations.rs");

#[circuit_breaker(name = "shared breaker", failures = "3/5")]
async fn three_of_five() -> Result<u32, Rejected> {
    Ok(35)
}

// Declared in the other crate.
#[retry(name = "shared retry")]
#[timeout("1s")]
async fn retried() -> Result<u32, Rejected> {
    failsafe::attempt();
    std::future::pending::<()>().await;
    Ok(0)
}

#[circuit_breaker(name = "dangling")]
async fn refers_to_nothing() -> Result<u32, Rejected> {
    Ok(0)
}

// Each of these says all there is to say.
#[feature_toggle(name = "toggle alone")]
#[retry(name = "retry alone")]
#[retry(name = "computed delay", delay_with = |_| Some(Duration::from_secs(1)))]
#[hedge(name = "computed delay", delay_with = |_| Duration::from_secs(1))]
async fn declared() -> Result<u32, Rejected> {
    Ok(1)
}

// A retry whose delay is computed is no reference, and what the other says is something else.
#[retry(name = "computed elsewhere", max = 5)]
#[timeout("1s", name = "timeout here")]
async fn in_five() -> Result<u32, Rejected> {
    Ok(5)
}

#[retry(name = LATER, delay_with = |_| Some(Duration::from_secs(1)))]
#[timeout(name = "timeout here")]
async fn computed() -> Result<u32, Rejected> {
    Ok(2)
}

// Two literal names would be an error of the compiler.
const LATER: &str = "computed elsewhere";

fn line(text: &str, attribute: &str) -> usize {
    1 + text.lines().position(|line| line.trim() == attribute).expect("it is there")
}

#[tokio::test(start_paused = true)]
async fn conflicts_and_dangling_references_of_all_crates_are_reported_together() {
    assert_eq!(three_of_five().await.ok(), Some(35));
    assert_eq!(shared::three_failures().await.ok(), Some(3));
    assert_eq!(shared::five_retries().await.ok(), Some(5));
    assert!(shared::refers_to_nothing().await.is_ok() && refers_to_nothing().await.is_ok());
    assert!(declared().await.is_ok() && in_five().await.is_ok() && computed().await.is_ok());

    let conflicts = failsafe::check().expect_err("they do not agree");
    let said = conflicts.messages();
    let find = |what: &str| {
        let found = said.iter().find(|message| message.starts_with(what));
        found.unwrap_or_else(|| panic!("{what} in {said:#?}"))
    };
    let place =
        |file: &str, text: &str, attribute: &str| format!("{file}:{}", line(text, attribute));
    let other = |attribute: &str| place("ui-tests/src/lib.rs", OTHER, attribute);
    let here = |attribute: &str| place(file!(), HERE, attribute);
    for (what, places) in [
        (
            "circuit_breaker `shared breaker`",
            vec![
                other("#[circuit_breaker(name = \"shared breaker\", failures = 3)]"),
                here("#[circuit_breaker(name = \"shared breaker\", failures = \"3/5\")]"),
            ],
        ),
        ("timeout `shared timeout`", vec![other("#[timeout(name = \"shared timeout\")]")]),
        ("circuit_breaker `dangling`", vec![here("#[circuit_breaker(name = \"dangling\")]")]),
        (
            "retry `computed elsewhere`",
            vec![
                here("#[retry(name = \"computed elsewhere\", max = 5)]"),
                here("#[retry(name = LATER, delay_with = |_| Some(Duration::from_secs(1)))]"),
            ],
        ),
    ] {
        for place in places {
            assert!(find(what).contains(&place), "{place} in {}", find(what));
        }
    }
    assert_eq!(said.len(), 4, "{said:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_reference_has_the_options_of_the_other_crate() {
    let mut events = failsafe::events::subscribe();
    assert!(retried().await.is_err());
    let executions = events.drain().iter().map(|event| event.counters.executions).max();
    assert_eq!(executions, Some(6));
}
