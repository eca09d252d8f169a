use failsafe::{Rejected, fallback};

#[fallback(value = )]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[fallback(value = Ok(String::new()).)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[fallback(with)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
