use failsafe::{Rejected, cache, retry};

#[retry]
#[cache(key = name)]
async fn greeting(name: String) -> Result<String, Rejected> {
    Ok(name + "!")
}

fn main() {}
