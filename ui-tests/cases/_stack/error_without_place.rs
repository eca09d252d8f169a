use failsafe::{adaptive_limiter, bulkhead, cache, fail_fast, fallback, hedge, rate_limiter, retry};

#[derive(Debug, Clone)]
struct Error;

#[bulkhead(10)]
async fn first() -> Result<u32, Error> {
    Ok(1)
}

#[rate_limiter(smooth = "100/s")]
async fn second() -> Result<u32, Error> {
    Ok(1)
}

#[fail_fast(failures = 3)]
async fn third() -> Result<u32, Error> {
    Ok(1)
}

#[adaptive_limiter(limits = "1..10")]
fn fourth() -> Result<u32, Error> {
    Ok(1)
}

// These reject nothing by themselves.
#[fallback(value = Ok(0))]
#[retry(max = 1)]
#[hedge("1s")]
#[cache(key = ())]
async fn fifth() -> Result<u32, Error> {
    Ok(1)
}

fn main() {}
