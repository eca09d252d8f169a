use failsafe::{Prioritizer, policy};
use std::time::Duration;

const NONE: u32 = 0;
const AT_ONCE: Duration = Duration::ZERO;

static FIRST: Prioritizer = policy!(prioritizer(window = NONE));
static SECOND: Prioritizer = policy!(prioritizer(every = AT_ONCE));
static THIRD: Prioritizer = policy!(prioritizer(usage_window = AT_ONCE));
static FOURTH: Prioritizer = policy!(prioritizer(usage_window = "1m", max_users = NONE));

fn main() {}
