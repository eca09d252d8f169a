use failsafe::{Rejected, fallback, resilient};

struct Client;

#[resilient(retry(max = 3), timeout("1s"))]
impl Client {
    #[fallback(value = Ok(0))]
    async fn get(&self) -> Result<u32, Rejected> {
        Ok(1)
    }

    #[fallback(value = Ok(0))]
    #[resilient]
    async fn right(&self) -> Result<u32, Rejected> {
        Ok(1)
    }
}

fn main() {}
