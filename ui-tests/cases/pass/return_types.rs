//! What a function may return.
#![deny(warnings)]

use failsafe::{Outcome, Reject, Rejected, circuit_breaker, retry, timeout};
use std::fmt::Display;
use std::io;

type Answer<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Debug)]
struct Response(u16);

impl Outcome for Response {
    fn is_failure(&self) -> bool {
        self.0 >= 500
    }
}

impl Reject for Response {
    fn reject(_: Rejected) -> Self {
        Self(503)
    }
}

#[retry(max = 1,)]
#[timeout("1s",)]
async fn of_io() -> io::Result<u32> {
    Ok(1)
}

#[retry()]
#[circuit_breaker]
async fn of_an_alias() -> Answer<u32> {
    Ok("1".parse()?)
}

#[retry]
#[timeout(1s)]
async fn of_anyhow() -> anyhow::Result<u32> {
    Ok(1)
}

#[retry(crate = failsafe)]
#[timeout("1s")]
async fn of_an_option() -> Option<impl Display> {
    Some("hello")
}

#[retry(max = 1)]
#[timeout("1s")]
async fn of_a_type_of_ours() -> Response {
    Response(200)
}

#[retry(max = 1, handle(0))]
async fn of_a_number() -> u32 {
    1
}

#[retry(max = 1)]
fn of_nothing() -> Result<(), String> {
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("{:?} {:?} {:?}", of_io().await, of_an_alias().await, of_anyhow().await);
    println!("{:?} {}", of_an_option().await.map(|text| text.to_string()), of_a_number().await);
    println!("{:?} {:?}", of_a_type_of_ours().await, of_nothing());
}
