//! Names: who shares a breaker, how it is found, listed, opened and reset, and what is known before anything is called.

use failsafe::circuit_breaker::State;
use failsafe::{CircuitBreaker, Registry, circuit_breaker, declarations, registry, retry, timeout};

use crate::support::*;

#[circuit_breaker(name = "registry: svcB", failures = 2, delay = "1m")]
async fn one(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "registry: svcB")]
async fn other(body: &Body) -> Res {
    body.run().await
}

struct Service;

const NAME: &str = "registry: svcB";

impl Service {
    #[circuit_breaker(name = "registry: svcB", failures = 2, delay = "1m")]
    async fn method(&self, body: &Body) -> Res {
        body.run().await
    }

    #[circuit_breaker(name = NAME)]
    fn blocking(&self, body: &Body) -> Res {
        body.block()
    }
}

mod elsewhere {
    use super::*;

    #[circuit_breaker(name = "registry: svcB")]
    pub(super) async fn function(body: &Body) -> Res {
        body.run().await
    }
}

// CB-24: everything that says the name shares one breaker: functions, methods, modules, blocking or not. A name alone
// uses the options that are declared elsewhere.
#[tokio::test(start_paused = true)]
async fn a_name_is_one_breaker() {
    let failing = Body::new("F");
    for first in 0..5 {
        alone(async {
            let outcome = match first {
                0 => one(&failing).await,
                1 => other(&failing).await,
                2 => Service.method(&failing).await,
                3 => Service.blocking(&failing),
                _ => elsewhere::function(&failing).await,
            };
            assert_eq!(outcome, DOWN);
            assert_eq!(other(&failing).await, DOWN);
            let body = Body::new("S");
            assert_eq!((one(&body).await, other(&body).await), (OPEN, OPEN));
            assert_eq!((Service.method(&body).await, Service.blocking(&body)), (OPEN, OPEN));
            assert_eq!(elsewhere::function(&body).await, OPEN);
            let breaker = registry().circuit_breaker(NAME).unwrap();
            assert_eq!(breaker.config().get_delay(), std::time::Duration::from_secs(60));
        })
        .await;
    }
}

struct Left;
struct Right;

impl Left {
    #[circuit_breaker]
    async fn call(&self, body: &Body) -> Res {
        body.run().await
    }

    #[circuit_breaker]
    async fn other(&self, body: &Body) -> Res {
        body.run().await
    }
}

impl Right {
    #[circuit_breaker]
    async fn call(&self, body: &Body) -> Res {
        body.run().await
    }
}

// CB-25: unnamed breakers are not shared: not by two methods of one type, nor by methods of one name on two types.
#[tokio::test(start_paused = true)]
async fn unnamed_breakers_are_never_shared() {
    alone(async {
        assert_eq!(Left.call(&Body::new("F")).await, DOWN);
        assert_eq!(Left.call(&Body::new("S")).await, OPEN);
        assert_eq!(Left.other(&Body::new("S")).await, Ok(1));
        assert_eq!(Right.call(&Body::new("S")).await, Ok(1));
        let path = "behaviour::behaviour::registry::Left::call";
        assert_eq!(registry().circuit_breaker(path).unwrap().state(), State::Open);
        // CB-24: two instances of one type share the breaker of its method.
        let second = Left;
        assert_eq!(second.call(&Body::new("S")).await, OPEN);
    })
    .await;
}

#[circuit_breaker(handle(Err(Error::Argument)))]
#[circuit_breaker(handle(Err(Error::State)))]
async fn two_on_one(body: &Body) -> Res {
    body.run().await
}

#[tokio::test(start_paused = true)]
async fn two_unnamed_breakers_on_one_function_are_two() {
    alone(async {
        let name = "behaviour::behaviour::registry::two_on_one";
        assert_eq!(two_on_one(&Body::new("A")).await, Err(Error::Argument));
        let states = |registry: &Registry| {
            let first = registry.circuit_breaker(name).unwrap().state();
            (first, registry.circuit_breaker(&format!("{name}#2")).unwrap().state())
        };
        assert_eq!(states(&registry()), (State::Open, State::Closed));
        registry().reset();
        assert_eq!(two_on_one(&Body::new("T")).await, Err(Error::State));
        assert_eq!(states(&registry()), (State::Closed, State::Open));
    })
    .await;
}

// Looked up by name: also before the first call; not what nobody declared.
#[tokio::test(start_paused = true)]
async fn a_breaker_is_found_by_its_name() {
    alone(async {
        assert!(registry().circuit_breaker("registry: nobody").is_none());
        let breaker = registry().circuit_breaker(NAME).unwrap();
        assert_eq!(breaker.name(), NAME);
        breaker.open();
        assert_eq!(one(&Body::new("S")).await, OPEN);
        breaker.close();
        assert_eq!(one(&Body::new("S")).await, Ok(1));
        breaker.force_open();
        tokio::time::sleep(std::time::Duration::from_secs(86_400)).await;
        assert_eq!(one(&Body::new("S")).await, OPEN);
        breaker.half_open();
        assert_eq!(one(&Body::new("S")).await, Ok(1));
        breaker.reset();
        assert_eq!((breaker.state(), breaker.metrics().executions()), (State::Closed, 0));
        assert_eq!(one(&Body::new("F")).await, DOWN);
        assert_eq!(breaker.metrics().failures(), 1);
        registry().reset();
        assert_eq!(breaker.metrics().failures(), 0);
    })
    .await;
}

// Forced open while it is open: it stays open, and nobody is told of a change.
#[tokio::test(start_paused = true)]
async fn forcing_an_open_breaker_changes_only_how_long() {
    alone(async {
        let breaker = registry().circuit_breaker(NAME).unwrap();
        assert_eq!((one(&Body::new("F")).await, one(&Body::new("F")).await), (DOWN, DOWN));
        let mut heard = Heard::new();
        breaker.force_open();
        assert_eq!(heard.counts(["circuit_breaker state_changed"]), [0]);
        assert_eq!(breaker.metrics().failures(), 2, "what opened it is still shown");
        pass(61_000).await;
        assert_eq!(one(&Body::new("S")).await, OPEN);
    })
    .await;
}

// GO Open: Open() while open does nothing: the timer is not started again.
#[tokio::test(start_paused = true)]
async fn opening_an_open_breaker_does_nothing() {
    alone(async {
        let breaker = registry().circuit_breaker(NAME).unwrap();
        breaker.open();
        pass(30_000).await;
        breaker.open();
        pass(30_000).await;
        assert_eq!(one(&Body::new("S")).await, Ok(1));
    })
    .await;
}

// Everything that is declared is listed; what has been used has a state in the snapshot.
#[tokio::test(start_paused = true)]
async fn it_lists_what_there_is() {
    alone(async {
        let listed = |policy: &str, name: &str| {
            registry().list().iter().any(|id| id.policy == policy && id.name == name)
        };
        assert!(listed("circuit_breaker", NAME));
        assert!(listed("retry", "behaviour::behaviour::registry::declared"));
        assert!(listed("timeout", "registry: timeout"));
        assert!(registry().snapshot().policies.is_empty(), "nothing has been called");
        assert_eq!(one(&Body::new("F")).await, DOWN);
        assert_eq!(one(&Body::new("F")).await, DOWN);
        pass(1_000).await;
        let shown = serde_json::to_value(registry().snapshot()).unwrap();
        let expected = serde_json::json!({ "policies": [{
            "policy": "circuit_breaker",
            "name": NAME,
            "state": "open",
            "remaining_delay_ms": 59_000,
            "executions": 2,
            "failures": 2,
            "successes": 0,
        }]});
        assert_eq!(shown, expected);
    })
    .await;
}

#[retry(max = 3, backoff = "1s..10s", handle(Err(Error::Down)))]
#[timeout("1s", name = "registry: timeout")]
async fn declared(body: &Body) -> Res {
    body.run().await
}

impl Right {
    #[retry(max = 7)]
    fn declared(&self) -> Res {
        Ok(7)
    }
}

// Every attribute in the binary is known with options, function, file and line, called or not.
#[test]
fn declarations_are_known_before_anything_is_called() {
    let find = |policy: &str, function: &str| {
        let path = format!("behaviour::behaviour::registry::{function}");
        declarations()
            .find(|declared| declared.policy() == policy && declared.function() == path)
            .unwrap_or_else(|| panic!("{policy} on {path}"))
    };
    let retry = find("retry", "declared");
    assert_eq!(retry.options(), "max = 3, backoff = \"1s..10s\", handle(Err(Error::Down))");
    assert_eq!((retry.file(), retry.is_named()), (file!(), false));
    let source = include_str!("registry.rs").lines().nth(retry.line() as usize - 1).unwrap();
    assert!(source.starts_with("#[retry(max = 3,"), "line {}: {source}", retry.line());
    let timeout = find("timeout", "declared");
    assert_eq!((timeout.name(), timeout.is_named()), ("registry: timeout", true));
    assert_eq!(timeout.line(), retry.line() + 1);
    // A method is listed with its type.
    let method = find("retry", "Right::declared");
    assert_eq!((method.name(), method.options()), (method.function(), "max = 7"));
    let shared = find("circuit_breaker", "Service::method");
    assert_eq!(shared.name(), NAME);
    let reference = find("circuit_breaker", "elsewhere::function");
    assert!(reference.is_reference() && !shared.is_reference());
    assert_eq!(Right.declared(), Ok(7));
}

// Scoped registries keep tests apart: the same names, side by side on one thread.
#[tokio::test(start_paused = true)]
async fn scopes_keep_calls_apart() {
    let (left, right) = (Registry::new(), Registry::new());
    let (failing, fine) = (Body::taking("F", ms(10)), Body::taking("S", ms(10)));
    let failures = left.scope(async {
        for _ in 0..2 {
            assert_eq!(one(&failing).await, DOWN);
        }
        assert_eq!(one(&failing).await, OPEN);
    });
    let successes = right.scope(async {
        for _ in 0..10 {
            assert!(one(&fine).await.is_ok());
        }
    });
    tokio::join!(failures, successes);
    assert_eq!(left.circuit_breaker(NAME).unwrap().state(), State::Open);
    assert_eq!(right.circuit_breaker(NAME).unwrap().state(), State::Closed);
    // A scope can be left and entered again, also on another task, and ends when its future is dropped.
    let entered = left.clone();
    let task = tokio::spawn(entered.scope(async { one(&Body::new("S")).await }));
    assert_eq!(task.await.unwrap(), OPEN);
    let mut dropped = Box::pin(left.scope(async { pass(1_000).await }));
    assert!(poll_once(&mut dropped).await.is_none());
    drop(dropped);
    assert_eq!(
        right.scope_blocking(|| registry().circuit_breaker(NAME).unwrap().state()),
        State::Closed
    );
}

// A breaker built in code is listed once it is registered under its name.
#[tokio::test(start_paused = true)]
async fn a_built_breaker_stands_alone() {
    let (one, two) = (CircuitBreaker::builder(), CircuitBreaker::builder());
    let (one, two) = (one.name("registry: built").build(), two.name("registry: built").build());
    one.open();
    assert_eq!((one.state(), two.state()), (State::Open, State::Closed));
    let shared = one.clone();
    shared.close();
    assert_eq!(one.state(), State::Closed);
}

mod colliding {
    use std::time::Duration;

    use failsafe::{circuit_breaker, registry, retry, timeout};

    use crate::support::{Body, Res, alone, ms};

    const NAME: &str = "registry: colliding";
    const CONFIG: Duration = ms(20);
    const CALL: Duration = ms(500);

    #[timeout(CALL)]
    #[retry(delay = CONFIG, name = NAME)]
    #[circuit_breaker(name = NAME, delay = CONFIG, failures = 9)]
    async fn constants(body: &Body) -> Res {
        body.run().await
    }

    // The constants in an attribute may have any names.
    #[tokio::test(start_paused = true)]
    async fn constants_have_any_name() {
        alone(async {
            let body = Body::new("F");
            assert!(constants(&body).await.is_err());
            assert_eq!(body.gaps(), [20, 20]);
            assert_eq!(registry().circuit_breaker(NAME).unwrap().config().get_delay(), CONFIG);
        })
        .await;
    }
}
