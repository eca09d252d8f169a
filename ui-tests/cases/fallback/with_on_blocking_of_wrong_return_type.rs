use failsafe::{Failure, Rejected, fallback};

fn unavailable(_failure: Failure<Result<String, Rejected>>) -> String {
    "unavailable".to_owned()
}

#[fallback(with = unavailable)]
fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
