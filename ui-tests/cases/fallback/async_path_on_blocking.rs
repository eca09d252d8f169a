use failsafe::{Failure, Rejected, fallback};

async fn unavailable(_failure: Failure<Result<String, Rejected>>) -> Result<String, Rejected> {
    Ok("unavailable".to_owned())
}

#[fallback(with = unavailable)]
fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
