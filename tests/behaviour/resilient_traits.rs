//! Decorators: policies around any implementation of a trait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use failsafe::{Kind, Rejected, declarations, resilient, retry};

use crate::support::*;

#[resilient(retry(max = 2), circuit_breaker(failures = 3, key = self.inner().host()), timeout("1s"))]
#[async_trait::async_trait]
trait Service: Send + Sync {
    fn host(&self) -> &str;

    async fn call(&self, body: &Body) -> Res;

    #[retry(max = 1)]
    async fn twice(&self, body: &Body) -> Res;

    #[resilient(skip)]
    async fn once(&self, body: &Body) -> Res;

    // An implementation may have its own.
    async fn default_call(&self, _: &Body) -> Res {
        Ok(u32::MAX)
    }
}

struct Host(&'static str);

#[async_trait::async_trait]
impl Service for Host {
    fn host(&self) -> &str {
        self.0
    }

    async fn call(&self, body: &Body) -> Res {
        body.run().await
    }

    async fn twice(&self, body: &Body) -> Res {
        body.run().await
    }

    async fn once(&self, body: &Body) -> Res {
        body.run().await
    }

    async fn default_call(&self, body: &Body) -> Res {
        body.run().await
    }
}

#[tokio::test(start_paused = true)]
async fn each_method_has_the_policies() {
    alone(async {
        let service = ResilientService::new(Host("a"));
        for (script, outcome, runs) in [("FFS", Ok(3), 3), ("F", DOWN, 3)] {
            let body = Body::new(script);
            assert_eq!((service.call(&body).await, body.runs()), (outcome, runs));
        }
        let body = Body::new("F");
        assert_eq!((service.twice(&body).await, body.runs()), (DOWN, 2));
        let body = Body::new("F");
        assert_eq!((service.once(&body).await, body.runs()), (DOWN, 1));
        // What an implementation has of its own is used.
        let body = Body::new("FS");
        assert_eq!((service.default_call(&body).await, body.runs()), (Ok(2), 2));
        assert_eq!(
            ResilientService::new(Host("slow")).call(&Body::taking("S", ms(2000))).await,
            TIMED_OUT
        );
    })
    .await;
}

// The state is that of the method, so decorators share it unless a key tells them apart.
#[tokio::test(start_paused = true)]
async fn a_key_tells_implementations_apart() {
    alone(async {
        let hosts: Vec<Arc<dyn Service>> = vec![
            Arc::new(Host("one")),
            Arc::new(ResilientService::new(Host("one"))),
            Arc::new(Host("other")),
        ];
        let [one, same, other] = [0, 1, 2].map(|at| ResilientService::of(Arc::clone(&hosts[at])));
        assert_eq!(one.call(&Body::new("F")).await, DOWN);
        assert_eq!(one.call(&Body::new("S")).await, OPEN);
        assert_eq!(same.call(&Body::new("S")).await, OPEN);
        assert_eq!(other.call(&Body::new("S")).await, Ok(1));
        // What is inside has no policies but its own.
        assert_eq!(one.inner().call(&Body::new("S")).await, Ok(1));
        assert_eq!(same.into_inner().host(), "one");
    })
    .await;
}

#[resilient(retry(max = 2))]
trait Counter {
    async fn add(&mut self, by: u32) -> Result<u32, Rejected>;
    fn total(&self) -> u32;
}

struct Flaky {
    total: u32,
    left: AtomicU32,
}

impl Counter for Flaky {
    async fn add(&mut self, by: u32) -> Result<u32, Rejected> {
        self.total += by;
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left == 0 { Ok(self.total) } else { shed().await }
    }

    fn total(&self) -> u32 {
        self.total
    }
}

#[failsafe::timeout("1ms")]
async fn shed() -> Result<u32, Rejected> {
    std::future::pending().await
}

// What a failed attempt wrote stays written, as under a retry on the method itself.
#[tokio::test(start_paused = true)]
async fn an_exclusive_receiver_is_lent_to_each_attempt() {
    let mut counter = ResilientCounter::new(Flaky { total: 0, left: AtomicU32::new(2) });
    assert_eq!(counter.add(5).await.unwrap(), 15);
    counter.inner_mut().left = AtomicU32::new(9);
    assert_eq!(counter.add(1).await.unwrap_err().kind(), Kind::Timeout);
    assert_eq!(counter.total(), 18);
    let mut flaky = counter.into_inner();
    flaky.left = AtomicU32::new(0);
    assert_eq!(ResilientCounter::of(&mut flaky).add(0).await.unwrap(), 18);
}

// In the list they are methods of the decorator.
#[test]
fn declarations_name_the_method() {
    let functions: Vec<_> = declarations()
        .filter(|declared| declared.function().contains("resilient_traits::ResilientCounter"))
        .map(|declared| (declared.policy(), declared.function()))
        .collect();
    assert_eq!(functions.len(), 1, "{functions:?}");
    assert!(functions[0].1.ends_with("::add"), "{functions:?}");
}
