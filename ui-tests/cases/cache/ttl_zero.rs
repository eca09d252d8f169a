use failsafe::cache;

#[cache(key = id, ttl = "0s")]
fn page(id: u64) -> u64 {
    id
}

#[cache(key = id, ttl = 30)]
fn other(id: u64) -> u64 {
    id
}

fn main() {}
