use failsafe::{Rejected, retry};

#[retry(max = MAX_RETRIES)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
