use failsafe::{Budget, policy};

static SERVICE_A: Budget = policy!(budget(max_rat = "20%"));
static SERVICE_B: Budget = policy!(bugdet(max_rate = "20%"));
static SERVICE_C: Budget = policy!(budget(budget = 3));

fn main() {}
