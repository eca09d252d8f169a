use failsafe::hedge;

#[hedge("50ms", age = 20, threshold = 5)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
