use failsafe::{CircuitBreaker, Rejected, circuit_breaker};

struct Client {
    breaker: CircuitBreaker,
}

impl Client {
    #[circuit_breaker(self.breaker)]
    async fn greeting(&mut self) -> Result<String, Rejected> {
        self.reconnect();
        Ok("hello".to_owned())
    }

    fn reconnect(&mut self) {}
}

fn main() {}
