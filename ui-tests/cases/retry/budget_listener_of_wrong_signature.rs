use failsafe::{Budget, Rejected, policy, retry};

static SERVICE_B: Budget = policy!(budget);

#[retry(budget = SERVICE_B, on_budget_exceeded = || println!("exceeded"))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
