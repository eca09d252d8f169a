use failsafe::adaptive_throttler;

#[derive(Debug)]
struct Error;

#[adaptive_throttler(failure_rate = "10%")]
async fn search(words: Vec<String>) -> Result<usize, Error> {
    if words.is_empty() { Err(Error) } else { Ok(words.len()) }
}

fn main() {}
