use failsafe::{Rejected, hedge};

const NONE: u32 = 0;

#[hedge(quantile = 0.9, age = NONE)]
async fn first(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

#[hedge("1s", max = NONE)]
async fn second(_id: u64) -> Result<u64, Rejected> {
    Ok(1)
}

fn main() {}
