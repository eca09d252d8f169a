//! Every kind of return type, and how a rejection becomes one.

use std::error::Error as StdError;
use std::io;

use failsafe::{Kind, Rejected, circuit_breaker, fallback, policy, registry, retry, timeout};

use crate::support::{Body, alone, ms, pass};

static OPEN: failsafe::CircuitBreaker = policy!(circuit_breaker(name = "returns"));

#[circuit_breaker(OPEN)]
async fn option() -> Option<u32> {
    Some(1)
}

#[circuit_breaker(OPEN)]
async fn io_result() -> io::Result<u32> {
    Ok(1)
}

#[circuit_breaker(OPEN)]
async fn any() -> anyhow::Result<u32> {
    Ok(1)
}

#[circuit_breaker(OPEN)]
async fn boxed() -> Result<u32, Box<dyn StdError + Send + Sync>> {
    Ok(1)
}

#[circuit_breaker(OPEN)]
async fn text() -> Result<u32, String> {
    Ok(1)
}

#[circuit_breaker(OPEN)]
fn blocking() -> Result<u32, Rejected> {
    Ok(1)
}

#[derive(Debug, thiserror::Error)]
enum Own {
    #[error("refused")]
    Refused(#[from] Rejected),
    #[error(transparent)]
    Io(#[from] io::Error),
}

type Aliased<T, E = Own> = Result<T, E>;

#[circuit_breaker(OPEN)]
async fn own(path: &str) -> Aliased<u32> {
    if path.is_empty() {
        return Err(io::Error::from(io::ErrorKind::NotFound))?;
    }
    Ok(1)
}

#[fallback(value = 7)]
#[circuit_breaker(OPEN, handle_if = |number| *number > 9)]
async fn plain() -> u32 {
    1
}

#[fallback(with = |failure| format!("{:?}", failure.rejected().map(Rejected::kind)).into())]
#[circuit_breaker(OPEN, handle_if = |text| text.is_empty())]
async fn opaque() -> std::borrow::Cow<'static, str> {
    "fine".into()
}

#[derive(Debug, PartialEq)]
enum Reply {
    Fine,
    Refused(Kind),
}

impl failsafe::Outcome for Reply {
    fn is_failure(&self) -> bool {
        *self != Self::Fine
    }
}

impl failsafe::Reject for Reply {
    fn reject(rejected: Rejected) -> Self {
        Self::Refused(rejected.kind())
    }
}

#[circuit_breaker(OPEN)]
async fn reply() -> Reply {
    Reply::Fine
}

#[circuit_breaker(OPEN, map_err = |rejected| rejected.kind())]
async fn mapped() -> Result<u32, Kind> {
    Ok(1)
}

fn convert(rejected: Rejected) -> (String, Kind) {
    (rejected.policy().to_owned(), rejected.kind())
}

#[retry(max = 0, map_err = convert)]
#[circuit_breaker(OPEN)]
fn mapped_blocking() -> Result<u32, (String, Kind)> {
    Ok(1)
}

#[circuit_breaker(OPEN)]
async fn iterator() -> Result<impl Iterator<Item = u32>, String> {
    Ok::<_, String>(0..3)
}

// Closed, each returns what its body does.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_let_through_returns_what_the_body_does() {
    alone(async {
        assert_eq!(option().await, Some(1));
        assert_eq!(io_result().await.unwrap(), 1);
        assert_eq!(any().await.unwrap(), 1);
        assert_eq!(boxed().await.unwrap(), 1);
        assert_eq!(text().await, Ok(1));
        assert_eq!(blocking().unwrap(), 1);
        assert_eq!(own("path").await.unwrap(), 1);
        assert_eq!((plain().await, opaque().await.as_ref()), (1, "fine"));
        assert_eq!(reply().await, Reply::Fine);
        assert_eq!((mapped().await, mapped_blocking()), (Ok(1), Ok(1)));
        assert_eq!(iterator().await.unwrap().count(), 3);
        assert!(matches!(own("").await, Err(Own::Io(_))));
        assert!(OPEN.is_open());
    })
    .await;
}

// Open, each return type takes the rejection in its own way.
#[tokio::test(start_paused = true)]
async fn a_rejection_becomes_the_return_type() {
    alone(async {
        OPEN.open();
        assert_eq!(option().await, None);
        let error = io_result().await.unwrap_err();
        let inner = error.get_ref().unwrap().downcast_ref::<Rejected>().unwrap();
        assert_eq!((error.kind(), inner.kind()), (io::ErrorKind::Other, Kind::CircuitOpen));
        let rejected = any().await.unwrap_err().downcast::<Rejected>().unwrap();
        assert_eq!((rejected.kind(), rejected.policy()), (Kind::CircuitOpen, "returns"));
        let rejected = boxed().await.unwrap_err().downcast::<Rejected>().unwrap();
        assert_eq!(rejected.kind(), Kind::CircuitOpen);
        assert_eq!(text().await.unwrap_err(), "circuit breaker open: returns");
        assert_eq!(blocking().unwrap_err().retry_after().unwrap().as_secs(), 60);
        let error = own("path").await.unwrap_err();
        assert!(error.source().unwrap().is::<Rejected>());
        assert_eq!((plain().await, opaque().await.as_ref()), (7, "Some(CircuitOpen)"));
        assert_eq!(reply().await, Reply::Refused(Kind::CircuitOpen));
        assert_eq!(mapped().await, Err(Kind::CircuitOpen));
        assert_eq!(mapped_blocking(), Err(("returns".to_owned(), Kind::CircuitOpen)));
        assert!(iterator().await.is_err());
    })
    .await;
}

#[timeout("10ms")]
async fn timed_io(takes: u64) -> io::Result<()> {
    pass(takes).await;
    Ok(())
}

// A timeout is an io error of its kind.
#[tokio::test(start_paused = true)]
async fn a_timeout_is_an_io_error_of_its_kind() {
    assert!(timed_io(5).await.is_ok());
    assert_eq!(timed_io(50).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[retry(exhausted = "error", map_err = |rejected| format!("{rejected}: {}", rejected.source().unwrap()))]
async fn exhausted_text() -> Result<u32, String> {
    Err("down".to_owned())
}

#[retry(exhausted = "error")]
async fn exhausted_any() -> anyhow::Result<u32> {
    Err(io::Error::from(io::ErrorKind::NotFound))?
}

#[retry(exhausted = "error")]
async fn exhausted_boxed() -> Result<u32, Box<dyn StdError + Send + Sync>> {
    Err(io::Error::from(io::ErrorKind::NotFound).into())
}

#[retry(exhausted = "error")]
async fn exhausted_option() -> Option<u32> {
    None
}

// The last error is the source of an exhausted retry, whatever its type.
#[tokio::test(start_paused = true)]
async fn an_exhausted_retry_keeps_the_last_error() {
    let text = exhausted_text().await.unwrap_err();
    assert_eq!(text, "retries exceeded: behaviour::behaviour::returns::exhausted_text: down");
    let any = exhausted_any().await.unwrap_err();
    assert_eq!(any.downcast_ref::<Rejected>().unwrap().kind(), Kind::RetriesExceeded);
    // anyhow hides the type of an error that it turns into a boxed one.
    assert_eq!(any.root_cause().to_string(), io::Error::from(io::ErrorKind::NotFound).to_string());
    let boxed = exhausted_boxed().await.unwrap_err();
    let source = boxed.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::NotFound);
    assert_eq!(exhausted_option().await, None);
}

#[retry(max = 2)]
async fn option_retried(body: &Body) -> Option<u32> {
    body.run().await.ok()
}

#[retry(max = 2, handle_if = |count| *count < 3)]
async fn number(body: &Body) -> u32 {
    body.run().await.unwrap_or_default()
}

#[retry(max = 2)]
async fn io_retried(body: &Body) -> io::Result<u32> {
    body.run().await.map_err(io::Error::other)
}

// A failure is `None`, `Err`, or what a condition says of a plain value.
#[tokio::test(start_paused = true)]
async fn a_failure_of_every_type_is_retried() {
    assert_eq!(option_retried(&Body::new("FFS")).await, Some(3));
    assert_eq!(number(&Body::new("S")).await, 3);
    assert_eq!(io_retried(&Body::new("FFS")).await.unwrap(), 3);
    let body = Body::taking("F", ms(1));
    assert!(option_retried(&body).await.is_none());
    assert_eq!(body.runs(), 3);
    assert!(registry().circuit_breaker("returns").is_some());
}
