use failsafe::{Rejected, retry};

#[retry(max = 3, random_delay = "0s..5s", jitter = 0.1)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
