//! Two services and twelve policies: `cargo run --example microservices`.
//!
//! Service A calls service B, and B is slow, fails, has too much to do, or is down, as each
//! scene's script says. What A does about it is the attributes on the methods of [`Client`]: those
//! against failures in this file, those against load and slowness in `traffic`. Everything else is
//! the stage:
//!
//! - `service_a`: A's endpoints, one for each method of the client
//! - `service_b`: B, which misbehaves on demand
//! - `scenes`: drives A through thirteen scenes and checks what they claim
//! - `timeline`: prints what every policy decides, when it decides it
//! - `report`: the final table
//! - `clock`: makes `--fast` fast

mod args;
mod clock;
mod report;
mod scenes;
mod serve;
mod service_a;
mod service_b;
mod timeline;
mod traffic;

use args::{Args, Asked};
use failsafe::{Failure, Rejected, circuit_breaker, fallback, retry, timeout};
use serde::{Deserialize, Serialize};
use std::process::ExitCode;
use std::time::Duration;

/// What service A knows about calling service B.
#[derive(Debug)]
struct Client {
    http: reqwest::Client,
    /// `http://host:port` of B.
    b: String,
    /// The same of its replica.
    replica: String,
}

impl Client {
    /// Asks B for a greeting; answers whatever happens.
    ///
    /// Read from the top: the fallback sees what the retry gives up on, the retry runs what the
    /// breaker guards, and each attempt has a second. A breaker that is open refuses at once, so
    /// there is no point in trying again.
    #[fallback(with = |failure| Ok(Greeting::instead(&failure)))]
    #[retry(max = 3, backoff = "1s..10s", abort_rejected(Kind::CircuitOpen))]
    #[circuit_breaker(
        name = "svcB", failures = 3, successes = 2, delay = "1m", delay_with = retry_after
    )]
    #[timeout("1s")]
    async fn greeting(&self, id: u64) -> Result<Greeting, Error> {
        self.get("greeting", id).await
    }

    /// Gives up after a second, however long B takes.
    #[timeout("1s")]
    async fn with_timeout(&self, id: u64) -> Result<Greeting, Error> {
        self.get("greeting", id).await
    }

    /// Tries again after 1 s, 2 s and 4 s.
    #[retry(max = 3, backoff = "1s..10s")]
    async fn with_retry(&self, id: u64) -> Result<Greeting, Error> {
        self.get("greeting", id).await
    }

    /// Shares the breaker of [`greeting`](Self::greeting): the name refers to the options there.
    /// How to read a delay from an outcome is not one of them, since each function has its own
    /// return type.
    #[circuit_breaker(name = "svcB", delay_with = retry_after)]
    async fn with_breaker(&self, id: u64) -> Result<Greeting, Error> {
        self.get("greeting", id).await
    }

    /// Shares it too, by the name alone: should a farewell open it, it stays open for the minute
    /// that is configured above.
    #[circuit_breaker(name = "svcB")]
    async fn farewell(&self, id: u64) -> Result<Greeting, Error> {
        self.get("farewell", id).await
    }

    /// Answers even when nobody listens where B should be.
    #[fallback(with = |failure| Ok(Greeting::instead(&failure)))]
    async fn with_fallback(&self, id: u64) -> Result<Greeting, Error> {
        self.get("greeting", id).await
    }

    /// One request to B, without any policy.
    async fn get(&self, what: &str, id: u64) -> Result<Greeting, Error> {
        self.get_from(&self.b, what, id).await
    }

    /// One request to B or its replica, without any policy.
    async fn get_from(&self, b: &str, what: &str, id: u64) -> Result<Greeting, Error> {
        let response = self.http.get(format!("{b}/{what}/{id}")).send().await?;
        if response.status().is_success() {
            return Ok(response.json().await?);
        }
        let retry_after = response.headers().get("retry-after");
        Err(Error::Status {
            status: response.status().as_u16(),
            retry_after: retry_after.and_then(|header| header.to_str().ok()?.parse().ok()),
        })
    }
}

/// How long B asked to be left alone, if it did: the breaker stays open for that long.
fn retry_after(outcome: &Result<Greeting, Error>) -> Option<Duration> {
    match outcome {
        Err(Error::Status { retry_after, .. }) => retry_after.map(Duration::from_secs),
        _ => None,
    }
}

/// What B answers, and A instead of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Greeting {
    /// The greeting.
    text: String,
    /// Who greets: `B`, its replica `B2`, `fallback`, or `A`.
    from: String,
}

impl Greeting {
    /// The greeting of A itself, for when B has none.
    fn instead(failure: &Failure<Result<Self, Error>>) -> Self {
        let why = match failure {
            Failure::Outcome(Err(error)) => error.to_string(),
            Failure::Outcome(Ok(_)) => "no reason".to_owned(),
            Failure::Rejected(rejected) => rejected.kind().to_string(),
        };
        Self { text: format!("greeting from A ({why})"), from: "fallback".to_owned() }
    }
}

/// Why A has no answer of B.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// B answered, but not with a greeting.
    #[error("B answered {status}")]
    Status {
        /// The status.
        status: u16,
        /// Its `Retry-After`, in seconds.
        retry_after: Option<u64>,
    },
    /// There was no answer.
    #[error("no answer of B: {}", root_cause(.0))]
    Http(#[from] reqwest::Error),
    /// A policy refused the call, or gave it up.
    #[error(transparent)]
    Rejected(#[from] Rejected),
}

/// The innermost source of an error: `Connection refused` rather than `error sending request`.
fn root_cause(error: &reqwest::Error) -> &dyn std::error::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let args = match Args::read(std::env::args().skip(1)) {
        Ok(Asked::Run(args)) => args,
        Ok(Asked::Help) => {
            println!("{}", args::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(fault) => {
            eprintln!("{fault}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(args).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything that was claimed came true.
async fn run(args: Args) -> anyhow::Result<bool> {
    // One name, one configuration: a contradiction is found before the first call.
    failsafe::check()?;
    if args.fast {
        clock::speed_up(args::FAST);
    }
    if args.serve {
        serve::until_interrupted().await?;
        return Ok(true);
    }
    scenes::play(args.fast).await
}
