//! Destructuring patterns, `mut` inside them, `_`.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

struct Point {
    x: u32,
    y: u32,
}

#[retry(max = 2)]
#[timeout("1s")]
async fn sum(
    (mut a, b): (u32, u32),
    Point { x, y: mut z }: Point,
    [first, ..]: [u32; 3],
    _: String,
    &c: &u32,
    (left, right): &mut (u32, u32),
) -> Result<u32, String> {
    a += 1;
    z += 1;
    *left += 1;
    *right += 1;
    tokio::task::yield_now().await;
    RUNS.third().map(|_| a + b + x + z + first + c + *left)
}

#[tokio::test(start_paused = true)]
async fn binds_all() {
    let mut pair = (0, 0);
    let point = Point { x: 1, y: 1 };
    let out = send(sum((1, 1), point, [1, 2, 3], String::new(), &1, &mut pair)).await;
    assert_eq!(out, Ok(2 + 1 + 1 + 2 + 1 + 1 + 3));
    assert_eq!(pair, (3, 3));
}
