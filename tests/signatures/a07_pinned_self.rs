//! `mut self: Pin<&mut Self>`.

use std::pin::Pin;

use failsafe::{retry, timeout};

#[derive(Default)]
struct Service {
    runs: u32,
}

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn run(mut self: Pin<&mut Self>, other: Pin<&mut Self>) -> Result<u32, String> {
        self.as_mut().get_mut().runs += 1;
        other.get_mut().runs += 10;
        tokio::task::yield_now().await;
        let runs = self.runs;
        if runs == 3 { Ok(runs) } else { Err("early".into()) }
    }
}

#[tokio::test(start_paused = true)]
async fn reborrows_the_pin() {
    let (mut one, mut two) = (Service::default(), Service::default());
    assert_eq!(Pin::new(&mut one).run(Pin::new(&mut two)).await, Ok(3));
    assert_eq!((one.runs, two.runs), (3, 30));
}
