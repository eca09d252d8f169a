use failsafe::retry;

#[retry(abort_if = |error: &String| error.is_empty())]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

fn main() {}
