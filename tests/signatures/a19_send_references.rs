//! `Send` with `dyn Fn(&str)`, a guard, slices of references.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

#[retry(max = 2)]
#[timeout("1s")]
async fn visit(
    names: &[&str],
    see: &(dyn Fn(&str) -> usize + Send + Sync),
    lock: &tokio::sync::Mutex<usize>,
) -> Result<usize, String> {
    let mut guard = lock.lock().await;
    for name in names {
        *guard += see(name);
        tokio::task::yield_now().await;
    }
    RUNS.third()?;
    Ok(*guard)
}

#[tokio::test(start_paused = true)]
async fn is_send() {
    let task = tokio::spawn(async {
        let lock = tokio::sync::Mutex::new(0);
        let (one, two) = (String::from("a"), String::from("bc"));
        send(visit(&[&one, &two], &|name| name.len(), &lock)).await
    });
    assert_eq!(task.await.unwrap(), Ok(9));
}
