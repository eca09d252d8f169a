use failsafe::hedge;

const HIGH: f64 = 1.0;

#[hedge(quantile = HIGH)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
