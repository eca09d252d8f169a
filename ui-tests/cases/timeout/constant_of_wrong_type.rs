use failsafe::{Rejected, timeout};

const LIMIT: u64 = 10;

#[timeout(LIMIT)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
