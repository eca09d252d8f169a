//! Defaults of a block: which functions have them, and what they are to a function's own policies.
//!
//! The body always fails unless a test says otherwise. With `retry` outside, a breaker opens after its failures and refuses
//! the other attempts; with the breaker outside it sees one call.

use failsafe::circuit_breaker::State;
use failsafe::retry as again;
use failsafe::{
    circuit_breaker, declarations, fallback, policies, registry, resilient, retry, timeout,
};

use crate::support::*;

failsafe::stack! {
    OFTEN = #[retry(max = 7)];
    BREAKER = #[circuit_breaker(failures = 2)];
}

struct Client {
    tenant: &'static str,
}

const ONE: Client = Client { tenant: "one" };
const OTHER: Client = Client { tenant: "other" };

#[resilient(retry(max = 4), circuit_breaker(failures = 3))]
impl Client {
    async fn plain(&self, body: &Body) -> Res {
        body.run().await
    }

    // Wherever they stand, they are where the defaults are.
    #[circuit_breaker(failures = 2)]
    #[retry(max = 1)]
    async fn replaces_both(&self, body: &Body) -> Res {
        body.run().await
    }

    #[circuit_breaker(failures = 2)]
    async fn replaces_the_breaker(&self, body: &Body) -> Res {
        body.run().await
    }

    // Known by what it is, not by what it is called.
    #[again(max = 1)]
    async fn replaces_under_another_name(&self, body: &Body) -> Res {
        body.run().await
    }

    #[policies(OFTEN)]
    async fn replaces_by_a_stack(&self, body: &Body) -> Res {
        body.run().await
    }

    #[resilient(skip)]
    #[retry(max = 1)]
    async fn skips_all(&self, body: &Body) -> Res {
        body.run().await
    }

    #[resilient(skip(circuit_breaker))]
    async fn skips_one(&self, body: &Body) -> Res {
        body.run().await
    }

    // Skipped, and written elsewhere: above the defaults.
    #[circuit_breaker(failures = 1)]
    #[resilient(skip(circuit_breaker))]
    async fn moves_one(&self, body: &Body) -> Res {
        body.run().await
    }

    // One that is no default is inside them.
    #[timeout("10ms")]
    async fn adds_inside(&self, body: &Body) -> Res {
        body.run().await
    }

    // Or where `#[resilient]` says.
    #[fallback(value = Ok(0))]
    #[resilient]
    #[timeout("10ms")]
    async fn adds_outside(&self, body: &Body) -> Res {
        body.run().await
    }

    fn blocking(body: &Body) -> Res {
        body.block()
    }

    #[resilient]
    fn blocking_too(&self, body: &Body) -> Res {
        body.block()
    }
}

#[resilient(policies(OFTEN), policies(BREAKER))]
impl Client {
    async fn under_stacks(&self, body: &Body) -> Res {
        body.run().await
    }

    #[circuit_breaker(failures = 5)]
    async fn replaces_in_a_stack(&self, body: &Body) -> Res {
        body.run().await
    }
}

#[resilient(circuit_breaker(name = "resilient: svcB", failures = 1))]
impl Client {
    async fn named(&self, body: &Body) -> Res {
        body.run().await
    }

    async fn another_named(&self, body: &Body) -> Res {
        body.run().await
    }
}

#[resilient(circuit_breaker(failures = 1, key = self.tenant))]
impl Client {
    async fn keyed(&self, body: &Body) -> Res {
        body.run().await
    }
}

#[resilient(retry(max = 4))]
mod module {
    use super::*;

    pub(super) async fn free(body: &Body) -> Res {
        body.run().await
    }

    #[resilient(retry(max = 1))]
    impl Client {
        pub(super) async fn nearest(&self, body: &Body) -> Res {
            body.run().await
        }
    }
}

// The outcome of a body that always fails, and how often it ran.
macro_rules! fails {
    ($method:ident) => {{
        let body = Body::new("F");
        let outcome = alone(ONE.$method(&body)).await;
        (outcome, body.runs())
    }};
}

#[tokio::test(start_paused = true)]
async fn the_first_is_the_outermost() {
    assert_eq!(fails!(plain), (OPEN, 3));
    assert_eq!(fails!(under_stacks), (OPEN, 2));
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_the_function_takes_the_place_of_the_default() {
    assert_eq!(fails!(replaces_both), (DOWN, 2));
    assert_eq!(fails!(replaces_the_breaker), (OPEN, 2));
    assert_eq!(fails!(replaces_under_another_name), (DOWN, 2));
    assert_eq!(fails!(replaces_by_a_stack), (OPEN, 3));
    assert_eq!(fails!(replaces_in_a_stack), (OPEN, 5));
}

#[tokio::test(start_paused = true)]
async fn what_is_skipped_is_not_there() {
    assert_eq!(fails!(skips_all), (DOWN, 2));
    assert_eq!(fails!(skips_one), (DOWN, 5));
    // The retries are one call to the breaker above them.
    assert_eq!(fails!(moves_one), (DOWN, 5));
}

#[tokio::test(start_paused = true)]
async fn what_is_no_default_is_inside_or_where_it_stands() {
    let slow = Body::taking("F", ms(20));
    assert_eq!((alone(ONE.adds_inside(&slow)).await, slow.runs(), slow.ended()), (OPEN, 3, 0));
    let slow = Body::taking("F", ms(20));
    assert_eq!((alone(ONE.adds_outside(&slow)).await, slow.runs()), (Ok(0), 3));
}

#[tokio::test(start_paused = true)]
async fn a_blocking_function_has_them_if_it_asks() {
    let body = Body::new("F");
    assert_eq!((Client::blocking(&body), body.runs()), (DOWN, 1));
    let body = Body::new("FFS");
    assert_eq!((ONE.blocking_too(&body), body.runs()), (Ok(3), 3));
}

#[tokio::test(start_paused = true)]
async fn a_name_is_of_all_functions_and_the_rest_of_each() {
    alone(async {
        assert_eq!(ONE.named(&Body::new("F")).await, DOWN);
        assert_eq!(ONE.another_named(&Body::new("S")).await, OPEN);
        assert_eq!(registry().circuit_breaker("resilient: svcB").unwrap().state(), State::Open);

        assert_eq!(ONE.plain(&Body::new("F")).await, OPEN);
        assert_eq!(ONE.replaces_under_another_name(&Body::new("S")).await, Ok(1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn defaults_see_the_receiver() {
    alone(async {
        assert_eq!(ONE.keyed(&Body::new("F")).await, DOWN);
        assert_eq!(ONE.keyed(&Body::new("S")).await, OPEN);
        assert_eq!(OTHER.keyed(&Body::new("S")).await, Ok(1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_nearest_block_counts() {
    assert_eq!(fails!(nearest), (DOWN, 2));
    let body = Body::new("F");
    assert_eq!((module::free(&body).await, body.runs()), (DOWN, 5));
}

#[test]
fn declarations_are_those_of_the_functions() {
    let of = |function: &str| {
        let path = format!("resilient::Client::{function}");
        let found = declarations().filter(|declared| declared.function().ends_with(&path));
        let mut found: Vec<_> =
            found.map(|declared| (declared.policy(), declared.options())).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(of("plain"), [("circuit_breaker", "failures = 3"), ("retry", "max = 4")]);
    assert_eq!(
        of("replaces_the_breaker"),
        [("circuit_breaker", "failures = 2"), ("retry", "max = 4")]
    );
    assert_eq!(of("skips_one"), [("retry", "max = 4")]);
    assert_eq!(of("blocking"), []);
}
