use failsafe::{retry, timeout};

#[retry(max = 3)]
struct Client;

#[retry(max = 3)]
enum Answer {
    Yes,
}

#[timeout("1s")]
impl Client {
    async fn greeting(&self) {}
}

#[retry(max = 3)]
mod client {}

#[retry(max = 3)]
const LIMIT: u32 = 3;

#[retry(max = 3)]
static CLIENT: Client = Client;

#[retry(max = 3)]
type Alias = Client;

#[retry(max = 3)]
trait Greeter {}

fn main() {}
