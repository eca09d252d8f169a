use failsafe::{Rejected, retry};

#[retry(delay = "1s", jitter = 1.5)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(delay = "1s", jitter = -0.1)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(delay = "1s", jitter = "20%")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
