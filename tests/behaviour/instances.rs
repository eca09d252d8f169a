//! Instances that an attribute names: statics, fields, `Arc`s; and what is shared by them.

use std::sync::{Arc, LazyLock};

use failsafe::circuit_breaker::State;
use failsafe::{CircuitBreaker, Retry, Timeout, circuit_breaker, policy, registry, retry, timeout};

use crate::support::*;

static SVC_B: CircuitBreaker = policy!(circuit_breaker(name = "instances: svcB", failures = 2));
static UNNAMED: CircuitBreaker =
    policy!(circuit_breaker(failures = 3, on_open = |_| OPENED.add("open")));
static OFTEN: Retry = policy!(retry(max = 4, delay = "10ms"));
static SHORT: Timeout = policy!(timeout("100ms", name = "instances: short"));
static LAZY: LazyLock<CircuitBreaker> =
    LazyLock::new(|| CircuitBreaker::builder().failures(2).build());
static OPENED: Notes = Notes::new();

#[circuit_breaker(SVC_B)]
async fn by_static(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(name = "instances: svcB")]
async fn by_name(body: &Body) -> Res {
    body.run().await
}

#[circuit_breaker(LAZY)]
fn by_lazy(body: &Body) -> Res {
    body.block()
}

#[retry(OFTEN)]
#[circuit_breaker(UNNAMED)]
#[timeout(&SHORT)]
async fn by_three(body: &Body) -> Res {
    body.run().await
}

// A static is the breaker of its name; a blocking function may name one too.
#[tokio::test(start_paused = true)]
async fn a_static_is_the_instance_of_its_name() {
    alone(async {
        assert_eq!(by_static(&Body::new("F")).await, DOWN);
        assert_eq!(by_name(&Body::new("F")).await, DOWN);
        assert_eq!(
            (by_static(&Body::new("S")).await, by_name(&Body::new("S")).await),
            (OPEN, OPEN)
        );
        assert_eq!((SVC_B.state(), SVC_B.name().as_str()), (State::Open, "instances: svcB"));
        registry().circuit_breaker("instances: svcB").unwrap().close();
        assert_eq!(SVC_B.state(), State::Closed);
    })
    .await;
    assert_eq!((by_lazy(&Body::new("F")), by_lazy(&Body::new("F"))), (DOWN, DOWN));
    assert_eq!(by_lazy(&Body::new("S")), OPEN);
}

// Retries and timeouts can be named once and used often.
#[tokio::test(start_paused = true)]
async fn every_policy_can_be_a_static() {
    alone(async {
        let body = Body::taking("S", ms(500));
        assert_eq!((by_three(&body).await, body.runs()), (OPEN, 3));
        assert_eq!(body.gaps(), [110, 110]);
        assert_eq!(OPENED.take(), ["open"]);
        assert_eq!((UNNAMED.state(), SHORT.name()), (State::Open, "instances: short"));
        assert!(
            UNNAMED.name().starts_with("behaviour::behaviour::instances"),
            "{}",
            UNNAMED.name()
        );
    })
    .await;
}

struct Client {
    breaker: CircuitBreaker,
    shared: Arc<CircuitBreaker>,
    retry: Retry,
    timeout: Timeout,
}

impl Client {
    fn new(shared: &Arc<CircuitBreaker>) -> Self {
        Self {
            breaker: CircuitBreaker::builder().failures(2).build(),
            shared: Arc::clone(shared),
            retry: Retry::builder().max(1).build(),
            timeout: Timeout::builder("100ms").build(),
        }
    }

    #[circuit_breaker(self.breaker)]
    async fn own(&self, body: &Body) -> Res {
        body.run().await
    }

    #[circuit_breaker(self.shared, handle(Err(Error::State)))]
    async fn of_all(&self, body: &Body) -> Res {
        body.run().await
    }

    #[retry(self.retry, on_retry = |_| notes.add("retry"))]
    #[circuit_breaker(&self.breaker)]
    #[timeout(self.timeout)]
    async fn three(&self, body: &Body, notes: &Notes) -> Res {
        body.run().await
    }

    #[retry(self.retry)]
    fn blocking(&mut self, body: &Body) -> Res {
        body.block()
    }
}

#[circuit_breaker(breaker)]
async fn by_argument(breaker: &CircuitBreaker, body: &Body) -> Res {
    body.run().await
}

// A field is the breaker of its owner; an `Arc` field that of all who hold it. Conditions and listeners are written where
// it is used.
#[tokio::test(start_paused = true)]
async fn a_field_is_the_instance_of_its_owner() {
    let shared = Arc::new(CircuitBreaker::builder().build());
    let (one, mut two) = (Client::new(&shared), Client::new(&shared));
    assert_eq!((one.own(&Body::new("F")).await, one.own(&Body::new("F")).await), (DOWN, DOWN));
    assert_eq!((one.own(&Body::new("S")).await, two.own(&Body::new("S")).await), (OPEN, Ok(1)));
    assert_eq!(one.of_all(&Body::new("F")).await, DOWN);
    assert_eq!(one.of_all(&Body::new("T")).await, Err(Error::State));
    assert_eq!(
        (one.of_all(&Body::new("S")).await, two.of_all(&Body::new("S")).await),
        (OPEN, OPEN)
    );
    let notes = Notes::new();
    let slow = Body::taking("S", ms(500));
    assert_eq!((two.three(&slow, &notes).await, slow.runs()), (TIMED_OUT, 2));
    assert_eq!((notes.take(), two.breaker.state()), (vec!["retry".to_owned()], State::Open));
    let body = Body::new("F");
    assert_eq!((two.blocking(&body), body.runs()), (DOWN, 2));
    assert_eq!(by_argument(&shared, &Body::new("S")).await, OPEN);
}
