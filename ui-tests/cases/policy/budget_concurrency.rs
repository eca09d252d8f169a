use failsafe::{Budget, policy};

static SERVICE_A: Budget = policy!(budget(min_concurrency = -1));
static SERVICE_B: Budget = policy!(budget(min_concurrency = "3"));

fn main() {}
