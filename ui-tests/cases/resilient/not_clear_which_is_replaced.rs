use failsafe::{resilient, timeout};

struct Client;

#[resilient(timeout("1m"), retry(max = 3), timeout("1s"))]
impl Client {
    #[timeout("2s")]
    async fn one_for_two(&self) -> Option<u32> {
        None
    }

    #[resilient(skip(timeout))]
    #[timeout("2s")]
    async fn right(&self) -> Option<u32> {
        None
    }
}

#[resilient(timeout("1m"))]
impl Client {
    #[timeout("2s")]
    #[timeout("1s")]
    async fn two_for_one(&self) -> Option<u32> {
        None
    }
}

fn main() {}
