use failsafe::{Rejected, retry};

trait Greeter {
    #[retry(max = 3)]
    async fn greeting(&self) -> Result<String, Rejected>;
}

fn main() {}
