use failsafe::{Rejected, retry};

#[retry(delay = "1sec")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(delay = 1x)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(delay = "250 MS")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
