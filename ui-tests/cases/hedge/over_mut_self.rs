use failsafe::hedge;

struct Client {
    calls: u32,
}

impl Client {
    #[hedge("50ms")]
    async fn call(&mut self) -> Result<u32, std::io::Error> {
        self.calls += 1;
        Ok(self.calls)
    }
}

fn main() {}
