use failsafe::{Rejected, retry};

#[retry(max = 3, attempts = 4)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
