use failsafe::retry;

#[retry(max = 3)]
async fn greeting<B: Into<String>>(body: B) -> Result<String, String> {
    Ok(body.into())
}

fn main() {}
