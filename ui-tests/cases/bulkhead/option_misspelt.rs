use failsafe::{Rejected, bulkhead};

#[bulkhead(10, wiat = "1s")]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
