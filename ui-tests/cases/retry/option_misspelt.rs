use failsafe::{Rejected, retry};

#[retry(max = 3, bakoff = "1s..10s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
