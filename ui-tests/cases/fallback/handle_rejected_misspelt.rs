use failsafe::{Rejected, fallback};

#[fallback(value = Ok(String::new()), handle_rejected(Kind::CircuitClosed))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
