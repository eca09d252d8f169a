use failsafe::retry;

#[retry(handle_if = |outcome| outcome.as_ref().err())]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

#[retry(handle_if = true)]
async fn farewell() -> Result<String, String> {
    Ok("bye".to_owned())
}

fn main() {}
