use failsafe::retry;

struct Counter {
    calls: u32,
}

impl Counter {
    #[retry(max = 3)]
    async fn greeting(&self) -> Result<(), String> {
        self.calls += 1;
        Ok(())
    }
}

fn main() {}
