//! Service B, which is slow, fails or is down, as its script says.

use crate::Greeting;
use crate::timeline::{Timeline, Who};
use anyhow::Context as _;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpSocket;
use tokio::task::JoinHandle;

/// How long a late answer takes.
const LATE: Duration = Duration::from_secs(5);

/// What B does with one request.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// It greets.
    Greet,
    /// It greets after [`LATE`].
    Late,
    /// A 503, with that `Retry-After` if there is one.
    Unavailable(Option<u64>),
}

/// How B behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Script {
    /// It greets.
    Healthy,
    /// It takes five seconds.
    Slow,
    /// Half of six requests fail.
    Flaky,
    /// Three requests fail and ask for 2 seconds, the next one fails and asks for 3.
    Outage,
    /// Nothing listens on its port.
    Down,
    /// It is slow, then fails and asks for 6 seconds.
    Trouble,
}

impl Script {
    /// All of them, with their names.
    pub(crate) const ALL: [(&str, Self); 6] = [
        ("healthy", Self::Healthy),
        ("slow", Self::Slow),
        ("flaky", Self::Flaky),
        ("outage", Self::Outage),
        ("down", Self::Down),
        ("trouble", Self::Trouble),
    ];

    /// The answers to the next requests, and the one to all others.
    fn answers(self) -> (&'static [Answer], Answer) {
        use Answer::{Greet, Late, Unavailable};
        const FAILS: Answer = Unavailable(None);
        match self {
            Self::Healthy | Self::Down => (&[], Greet),
            Self::Slow => (&[], Late),
            Self::Flaky => (&[FAILS, FAILS, FAILS, Greet, Greet, Greet], Greet),
            Self::Outage => {
                let (two, three) = (Unavailable(Some(2)), Unavailable(Some(3)));
                (const { &[Unavailable(Some(2)); 3] }, three)
            }
            Self::Trouble => (const { &[Late, Late, Unavailable(Some(6))] }, Greet),
        }
    }
}
