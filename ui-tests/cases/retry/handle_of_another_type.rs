use failsafe::retry;

#[retry(handle(Err(503)))]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

#[retry(max = 3, abort(None))]
async fn farewell() -> Result<String, String> {
    Ok("bye".to_owned())
}

fn main() {}
