use failsafe::cache;

#[cache(key = id, capacity = 0)]
fn page(id: u64) -> u64 {
    id
}

#[cache(key = id, capacity = -5)]
fn negative(id: u64) -> u64 {
    id
}

fn main() {}
