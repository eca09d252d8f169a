use failsafe::{Rejected, retry};

#[retry(max = 5_000_000_000)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(attempts = 4294967296)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
