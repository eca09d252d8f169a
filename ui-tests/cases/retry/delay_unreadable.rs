use failsafe::{Rejected, retry};

#[retry(delay = "")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(delay = "a while")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(delay = "1.2.3s")]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

#[retry(delay = "99999999999999999999d")]
async fn wave() -> Result<String, Rejected> {
    Ok("waves".to_owned())
}

fn main() {}
