use failsafe::{Budget, policy};

static SERVICE_A: Budget = policy!(budget(max_rate = "120%"));
static SERVICE_B: Budget = policy!(budget(max_rate = 1.5));
static SERVICE_C: Budget = policy!(budget(max_rate = 20));
static SERVICE_D: Budget = policy!(budget(max_rate = "0.2"));
static SERVICE_E: Budget = policy!(budget(max_rate = "a fifth"));

fn main() {}
