use failsafe::{hedge, timeout};

#[timeout("50ms")]
#[hedge("100ms")]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[timeout("50ms")]
#[hedge("30ms")]
async fn fits() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
