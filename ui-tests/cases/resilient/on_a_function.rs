use failsafe::resilient;

#[resilient]
async fn outside() -> Option<u32> {
    None
}

#[resilient(skip)]
async fn outside_too() -> Option<u32> {
    None
}

#[resilient(retry(max = 3))]
async fn with_a_policy() -> Option<u32> {
    None
}

trait Get {
    #[resilient(skip)]
    async fn get(&self) -> Option<u32>;
}

#[resilient(retry)]
struct Client;

fn main() {}
