//! Both services for curl.

use crate::service_a;
use crate::service_b::{Script, ServiceB};
use crate::timeline::{Timeline, line};
use anyhow::Context as _;
use std::net::{Ipv4Addr, SocketAddr};
use tokio::net::TcpListener;

/// The port of A.
const PORT_A: u16 = 3000;
/// The port of B.
const PORT_B: u16 = 3001;

/// What to type for each scene: B's script, and A's endpoint.
const SCENES: [(&str, &str, &str); 5] = [
    ("slow", "with-timeout/1", "a timeout ends it after 1 s"),
    ("flaky", "with-retry/1", "retries after 1 s, 2 s and 4 s"),
    ("outage", "with-breaker/[1-4]", "the 4th is refused; so is /farewell/1; wait and repeat"),
    ("down", "with-fallback/1", "nobody listens on B's port"),
    ("trouble", "greeting/1", "all four policies, 9 s; then repeat"),
];

/// Serves until Ctrl-C.
pub(crate) async fn until_interrupted() -> anyhow::Result<()> {
    let timeline = Timeline::new();
    let _listening = timeline.listen();
    let b = ServiceB::new(local(PORT_B), timeline).with_context(|| taken("B", PORT_B))?;
    b.play(Script::Healthy).await?;
    let listener = TcpListener::bind(local(PORT_A)).await.with_context(|| taken("A", PORT_A))?;
    service_a::start(listener, &b)?;

    let a = local(PORT_A);
    line(format_args!("Service A listens on {a}, service B on {}. Ctrl-C ends.\n", b.address()));
    for (script, endpoint, shown) in SCENES {
        line(format_args!("# {shown}"));
        line(format_args!("curl -X POST {a}/reset {a}/script/{script}; curl -i '{a}/{endpoint}'"));
    }
    line(format_args!("# B is well\ncurl -X POST {a}/script/healthy; curl -i {a}/greeting/1\n"));
    tokio::signal::ctrl_c().await.context("cannot listen for Ctrl-C")
}

/// That port of this machine.
fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// What to say when a port is not to be had.
fn taken(service: &str, port: u16) -> String {
    format!("service {service} cannot use port {port}; stop what listens there")
}
