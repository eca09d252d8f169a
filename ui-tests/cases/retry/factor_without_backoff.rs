use failsafe::{Rejected, retry};

#[retry(delay = "1s", factor = 3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
