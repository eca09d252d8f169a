//! Where scenes are played: both services, somebody who calls A, and the claims.

use super::crowd::{Crowd, ask};
use crate::report::Row;
use crate::service_a;
use crate::service_b::{Script, ServiceB};
use crate::timeline::{Colour, Decision, Timeline, line};
use anyhow::Context as _;
use failsafe::circuit_breaker::State;
use failsafe::events::{Listening, What};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How much later than it should something may happen.
const TOLERANCE: Duration = Duration::from_millis(750);

/// Both services, on ports nobody else uses.
#[derive(Debug)]
pub(super) struct Stage {
    http: reqwest::Client,
    a: SocketAddr,
    b: Arc<ServiceB>,
    replica: Arc<ServiceB>,
    timeline: Arc<Timeline>,
    _listening: Listening,
}

impl Stage {
    /// Starts the services.
    pub(super) async fn build() -> anyhow::Result<Self> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let timeline = Timeline::new();
        let b = ServiceB::new("B", any, Arc::clone(&timeline)).context("no port for service B")?;
        let replica =
            ServiceB::new("B2", any, Arc::clone(&timeline)).context("no port for the replica")?;
        let listener = TcpListener::bind(any).await.context("no port for service A")?;
        let a = listener.local_addr()?;
        service_a::start(listener, &b, &replica)?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { http, a, b, replica, _listening: timeline.listen(), timeline })
    }

    /// Begins a scene with policies that remember nothing.
    pub(super) async fn scene(
        &self,
        number: u32,
        shown: &'static str,
        script: Script,
    ) -> anyhow::Result<Scene<'_>> {
        failsafe::registry().reset();
        self.b.play(script).await?;
        self.replica.play(Script::Healthy).await?;
        line("");
        line(Colour::Bold.paint(format_args!("Scene {number}: {shown}")));
        line(format_args!("B {}", script.describe()));
        self.timeline.begin();
        Ok(Scene { stage: self, number, shown, calls: 0, claims: 0, kept: true })
    }
}

/// What A answered.
#[derive(Debug)]
pub(super) struct Reply {
    /// What it was asked for.
    pub(super) path: String,
    pub(super) status: u16,
    /// Who greets, if anybody does.
    pub(super) from: String,
    pub(super) retry_after: Option<u64>,
    pub(super) took: Duration,
    pub(super) body: String,
}

impl Reply {
    /// Whether a policy refused the call; a failure of B would be a 502.
    pub(super) fn is_refused(&self) -> bool {
        self.status == 503
    }
}

/// A scene that is being played.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    stage: &'a Stage,
    number: u32,
    shown: &'static str,
    calls: usize,
    claims: usize,
    kept: bool,
}

impl Scene<'_> {
    /// Calls an endpoint of A.
    pub(super) async fn get(&mut self, endpoint: &str) -> anyhow::Result<Reply> {
        let Stage { http, a, timeline, .. } = self.stage;
        self.calls += 1;
        let path = format!("{endpoint}/{}", self.calls);
        timeline.print(Colour::Bold, "client", format_args!("GET {path}"));
        let reply = ask(http, *a, &path).await?;
        let Reply { status, retry_after, .. } = reply;
        let wait = retry_after.map(|seconds: u64| format!(", Retry-After: {seconds}"));
        let (wait, seconds) = (wait.unwrap_or_default(), reply.took.as_secs_f64());
        let colour = if status < 400 { Colour::Green } else { Colour::Red };
        let shown = colour.paint(status);
        timeline.print(
            Colour::Bold,
            "response",
            format_args!("{shown}{wait} in {seconds:.2}s: {}", reply.body),
        );
        Ok(reply)
    }

    /// Whether a connection to B is refused.
    pub(super) async fn is_b_refusing(&self) -> bool {
        let connected = TcpStream::connect(self.stage.b.address()).await;
        connected.is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
    }

    /// Waits until something is so, for ten seconds at the most: a claim will say if it is not.
    pub(super) async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        for _ in 0..1000 {
            if is_so(self) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// What B does from now on.
    pub(super) async fn b_plays(&self, script: Script) -> anyhow::Result<()> {
        self.stage.timeline.print(
            Colour::Bold,
            "service B",
            format_args!("now {}", script.describe()),
        );
        self.stage.b.play(script).await
    }

    /// Prints what somebody else does.
    pub(super) fn does(&self, who: &str, what: &str) {
        self.stage.timeline.print(Colour::Bold, who, what);
    }

    /// Many calls at once.
    pub(super) fn send(&mut self, shown: &str, paths: impl IntoIterator<Item = String>) -> Crowd {
        let Stage { http, a, timeline, .. } = self.stage;
        timeline.print(Colour::Bold, "clients", shown);
        timeline.gather();
        let mut crowd = Crowd::new(http.clone(), *a, Arc::clone(timeline));
        for path in paths {
            self.calls += 1;
            crowd.call(path);
        }
        crowd
    }

    /// So many callers, each of whom calls again when it has its answer, until something is so.
    pub(super) async fn keep_calling(
        &mut self,
        endpoint: &str,
        callers: usize,
        is_enough: impl Fn() -> bool,
    ) -> anyhow::Result<Vec<Reply>> {
        /// If it is not so by then, a claim will say so.
        const MOST: usize = 2000;
        let shown = format!("GET {endpoint}, {callers} callers, again and again");
        let path = || format!("{endpoint}/1");
        let mut crowd = self.send(&shown, (0..callers).map(|_| path()));
        let mut replies = Vec::new();
        while replies.len() < MOST && !is_enough() {
            let came = crowd.next(1).await?;
            crowd.call_later(path(), came.iter().any(Reply::is_refused));
            self.calls += 1;
            replies.extend(came);
        }
        crowd.end(&mut replies).await?;
        Ok(replies)
    }

    /// How many requests have reached B.
    pub(super) fn requests_to_b(&self) -> usize {
        self.stage.timeline.requests_to_b()
    }

    /// The most requests that were with B at a time.
    pub(super) fn most_at_b(&self) -> usize {
        self.stage.timeline.most_at_b()
    }

    /// The decisions of that kind, in order.
    pub(super) fn decisions_where(&self, is: impl Fn(&What) -> bool) -> Vec<Decision> {
        let mut decisions = self.stage.timeline.decisions();
        decisions.retain(|decision| is(&decision.event.what));
        decisions
    }

    /// The policies, in the order in which each of them first decided something.
    pub(super) fn order_of_appearance(&self) -> Vec<&'static str> {
        let mut policies = Vec::new();
        for decision in self.stage.timeline.decisions() {
            if !policies.contains(&decision.event.policy) {
                policies.push(decision.event.policy);
            }
        }
        policies
    }

    /// How long the breaker was open each time, until it let a trial call through.
    pub(super) fn open_times(&self) -> Vec<Duration> {
        let changes = self.decisions_where(|what| matches!(what, What::StateChanged { .. }));
        let opened = changes.iter().zip(changes.iter().skip(1)).filter(|(change, _)| {
            matches!(change.event.what, What::StateChanged { to: State::Open, .. })
        });
        opened.map(|(opened, next)| next.at.saturating_sub(opened.at)).collect()
    }

    /// Claims that the breaker went through exactly these changes.
    pub(super) fn changes(&mut self, expected: &[(State, State)]) {
        let changes = self.decisions_where(|what| matches!(what, What::StateChanged { .. }));
        let seen = changes.iter().filter_map(|change| match change.event.what {
            What::StateChanged { from, to } => Some((from, to)),
            _ => None,
        });
        let seen: Vec<_> = seen.collect();
        let (went, should) = (path(&seen), path(expected));
        if seen == expected {
            self.claim(true, format!("the breaker went {went}"));
        } else {
            self.claim(false, format!("the breaker went {should} (it went {went})"));
        }
    }

    /// Claims that something took so long.
    pub(super) fn takes(&mut self, what: &str, took: Duration, expected: Duration) {
        let seconds = took.as_secs_f64();
        let kept = (expected..=expected + TOLERANCE).contains(&took);
        let claimed =
            if expected.is_zero() { "no time".to_owned() } else { format!("{expected:?}") };
        self.claim(kept, format!("{what} takes {claimed} (it took {seconds:.2}s)"));
    }

    /// Claims something.
    pub(super) fn claim(&mut self, kept: bool, what: impl AsRef<str>) {
        self.kept &= kept;
        self.claims += 1;
        let what = what.as_ref();
        if kept {
            line(format_args!("          {}      {what}", Colour::Green.paint("ok")));
        } else {
            line(format_args!("          {}  {what}", Colour::Red.paint("FAILED")));
        }
    }

    /// What goes into the table.
    pub(super) fn end(self) -> Row {
        Row {
            number: self.number,
            shown: self.shown,
            calls: self.calls,
            requests_to_b: self.requests_to_b(),
            claims: self.claims,
            decisions: self.stage.timeline.decisions(),
            kept: self.kept,
        }
    }
}

/// Says what would happen without the policy of the scene.
pub(super) fn without(what: &str) {
    line(format_args!("Without it: {what}"));
}

/// The states that these changes lead through.
fn path(changes: &[(State, State)]) -> String {
    let Some((first, _)) = changes.first() else { return "nowhere".to_owned() };
    changes.iter().fold(first.to_string(), |path, (_, to)| format!("{path} -> {to}"))
}
