use failsafe::{CircuitBreaker, Rejected, circuit_breaker};

struct Client {
    breaker: CircuitBreaker,
}

impl Client {
    #[circuit_breaker(self.braker)]
    async fn greeting(&self) -> Result<String, Rejected> {
        Ok(format!("{:?}", self.breaker.state()))
    }
}

fn main() {}
