//! `&mut self` and `&mut Vec`.

use failsafe::{retry, timeout};

use super::support::send;

#[derive(Default)]
struct Service {
    runs: u32,
}

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn get(&mut self, out: &mut Vec<u32>) -> Result<u32, String> {
        self.runs += 1;
        out.push(self.runs);
        tokio::task::yield_now().await;
        self.check()
    }

    fn check(&mut self) -> Result<u32, String> {
        if self.runs == 3 { Ok(3) } else { Err("early".into()) }
    }
}

#[tokio::test(start_paused = true)]
async fn lends_per_attempt() {
    let (mut service, mut out) = (Service::default(), Vec::new());
    assert_eq!(send(service.get(&mut out)).await, Ok(3));
    // What failed attempts wrote is still there.
    assert_eq!(out, [1, 2, 3]);
}
