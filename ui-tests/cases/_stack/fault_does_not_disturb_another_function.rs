use failsafe::{Rejected, retry, timeout};

#[timeout("0s")]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(format!("hello {id}"))
}

#[retry(max = 3)]
#[timeout("10s")]
async fn farewell(id: u64) -> Result<String, Rejected> {
    greeting(id).await
}

fn main() {}
