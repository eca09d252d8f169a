use failsafe::{Rejected, timeout};

#[timeout("1s", map_err(Rejected::from))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
