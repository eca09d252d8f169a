use failsafe::retry;

#[retry(handle(Err(code) if))]
async fn greeting() -> Result<String, u16> {
    Ok("hello".to_owned())
}

#[retry(handle(|error| true))]
async fn farewell() -> Result<String, u16> {
    Ok("bye".to_owned())
}

fn main() {}
