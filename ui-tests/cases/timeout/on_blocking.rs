use failsafe::{Rejected, timeout};

#[timeout("1s")]
fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
