use failsafe::{Rejected, retry, timeout};

#[cfg_attr(all(), retry(max = 3, bakoff = "1s..10s"), timeout("1sec"))]
async fn greeting(id: u64) -> Result<String, Rejected> {
    Ok(format!("hello {id}"))
}

fn main() {}
