use failsafe::{Rejected, retry};

#[retry(hanlde(Err(_)))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
