use failsafe::{Rejected, retry};

#[retry(max: 3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
