use failsafe::{Rejected, retry};

#[retry(max = 3, delay = "1s", max = 4)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
