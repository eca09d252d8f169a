use failsafe::cache;

#[cache(key = id, tll = "30s")]
fn page(id: u64) -> u64 {
    id
}

#[cache(key = id, max_size = 10)]
fn other(id: u64) -> u64 {
    id
}

fn main() {}
