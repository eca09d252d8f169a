use failsafe::cache;

#[cache(key = id, store = Vec::<u64>::new())]
fn page(id: u64) -> u64 {
    id
}

fn main() {}
