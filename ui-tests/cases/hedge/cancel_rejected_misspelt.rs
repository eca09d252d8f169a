use failsafe::hedge;

#[hedge("50ms", cancel_rejected(Kind::CircuitOpened))]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
