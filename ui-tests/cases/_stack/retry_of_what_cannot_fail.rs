use failsafe::{Reject, Rejected, retry, timeout};

struct Answer(u32);

impl Reject for Answer {
    fn reject(_: Rejected) -> Self {
        Self(0)
    }
}

#[timeout("1s")]
#[retry(max = 2)]
async fn ask() -> Answer {
    Answer(1)
}

fn main() {}
