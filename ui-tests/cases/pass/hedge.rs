//! What a hedge can stand on.

#![deny(missing_docs, unsafe_code, warnings)]

use failsafe::{Budget, Hedge, hedge, policy, retry};
use std::time::Duration;

const DELAY: Duration = Duration::from_millis(50);

static READS: Hedge = policy!(hedge(quantile = "95%", threshold = 5, first));
static BUDGET: Budget = policy!(budget());

/// A client.
pub struct Client;

impl Client {
    /// By a constant; consumed and borrowed arguments.
    #[hedge(delay = DELAY, max = 2, budget = BUDGET, cancel(Ok(n) if *n > 1), cancel_if = |r| r.is_err())]
    pub async fn constant(&self, text: &str, mut owned: String) -> Result<usize, std::io::Error> {
        owned.push_str(text);
        Ok(owned.len())
    }

    /// By an instance.
    #[retry(max = 2)]
    #[hedge(READS)]
    #[retry(delay = "1ms")]
    pub async fn instance<T: Clone + Send>(&self, item: T) -> Result<T, std::io::Error> {
        Ok(item)
    }

    /// Without a failure case, and with an unused exclusive argument.
    #[hedge(delay_with = |hedges| Duration::from_millis(u64::from(hedges) * 10))]
    pub async fn plain(self: std::sync::Arc<Self>, _: &mut u32) -> u32 {
        1
    }
}

fn assert_send<T: Send>(_: T) {}

fn main() {
    let client = Client;
    assert_send(client.constant("a", String::new()));
    assert_send(client.instance(7));
}
