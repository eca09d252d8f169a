use failsafe::cache;

#[cache(ttl = "30s")]
async fn page(tenant: &str, id: u64) -> Option<String> {
    Some(format!("{tenant} {id}"))
}

#[cache]
fn one(id: u64) -> u64 {
    id
}

#[cache(capacity = 10)]
fn none() -> u64 {
    7
}

fn main() {}
