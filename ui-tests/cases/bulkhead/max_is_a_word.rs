use failsafe::{Rejected, bulkhead};

#[bulkhead("ten")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
