//! The topmost attribute is the outermost policy, however the attributes were named and whatever stands between them.
//!
//! The body always fails. With `retry` outside, the breaker opens after its 2 failures and refuses the other attempts:
//! the body runs 2 times. With the breaker outside, it sees one call of 5 attempts.

use std::sync::atomic::{AtomicU32, Ordering};

use failsafe as fs;
use failsafe::circuit_breaker as cb;
use failsafe::retry as r;

/// The body ran while the breaker let it.
const RETRY_OUTSIDE: u32 = 2;
/// The body ran for each attempt.
const BREAKER_OUTSIDE: u32 = 5;

/// A body which counts its runs, and fails.
#[derive(Debug, Default)]
struct Body(AtomicU32);

impl Body {
    fn run(&self) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Err("always".to_owned())
    }

    fn runs(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Asserts how often the body ran in one call of a function.
macro_rules! assert_runs {
    ($function:path, $runs:expr) => {{
        let body = Body::default();
        assert!($function(&body).await.is_err());
        assert_eq!(body.runs(), $runs);
    }};
}

mod plain {
    use super::Body;
    use failsafe::{circuit_breaker, retry};

    #[retry(max = 4)]
    #[circuit_breaker(name = "order: plain", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[circuit_breaker(name = "order: plain below", failures = 2)]
    #[retry(max = 4)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[retry(max = 4)]
    #[circuit_breaker(name = "order: blocking", failures = 2)]
    pub(crate) fn blocking_retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[circuit_breaker(name = "order: blocking below", failures = 2)]
    #[retry(max = 4)]
    pub(crate) fn blocking_breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn plain() {
    assert_runs!(plain::retry_above, RETRY_OUTSIDE);
    assert_runs!(plain::breaker_above, BREAKER_OUTSIDE);
}

#[test]
fn blocking() {
    let body = Body::default();
    assert!(plain::blocking_retry_above(&body).is_err());
    assert_eq!(body.runs(), RETRY_OUTSIDE);
    let body = Body::default();
    assert!(plain::blocking_breaker_above(&body).is_err());
    assert_eq!(body.runs(), BREAKER_OUTSIDE);
}

mod renamed_crate {
    use super::{Body, fs};

    #[fs::retry(max = 4)]
    #[fs::circuit_breaker(name = "order: crate", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[fs::circuit_breaker(name = "order: crate below", failures = 2)]
    #[fs::retry(max = 4)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn renamed_crate() {
    assert_runs!(renamed_crate::retry_above, RETRY_OUTSIDE);
    assert_runs!(renamed_crate::breaker_above, BREAKER_OUTSIDE);
}

mod named_crate {
    use super::{Body, cb, fs, r};

    // Any attribute of the stack may say where the crate is.
    #[r(max = 4, crate = fs)]
    #[cb(name = "order: crate path", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[cb(name = "order: crate path below", failures = 2)]
    #[r(max = 4, crate = crate::fs)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn named_crate() {
    assert_runs!(named_crate::retry_above, RETRY_OUTSIDE);
    assert_runs!(named_crate::breaker_above, BREAKER_OUTSIDE);
}

mod renamed_attributes {
    use super::{Body, cb, r};

    #[r(max = 4)]
    #[cb(name = "order: renamed", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[cb(name = "order: renamed below", failures = 2)]
    #[failsafe::retry(max = 4)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn renamed_attributes() {
    assert_runs!(renamed_attributes::retry_above, RETRY_OUTSIDE);
    assert_runs!(renamed_attributes::breaker_above, BREAKER_OUTSIDE);
}

mod conditional {
    use super::{Body, cb, r};

    #[cfg_attr(all(), r(max = 4))]
    #[cfg_attr(any(), failsafe::timeout("1s"))]
    #[cb(name = "order: cfg_attr", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[cfg_attr(all(), cb(name = "order: cfg_attr below", failures = 2), r(max = 4))]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn conditional() {
    assert_runs!(conditional::retry_above, RETRY_OUTSIDE);
    assert_runs!(conditional::breaker_above, BREAKER_OUTSIDE);
}

mod prelude {
    pub(crate) use failsafe::{circuit_breaker as breaker, retry};
}

mod re_exported {
    use super::{Body, prelude};

    #[prelude::retry(max = 4)]
    #[prelude::breaker(name = "order: prelude", failures = 2)]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[prelude::breaker(name = "order: prelude below", failures = 2)]
    #[prelude::retry(max = 4)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn re_exported() {
    assert_runs!(re_exported::retry_above, RETRY_OUTSIDE);
    assert_runs!(re_exported::breaker_above, BREAKER_OUTSIDE);
}

mod instrumented {
    use super::{Body, cb, r};

    #[tracing::instrument]
    #[r(max = 4)]
    #[cb(name = "order: instrument above", failures = 2)]
    pub(crate) async fn above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[r(max = 4)]
    #[tracing::instrument]
    #[cb(name = "order: instrument between", failures = 2)]
    pub(crate) async fn between(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[r(max = 4)]
    #[cb(name = "order: instrument below", failures = 2)]
    #[tracing::instrument]
    pub(crate) async fn below(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[cb(name = "order: instrument breaker", failures = 2)]
    #[tracing::instrument]
    #[r(max = 4)]
    pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn instrumented() {
    assert_runs!(instrumented::above, RETRY_OUTSIDE);
    assert_runs!(instrumented::between, RETRY_OUTSIDE);
    assert_runs!(instrumented::below, RETRY_OUTSIDE);
    assert_runs!(instrumented::breaker_above, BREAKER_OUTSIDE);
}

#[async_trait::async_trait]
trait Call {
    async fn retry_above(&self) -> Result<(), String>;
    async fn breaker_above(&self) -> Result<(), String>;
    async fn instrumented(&self) -> Result<(), String>;
}

#[async_trait::async_trait]
impl Call for Body {
    #[r(max = 4)]
    #[cb(name = "order: async_trait", failures = 2)]
    async fn retry_above(&self) -> Result<(), String> {
        self.run()
    }

    #[cb(name = "order: async_trait below", failures = 2)]
    #[r(max = 4)]
    async fn breaker_above(&self) -> Result<(), String> {
        self.run()
    }

    #[r(max = 4)]
    #[tracing::instrument]
    #[cb(name = "order: async_trait instrument", failures = 2)]
    async fn instrumented(&self) -> Result<(), String> {
        self.run()
    }
}

#[tokio::test(start_paused = true)]
async fn async_trait() {
    assert_runs!(Call::retry_above, RETRY_OUTSIDE);
    assert_runs!(Call::breaker_above, BREAKER_OUTSIDE);
    assert_runs!(Call::instrumented, RETRY_OUTSIDE);
}

macro_rules! generated {
    ($($(#[$meta:meta])* fn $name:ident;)*) => {
        $($(#[$meta])* pub(crate) async fn $name(body: &super::Body) -> Result<(), String> {
            body.run()
        })*
    };
}

mod in_macro {
    use super::{cb, r};

    generated! {
        #[r(max = 4)]
        #[cb(name = "order: macro", failures = 2)]
        fn retry_above;

        #[cb(name = "order: macro below", failures = 2)]
        #[r(max = 4)]
        fn breaker_above;
    }
}

#[tokio::test(start_paused = true)]
async fn in_macro() {
    assert_runs!(in_macro::retry_above, RETRY_OUTSIDE);
    assert_runs!(in_macro::breaker_above, BREAKER_OUTSIDE);
}

mod other_attributes {
    use super::{Body, cb, r};

    /// Inert attributes stay where they are.
    #[inline]
    #[r(max = 4)]
    #[must_use = "a result"]
    #[cb(name = "order: inert", failures = 2)]
    #[allow(clippy::unused_async, reason = "an inert attribute at the end")]
    pub(crate) async fn retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn other_attributes() {
    assert_runs!(other_attributes::retry_above, RETRY_OUTSIDE);
}

mod stacks {
    failsafe::stack! {
        pub(crate) RETRY = #[retry(max = 4)];
        pub(crate) BREAKER = #[circuit_breaker(failures = 2)];
        pub(crate) RETRY_ABOVE = #[policies(crate::stacks::RETRY)] #[circuit_breaker(failures = 2)];
        pub(crate) BREAKER_ABOVE = #[circuit_breaker(failures = 2)] #[policies(crate::stacks::RETRY)];
        pub(crate) ELSEWHERE = #[retry(max = 4, crate = crate::fs)];
    }
}

mod named {
    use super::{Body, cb, fs, r, stacks};
    use fs::policies as of;

    #[of(stacks::RETRY)]
    #[fs::policies(stacks::BREAKER)]
    pub(crate) async fn stacks_retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[of(stacks::BREAKER)]
    #[of(stacks::RETRY, crate = fs)]
    pub(crate) async fn stacks_breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[of(stacks::ELSEWHERE)]
    #[tracing::instrument]
    #[cb(failures = 2)]
    pub(crate) async fn attribute_below(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[cb(failures = 2)]
    #[tracing::instrument]
    #[cfg_attr(all(), of(stacks::RETRY))]
    pub(crate) async fn attribute_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[of(stacks::RETRY_ABOVE)]
    pub(crate) async fn nested_retry_above(body: &Body) -> Result<(), String> {
        body.run()
    }

    #[of(stacks::BREAKER_ABOVE)]
    #[r(max = 1)]
    pub(crate) fn nested_breaker_above(body: &Body) -> Result<(), String> {
        body.run()
    }
}

#[tokio::test(start_paused = true)]
async fn named() {
    assert_runs!(named::stacks_retry_above, RETRY_OUTSIDE);
    assert_runs!(named::stacks_breaker_above, BREAKER_OUTSIDE);
    assert_runs!(named::attribute_below, RETRY_OUTSIDE);
    assert_runs!(named::attribute_above, BREAKER_OUTSIDE);
    assert_runs!(named::nested_retry_above, RETRY_OUTSIDE);
    let body = Body::default();
    assert!(named::nested_breaker_above(&body).is_err());
    assert_eq!(body.runs(), 2 * BREAKER_OUTSIDE);
}

mod defaults {
    use super::{Body, cb, fs, r, stacks};
    use fs::resilient as defaults;

    pub(crate) struct Retried;

    #[defaults(retry(max = 4), circuit_breaker(failures = 2), crate = crate::fs)]
    impl Retried {
        pub(crate) async fn alone(body: &Body) -> Result<(), String> {
            body.run()
        }

        #[cb(failures = 2)]
        #[tracing::instrument]
        #[cfg_attr(all(), r(max = 4))]
        pub(crate) async fn replaced(body: &Body) -> Result<(), String> {
            body.run()
        }

        #[cb(failures = 2)]
        #[tracing::instrument]
        #[defaults(skip(circuit_breaker))]
        pub(crate) async fn breaker_above(body: &Body) -> Result<(), String> {
            body.run()
        }
    }

    #[fs::resilient(policies(stacks::BREAKER), retry(max = 4))]
    impl Retried {
        pub(crate) async fn other_way_round(body: &Body) -> Result<(), String> {
            body.run()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn defaults() {
    assert_runs!(defaults::Retried::alone, RETRY_OUTSIDE);
    assert_runs!(defaults::Retried::replaced, RETRY_OUTSIDE);
    assert_runs!(defaults::Retried::breaker_above, BREAKER_OUTSIDE);
    assert_runs!(defaults::Retried::other_way_round, BREAKER_OUTSIDE);
}
