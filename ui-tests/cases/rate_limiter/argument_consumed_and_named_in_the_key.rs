use failsafe::{Rejected, rate_limiter, retry};

#[retry(max = 3)]
#[rate_limiter(smooth = "100/s", key = tenant)]
async fn greeting(tenant: String) -> Result<String, Rejected> {
    Ok(tenant)
}

fn main() {}
