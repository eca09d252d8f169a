use failsafe::{Rejected, retry};

#[retry(3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry("3")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
