use failsafe::retry;

fn is_transient(error: &String) -> bool {
    error.contains("timed out")
}

#[retry(handle_if = is_transient)]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

fn main() {}
