use failsafe::{Cache, cache, policy};

static USERS: Cache<u64, String> = policy!(cache(key = id, ttl = "1m"));
static NAMES: Cache<u64, String> = policy!(cache(ttl = "1m"));

#[cache(NAMES)]
fn name(id: u64) -> Option<String> {
    Some(id.to_string())
}

#[cache(NAMES, key = id, ttl = "1m")]
fn user(id: u64) -> Option<String> {
    Some(id.to_string())
}

fn main() {}
