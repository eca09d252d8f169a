use failsafe::{Retry, policy};

static PATIENT: Retry = policy!(retry(max = 3), timeout("1s"));

fn main() {}
