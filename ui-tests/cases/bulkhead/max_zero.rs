use failsafe::{Rejected, bulkhead};

#[bulkhead(0)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
