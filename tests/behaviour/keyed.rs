//! One breaker for each key.

use failsafe::circuit_breaker::{State, StateChanged};
use failsafe::{Registry, circuit_breaker, registry};

use crate::support::*;

#[circuit_breaker(name = "keyed: tenants", key = tenant)]
async fn tenants(tenant: &str, body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "keyed: tenants", key = tenant)]
fn blocking(tenant: &str, body: &Body) -> Res {
    body.block()
}

/// Opens the breaker of a tenant.
async fn open(tenant: &str) {
    assert_eq!(tenants(tenant, &Body::new("F")).await, DOWN);
    assert_eq!(tenants(tenant, &Body::new("S")).await, OPEN);
}

// Each key has a breaker of its own; functions of one name share the breakers of all keys.
#[tokio::test(start_paused = true)]
async fn each_key_has_its_own_breaker() {
    alone(async {
        open("one").await;
        assert_eq!(tenants("two", &Body::new("S")).await, Ok(1));
        assert_eq!(tenants("", &Body::new("S")).await, Ok(1));
        assert_eq!(
            (blocking("one", &Body::new("S")), blocking("two", &Body::new("S"))),
            (OPEN, Ok(1))
        );
    })
    .await;
}

struct Service {
    region: String,
}

impl Service {
    #[circuit_breaker(key = (&self.region, id % 10))]
    async fn call(&self, id: u32, body: &Body) -> Res {
        body.run().await
    }
}

// A key is any expression over arguments and `self`.
#[tokio::test(start_paused = true)]
async fn a_key_is_an_expression() {
    alone(async {
        let (north, south) = (Service { region: "n".into() }, Service { region: "s".into() });
        assert_eq!(north.call(3, &Body::new("F")).await, DOWN);
        assert_eq!(north.call(13, &Body::new("S")).await, OPEN);
        assert_eq!(north.call(4, &Body::new("S")).await, Ok(1));
        assert_eq!(south.call(3, &Body::new("S")).await, Ok(1));
    })
    .await;
}

#[circuit_breaker(name = "keyed: few", key = id, max_keys = 3)]
async fn few(id: u32, body: &Body) -> Res {
    body.run().await
}

// At most `max_keys` are kept: the one that was used longest ago goes.
#[tokio::test(start_paused = true)]
async fn the_key_used_longest_ago_is_evicted() {
    alone(async {
        for id in [1, 2, 3] {
            pass(1).await;
            assert_eq!(few(id, &Body::new("F")).await, DOWN);
        }
        pass(1).await;
        // 1 has been used again, so 2 goes.
        assert_eq!(few(1, &Body::new("S")).await, OPEN);
        pass(1).await;
        assert_eq!(few(4, &Body::new("S")).await, Ok(1));
        pass(1).await;
        assert_eq!((few(1, &Body::new("S")).await, few(3, &Body::new("S")).await), (OPEN, OPEN));
        pass(1).await;
        assert_eq!(few(2, &Body::new("S")).await, Ok(1));
        for id in 100..1_100 {
            pass(1).await;
            assert_eq!(few(id, &Body::new("S")).await, Ok(1), "{id}");
            assert!(kept("keyed: few") <= 3);
        }
    })
    .await;
}

/// How many keys of a name are kept.
fn kept(name: &str) -> usize {
    registry().snapshot().policies.iter().filter(|policy| policy.name.starts_with(name)).count()
}

#[circuit_breaker(name = "keyed: idle", key = id, max_keys = 4, key_idle = "10s")]
async fn idle(id: u32, body: &Body) -> Res {
    body.run().await
}

// When room is made, keys that nobody used for `key_idle` go first, all of them.
#[tokio::test(start_paused = true)]
async fn idle_keys_go_first() {
    alone(async {
        for id in 1..=4 {
            assert_eq!(idle(id, &Body::new("F")).await, DOWN);
        }
        pass(9_999).await;
        assert_eq!(idle(4, &Body::new("S")).await, OPEN);
        pass(1).await;
        assert_eq!(kept("keyed: idle"), 4);
        assert_eq!(idle(5, &Body::new("S")).await, Ok(1));
        assert_eq!(kept("keyed: idle"), 2);
        assert_eq!(idle(4, &Body::new("S")).await, OPEN);
        assert_eq!(idle(1, &Body::new("S")).await, Ok(1));
    })
    .await;
}

// Calls that are under way when their key is evicted end well.
#[tokio::test(start_paused = true)]
async fn a_key_can_be_evicted_during_a_call() {
    alone(async {
        let slow = Body::taking("F", ms(100));
        let mut call = Box::pin(few(1, &slow));
        assert!(poll_once(&mut call).await.is_none());
        for id in 2..10 {
            pass(1).await;
            assert_eq!(few(id, &Body::new("S")).await, Ok(1));
        }
        assert_eq!(call.await, DOWN);
        assert_eq!(few(1, &Body::new("S")).await, Ok(1), "it is a new one");
    })
    .await;
}

// Scopes have keys of their own, however many come after each other.
#[tokio::test(start_paused = true)]
async fn scopes_keep_keys_apart() {
    for _ in 0..50 {
        alone(open("one")).await;
    }
    let (left, right) = (Registry::new(), Registry::new());
    left.scope(open("one")).await;
    right.scope(async { assert_eq!(tenants("one", &Body::new("S")).await, Ok(1)) }).await;
    left.scope(async { assert_eq!(tenants("one", &Body::new("S")).await, OPEN) }).await;
}

static CHANGES: Notes = Notes::new();

#[circuit_breaker(name = "keyed: heard", key = id, on_open = |event: &StateChanged| CHANGES.add(event.name()))]
async fn heard(id: u32, body: &Body) -> Res {
    body.run().await
}

// Keyed breakers are named by their key: in events, in the snapshot, for an operator; and are reset with the others.
#[tokio::test(start_paused = true)]
async fn keyed_breakers_are_reached_by_name() {
    alone(async {
        assert_eq!(heard(7, &Body::new("F")).await, DOWN);
        assert_eq!(CHANGES.take(), ["keyed: heard[7]"]);
        let breaker = registry().circuit_breaker("keyed: heard[7]").unwrap();
        assert_eq!(breaker.state(), State::Open);
        breaker.close();
        assert_eq!(heard(7, &Body::new("F")).await, DOWN);
        assert_eq!(heard(7, &Body::new("S")).await, OPEN);
        registry().reset();
        assert_eq!(heard(7, &Body::new("S")).await, Ok(1));
    })
    .await;
}
