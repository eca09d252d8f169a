//! `&mut self` and a consumed `String`.

use failsafe::{retry, timeout};

use super::support::send;

#[derive(Default)]
struct Service {
    tokens: Vec<String>,
}

impl Service {
    #[retry(max = 2)]
    #[timeout("1s")]
    async fn put(&mut self, token: String) -> Result<usize, String> {
        self.tokens.push(token);
        tokio::task::yield_now().await;
        if self.tokens.len() == 3 { Ok(3) } else { Err("early".into()) }
    }
}

#[tokio::test(start_paused = true)]
async fn both() {
    let mut service = Service::default();
    assert_eq!(send(service.put("t".into())).await, Ok(3));
    assert_eq!(service.tokens, ["t", "t", "t"]);
}
