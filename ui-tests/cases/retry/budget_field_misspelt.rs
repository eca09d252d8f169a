use failsafe::{Budget, Rejected, retry};

struct Client {
    budget: Budget,
}

impl Client {
    #[retry(budget = self.bugdet)]
    async fn greeting(&self) -> Result<String, Rejected> {
        Ok("hello".to_owned())
    }
}

fn main() {}
