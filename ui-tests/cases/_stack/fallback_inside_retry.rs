use failsafe::{Rejected, fallback, retry};

#[retry(max = 3)]
#[fallback(value = Ok(String::new()))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
