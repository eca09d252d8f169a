use failsafe::{Rejected, retry};

#[retry(exhausted = "first")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(exhausted = 3)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
