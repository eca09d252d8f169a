use failsafe::{Rejected, retry};

#[retry(max = -1)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
