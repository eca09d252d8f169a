use failsafe::{CircuitBreaker, Rejected, timeout};

struct Client {
    breaker: CircuitBreaker,
}

impl Client {
    #[timeout(self.breaker)]
    async fn greeting(&self) -> Result<String, Rejected> {
        Ok("hello".to_owned())
    }
}

fn main() {}
