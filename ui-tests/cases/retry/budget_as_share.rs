use failsafe::{Rejected, retry};

#[retry(budget = "20%")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(budget = 0.2)]
async fn farewell() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
