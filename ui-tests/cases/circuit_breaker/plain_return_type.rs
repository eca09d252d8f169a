use failsafe::circuit_breaker;

#[circuit_breaker(failures = 5)]
async fn count() -> u32 {
    7
}

fn main() {}
