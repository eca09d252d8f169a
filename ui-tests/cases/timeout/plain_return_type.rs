use failsafe::timeout;

#[timeout("1s")]
async fn count() -> u32 {
    7
}

#[timeout("1s")]
async fn notify(user: &str) {
    println!("{user}");
}

fn main() {}
