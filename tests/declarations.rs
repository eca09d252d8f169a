//! `failsafe::check()`: declarations of one name that do not agree, and names that refer to nothing. What is declared is
//! of the whole binary, so this is one of its own.
//!
//! Two literal names in one crate that do not agree are a compile error (see the ui tests); names that are constants, and
//! names in several crates, are compared here.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use failsafe::config::Pace;
use failsafe::{
    CircuitBreaker, Registry, Retry, check, circuit_breaker, declarations, policy, rate_limiter,
    retry, timeout,
};

type Res = Result<u32, String>;

const CONFLICTING: &str = "conflicting";
const AGREED: &str = "agreed";
const MINUTE: Duration = Duration::from_secs(60);

#[circuit_breaker(name = CONFLICTING, failures = 3)]
async fn three() -> Res {
    Err("down".into())
}

#[circuit_breaker(name = CONFLICTING, failures = "3/5")]
async fn three_of_five() -> Res {
    Err("down".into())
}

#[circuit_breaker(name = CONFLICTING)]
async fn refers() -> Res {
    Err("down".into())
}

// The same in other words.
#[circuit_breaker(name = AGREED, failures = 2, delay = "1m")]
async fn in_words() -> Res {
    Err("down".into())
}

#[circuit_breaker(name = AGREED, failures = "2/2", delay = MINUTE)]
fn in_other_words() -> Res {
    Err("down".into())
}

static IN_A_STATIC: CircuitBreaker = policy!(circuit_breaker(name = AGREED, failures = 2));

// One name for two kinds of policies is two names.
#[timeout("1s", name = AGREED)]
async fn another_kind() -> Res {
    Err("down".into())
}

#[circuit_breaker(name = "dangling")]
async fn dangling() -> Res {
    Err("down".into())
}

#[retry(max = 3, name = "far away")]
async fn declares() -> Res {
    Err("down".into())
}

#[retry(name = "far away")]
async fn uses() -> Res {
    failsafe::attempt();
    Err("down".into())
}

static UNNAMED: Retry = policy!(retry(max = 1));

fn line_of(text: &str) -> usize {
    1 + include_str!("declarations.rs").lines().position(|line| line == text).unwrap()
}

#[test]
fn check_reports_every_conflict_and_dangling_reference_with_its_places() {
    let conflicts = check().unwrap_err();
    let (numbers, others): (Vec<_>, Vec<_>) =
        conflicts.messages().iter().partition(|message| message.contains("never gets them"));
    let [first, second] = others[..] else { panic!("two faults: {conflicts}") };
    let (conflict, dangling) =
        if first.contains("different options") { (first, second) } else { (second, first) };
    let one = line_of("#[circuit_breaker(name = CONFLICTING, failures = 3)]");
    let other = line_of("#[circuit_breaker(name = CONFLICTING, failures = \"3/5\")]");
    assert!(conflict.contains("circuit_breaker `conflicting`"), "{conflict}");
    for part in [
        format!("{}:{one} (declarations::three)", file!()),
        format!("{}:{other} (declarations::three_of_five)", file!()),
        "failures = 3 ".to_owned(),
        "failures = \"3/5\"".to_owned(),
    ] {
        assert!(conflict.contains(&part), "{part} is not in {conflict}");
    }
    let place = line_of("#[circuit_breaker(name = \"dangling\")]");
    assert!(dangling.contains("circuit_breaker `dangling`"), "{dangling}");
    assert!(
        dangling.contains(&format!("{}:{place} (declarations::dangling)", file!())),
        "{dangling}"
    );
    let numbers: Vec<_> = numbers.into_iter().map(String::as_str).collect();
    assert_eq!(conflicts.to_string(), format!("{first}\n{second}\n{}", numbers.join("\n")));
}

const SLOW: Pace = Pace::new(2, Duration::from_secs(1));

#[rate_limiter(name = "weighed", bursty = "5/s")]
async fn weighed() -> Res {
    Ok(1)
}

#[rate_limiter(name = "weighed", permits = 6)]
async fn too_heavy() -> Res {
    Ok(1)
}

#[rate_limiter(name = "weighed", permits = 5)]
async fn heavy() -> Res {
    Ok(1)
}

#[rate_limiter(bursty = SLOW, permits = 3)]
async fn of_a_constant() -> Res {
    Ok(1)
}

/// What one attribute says of its calls does not go with what another one, or a constant, says of the limiter.
#[test]
fn check_reports_calls_that_never_get_their_permits() {
    drop((weighed(), too_heavy(), heavy(), of_a_constant()));
    let conflicts = check().unwrap_err();
    let told: Vec<_> =
        conflicts.messages().iter().filter(|one| one.contains("never gets them")).collect();
    let [constant, reference] = told[..] else { panic!("two faults: {conflicts}") };
    let (file, of_constant) = (file!(), line_of("#[rate_limiter(bursty = SLOW, permits = 3)]"));
    assert_eq!(
        *constant,
        format!(
            "rate_limiter `declarations::of_a_constant`: a call that needs 3 permits never gets them: 2 permits \
             come every 1s, and it may not wait; write `wait = \"1s\"` or longer, or fewer permits; the \
             attribute at {file}:{of_constant} says `permits = 3`"
        )
    );
    let of_reference = line_of("#[rate_limiter(name = \"weighed\", permits = 6)]");
    assert_eq!(
        *reference,
        format!(
            "rate_limiter `weighed`: a call that needs 6 permits never gets them: 5 permits come every 1s, and \
             it may not wait; write `wait = \"1s\"` or longer, or fewer permits; the attribute at \
             {file}:{of_reference} says `permits = 6`"
        )
    );
}

#[test]
fn declarations_lists_every_attribute_and_every_static() {
    let count = |policy: &str| declarations().filter(|one| one.policy() == policy).count();
    assert_eq!(
        [count("circuit_breaker"), count("retry"), count("timeout"), count("fallback")],
        [7, 3, 1, 0]
    );
    let agreed: Vec<_> = declarations().filter(|one| one.name() == AGREED).collect();
    assert_eq!(agreed.len(), 4);
    let shown = serde_json::to_value(agreed.iter().find(|one| one.policy() == "timeout")).unwrap();
    let expected = serde_json::json!({
        "policy": "timeout",
        "name": AGREED,
        "function": "declarations::another_kind",
        "options": "\"1s\", name = AGREED",
        "file": file!(),
        "line": line_of("#[timeout(\"1s\", name = AGREED)]"),
    });
    assert_eq!(shown, expected);
}

// A dangling reference runs with the defaults; a reference uses the options that are declared elsewhere.
#[tokio::test(start_paused = true)]
async fn references_have_the_options_of_their_name_or_the_defaults() {
    Registry::new()
        .scope(async {
            assert_eq!(dangling().await.unwrap_err(), "down");
            assert_eq!(dangling().await.unwrap_err(), "circuit breaker open: dangling");
            let mut events = failsafe::events::subscribe();
            assert_eq!(uses().await.unwrap_err(), "down");
            let done = events.drain().pop().unwrap();
            assert_eq!((done.counters.attempts, done.counters.executions), (4, 4));
            assert_eq!(declares().await.unwrap_err(), "down");
            assert_eq!(events.drain().pop().unwrap().counters.attempts, 4);
            assert_eq!(
                (in_words().await.unwrap_err(), in_other_words().unwrap_err()),
                ("down".into(), "down".into())
            );
            assert!(IN_A_STATIC.is_open());
            for call in [three().await, three_of_five().await, refers().await] {
                assert!(call.is_err());
            }
            assert!(another_kind().await.is_err());
        })
        .await;
    assert!(UNNAMED.name().starts_with("declarations"), "{}", UNNAMED.name());
}
