use failsafe::{Rejected, retry};

#[retry(max = 3, budget = SERVICE_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
