use failsafe::{Prioritizer, Rejected, adaptive_throttler, policy};

static SHEDDING: Prioritizer = policy!(prioritizer(window = 1000));

#[adaptive_throttler(prioritizer = "shedding")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

#[adaptive_throttler(prioritizer = SHEDDING, priority = "urgent")]
async fn lookup(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

#[adaptive_throttler(prioritizer = SHEDDING, level = 700)]
async fn export(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

fn main() {}
