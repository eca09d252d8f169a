use failsafe::cache;

#[cache(key = id, cache_if = |found: &String| !found.is_empty())]
fn page(id: u64) -> Option<String> {
    Some(id.to_string())
}

#[cache(key = id, cache_if = |found| found)]
fn other(id: u64) -> Option<String> {
    Some(id.to_string())
}

fn main() {}
