use failsafe::{Rejected, fallback};

#[fallback(value = Ok(String::new()))]
#[fallback(with = |_| Ok(String::new()))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
