//! Attributes inside `macro_rules!`.
#![deny(warnings)]

use failsafe::{Rejected, circuit_breaker, fallback, retry, timeout};

macro_rules! client {
    ($(#[$meta:meta])* $name:ident($argument:ident: $of:ty) -> $returns:ty $body:block, $max:literal, $failure:pat, $else:expr) => {
        $(#[$meta])*
        #[fallback(with = |_| $else)]
        #[retry(max = $max, handle($failure))]
        #[circuit_breaker(name = "svcB", failures = 5)]
        #[timeout("1s")]
        async fn $name($argument: $of) -> $returns $body
    };
}

client!(
    /// Greets.
    greeting(id: u64) -> Result<String, Rejected> { Ok(format!("hello {id}")) },
    3,
    Err(_),
    Ok(String::new())
);
client!(farewell(name: &str) -> Option<String> { Some(name.to_owned()) }, 3, None, None);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    println!("{:?} {:?}", greeting(7).await, farewell("you").await);
}
