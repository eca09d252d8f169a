use failsafe::{Rejected, retry, timeout};

#[timeout("1s")]
#[retry(delay = "2s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
