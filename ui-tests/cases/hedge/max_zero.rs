use failsafe::hedge;

#[hedge("50ms", max = 0)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[hedge(quantile = 0.9, age = 0, threshold = 0)]
async fn none() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
