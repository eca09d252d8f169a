use failsafe::{Rejected, timeout};
use std::future::Future;
use std::pin::Pin;

#[timeout("1s")]
fn greeting(id: u64) -> Pin<Box<dyn Future<Output = Result<String, Rejected>>>> {
    if id == 0 {
        return Box::pin(async { Ok("nobody".to_owned()) });
    }
    let text = format!("hello {id}");
    Box::pin(std::future::ready(Ok(text)))
}

fn main() {}
