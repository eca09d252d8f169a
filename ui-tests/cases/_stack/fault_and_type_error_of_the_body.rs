use failsafe::{Rejected, retry, timeout};

#[timeout("0s")]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(id)
}

#[retry(max = 3)]
async fn farewell(id: u64) -> Result<String, Rejected> {
    Ok(id)
}

fn main() {}
