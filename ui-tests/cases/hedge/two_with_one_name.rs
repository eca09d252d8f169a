use failsafe::hedge;

#[hedge("50ms", name = "reads")]
async fn one() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[hedge("60ms", name = "reads")]
async fn other() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
