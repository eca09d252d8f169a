use failsafe::circuit_breaker;

type Answer<T> = Result<T, std::num::ParseIntError>;

#[circuit_breaker(failures = 5)]
async fn parse(text: &str) -> Answer<u32> {
    text.parse()
}

fn main() {}
