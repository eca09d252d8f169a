use failsafe::{Rejected, circuit_breaker, timeout};

struct Client;

impl Client {
    #[timeout("1s")]
    #[circuit_breaker(failures = 5)]
    pub const fn greeting(&self) -> Result<u32, Rejected> {
        Ok(7)
    }
}

const ANSWER: Result<u32, Rejected> = Client.greeting();

fn main() {}
