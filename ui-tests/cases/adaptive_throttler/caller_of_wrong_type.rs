use failsafe::{Prioritizer, Rejected, adaptive_throttler, policy};

static SHEDDING: Prioritizer = policy!(prioritizer(window = 1000));

struct Tenant;

#[adaptive_throttler(prioritizer = SHEDDING, priority = id)]
async fn lookup(id: u64) -> Result<u64, Rejected> {
    Ok(id)
}

#[adaptive_throttler(prioritizer = SHEDDING, level = name)]
async fn search(name: String) -> Result<usize, Rejected> {
    Ok(name.len())
}

#[adaptive_throttler(prioritizer = SHEDDING, user = tenant)]
async fn export(tenant: Tenant) -> Result<(), Rejected> {
    drop(tenant);
    Ok(())
}

fn main() {}
