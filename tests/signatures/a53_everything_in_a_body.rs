//! `select!`, `join!`, let-else, a raw pointer, spawn, macros, `&mut W`.

use std::io::Write;
use std::time::Duration;

use failsafe::{retry, timeout};

use super::support::Runs;

static RUNS: Runs = Runs::new();

#[derive(Default)]
struct Service {
    calls: u32,
}

impl Service {
    #[retry(max = 2)]
    #[timeout("1m")]
    async fn run<W: Write>(&mut self, out: &mut W, input: Option<String>) -> Result<u32, String> {
        let Some(input) = input else { return Err("none".into()) };
        self.calls += 1;
        writeln!(out, "{input} {}", self.calls).map_err(|error| error.to_string())?;
        let pointer = &raw const self.calls;
        assert!(!pointer.is_null());
        let spawned = tokio::spawn(async move { input.len() });
        let (length, ()) = tokio::join!(spawned, tokio::time::sleep(Duration::from_millis(1)));
        assert!(matches!(length, Ok(4)), "{}", self.calls);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(2)) => unreachable!(),
            run = async { RUNS.third() } => run.map(|run| run + self.calls),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn runs_three_times() {
    let mut out = Vec::new();
    let mut service = Service::default();
    assert_eq!(service.run(&mut out, Some("text".into())).await, Ok(6));
    assert_eq!(out, b"text 1\ntext 2\ntext 3\n");
}
