use failsafe::retry;

#[retry(delay_with = |_| 3)]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

fn main() {}
