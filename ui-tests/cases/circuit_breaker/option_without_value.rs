use failsafe::{Rejected, circuit_breaker};

#[circuit_breaker(failures, delay = )]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures(5), handle = Err(_), on_open)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
