use failsafe::{Rejected, circuit_breaker};

fn alert(service: &str) {
    println!("{service} is down");
}

#[circuit_breaker(failures = 5, on_open = alert)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[circuit_breaker(failures = 5, on_failure = alert)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
