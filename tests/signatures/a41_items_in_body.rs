//! Items, statics and `#![allow]` in the body.

use failsafe::{retry, timeout};

use super::support::{Runs, send};

#[retry(max = 2)]
#[timeout("1s")]
async fn get(input: &str) -> Result<u32, String> {
    #![allow(unused_variables, reason = "the attribute has to move with the body")]
    #![allow(clippy::no_effect_underscore_binding, reason = "likewise")]
    use std::fmt::Write as _;
    static RUNS: Runs = Runs::new();
    const ADD: u32 = 1;
    fn helper(run: u32) -> u32 {
        run + ADD
    }
    struct Local {
        run: u32,
    }
    impl Local {
        fn plus(&self) -> u32 {
            helper(self.run)
        }
    }
    macro_rules! local {
        ($run:expr) => {
            Local { run: $run }
        };
    }

    let unused = 1;
    let mut text = String::new();
    write!(text, "{input}").map_err(|error| error.to_string())?;
    tokio::task::yield_now().await;
    RUNS.third().map(|run| local!(run).plus())
}

#[tokio::test(start_paused = true)]
async fn stay_there() {
    assert_eq!(send(get("text")).await, Ok(4));
}
