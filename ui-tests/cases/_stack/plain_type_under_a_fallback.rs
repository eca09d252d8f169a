use failsafe::{fallback, retry};

#[fallback(value = 0)]
#[retry(max = 3)]
async fn count() -> u32 {
    7
}

fn main() {}
