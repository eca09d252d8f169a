use failsafe::hedge;

#[hedge("50ms", quantil = 0.9, hedges = 3)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
