use failsafe::{Rejected, retry};

#[retry(max = -1, dealy = "1s", jitter = 2, max_duration = "1 lightyear", handle)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
