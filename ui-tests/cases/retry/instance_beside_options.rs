use failsafe::{Rejected, Retry, policy, retry};

static PATIENT: Retry = policy!(retry(max = 5, delay = "1s"));

#[retry(PATIENT, max = 3, name = "patient")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
