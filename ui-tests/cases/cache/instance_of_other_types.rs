use failsafe::{Bulkhead, Cache, cache, policy};

static USERS: Cache<u64, String> = policy!(cache(capacity = 10));
static PLACES: Bulkhead = policy!(bulkhead(10));

#[cache(USERS, key = name)]
fn key(name: &str) -> Option<String> {
    Some(name.to_owned())
}

#[cache(USERS, key = id)]
fn value(id: u64) -> Option<u32> {
    u32::try_from(id).ok()
}

#[cache(PLACES, key = id)]
fn bulkhead(id: u64) -> u64 {
    id
}

fn main() {}
