use failsafe::{retry, timeout};

#[tokio::main]
#[retry(max = "3")]
#[timeout(1)]
async fn main() -> Result<(), String> {
    Ok(())
}
