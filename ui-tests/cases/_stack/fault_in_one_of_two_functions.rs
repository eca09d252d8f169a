use failsafe::{Rejected, circuit_breaker, retry};

#[retry(max = three)]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(format!("hello {id}"))
}

#[circuit_breaker(name = "svcB", failures = 5)]
async fn farewell(id: u64) -> Result<String, Rejected> {
    let text: u64 = greeting(id).await?;
    Ok(format!("bye {text}"))
}

fn main() {}
