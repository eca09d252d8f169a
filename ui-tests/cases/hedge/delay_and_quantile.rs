use failsafe::hedge;

#[hedge("50ms", quantile = 0.95)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
