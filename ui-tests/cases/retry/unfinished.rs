use failsafe::{Rejected, retry};

#[retry(max = )]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(max = , delay = "1s")]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(max = 3, delay = "1s" +)]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
