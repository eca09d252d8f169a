use failsafe::circuit_breaker;

struct Client;

impl Client {
    #[circuit_breaker(failures = 5)]
    fn greeting(&self) -> Result<String, std::fmt::Error> {
        Ok("hello".to_owned())
    }
}

fn main() {}
