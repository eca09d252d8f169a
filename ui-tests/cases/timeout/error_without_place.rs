use failsafe::timeout;

#[derive(Debug)]
struct ApiError;

#[timeout("1s")]
async fn greeting(id: u64) -> Result<String, ApiError> {
    Ok(format!("hello {id}"))
}

fn main() {}
