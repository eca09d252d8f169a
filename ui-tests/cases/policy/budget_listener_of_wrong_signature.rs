use failsafe::{Budget, policy};

static SERVICE_B: Budget = policy!(budget(on_budget_exceeded = || println!("exceeded")));

fn main() {}
