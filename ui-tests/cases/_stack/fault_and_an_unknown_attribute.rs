use failsafe::{Rejected, retry};

#[retry(max = "3")]
#[rate_limit(5)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
