use failsafe::{Rejected, resilient};
use std::pin::Pin;

struct Client;

#[resilient(timeout("1s"))]
impl Client {
    fn early(&self, now: bool) -> Pin<Box<dyn Future<Output = Result<u32, Rejected>> + '_>> {
        if now {
            return Box::pin(async { Ok(1) });
        }
        Box::pin(self.later())
    }

    #[resilient(skip)]
    async fn later(&self) -> Result<u32, Rejected> {
        Ok(2)
    }

    async fn serve(&self) -> ! {
        std::future::pending().await
    }

    #[resilient(skip)]
    async fn serve_plainly(&self) -> std::convert::Infallible {
        std::future::pending().await
    }

    const fn new() -> Self {
        Self
    }
}

fn main() {}
