use failsafe::{Rejected, retry};

#[retry(on_retry = || println!("again"))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(on_retry = |event| println!("{}", event.number()))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
