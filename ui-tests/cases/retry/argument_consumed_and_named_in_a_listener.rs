use failsafe::retry;

#[retry(max = 3, on_retry = |_| println!("again for {name}"))]
async fn greeting(name: String) -> Result<String, String> {
    Ok(name)
}

#[retry(max = 3, abort_if = |_| name.is_empty())]
fn blocking(name: String) -> Result<String, String> {
    Ok(name)
}

fn main() {}
