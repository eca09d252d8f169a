//! Inside `macro_rules!`: `$t:ty`, `$b:block`, `$lit`.

use failsafe::{circuit_breaker, retry, timeout};

use super::support::{Runs, send};

static RUNS: Runs = Runs::new();

macro_rules! resilient {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($arg:ident: $t:ty) -> $out:ty, $max:literal, $limit:literal, $b:block) => {
        $(#[$meta])*
        #[retry(max = $max)]
        #[circuit_breaker(name = $limit, failures = 5)]
        #[timeout("1s")]
        $vis async fn $name($arg: $t, _out: &mut $t) -> $out $b
    };
}

resilient! {
    /// Documented.
    pub(crate) fn get(add: u32) -> Result<u32, String>, 2, "a38", {
        tokio::task::yield_now().await;
        RUNS.third().map(|run| run + add)
    }
}

macro_rules! client {
    ($name:ident, $arg:ty) => {
        struct $name {
            last: u32,
        }

        impl $name {
            #[retry(max = 2)]
            async fn get(&mut self, by: $arg) -> Result<u32, String> {
                self.last += *by;
                if self.last == 3 { Ok(self.last) } else { Err("early".into()) }
            }
        }
    };
}

client!(Client, &mut u32);

#[tokio::test(start_paused = true)]
async fn expands() {
    assert_eq!(send(get(1, &mut 0)).await, Ok(4));
    assert_eq!(send(Client { last: 0 }.get(&mut 1)).await, Ok(3));
}
