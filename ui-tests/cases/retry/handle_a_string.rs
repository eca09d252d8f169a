use failsafe::retry;

#[retry(handle("timed out"))]
async fn greeting() -> Result<String, String> {
    Err("timed out".to_owned())
}

fn main() {}
