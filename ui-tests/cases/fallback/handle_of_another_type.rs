use failsafe::{Rejected, fallback};

#[fallback(value = Ok(String::new()), handle(None))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
