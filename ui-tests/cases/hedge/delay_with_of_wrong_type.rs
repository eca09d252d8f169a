use failsafe::hedge;

#[hedge(delay_with = |hedges| hedges * 10)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
