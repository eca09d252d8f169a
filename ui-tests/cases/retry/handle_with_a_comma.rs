use failsafe::retry;

#[retry(handle(Err(502), Err(503)))]
async fn greeting() -> Result<String, u16> {
    Err(503)
}

#[retry(handle(Err(code) if code > 500 else))]
async fn farewell() -> Result<String, u16> {
    Err(503)
}

fn main() {}
