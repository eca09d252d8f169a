use failsafe::cache;

#[cache(name = "users", key = id, ttl = "1m")]
fn user(id: u64) -> u64 {
    id
}

#[cache(name = "users", key = id, ttl = "2m")]
fn owner(id: u64) -> u64 {
    id
}

fn main() {}
