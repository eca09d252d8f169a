use failsafe::{Rejected, retry};

struct Client {
    name: String,
}

impl Client {
    #[retry(max = )]
    async fn greeting(&mut self) -> Result<String, Rejected> {
        let name = self.nam;
        Ok(name)
    }
}

fn main() {}
