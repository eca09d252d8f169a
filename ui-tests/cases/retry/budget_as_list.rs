use failsafe::{Rejected, retry};

#[retry(budget(max_rate = "20%"))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
