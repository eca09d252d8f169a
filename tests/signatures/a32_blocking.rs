//! Blocking methods: `&self`, `&mut self`, lifetimes.

use failsafe::{circuit_breaker, fallback, retry};

use super::support::Runs;

#[derive(Default)]
struct Service {
    name: String,
    runs: Runs,
    calls: u32,
}

impl Service {
    #[retry(max = 2)]
    #[circuit_breaker(name = "a32", failures = 5)]
    fn shared(&self, token: String) -> Result<String, String> {
        let run = self.runs.third()?;
        Ok(token + &run.to_string())
    }

    #[retry(max = 2)]
    fn exclusive(&mut self, out: &mut Vec<u32>, mut add: u32) -> Result<u32, String> {
        self.calls += 1;
        add += self.calls;
        out.push(add);
        if self.calls == 3 { Ok(add) } else { Err("early".into()) }
    }

    #[fallback(with = |_| Ok("none"))]
    #[retry(max = 2)]
    fn borrowed<'a>(&'a self, other: &'a str) -> Result<&'a str, String> {
        if self.name.is_empty() { Err("empty".into()) } else { Ok(other) }
    }
}

#[test]
fn run_three_times() {
    let mut service = Service::default();
    assert_eq!(service.shared("t".into()).unwrap(), "t3");
    let mut out = Vec::new();
    assert_eq!(service.exclusive(&mut out, 10), Ok(13));
    assert_eq!(out, [11, 12, 13]);
    assert_eq!(service.borrowed("other"), Ok("none"));
}
