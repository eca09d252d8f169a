use failsafe::{Rejected, fail_fast};
use std::rc::Rc;

async fn ping() -> bool {
    let up = Rc::new(true);
    std::future::ready(()).await;
    *up
}

#[fail_fast(probe = ping)]
async fn path() -> Result<u32, Rejected> {
    Ok(1)
}

fn main() {}
