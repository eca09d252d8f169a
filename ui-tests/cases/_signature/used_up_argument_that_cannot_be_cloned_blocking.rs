use failsafe::retry;

struct Guard;

#[retry(max = 3)]
fn greeting(guard: Guard) -> Result<(), String> {
    drop(guard);
    Ok(())
}

fn main() {}
