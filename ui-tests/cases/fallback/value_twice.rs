use failsafe::{Rejected, fallback};

#[fallback(value = Ok(String::new()), value = Ok("unavailable".to_owned()))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
