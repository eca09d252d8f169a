use failsafe::{Budget, policy};

const SHARE: f64 = 20.0;
static SERVICE_B: Budget = policy!(budget(max_rate = SHARE));

fn main() {}
