use failsafe::{Rejected, resilient};

struct Form;

#[resilient(retry(max = 3))]
trait Client {
    async fn send(&self, form: Form) -> Result<u32, Rejected>;
    async fn look(&self, form: &Form) -> Result<u32, Rejected>;
}

fn main() {}
