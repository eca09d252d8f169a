use failsafe::{Rejected, fallback, retry, timeout};
use std::rc::Rc;

#[retry(max = 3)]
#[timeout("1s")]
async fn with_an_argument(name: Rc<str>) -> Result<usize, Rejected> {
    Ok(name.len())
}

#[timeout("1s", on_timeout = |_| println!("{}", Rc::new(1)))]
async fn with_a_listener(name: String) -> Result<usize, Rejected> {
    Ok(name.len())
}

#[fallback(with = async |_| {
    let nobody = Rc::new(0);
    std::future::ready(()).await;
    Ok(*nobody)
})]
async fn with_a_fallback(name: String) -> Result<usize, Rejected> {
    Ok(name.len())
}

fn main() {
    tokio::spawn(with_an_argument("you".into()));
    tokio::spawn(with_a_listener("you".into()));
    tokio::spawn(with_a_fallback("you".into()));
}
