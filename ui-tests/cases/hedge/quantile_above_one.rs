use failsafe::hedge;

#[hedge(quantile = 1.5)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[hedge(quantile = 95)]
async fn percent() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[hedge(quantile = "fast")]
async fn word() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
