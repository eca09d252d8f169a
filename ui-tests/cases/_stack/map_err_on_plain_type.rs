use failsafe::timeout;

#[timeout("1s", map_err = |rejected| rejected.to_string())]
async fn count() -> u32 {
    7
}

fn main() {}
