use failsafe::cache;

#[cache(key = id, capacity = 10, store = Vec::<u64>::new())]
fn page(id: u64) -> u64 {
    id
}

fn main() {}
