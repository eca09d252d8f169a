use failsafe::{Rejected, retry};

#[retry(max_rate = "20%", min_concurrency = 3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
