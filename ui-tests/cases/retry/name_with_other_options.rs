use failsafe::{Rejected, Retry, policy, retry};

static PATIENT: Retry = policy!(retry(name = "patient", max = 5, backoff = "1s..10s"));

#[retry(name = "patient", max = 5, backoff = "1s..20s", jitter = 0.1)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(PATIENT)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
