use failsafe::retry;

#[retry(max = 3, exhausted = "error")]
async fn greeting() -> Result<String, u16> {
    Err(503)
}

fn main() {}
