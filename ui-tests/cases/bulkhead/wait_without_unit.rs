use failsafe::{Rejected, bulkhead};

#[bulkhead(10, wait = 5)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
