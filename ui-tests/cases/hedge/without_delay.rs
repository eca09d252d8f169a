use failsafe::hedge;

#[hedge(max = 2)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[hedge]
async fn bare() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
