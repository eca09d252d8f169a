use failsafe::{Rejected, bulkhead};

#[bulkhead()]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
