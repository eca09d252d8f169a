use failsafe::hedge;

#[hedge("50ms", first = true)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
