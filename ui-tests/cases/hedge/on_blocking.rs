use failsafe::hedge;

#[hedge("50ms")]
fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
