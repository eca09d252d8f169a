use failsafe::retry as again;
use failsafe::{Rejected, resilient};

#[resilient(timeout("1s"))]
trait Client {
    #[again(max = 3)]
    async fn get(&self) -> Result<u32, Rejected>;
}

fn main() {}
