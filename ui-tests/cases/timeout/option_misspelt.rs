use failsafe::{Rejected, timeout};

#[timeout(limti = "1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[timeout("1s", on_timout = |_| {})]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
