use failsafe::{Rejected, fallback};

#[fallback("unavailable")]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(|_| Ok(String::new()))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[fallback(unavailable)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
