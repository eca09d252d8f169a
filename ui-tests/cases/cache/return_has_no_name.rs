use failsafe::cache;

#[cache(key = upto)]
fn numbers(upto: u64) -> impl Iterator<Item = u64> + Clone {
    0..upto
}

fn main() {}
