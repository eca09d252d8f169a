use failsafe::{Rejected, fallback};

#[fallback(with = |_| Ok(name))]
async fn greeting(name: String) -> Result<String, Rejected> {
    Ok(name)
}

fn main() {}
