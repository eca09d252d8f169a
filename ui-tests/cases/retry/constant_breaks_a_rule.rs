use failsafe::{Rejected, retry};

const NONE: u32 = 0;

#[retry(attempts = NONE)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
