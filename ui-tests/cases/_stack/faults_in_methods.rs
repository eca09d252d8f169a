use failsafe::{Rejected, retry, timeout};

struct Client;

impl Client {
    #[retry(max = 3, delay = 5)]
    async fn greeting(&mut self) -> Result<String, Rejected> {
        Ok("hello".to_owned())
    }

    #[timeout("1sec")]
    async fn farewell(self) -> Result<String, Rejected> {
        Ok("bye".to_owned())
    }
}

fn main() {}
