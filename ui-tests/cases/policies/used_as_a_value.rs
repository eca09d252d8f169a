use failsafe::{stack};

stack! {
    PAYMENTS = #[retry(max = 3)] #[timeout("10s")]
}

fn main() {
    let _ = failsafe::with(PAYMENTS);
    PAYMENTS!();
}
