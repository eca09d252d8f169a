use failsafe::{Rejected, retry};

#[retry(handle())]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(handle)]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

fn main() {}
