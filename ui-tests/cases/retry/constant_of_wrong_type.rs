use failsafe::{Rejected, retry};

const PAUSE: u64 = 100;

#[retry(delay = PAUSE)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
