//! Declarative resilience: put policies on a function, and it keeps its signature.
//!
//! ```
//! use failsafe::{Kind, Rejected, circuit_breaker, fallback, retry, timeout};
//!
//! #[derive(Debug)]
//! enum Error {
//!     Status(u16),
//! }
//!
//! struct Client {
//!     unavailable: String,
//! }
//!
//! impl Client {
//!     #[fallback(with = |_| Ok(self.unavailable.clone()))]
//!     #[retry(max = 3, backoff = "1s..10s", handle(Err(Error::Status(500..))), handle_rejected(Kind::Timeout))]
//!     #[circuit_breaker(name = "greetings", failures = "3/5", delay = "1m")]
//!     #[timeout("10s")]
//!     async fn greeting(&self, id: u64) -> Result<String, Error> {
//!         // ... any code, with `?`, `return` and borrows of the arguments ...
//!         Err(Error::Status(503))
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let client = Client { unavailable: "Hello, whoever you are!".to_owned() };
//! assert_eq!(client.greeting(7).await.unwrap(), "Hello, whoever you are!");
//!
//! let breaker = failsafe::registry().circuit_breaker("greetings").unwrap();
//! assert!(breaker.is_open());
//! # }
//! ```
//!
//! A configuration that cannot mean what it says does not compile, and the message says what to
//! write instead.
//!
//! # Contents
//!
//! | policy | attribute | how it decides, events, builder |
//! |---|---|---|
//! | retry: runs the function again when it fails | [`#[retry]`](macro@retry) | [`mod@retry`] |
//! | circuit breaker: stops calling what keeps failing | [`#[circuit_breaker]`](macro@circuit_breaker) | [`mod@circuit_breaker`] |
//! | timeout: drops the call when it takes too long | [`#[timeout]`](macro@timeout) | [`mod@timeout`] |
//! | fallback: answers instead of a failure | [`#[fallback]`](macro@fallback) | [`mod@fallback`] |
//! | rate limiter: so many calls in so much time | [`#[rate_limiter]`](macro@rate_limiter) | [`mod@rate_limiter`] |
//! | budget: bounds how many of all calls under way are retries and hedges | `#[retry(budget = ..)]`, `#[hedge(budget = ..)]` | [`mod@budget`] |
//! | adaptive throttler: refuses a share of the calls while too many fail | [`#[adaptive_throttler]`](macro@adaptive_throttler) | [`mod@adaptive_throttler`] |
//! | prioritizer: which calls adaptive policies refuse first | `prioritizer = ..` | [`mod@prioritizer`], [`mod@priority`] |
//! | feature toggle: turns calls away while a feature is off | [`#[feature_toggle]`](macro@feature_toggle) | [`mod@feature_toggle`] |
//! | bulkhead: so many calls at a time | [`#[bulkhead]`](macro@bulkhead) | [`mod@bulkhead`] |
//! | fail fast: refuses calls after failures until a probe has found it well | [`#[fail_fast]`](macro@fail_fast) | [`mod@fail_fast`] |
//! | hedge: starts another attempt beside one that takes long | [`#[hedge]`](macro@hedge) | [`mod@hedge`] |
//! | cache: answers with what an earlier call returned | [`#[cache]`](macro@cache) | [`mod@cache`] |
//! | adaptive limiter: as many calls at a time as the service can take | [`#[adaptive_limiter]`](macro@adaptive_limiter) | [`mod@adaptive_limiter`] |
//!
//! - [Order](#order): the topmost attribute is the outermost policy
//! - [What a failure is](#what-a-failure-is): `handle`, [`Outcome`]
//! - [Errors](#errors): [`Rejected`], [`Reject`], `map_err`
//! - [Names and sharing](#names-and-sharing): [`policy!`], [`registry()`], [`check()`]
//! - [Named stacks](#named-stacks): [`stack!`], [`#[policies]`](macro@policies)
//! - [Defaults and decorators](#defaults-and-decorators): [`#[resilient]`](macro@resilient)
//! - [Values](#values): durations, ranges, constants
//! - [Inside an attempt](#inside-an-attempt): [`attempt()`]
//! - [Events](#events): [`events::listen`], [`declarations()`]
//! - [Testing](#testing): paused time, [`Registry::scope`], [`testing::VirtualTime`]
//! - [Without attributes](#without-attributes): [`with()`]
//! - [What an attribute becomes](#what-an-attribute-becomes)
//!
//! # Order
//!
//! The topmost attribute is the outermost policy, whatever it was imported as and whatever stands
//! between them. In the example the fallback answers for everything below it, each retry asks the
//! breaker, and each attempt has ten seconds.
//!
//! rustc expands the topmost attribute first, so attributes that expand on their own nest the other
//! way round: the topmost ends up innermost. These do not expand on their own. Each moves itself to
//! the end of the list, and the last one expands them all. Other attributes (`#[instrument]`,
//! `#[async_trait]`, route macros) have expanded by then, so policies wrap what those made of the
//! body.
//!
//! # What a failure is
//!
//! `Err` and `None`; for a type of your own, what its [`Outcome`] says; and every rejection by a
//! policy inside. Conditions replace all of that, and are OR-ed:
//!
//! ```
//! # use failsafe::{Kind, Rejected, retry, timeout};
//! # #[derive(Debug)] enum Error { Status(u16), Rejected(Rejected) }
//! # impl From<Rejected> for Error { fn from(r: Rejected) -> Self { Self::Rejected(r) } }
//! # fn is_partial(page: &Result<String, Error>) -> bool { page.as_ref().is_ok_and(String::is_empty) }
//! #[retry(
//!     handle(Err(Error::Status(code)) if *code >= 500), // a pattern over the return type
//!     handle_if = is_partial,                           // a predicate over `&Return`
//!     handle_rejected(Kind::Timeout),                   // rejections by policies inside
//!     abort(Err(Error::Status(501))),                   // of those, which end the retries at once
//! )]
//! #[timeout("1s")]
//! async fn page() -> Result<String, Error> {
//!     Err(Error::Status(404))
//! }
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() { assert!(matches!(page().await, Err(Error::Status(404)))); }
//! ```
//!
//! # Errors
//!
//! A policy that refuses a call or gives up on it rejects it: [`Rejected`], with a [`Kind`], the
//! policy's name, and for an open breaker [`Rejected::retry_after`]. The return type takes it, found
//! out by its type and not by its spelling, so aliases work:
//!
//! | return type | a rejection becomes |
//! |---|---|
//! | `Result<T, E>` where `E: From<Rejected>` | `Err(E::from(rejected))`: [`std::io::Error`], `String`, `Box<dyn Error + Send + Sync>` and `anyhow::Error` have it already |
//! | `Option<T>` | `None` |
//! | a type of your own | what its [`Reject`] says |
//! | any, with a `#[fallback]` without conditions on top | what the fallback answers |
//! | `Result<T, E>`, with `map_err = path` on the topmost attribute | `Err(path(rejected))` |
//!
//! ```
//! use failsafe::{Kind, Rejected, timeout};
//!
//! #[derive(Debug)]
//! struct Overdue;
//!
//! #[timeout("1s", map_err = |_| Overdue)]
//! async fn slow() -> Result<u32, Overdue> {
//!     std::future::pending().await
//! }
//!
//! #[timeout("1s")]
//! async fn maybe() -> Option<u32> {
//!     std::future::pending().await
//! }
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() { assert!(slow().await.is_err()); assert_eq!(maybe().await, None); }
//! ```
//!
//! Between policies a rejection stays what it is: a retry sees the timeout inside it without looking
//! into your error type. A retry that has run out returns the last outcome itself.
//!
//! A call that is dropped is a third outcome, neither success nor failure: permits are given back and
//! nothing is counted.
//!
//! # Names and sharing
//!
//! A stateful policy without a name belongs to its function. Functions that say the same
//! `name = ".."` share one instance; the options are written once, and the other functions give the
//! name alone. Within a crate, two declarations of one name with different options do not compile;
//! across crates [`check()`] reports them, with both places. [`registry()`] reaches an instance by its
//! name, to look at it or to change it.
//!
//! An attribute can also use an instance: a static made by [`policy!`], or a field.
//!
//! ```
//! use failsafe::{CircuitBreaker, Rejected, circuit_breaker, policy};
//! use std::sync::Arc;
//!
//! static PAYMENTS: CircuitBreaker = policy!(circuit_breaker(name = "payments", failures = 5));
//!
//! #[circuit_breaker(PAYMENTS)]
//! async fn pay() -> Result<(), Rejected> {
//!     Ok(())
//! }
//!
//! struct Host {
//!     breaker: Arc<CircuitBreaker>,
//! }
//!
//! impl Host {
//!     #[circuit_breaker(self.breaker)]
//!     async fn ping(&self) -> Result<(), Rejected> {
//!         Ok(())
//!     }
//! }
//!
//! // One breaker for each tenant.
//! #[circuit_breaker(failures = 5, key = tenant)]
//! async fn query(tenant: &str) -> Result<(), Rejected> {
//!     Ok(())
//! }
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! # pay().await.unwrap();
//! # Host { breaker: Arc::new(CircuitBreaker::builder().build()) }.ping().await.unwrap();
//! # query("a").await.unwrap();
//! failsafe::check().unwrap();
//! # }
//! ```
//!
//! # Named stacks
//!
//! [`stack!`] names policies once; [`#[policies(NAME)]`](macro@policies) puts them on a function, where it stands
//! among the other attributes. It is the same as the policies written there.
//!
//! ```
//! use failsafe::{Rejected, policies, stack};
//!
//! stack! {
//!     /// How payments are made.
//!     pub(crate) PAYMENTS =
//!         #[retry(max = 3, backoff = "1s..10s")]
//!         #[circuit_breaker(name = "payments of a stack", failures = "3/5")]
//!         #[timeout("10s")]
//! }
//!
//! #[policies(PAYMENTS)]
//! async fn pay(cents: u64) -> Result<u64, Rejected> {
//!     Ok(cents)
//! }
//!
//! #[policies(PAYMENTS)]
//! async fn refund(cents: u64) -> Result<u64, Rejected> {
//!     Ok(cents)
//! }
//! # fn main() {}
//! ```
//!
//! # Defaults and decorators
//!
//! [`#[resilient(..)]`](macro@resilient) on an `impl` block or an inline module puts policies on all `async` functions in it. A function's
//! own policy takes the place of the default of its kind; `#[resilient(skip)]` leaves it alone. On a trait it makes a struct that puts the
//! policies around any implementation, `dyn Trait` included.
//!
//! ```
//! use failsafe::{Rejected, resilient, retry};
//!
//! # struct Client;
//! #[resilient(retry(max = 3), timeout("10s"))]
//! impl Client {
//!     async fn get(&self) -> Result<u32, Rejected> {
//!         Ok(1)
//!     }
//!
//!     #[retry(max = 5)]
//!     async fn put(&self) -> Result<u32, Rejected> {
//!         Ok(2)
//!     }
//! }
//!
//! #[resilient(retry(max = 3), timeout("10s"))]
//! trait Store {
//!     async fn load(&self, key: &str) -> Result<String, Rejected>;
//! }
//!
//! async fn use_it(any: impl Store) -> Result<String, Rejected> {
//!     ResilientStore::new(any).load("key").await
//! }
//! # fn main() {}
//! ```
//!
//! # Values
//!
//! - A duration: `"250ms"`, `"1m30s"`, `"1.5s"`, the literals `250ms` and `1.5s`, or a constant
//!   expression of type [`Duration`](std::time::Duration). Units: ns, us, ms, s, m, h, d.
//! - A range of durations: `"1s..10s"` or `1s..10s`.
//! - A number: `3`, or a constant expression such as `MAX`.
//! - Code, which sees the function's arguments and `self`: a closure, or the path of a function.
//!
//! Literals are judged when the attribute expands, constant expressions when they are evaluated, both
//! while the program is compiled. Builders take the same texts and judge them by the same rules.
//!
//! # Inside an attempt
//!
//! [`attempt()`] tells a body which attempt it is, how long the call has run, and how the attempt
//! before it failed.
//!
//! # Events
//!
//! Listeners in attributes hear what happens to their policy. [`events::listen`] and
//! [`events::subscribe`] hear everything; while nobody does, that costs one load of an atomic.
//! [`declarations()`] lists every attribute linked into the binary with its options, function, file
//! and line, before anything is called; [`Registry::snapshot`] is the state of every stateful policy
//! in use. Both implement `serde::Serialize`.
//!
//! # Testing
//!
//! Asynchronous code follows tokio's clock: with `#[tokio::test(start_paused = true)]` no test waits.
//! [`Registry::scope`] gives a test instances of its own, so tests with the same names can run side by
//! side. [`testing::VirtualTime`] does the same for the waits of blocking functions.
//!
//! ```
//! use failsafe::{Registry, circuit_breaker, retry, testing::VirtualTime};
//! use std::time::Duration;
//!
//! #[retry(max = 2, delay = "10s")]
//! fn read() -> Result<String, String> {
//!     Err("not there yet".to_owned())
//! }
//!
//! let time = VirtualTime::new();
//! assert!(time.blocking(read).is_err());
//! assert_eq!(time.elapsed(), Duration::from_secs(20));
//!
//! #[circuit_breaker(name = "disk", failures = 1)]
//! fn write() -> Result<(), String> {
//!     Err("full".to_owned())
//! }
//!
//! for _ in 0..2 {
//!     // Without the scope the second call would be refused.
//!     let outcome = Registry::new().scope_blocking(write);
//!     assert_eq!(outcome.unwrap_err(), "full");
//! }
//! ```
//!
//! # Settings
//!
//! With the feature `settings`, files in TOML or JSON, the environment and code set what the
//! attributes say: `failsafe::settings`. [`explain()`](fn@explain) shows every policy with its effective
//! options and which layer set each of them, and [`Registry::disable`] takes a policy away at run
//! time. A file can define stacks by name, which code runs under: `failsafe::settings::stack`. With the
//! feature `watch` they follow their files while the program runs:
//! `failsafe::settings::watch`.
//!
//! # Without attributes
//!
//! Every policy has a builder; [`with()`] composes policies at run time, over the same decisions and
//! the same loops.
//!
//! ```
//! use failsafe::{CircuitBreaker, Rejected, Retry, Timeout};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let guarded = failsafe::with((
//!     Retry::builder().max(3).backoff("100ms..1s").build(),
//!     CircuitBreaker::builder().name("search").failures("3/5").build(),
//!     Timeout::builder("1s").build(),
//! ));
//! let answer: Result<u32, Rejected> = guarded.run(|| async { Ok(42) }).await;
//! assert_eq!(answer.unwrap(), 42);
//! # }
//! ```
//!
//! # What an attribute becomes
//!
//! Code in the function, nothing else: no boxed future, no trait of yours, no bound on the body. The
//! function of the first example becomes roughly this:
//!
//! ```text
//! async fn greeting(&self, id: u64) -> Result<String, Error> {
//!     static RETRY: Retry = ..;                    // one static for each policy,
//!     static CIRCUIT_BREAKER: CircuitBreaker = ..; // found in the registry at its first call
//!     static TIMEOUT: Timeout = ..;
//!     let body = async || { /* as you wrote it */ };
//!     let flow = loop {                            // Result<Result<String, Error>, Rejected>
//!         let flow = match CIRCUIT_BREAKER.enter() {
//!             Ok(permit) => {
//!                 let flow = within(TIMEOUT, body.clone()()).await;
//!                 permit.settle(&flow);            // dropped instead, it gives its place back
//!                 flow
//!             }
//!             Err(rejected) => Err(rejected),
//!         };
//!         match RETRY.next(flow) {
//!             Done(flow) => break flow,
//!             Again(delay) => wait(delay).await,
//!         }
//!     };
//!     match flow { /* the fallback answers for a failure */ }
//! }
//! ```
//!
//! The body is a closure only where it can run again; it is cloned for each attempt, so an argument
//! that it uses up must be `Clone`, and one that it borrows need not be. A "Resilience" section with
//! the options is added to the function's documentation.
//!
//! Attributes work on free functions, methods, methods of traits and their implementations, under
//! `#[async_trait]`, in generic code, and on functions that return a future. [`timeout`](macro@timeout)
//! and [`hedge`](macro@hedge) need an asynchronous function; the others work on blocking ones too, and
//! then waits block the thread.
//!
//! # Requirements
//!
//! Rust 1.85. Asynchronous functions that wait do so on a tokio runtime with time enabled.

pub use failsafe_config as config;
pub use failsafe_macros::*;
#[doc(hidden)]
pub use failsafe_runtime::__rt;
pub use failsafe_runtime::*;

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Those of the guide to settings too.
#[cfg(all(doctest, feature = "settings"))]
#[doc = include_str!("../docs/settings.md")]
struct SettingsGuide;
