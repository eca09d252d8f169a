use failsafe::{
    Bulkhead, Rejected, adaptive_limiter, adaptive_throttler, bulkhead, cache, fail_fast, hedge,
    policy, rate_limiter,
};

static PLACES: Bulkhead = policy!(bulkhead(10));
const REPORTS: &str = "reports";

type Greeting = Result<String, Rejected>;

#[bulkhead(PLACES)]
#[rate_limiter(name = "all", smooth = "100/s")]
#[bulkhead(&PLACES)]
async fn first() -> Greeting {
    Ok("hello".to_owned())
}

#[rate_limiter(name = REPORTS, smooth = "100/s")]
#[rate_limiter(name = REPORTS, smooth = "100/s")]
async fn second() -> Greeting {
    Ok("hello".to_owned())
}

#[fail_fast(name = "reports", failures = 3)]
#[fail_fast(name = "reports")]
async fn third() -> Greeting {
    Ok("hello".to_owned())
}

#[adaptive_limiter(name = "reports", limits = "1..100")]
#[adaptive_throttler(name = "reports", failure_rate = "10% in 1m")]
#[adaptive_throttler(name = "reports")]
#[adaptive_limiter(name = "reports")]
async fn fourth() -> Greeting {
    Ok("hello".to_owned())
}

#[cache(name = "reports", key = id)]
#[cache(name = "reports", key = id)]
async fn fifth(id: u64) -> u64 {
    id
}

#[hedge("1s", name = "reports")]
#[hedge("1s", name = "reports")]
async fn sixth() -> Greeting {
    Ok("hello".to_owned())
}

// Two keys are two instances.
#[rate_limiter(name = "both", smooth = "100/s", key = tenant)]
#[rate_limiter(name = "both", smooth = "100/s", key = user)]
async fn seventh(tenant: String, user: String) -> Greeting {
    Ok(tenant + &user)
}

fn main() {}
