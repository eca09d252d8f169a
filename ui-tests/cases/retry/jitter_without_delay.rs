use failsafe::{Rejected, retry};

#[retry(max = 3, jitter = 0.2)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
