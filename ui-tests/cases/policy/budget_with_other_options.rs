use failsafe::{Budget, policy};

static ONE: Budget = policy!(budget(name = "svcB", max_rate = "20%", min_concurrency = 1));
static OTHER: Budget = policy!(budget(name = "svcB", max_rate = "20%", min_concurrency = 2));

fn main() {}
