use failsafe::hedge;

#[hedge(50)]
async fn call() -> Result<u32, std::io::Error> {
    Ok(1)
}

fn main() {}
