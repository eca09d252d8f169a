use failsafe::{Rejected, retry};

#[retry(handle_rejected(Kind::TimeOut))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

#[retry(abort_rejected(Kind::CircutOpen | Kind::Offline))]
async fn farewell() -> Result<String, Rejected> {
    Ok("bye".to_owned())
}

#[retry(handle_rejected())]
async fn nod() -> Result<String, Rejected> {
    Ok("nods".to_owned())
}

fn main() {}
