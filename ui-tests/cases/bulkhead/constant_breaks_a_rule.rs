use failsafe::{Rejected, bulkhead};

const PLACES: u32 = 0;

#[bulkhead(max = PLACES)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
