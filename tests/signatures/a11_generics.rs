//! Generics, a where clause, const generics, lifetimes, `?Sized`.

use std::fmt::{Debug, Display};

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn show<'a, T, U, const N: usize>(
    value: &'a T,
    other: &U,
    array: [u8; N],
) -> Result<(&'a T, String), String>
where
    T: Debug + Sync,
    U: Display + Sync + ?Sized,
{
    tokio::task::yield_now().await;
    RUNS.third()?;
    Ok((value, format!("{value:?} {other} {} {N}", array.len())))
}

#[tokio::test(start_paused = true)]
async fn borrows_generic_arguments() {
    let (value, text) = send(show(&1_u8, "text", [0; 4])).await.unwrap();
    assert_eq!((*value, text.as_str()), (1, "1 text 4 4"));
}
