use failsafe::{Budget, Retry, policy};

static SERVICE_B: Budget = policy!(budget);
static PATIENT: Retry = policy!(retry(max = 3, budget = SERVICE_B));

fn main() {}
