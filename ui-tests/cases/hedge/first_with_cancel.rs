use failsafe::hedge;

#[hedge("50ms", first, cancel(Ok(_)))]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
