use failsafe::{Prioritizer, policy};

static SHEDDING: Prioritizer = policy!(prioritizer(name = "shedding", window = 100));
static OTHER: Prioritizer = policy!(prioritizer(name = "shedding", window = 200));

fn main() {}
