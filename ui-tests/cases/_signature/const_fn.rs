use failsafe::{Rejected, retry};

#[retry(max = 3)]
const fn greeting() -> Result<u32, Rejected> {
    Ok(7)
}

fn main() {}
