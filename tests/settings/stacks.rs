//! Stacks that settings define: code runs under them, and they change while the program runs.

use super::declared::{Alone, Error};
use super::live_modes::{alone, apply};
use failsafe::circuit_breaker::State;
use failsafe::settings::{Settings, from_json, from_toml, stack};
use failsafe::{Fallback, Kind, Registry, Rejected, registry};
use std::future::{Ready, ready};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const PAYMENTS: &str = r#"
[stacks.payments]
policies = [
    { timeout = { limit = "10s", name = "payments.total" } },
    { retry = { max = 2, delay = "1s" } },
    { circuit_breaker = { name = "bank", failures = 3, delay = "1m" } },
    { timeout = "2s" },
]
"#;

/// A body that counts its runs.
struct Body(AtomicU32);

impl Body {
    const fn new() -> Self {
        Self(AtomicU32::new(0))
    }

    fn fails(&self) -> Ready<Result<u32, Error>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        ready(Err(Error::Down))
    }

    fn runs(&self) -> u32 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The order is that of the list: each attempt has the inner timeout, the outer one has all.
#[tokio::test(start_paused = true)]
async fn the_first_is_outermost() {
    let _alone = alone().await;
    apply(PAYMENTS);
    let payments = stack("payments").unwrap();
    let body = Body::new();
    let began = Instant::now();
    let hangs = || async {
        body.0.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_secs(60)).await;
        Ok::<_, Error>(1)
    };
    // Three attempts of 2 s and two delays of 1 s; the breaker counts the timeouts.
    assert_eq!(payments.run(hangs).await, Err(Error::Rejected(Kind::Timeout)));
    assert_eq!((body.runs(), began.elapsed().as_secs()), (3, 8));
    let breaker = registry().circuit_breaker("bank").unwrap();
    assert_eq!(breaker.state(), State::Open);
    assert_eq!(payments.run(|| body.fails()).await, Err(Error::Rejected(Kind::CircuitOpen)));
    assert_eq!((body.runs(), payments.name()), (0, "payments"));
    breaker.reset();
    // What is inside takes as long as it may, again and again: the outer one ends it.
    apply(&PAYMENTS.replace("max = 2", "max = 3").replace("failures = 3", "failures = 9"));
    let rejected = payments.try_run(hangs).await.unwrap_err();
    assert_eq!((rejected.kind(), rejected.policy()), (Kind::Timeout, "payments.total"));
}

/// It is for every return type that can hold a rejection, and composes with what needs code.
#[tokio::test(start_paused = true)]
async fn it_is_a_policy_like_others() {
    let _alone = alone().await;
    apply("[stacks.one]\npolicies = [{ bulkhead = 1 }]");
    let one = stack("one").unwrap();
    let text: Result<&str, Rejected> = one.run(|| async { Ok("text") }).await;
    let number: Option<u32> = one.clone().run(|| async { Some(7) }).await;
    assert_eq!((text.unwrap(), number), ("text", Some(7)));
    let busy = one.run(|| async {
        let refused: Result<u32, Error> = one.run(|| async { Ok(1) }).await;
        assert_eq!(refused, Err(Error::Rejected(Kind::BulkheadFull)));
        let fallback = Fallback::with(|_| Ok(9)).build();
        let answered: Result<u32, Error> =
            failsafe::with((fallback, one.clone())).run(|| async { Ok(1) }).await;
        assert_eq!(answered, Ok(9));
        Ok::<_, Error>(())
    });
    busy.await.unwrap();
    let spawned = failsafe::with(one).spawn(|| async { Ok::<_, Error>(3) });
    assert_eq!(spawned.await, Ok(3));
}

#[test]
fn blocking_code_runs_under_a_stack() {
    let _alone = Alone::blocking();
    let text = "[stacks.reports]\npolicies = [{ retry = { max = 2 } }, { circuit_breaker = { failures = 9 } }]";
    apply(text);
    let reports = stack("reports").unwrap().blocking().unwrap();
    let mut runs = 0;
    let failed: Result<u32, Error> = reports.run(|| {
        runs += 1;
        Err(Error::Down)
    });
    assert_eq!((failed, runs, reports.name()), (Err(Error::Down), 3, "reports"));
    let breaker = registry().circuit_breaker("reports").unwrap();
    assert_eq!(breaker.metrics().failures(), 3);
    breaker.reset();
    // While it is there, no timeout can come into it.
    let timed = text.replace("[{ retry", "[{ timeout = '1m' }, { retry");
    let refused = from_toml(&timed).unwrap().apply().unwrap_err().to_string();
    let says = "settings.toml:2:15: the program makes blocking calls with this stack: `timeout` works by \
                dropping a future";
    assert!(refused.starts_with(says), "{refused}");
    drop(reports);
    apply(&timed);
    let refused = stack("reports").unwrap().blocking().unwrap_err().to_string();
    let says =
        "the stack `reports` has the `timeout`, but a blocking call cannot: `timeout` works by";
    assert!(refused.starts_with(says), "{refused}");
}

/// A policy of the program is the same one under the stack and on its function.
#[tokio::test(start_paused = true)]
async fn it_refers_to_policies_of_the_program() {
    let _alone = alone().await;
    apply(
        "[circuit_breaker.svcB]\nfailures = 1\n[stacks.mixed]\npolicies = ['retry.shared', 'circuit_breaker.svcB']",
    );
    let mixed = stack("mixed").unwrap();
    assert_eq!(super::declared::breaker().await, Err(Error::Down));
    let body = Body::new();
    assert_eq!(mixed.run(|| body.fails()).await, Err(Error::Rejected(Kind::CircuitOpen)));
    registry().circuit_breaker("svcB").unwrap().reset();
    // Four retries are what `policy!` says.
    apply(
        "[circuit_breaker.svcB]\nfailures = 9\n[stacks.mixed]\npolicies = ['retry.shared', 'circuit_breaker.svcB']",
    );
    assert_eq!(mixed.run(|| body.fails()).await, Err(Error::Down));
    assert_eq!(body.runs(), 5);
    registry().circuit_breaker("svcB").unwrap().reset();
}

/// What a function must be compiled for, a stack can do.
#[tokio::test(start_paused = true)]
async fn a_stack_can_return_any_rejection() {
    let _alone = alone().await;
    apply("[stacks.exhausting]\npolicies = [{ retry = { max = 1, exhausted = 'error' } }]");
    let body = Body::new();
    let ended = stack("exhausting").unwrap().run(|| body.fails()).await;
    assert_eq!((ended, body.runs()), (Err(Error::Rejected(Kind::RetriesExceeded)), 2));
}

/// A policy in two stacks is one.
#[tokio::test(start_paused = true)]
async fn two_stacks_share_a_policy() {
    let _alone = alone().await;
    apply(
        "[stacks.a]\npolicies = [{ circuit_breaker = { name = 'both' } }]\n\
         [stacks.b]\npolicies = ['circuit_breaker.both']",
    );
    let body = Body::new();
    assert_eq!(stack("a").unwrap().run(|| body.fails()).await, Err(Error::Down));
    let refused = stack("b").unwrap().run(|| body.fails()).await;
    assert_eq!(refused, Err(Error::Rejected(Kind::CircuitOpen)));
}

/// What settings define when a call begins holds for it; an open breaker stays open, whatever becomes of
/// the stack around it.
#[tokio::test(start_paused = true)]
async fn a_change_keeps_the_state() {
    let _alone = alone().await;
    let one = "[stacks.moving]\npolicies = [{ circuit_breaker = { delay = '1m' } }]";
    apply(one);
    let moving = stack("moving").unwrap();
    let body = Body::new();
    assert_eq!(moving.run(|| body.fails()).await, Err(Error::Down));
    let open = Err(Error::Rejected(Kind::CircuitOpen));
    // Another option, another policy around it, and then the first again.
    apply("[stacks.moving]\npolicies = [{ circuit_breaker = { delay = '2m' } }]");
    assert_eq!(registry().circuit_breaker("moving").unwrap().remaining_delay().as_secs(), 120);
    let two = "[stacks.moving]\npolicies = [{ retry = { max = 1, delay = '1s' } }, { circuit_breaker = { delay = '1m' } }]";
    apply(two);
    let began = Instant::now();
    assert_eq!(moving.run(|| body.fails()).await, open);
    assert_eq!(began.elapsed().as_secs(), 1);
    // Gone, and back.
    apply("[stacks.moving]\npolicies = [{ bulkhead = 9 }]");
    assert_eq!(moving.run(|| body.fails()).await, Err(Error::Down));
    apply(one);
    assert_eq!((moving.run(|| body.fails()).await, body.runs()), (open, 2));
    // A call that is in its first attempt when the retry goes away has its retry still.
    registry().circuit_breaker("moving").unwrap().reset();
    apply(&two.replace("delay = '1m'", "failures = 9"));
    let during = moving.run(|| async {
        apply("[stacks.moving]\npolicies = [{ bulkhead = 9 }]");
        body.fails().await
    });
    assert_eq!((during.await, body.runs()), (Err(Error::Down), 2));
    assert_eq!((moving.run(|| body.fails()).await, body.runs()), (Err(Error::Down), 1));
}

/// A scoped registry has instances of its own.
#[tokio::test(start_paused = true)]
async fn a_scope_has_its_own_state() {
    let _alone = alone().await;
    apply("[stacks.scoped]\npolicies = [{ circuit_breaker = {} }]");
    let scoped = stack("scoped").unwrap();
    let body = Body::new();
    assert_eq!(scoped.run(|| body.fails()).await, Err(Error::Down));
    let inside = Registry::new().scope(async {
        assert_eq!(scoped.run(|| body.fails()).await, Err(Error::Down));
        scoped.run(|| body.fails()).await
    });
    assert_eq!(inside.await, Err(Error::Rejected(Kind::CircuitOpen)));
}

/// Permits that are held survive, too.
#[tokio::test(start_paused = true)]
async fn a_change_keeps_permits() {
    let _alone = alone().await;
    apply("[stacks.places]\npolicies = [{ bulkhead = 2 }]");
    let pool = stack("places").unwrap();
    let inside = pool.run(|| async {
        apply("[stacks.places]\npolicies = [{ timeout = '1s' }, { bulkhead = 1 }]");
        let refused: Result<u32, Error> = pool.run(|| async { Ok(1) }).await;
        refused
    });
    assert_eq!(inside.await, Err(Error::Rejected(Kind::BulkheadFull)));
    let after: Result<u32, Error> = pool.run(|| async { Ok(1) }).await;
    assert_eq!(after, Ok(1));
}

/// All or nothing: a stack that the program uses cannot go.
#[tokio::test(start_paused = true)]
async fn a_stack_in_use_cannot_go() {
    let _alone = alone().await;
    let none = stack("payments").unwrap_err().to_string();
    assert_eq!(none, "no settings in force define a stack, so there is no `payments`");
    apply(PAYMENTS);
    let wrong = stack("paymets").unwrap_err().to_string();
    assert_eq!(wrong, "the settings define no stack `paymets`; did you mean `payments`?");
    let payments = stack("payments").unwrap();
    let others = from_toml("[stacks.others]\npolicies = [{ bulkhead = 1 }]").unwrap();
    let says =
        "in code, stack `payments`: the program uses it, and these settings do not define it";
    assert_eq!(others.check().unwrap_err().to_string(), says);
    assert_eq!(others.clone().apply().unwrap_err().to_string(), says);
    assert!(stack("payments").is_ok() && stack("others").is_err());
    drop(payments);
    others.apply().unwrap();
    assert!(stack("payments").is_err() && stack("others").is_ok());
}

/// From weak to strong: all, a group, the stack, a section for the policy, the environment, code.
#[tokio::test(start_paused = true)]
async fn sections_and_variables_reach_its_policies() {
    let _alone = alone().await;
    let file = "[retry]\nmax = 7\njitter = '1ms'\n\
                [stacks.orders-eu]\npolicies = [{ retry = { max = 3, delay = '1s' } }]\n";
    let text = |name: &str| {
        let all = failsafe::explain().policies;
        all.iter().find(|one| one.name == name).unwrap().to_string()
    };
    apply(file);
    let explained = text("orders-eu");
    let expected = "retry `orders-eu`: on\n    on a stack of the settings at settings.toml:5\n    \
                    max           3       stack settings.toml:5\n    \
                    delay         \"1s\"    stack settings.toml:5\n";
    assert!(explained.starts_with(expected), "{explained}");
    assert!(explained.contains("\"1ms\"   global settings.toml:3"), "{explained}");
    apply(&format!("{file}[retry.orders-eu]\nmax = 4"));
    assert!(text("orders-eu").contains("max           4       policy"));
    let settings = from_toml(&format!("{file}[retry.orders-eu]\nmax = 4")).unwrap();
    let settings = settings.variables([("FAILSAFE__RETRY__ORDERS_EU__MAX", "0")]).unwrap();
    settings.clone().apply().unwrap();
    assert!(text("orders-eu").contains("FAILSAFE__RETRY__ORDERS_EU__MAX"));
    let body = Body::new();
    let orders = stack("orders-eu").unwrap();
    assert_eq!((orders.run(|| body.fails()).await, body.runs()), (Err(Error::Down), 1));
    settings.set("retry", "orders-eu", "max", 1).unwrap().apply().unwrap();
    assert_eq!((orders.run(|| body.fails()).await, body.runs()), (Err(Error::Down), 2));
    registry().disable("retry", "orders-eu").unwrap();
    assert_eq!((orders.run(|| body.fails()).await, body.runs()), (Err(Error::Down), 1));
}

/// A later file defines a stack instead of an earlier one, and can be about its policies.
#[test]
fn a_later_file_is_stronger() {
    let _alone = Alone::blocking();
    let base = Settings::new().toml(PAYMENTS).unwrap();
    base.clone().toml("[circuit_breaker.bank]\ndelay = '5s'").unwrap().apply().unwrap();
    let bank = registry().circuit_breaker("bank").unwrap();
    bank.open();
    assert!(bank.remaining_delay() <= Duration::from_secs(5));
    bank.reset();
    base.toml("[stacks.payments]\npolicies = [{ bulkhead = 1 }]").unwrap().apply().unwrap();
    let explained = failsafe::explain();
    assert_eq!(explained.stacks.len(), 1);
    assert_eq!(explained.stacks[0].policies, [("bulkhead", "payments")]);
    assert!(!explained.policies.iter().any(|one| one.name == "bank"));
}

#[test]
fn they_are_explained() {
    let _alone = Alone::blocking();
    apply(PAYMENTS);
    let explained = failsafe::explain();
    let expected = "
stack `payments` (stack settings.toml:2)
    timeout `payments.total`
    retry `payments`
    circuit_breaker `bank`
    timeout `payments`
";
    assert!(explained.to_string().ends_with(expected), "{explained}");
    let json = serde_json::to_value(&explained).unwrap();
    let stack = serde_json::json!([{
        "name": "payments",
        "set_by": { "layer": "stack", "place": "settings.toml:2" },
        "policies": [
            ["timeout", "payments.total"], ["retry", "payments"],
            ["circuit_breaker", "bank"], ["timeout", "payments"],
        ],
    }]);
    assert_eq!(json["stacks"], stack);
}

/// TOML and JSON say the same.
#[tokio::test(start_paused = true)]
async fn the_same_in_json() {
    let _alone = alone().await;
    let json = r#"{ "stacks": { "payments": { "policies": [
        "circuit_breaker.svcB", { "retry": { "max": 1 } }, { "timeout": "2s" }
    ] } } }"#;
    from_json(json).unwrap().apply().unwrap();
    let body = Body::new();
    let payments = stack("payments").unwrap();
    assert_eq!((payments.run(|| body.fails()).await, body.runs()), (Err(Error::Down), 2));
    registry().circuit_breaker("svcB").unwrap().reset();
}
