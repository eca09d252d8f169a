use crate::support::*;
use failsafe::fail_fast;

#[fail_fast(name = "fail fast: two", failures = 2)]
async fn two(body: &Body) -> Res {
    body.run().await
}
