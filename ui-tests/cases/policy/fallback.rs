use failsafe::{Fallback, policy};

static UNAVAILABLE: Fallback<u32> = policy!(fallback(value = 3));

fn main() {}
