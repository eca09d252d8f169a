use failsafe::{Rejected, adaptive_throttler};

fn alert(service: &str) {
    println!("{service} sheds load");
}

#[adaptive_throttler(on_throttled = alert)]
async fn search(words: Vec<String>) -> Result<usize, Rejected> {
    Ok(words.len())
}

fn main() {}
