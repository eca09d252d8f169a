use failsafe::fallback;

#[fallback(error = "unavailable")]
async fn greeting() -> Result<String, std::io::Error> {
    Ok("hello".to_owned())
}

fn main() {}
