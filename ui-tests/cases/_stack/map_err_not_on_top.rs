use failsafe::{retry, timeout};

#[retry(max = 3)]
#[timeout("1s", map_err = |rejected| rejected.to_string())]
async fn greeting() -> Result<String, String> {
    Ok("hello".to_owned())
}

fn main() {}
