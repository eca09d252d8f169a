use failsafe::{Rejected, resilient};

struct Client;

#[resilient(retry(max = 3), timeout("1s"))]
impl Client {
    #[resilient]
    fn get(&self) -> Result<u32, Rejected> {
        Ok(1)
    }

    #[resilient]
    const fn new() -> Self {
        Self
    }

    fn plain(&self) -> u32 {
        1
    }
}

fn main() {}
