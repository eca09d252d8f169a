use failsafe::{Rejected, retry};

#[retry(random_delay = "5s..1s")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
