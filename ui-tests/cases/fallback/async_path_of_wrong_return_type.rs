use failsafe::{Failure, Rejected, fallback};

async fn unavailable(_failure: Failure<Result<String, Rejected>>) -> String {
    "unavailable".to_owned()
}

#[fallback(with = unavailable)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
