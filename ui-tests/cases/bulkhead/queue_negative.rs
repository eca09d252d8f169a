use failsafe::{Rejected, bulkhead};

#[bulkhead(10, wait = "1s", queue = -1)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
