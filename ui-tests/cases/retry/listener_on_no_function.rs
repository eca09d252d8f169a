use failsafe::{Rejected, retry};

#[retry(on_retry)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(on_retry("retrying"))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(on_retry = "retrying")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
