use failsafe::retry;

#[tokio::main]
#[retry(max = "3")]
async fn main() -> Result<(), String> {
    Ok(())
}
