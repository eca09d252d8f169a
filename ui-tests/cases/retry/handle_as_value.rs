use failsafe::{Rejected, retry};

#[retry(handle = Err(_))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(abort = is_fatal)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
