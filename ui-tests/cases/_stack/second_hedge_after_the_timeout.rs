use failsafe::{Rejected, hedge, timeout};

#[timeout("2s")]
#[hedge("1s", max = 3)]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
