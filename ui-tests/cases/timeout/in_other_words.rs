use failsafe::{Rejected, timeout};

#[timeout(secs = 5)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout(true)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[timeout(1.5)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
