use failsafe::fallback;

#[fallback(error = "unavailable")]
async fn greeting() -> Option<String> {
    Some("hello".to_owned())
}

fn main() {}
