use failsafe::retry;

struct Buffer(Vec<u8>);

impl Buffer {
    #[retry(max = 3)]
    async fn first(&mut self) -> Result<&mut u8, String> {
        self.0.first_mut().ok_or_else(|| "empty".to_owned())
    }
}

fn main() {}
