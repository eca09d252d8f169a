use failsafe::{Rejected, resilient};

struct Client;

#[resilient(timeout("1s"))]
impl Client {
    async fn connect() -> Self {
        Self
    }

    async fn get(&self) -> Result<u32, Rejected> {
        Ok(1)
    }

    #[resilient(skip)]
    async fn plain() -> Self {
        Self
    }
}

fn main() {}
