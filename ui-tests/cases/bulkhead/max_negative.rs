use failsafe::{Rejected, bulkhead};

#[bulkhead(-1)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
