use failsafe::{policies, stack};

stack! {
    OR_NOTHING = #[fallback(value = 0)] #[timeout("10s")]
}

#[policies(OR_NOTHING)]
async fn count() -> u32 {
    1
}

#[policies(OR_NOTHING)]
async fn name() -> String {
    "one".to_owned()
}

fn main() {}
