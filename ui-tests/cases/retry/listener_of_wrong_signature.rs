use failsafe::retry;

fn log() {}

#[retry(on_retry = log)]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

fn main() {}
