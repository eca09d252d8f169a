use failsafe::{Retry, Rejected, hedge, policy};

static TWICE: Retry = policy!(retry(max = 2));

#[hedge(TWICE)]
async fn search() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
