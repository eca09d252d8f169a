use failsafe::{Rejected, retry};

#[retry(max_duration = "0s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
