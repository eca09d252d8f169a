use failsafe::hedge;

struct Stream;

impl Stream {
    #[hedge("50ms")]
    async fn next(self: std::pin::Pin<&mut Self>) -> Option<u32> {
        None
    }
}

fn main() {}
