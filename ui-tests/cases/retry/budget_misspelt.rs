use failsafe::{Budget, Rejected, policy, retry};

static SERVICE_B: Budget = policy!(budget);

#[retry(bugdet = SERVICE_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
