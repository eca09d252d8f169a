use failsafe::{Rejected, retry};

#[retry(attempts = 0)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
