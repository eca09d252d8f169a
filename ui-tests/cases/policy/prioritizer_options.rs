use failsafe::{Prioritizer, policy};

static SERVICE_A: Prioritizer = policy!(prioritizer(window = 0));
static SERVICE_B: Prioritizer = policy!(prioritizer(every = "0s"));
static SERVICE_C: Prioritizer = policy!(prioritizer(every = 500));
static SERVICE_D: Prioritizer = policy!(prioritizer(max_users = 10));
static SERVICE_E: Prioritizer = policy!(prioritizer(windw = 10));
static SERVICE_F: Prioritizer = policy!(prioritizer(usage_window = "1ns"));

fn main() {}
