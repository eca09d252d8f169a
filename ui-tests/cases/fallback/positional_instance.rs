use failsafe::{Fallback, Rejected, fallback};

static OFFLINE: Option<Fallback<String>> = None;

#[fallback(OFFLINE)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
