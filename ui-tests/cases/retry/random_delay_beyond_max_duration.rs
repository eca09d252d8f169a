use failsafe::retry;

#[retry(max = 3, random_delay = "10s..20s", max_duration = "5s")]
async fn greeting() -> Option<String> {
    None
}

fn main() {}
