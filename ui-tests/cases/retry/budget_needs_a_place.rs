use failsafe::{Budget, policy, retry};

static SERVICE_B: Budget = policy!(budget);

#[retry(budget = SERVICE_B)]
async fn greeting() -> Result<String, std::fmt::Error> {
    Ok("hello".to_owned())
}

fn main() {}
