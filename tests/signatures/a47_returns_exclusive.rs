//! Run once, returning a `&mut` borrow.

use failsafe::{circuit_breaker, timeout};

use super::support::send;

#[derive(Default)]
struct Service {
    items: Vec<u32>,
}

impl Service {
    #[circuit_breaker(name = "a47", failures = 5)]
    #[timeout("1s")]
    async fn first(&mut self) -> Result<&mut u32, String> {
        tokio::task::yield_now().await;
        self.items.first_mut().ok_or_else(|| "empty".to_owned())
    }

    #[circuit_breaker(name = "a47 blocking", failures = 5)]
    fn blocking(&mut self) -> Option<&mut u32> {
        self.items.first_mut()
    }
}

#[tokio::test(start_paused = true)]
async fn lends_it_out() {
    let mut service = Service { items: vec![1] };
    *send(service.first()).await.unwrap() += 1;
    *service.blocking().unwrap() += 1;
    assert_eq!(service.items, [3]);
}
