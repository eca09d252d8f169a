use failsafe::timeout as deadline;
use failsafe::{self as fs, Rejected};

#[deadline("1sec")]
#[fs::retry(max_attempts = 3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
