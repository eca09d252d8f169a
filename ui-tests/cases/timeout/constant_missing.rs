use failsafe::{Rejected, timeout};

#[timeout(LIMIT)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
