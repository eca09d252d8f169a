use failsafe::{Rejected, timeout};

#[timeout("1s", on_timeout = log)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
