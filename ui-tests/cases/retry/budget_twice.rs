use failsafe::{Budget, Rejected, policy, retry};

static SERVICE_B: Budget = policy!(budget);

#[retry(budget = SERVICE_B, budget = SERVICE_B)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
