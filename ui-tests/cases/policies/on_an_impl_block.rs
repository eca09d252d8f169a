use failsafe::{policies, stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

struct Client;

#[policies(PAYMENTS)]
impl Client {
    async fn pay(&self) {}
}

#[policies(PAYMENTS)]
trait Payer {
    #[policies(PAYMENTS)]
    async fn pay(&self);
}

#[policies(PAYMENTS)]
async fn refund() -> Option<u32> {
    Some(1)
}

fn main() {}
