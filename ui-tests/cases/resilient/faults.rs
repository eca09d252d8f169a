use failsafe::{Rejected, resilient};

struct Client;

#[resilient(retyr(max = 3), circuit_breaker(failures = "5/3"), timeout("1sec"))]
impl Client {
    async fn get(&self) -> Result<u32, Rejected> {
        Ok(1)
    }

    #[resilient(skip)]
    async fn plain(&self) -> Result<u32, Rejected> {
        self.get().await
    }
}

#[resilient(circuit_breaker(failures = "5/3"), timeout("1sec"), retry(max = 3, delay = "10s", bakoff = "1s"))]
impl Client {
    async fn put(&self) -> Result<u32, Rejected> {
        self.plain().await
    }
}

#[resilient(timeout("1s"), retry(max = 2, delay = "1s"), fallback(value = Ok(1)))]
impl Client {
    async fn post(&self) -> Result<u32, Rejected> {
        self.put().await
    }
}

fn main() {}
