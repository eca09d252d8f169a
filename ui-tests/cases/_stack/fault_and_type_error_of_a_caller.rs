use failsafe::{Rejected, retry};

#[retry(max = 3, bakoff = "1s..10s")]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(format!("hello {id}"))
}

async fn welcome() -> Result<usize, Rejected> {
    let text = greeting("seven").await?;
    Ok(text.len())
}

fn main() {}
