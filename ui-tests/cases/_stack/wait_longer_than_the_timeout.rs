use failsafe::{Rejected, adaptive_limiter, bulkhead, rate_limiter, timeout};

#[timeout("5s")]
#[bulkhead(10, wait = "10s")]
async fn first() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout("5s")]
#[rate_limiter(smooth = "100/s", wait = "1m")]
async fn second() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout("500ms")]
#[adaptive_limiter(queue = "2..3", wait = "1s")]
async fn third() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

// As long as the timeout lets it.
#[timeout("5s")]
#[bulkhead(10, wait = "5s")]
async fn all_of_it() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
