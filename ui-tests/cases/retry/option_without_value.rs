use failsafe::{Rejected, retry};

#[retry(max)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(delay, max = 3)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
