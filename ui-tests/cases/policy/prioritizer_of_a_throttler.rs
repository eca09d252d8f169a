use failsafe::{AdaptiveThrottler, Prioritizer, policy};

static SHEDDING: Prioritizer = policy!(prioritizer(window = 1000));
static SEARCH: AdaptiveThrottler =
    policy!(adaptive_throttler(failure_rate = "10%", prioritizer = SHEDDING));

fn main() {}
