use failsafe::retry;

#[retry(max = 3)]
async fn count() -> u32 {
    7
}

#[retry(max = 3)]
async fn notify(user: &str) {
    println!("{user}");
}

fn main() {}
