//! Stacks that are named once, and used by many functions: their order, their state, and what they see.

use failsafe::circuit_breaker::State;
use failsafe::{circuit_breaker, declarations, policies, registry, retry};

use crate::support::*;

mod stacks {
    pub(super) const RETRIES: u32 = 2;

    failsafe::stack! {
        /// The policies of one host.
        pub(super) OF_A_HOST =
            #[retry(max = crate::behaviour::named_stacks::stacks::RETRIES, delay = "10ms")]
            #[circuit_breaker(name = "stacks: host", failures = 2)];

        pub(super) UNNAMED = #[circuit_breaker(failures = 1)];

        // One stack in another, with more above and below.
        pub(super) PATIENT =
            #[fallback(with = |_| Ok(answer), handle_rejected(Kind::CircuitOpen))]
            #[policies(crate::behaviour::named_stacks::stacks::OF_A_HOST)]
            #[timeout("1s")];

        pub(super) OF_A_TENANT = #[circuit_breaker(failures = 1, key = self.tenant)];
    }
}

use stacks::{OF_A_HOST, UNNAMED};

guarded!(
    #[policies(OF_A_HOST)]
    host
);
guarded!(
    #[retry(max = 2, delay = "10ms")]
    #[circuit_breaker(name = "stacks: written", failures = 2)]
    written
);
guarded!(
    #[circuit_breaker(failures = 9)]
    #[policies(stacks::OF_A_HOST)]
    #[retry(max = 1)]
    around
);

#[policies(UNNAMED)]
async fn unnamed(body: &Body) -> Res {
    body.run().await
}

#[policies(UNNAMED)]
async fn another_unnamed(body: &Body) -> Res {
    body.run().await
}

#[policies(stacks::PATIENT)]
async fn patient(body: &Body, answer: u32) -> Res {
    body.run().await
}

struct Client {
    tenant: &'static str,
}

impl Client {
    #[policies(stacks::OF_A_TENANT)]
    async fn call(&self, body: &Body) -> Res {
        body.run().await
    }
}

// A stack is the attributes it is made of.
#[tokio::test(start_paused = true)]
async fn a_stack_does_what_its_policies_do() {
    for script in ["S", "FS", "FFS", "F", "FFFS"] {
        assert_eq!(call!(host, script), call!(written, script), "{script}");
    }
    assert_eq!(call!(host, "F"), (OPEN, 2));
}

// It is the same code, so its future is as large.
#[tokio::test(start_paused = true)]
async fn a_stack_costs_what_its_policies_cost() {
    let body = Body::new("S");
    assert_eq!(size_of_val(&host::run(&body)), size_of_val(&written::run(&body)));
}

// The stack is where its attribute is: the inner retry counts as one call of the breaker of the stack.
#[tokio::test(start_paused = true)]
async fn a_stack_stands_where_its_attribute_does() {
    assert_eq!(call!(around, "F"), (OPEN, 4));
}

#[tokio::test(start_paused = true)]
async fn a_name_is_shared_and_the_rest_is_of_each_function() {
    alone(async {
        assert_eq!(host::run(&Body::new("F")).await, OPEN);
        assert_eq!(around::run(&Body::new("S")).await, OPEN);
        assert_eq!(registry().circuit_breaker("stacks: host").unwrap().state(), State::Open);

        assert_eq!(unnamed(&Body::new("F")).await, DOWN);
        assert_eq!(unnamed(&Body::new("S")).await, OPEN);
        assert_eq!(another_unnamed(&Body::new("S")).await, Ok(1));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_stack_in_a_stack_stands_between_its_neighbours() {
    alone(async {
        let body = Body::new("F");
        assert_eq!(patient(&body, 7).await, Ok(7));
        assert_eq!(body.runs(), 2);
    })
    .await;
}

// What a stack says of parameters and `self` is about those of the function.
#[tokio::test(start_paused = true)]
async fn a_stack_sees_the_receiver() {
    alone(async {
        let [one, other] = ["one", "other"].map(|tenant| Client { tenant });
        assert_eq!(one.call(&Body::new("F")).await, DOWN);
        assert_eq!(one.call(&Body::new("S")).await, OPEN);
        assert_eq!(other.call(&Body::new("S")).await, Ok(1));
    })
    .await;
}

// Each function has its declarations, at its own place.
#[test]
fn declarations_are_those_of_the_functions() {
    let place = |function: &str| {
        let of = declarations().filter(|declared| declared.function().ends_with(function));
        let mut of: Vec<_> = of.map(|declared| (declared.line(), declared.policy())).collect();
        of.sort_unstable();
        of
    };
    let unnamed = place("named_stacks::unnamed");
    let another = place("named_stacks::another_unnamed");
    assert_eq!((unnamed.len(), another.len()), (1, 1));
    assert!(unnamed[0].0 < another[0].0, "{unnamed:?}, {another:?}");
    let patient: Vec<_> =
        place("named_stacks::patient").iter().map(|(_, policy)| *policy).collect();
    assert_eq!(patient, ["circuit_breaker", "fallback", "retry", "timeout"]);
}

// Written out of order: the names are found wherever they are declared.
mod before_its_declaration {
    use super::*;

    #[policies(later::LATER)]
    async fn early(body: &Body) -> Res {
        body.run().await
    }

    mod later {
        failsafe::stack! { pub(super) LATER = #[retry(max = 3)] }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stack_may_be_declared_later() {
        assert_eq!(early(&Body::new("FFFS")).await, Ok(4));
    }
}

// A stack of a function, and one that is imported under another name.
#[tokio::test(start_paused = true)]
async fn a_stack_has_the_scope_of_its_declaration() {
    use stacks::OF_A_HOST as HOST;

    failsafe::stack! { LOCAL = #[retry(max = 4)] }

    #[policies(LOCAL)]
    async fn local(body: &Body) -> Res {
        body.run().await
    }

    #[policies(HOST)]
    async fn renamed(body: &Body) -> Res {
        body.run().await
    }

    assert_eq!(local(&Body::new("FFFFS")).await, Ok(5));
    alone(async { assert_eq!(renamed(&Body::new("FS")).await, Ok(2)) }).await;
}
