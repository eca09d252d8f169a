//! Many calls of A at a time.

use super::stage::Reply;
use crate::timeline::{Colour, Timeline};
use anyhow::Context as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// How long a caller who was refused waits before it calls again.
const PAUSE: Duration = Duration::from_millis(500);

/// How long an answer may take before the demo gives up: longer than anything in a scene.
const PATIENCE: Duration = Duration::from_secs(30);

/// Calls that are under way.
#[derive(Debug)]
pub(super) struct Crowd {
    http: reqwest::Client,
    a: SocketAddr,
    timeline: Arc<Timeline>,
    calls: JoinSet<anyhow::Result<Reply>>,
}

impl Crowd {
    pub(super) fn new(http: reqwest::Client, a: SocketAddr, timeline: Arc<Timeline>) -> Self {
        Self { http, a, timeline, calls: JoinSet::new() }
    }

    /// One more call.
    pub(super) fn call(&mut self, path: String) {
        self.call_later(path, false);
    }

    /// One more call, after a pause if there is a reason for one.
    pub(super) fn call_later(&mut self, path: String, pause: bool) {
        let (http, a) = (self.http.clone(), self.a);
        self.calls.spawn(async move {
            if pause {
                sleep(PAUSE).await;
            }
            ask(&http, a, &path).await
        });
    }

    /// The next so many answers.
    pub(super) async fn next(&mut self, count: usize) -> anyhow::Result<Vec<Reply>> {
        let mut replies = Vec::new();
        while replies.len() < count {
            let next = timeout(PATIENCE, self.calls.join_next()).await;
            let next = next.context("a call of A has no end")?.context("no call is left")?;
            replies.push(next??);
        }
        Ok(replies)
    }

    /// All answers that are left, which are printed.
    pub(super) async fn rest(mut self) -> anyhow::Result<Vec<Reply>> {
        let replies = self.next(self.calls.len()).await?;
        self.tell(&replies);
        Ok(replies)
    }

    /// Waits for all answers that are left, and prints them with those that came before.
    pub(super) async fn end(mut self, replies: &mut Vec<Reply>) -> anyhow::Result<()> {
        replies.extend(self.next(self.calls.len()).await?);
        self.tell(replies);
        Ok(())
    }

    /// Prints what has happened so far, and these answers.
    pub(super) fn tell(&self, replies: &[Reply]) {
        self.timeline.tell();
        let mut left: Vec<_> = replies.iter().collect();
        while let Some(first) = left.first() {
            let (status, from) = (first.status, first.from.clone());
            let (same, others): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|reply: &&Reply| reply.status == status && reply.from == from);
            let slowest = same.iter().map(|reply| reply.took).max().unwrap_or_default();
            let by = if from.is_empty() { from } else { format!(" from {from}") };
            let colour = if status < 400 { Colour::Green } else { Colour::Red };
            let (shown, slowest) = (colour.paint(status), slowest.as_secs_f64());
            let many = match same.len() {
                1 => String::new(),
                count => format!(" ({count} times)"),
            };
            self.timeline.print(
                Colour::Bold,
                "responses",
                format_args!("{shown}{by}{many} in {slowest:.2}s at the most"),
            );
            left = others;
        }
    }
}

/// Calls A.
pub(super) async fn ask(
    http: &reqwest::Client,
    a: SocketAddr,
    path: &str,
) -> anyhow::Result<Reply> {
    let began = Instant::now();
    let response = http.get(format!("http://{a}{path}")).send().await?;
    let status = response.status().as_u16();
    let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = header.and_then(|seconds| seconds.parse().ok());
    let body = response.text().await?;
    let took = began.elapsed();
    let greeting: Option<crate::Greeting> = serde_json::from_str(&body).ok();
    let from = greeting.map(|greeting| greeting.from).unwrap_or_default();
    Ok(Reply { path: path.to_owned(), status, from, retry_after, took, body })
}

/// The paths of so many calls of one endpoint.
pub(super) fn numbered(endpoint: &'static str, count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(move |id| format!("{endpoint}/{id}"))
}

/// How many answers have that status.
pub(super) fn with_status(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|reply| reply.status == status).count()
}
