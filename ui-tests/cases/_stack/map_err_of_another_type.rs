use failsafe::timeout;

#[timeout("1s", map_err = |rejected| rejected.to_string())]
async fn greeting() -> Result<String, std::fmt::Error> {
    Ok("hello".to_owned())
}

fn main() {}
