use failsafe::cache;

const NOTHING: u32 = 0;

#[cache(key = id, capacity = NOTHING)]
fn page(id: u64) -> u64 {
    id
}

fn main() {}
