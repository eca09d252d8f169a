use failsafe::{Rejected, timeout};

#[timeout("1s", handle(Err(_)))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout("1s", cancel = true)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
