//! Service B, which is slow, fails or is down, as its script says.

use crate::Greeting;
use crate::timeline::{Timeline, Visit};
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
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What B does with one request.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// It greets.
    Greet,
    /// It greets after so long.
    Late(Duration),
    /// It greets when the script has changed, if it is asked for a report; else at once.
    HeldReport,
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
    /// Three requests fail, all others are greeted.
    Flaky,
    /// Three requests fail and ask for 2 seconds, the next one fails and asks for 3.
    Outage,
    /// Nothing listens on its port.
    Down,
    /// It is slow, then fails and asks for 6 seconds.
    Trouble,
    /// Reports hang until another script is played.
    Stuck,
    /// It takes a tenth of a second.
    Brisk,
    /// It takes eight tenths of a second.
    Overloaded,
    /// It takes two seconds.
    Lagging,
    /// All requests fail.
    Failing,
    /// Every third request fails.
    Strained,
}

impl Script {
    /// All of them, with their names.
    pub(crate) const ALL: [(&str, Self); 12] = [
        ("healthy", Self::Healthy),
        ("slow", Self::Slow),
        ("flaky", Self::Flaky),
        ("outage", Self::Outage),
        ("down", Self::Down),
        ("trouble", Self::Trouble),
        ("stuck", Self::Stuck),
        ("brisk", Self::Brisk),
        ("overloaded", Self::Overloaded),
        ("lagging", Self::Lagging),
        ("failing", Self::Failing),
        ("strained", Self::Strained),
    ];

    /// What B does, in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Healthy => "answers at once.",
            Self::Slow => "takes 5 s to answer.",
            Self::Flaky => "fails with 503 in three of six requests.",
            Self::Outage => "fails with 503 and a Retry-After of 2 s, then of 3 s, then recovers.",
            Self::Down => "is down: nobody listens on its port.",
            Self::Trouble => "is slow twice, then fails with a Retry-After of 6 s, then recovers.",
            Self::Stuck => "hangs when it is asked for a report, and answers all else at once.",
            Self::Brisk => "takes 100 ms to answer.",
            Self::Overloaded => "takes 800 ms to answer.",
            Self::Lagging => "takes 2 s to answer.",
            Self::Failing => "fails with 503 whenever it is asked.",
            Self::Strained => "fails with 503 in every third request.",
        }
    }

    /// The answers to the next requests, and the one to all others.
    fn answers(self) -> (Vec<Answer>, Answer) {
        use Answer::{Greet, HeldReport, Late, Unavailable};
        let late = |millis| Late(Duration::from_millis(millis));
        match self {
            Self::Healthy | Self::Down => (vec![], Greet),
            Self::Slow => (vec![], late(5000)),
            Self::Flaky => (vec![Unavailable(None); 3], Greet),
            Self::Outage => {
                let [two, three] = [2, 3].map(|seconds| Unavailable(Some(seconds)));
                (vec![two, two, two, three], Greet)
            }
            Self::Trouble => (vec![late(5000), late(5000), Unavailable(Some(6))], Greet),
            Self::Stuck => (vec![], HeldReport),
            Self::Brisk => (vec![], late(100)),
            Self::Overloaded => (vec![], late(800)),
            Self::Lagging => (vec![], late(2000)),
            Self::Failing => (vec![], Unavailable(None)),
            Self::Strained => ([Unavailable(None), Greet, Greet].repeat(100), Greet),
        }
    }
}

impl FromStr for Script {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(known, _)| *known == name);
        found.map(|(_, script)| *script).ok_or_else(|| {
            let names = Self::ALL.map(|(known, _)| known).join(", ");
            format!("no script `{name}`; there are {names}")
        })
    }
}

/// Service B, or a replica of it.
#[derive(Debug)]
pub(crate) struct ServiceB {
    /// Who greets.
    name: &'static str,
    address: SocketAddr,
    port: tokio::sync::Mutex<Port>,
    answers: Mutex<(VecDeque<Answer>, Answer)>,
    script: watch::Sender<Script>,
    timeline: Arc<Timeline>,
}

/// What becomes of those who call B's port.
#[derive(Debug)]
enum Port {
    /// They are refused: the port is B's, so that nobody else gets it, but nobody listens.
    Silent(TcpSocket),
    /// They are served.
    Served(JoinHandle<io::Result<()>>),
    /// They are refused, and B does not even have the port.
    Lost,
}

impl ServiceB {
    /// A B at that address; it is down until a script says otherwise.
    pub(crate) fn new(
        name: &'static str,
        address: SocketAddr,
        timeline: Arc<Timeline>,
    ) -> io::Result<Arc<Self>> {
        let socket = bound(address)?;
        Ok(Arc::new(Self {
            name,
            address: socket.local_addr()?,
            port: tokio::sync::Mutex::new(Port::Silent(socket)),
            answers: Mutex::new((VecDeque::new(), Answer::Greet)),
            script: watch::Sender::new(Script::Down),
            timeline,
        }))
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Behaves like that from now on.
    pub(crate) async fn play(self: &Arc<Self>, script: Script) -> anyhow::Result<()> {
        let (next, others) = script.answers();
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner) = (next.into(), others);
        self.script.send_replace(script);
        let change = if script == Script::Down { self.stop().await } else { self.listen().await };
        change.with_context(|| format!("service B cannot use {}", self.address))
    }

    /// Listens on its port, if it does not.
    async fn listen(self: &Arc<Self>) -> io::Result<()> {
        let mut port = self.port.lock().await;
        let socket = match std::mem::replace(&mut *port, Port::Lost) {
            Port::Silent(socket) => socket,
            Port::Lost => bound(self.address)?,
            served @ Port::Served(_) => {
                *port = served;
                return Ok(());
            }
        };
        let listener = socket.listen(128)?;
        let router = Router::new().route("/{what}/{id}", get(answer)).with_state(Arc::clone(self));
        *port = Port::Served(tokio::spawn(async move { axum::serve(listener, router).await }));
        Ok(())
    }

    /// Closes its port, if it listens.
    async fn stop(&self) -> io::Result<()> {
        let mut port = self.port.lock().await;
        if let Port::Served(server) = &mut *port {
            server.abort();
            // Only when the task is gone has the port been closed; that it was aborted is known.
            let _ = server.await;
            *port = Port::Lost;
            *port = Port::Silent(bound(self.address)?);
        }
        Ok(())
    }

    /// The answer to one more request.
    fn next_answer(&self, what: &str) -> Answer {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        match answers.0.pop_front().unwrap_or(answers.1) {
            Answer::HeldReport if what != "report" => Answer::Greet,
            answer => answer,
        }
    }

    /// Tells the timeline of one more request.
    fn visited(&self, answer: Answer) -> Visit {
        self.timeline.visit_to_b(
            self.name,
            &match answer {
                Answer::Greet => "200".to_owned(),
                Answer::Late(time) => format!("will answer in {time:?}"),
                Answer::HeldReport => "hangs".to_owned(),
                Answer::Unavailable(None) => "503".to_owned(),
                Answer::Unavailable(Some(seconds)) => format!("503, Retry-After: {seconds}"),
            },
        )
    }
}

/// A socket that has the address and does not listen.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections of B's earlier life may linger. On Windows the option would mean to share a port
    // with whoever listens there.
    socket.set_reuseaddr(cfg!(not(windows)))?;
    socket.bind(address)?;
    Ok(socket)
}

/// `GET /<what>/<id>`, as the script says.
async fn answer(State(b): State<Arc<ServiceB>>, Path((what, id)): Path<(String, u64)>) -> Response {
    let greeting = Greeting { text: format!("{what} {id}"), from: b.name.to_owned() };
    let answer = b.next_answer(&what);
    let _visit = b.visited(answer);
    match answer {
        Answer::Greet => Json(greeting).into_response(),
        Answer::Late(time) => {
            tokio::time::sleep(time).await;
            Json(greeting).into_response()
        }
        Answer::HeldReport => {
            // The sender is B itself, so it is there.
            let _ = b.script.subscribe().wait_for(|script| *script != Script::Stuck).await;
            Json(greeting).into_response()
        }
        Answer::Unavailable(None) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Answer::Unavailable(Some(seconds)) => {
            let wait = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::SERVICE_UNAVAILABLE, wait).into_response()
        }
    }
}
