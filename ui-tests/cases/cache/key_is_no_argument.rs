use failsafe::cache;

#[cache(key = (tenant, user))]
async fn page(tenant: &str, id: u64) -> Option<String> {
    Some(format!("{tenant} {id}"))
}

fn main() {}
