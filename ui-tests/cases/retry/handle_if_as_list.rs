use failsafe::{Rejected, retry};

#[retry(handle_if(is_transient))]
async fn greeting() -> Result<String, Rejected> {
    Ok("hello".to_owned())
}

fn main() {}
