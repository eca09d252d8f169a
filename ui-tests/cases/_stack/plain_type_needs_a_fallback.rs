use failsafe::{circuit_breaker, retry, timeout};

#[retry(max = 3, handle_if = |count| *count == 0)]
#[circuit_breaker(failures = 5, handle_if = |count| *count == 0)]
#[timeout("1s")]
async fn count() -> u32 {
    7
}

fn main() {}
