//! Both services for curl.

use crate::service_a;
use crate::service_b::{Script, ServiceB};
use crate::timeline::{Timeline, line};
use anyhow::Context as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// The port of A.
const PORT_A: u16 = 3000;
/// The port of B.
const PORT_B: u16 = 3001;
/// The port of B's replica, which is always well.
const PORT_B2: u16 = 3002;

/// What to type for each scene: B's script, curl's options, A's endpoint, and what is to be seen.
const SCENES: [(&str, &str, &str, &str); 13] = [
    ("slow", "-i", "with-timeout/1", "a timeout ends it after 1 s"),
    ("flaky", "-i", "with-retry/1", "retries after 1 s, 2 s and 4 s"),
    (
        "outage",
        "-i",
        "with-breaker/[1-4]",
        "the 4th is refused; so is /farewell/1; wait and repeat",
    ),
    ("down", "-i", "with-fallback/1", "nobody listens on B's port"),
    ("trouble", "-i", "greeting/1", "four policies on one function, 9 s; then repeat"),
    ("stuck", "-sZ", "report/[1-10]", "3 run, 2 wait, 5 are refused; make B well from elsewhere"),
    ("overloaded", "-sZ", "search/[1-30]", "beyond the limit they are refused"),
    ("lagging", "-s", "price/[1-6]", "half a second at the most: a hedge asks the replica"),
    ("healthy", "-i", "order/you/[1-7]", "five orders a minute for each caller"),
    ("overloaded", "-sZ", "profile/7?[1-20]", "one request to B; the next one after 2 s"),
    ("failing", "-i", "payment/[1-3]", "the 3rd is refused; make B well, wait 2 s and repeat"),
    ("strained", "-s", "browse/[1-90]", "again: some are refused; of checkout/[1-90] none is"),
    ("healthy", "-s", "recommendation/1", "POST /feature/recommendations/off, and repeat"),
];

/// Serves until Ctrl-C.
pub(crate) async fn until_interrupted() -> anyhow::Result<()> {
    let timeline = Timeline::new();
    let _listening = timeline.listen();
    let b = ServiceB::new("B", local(PORT_B), Arc::clone(&timeline));
    let b = b.with_context(|| taken("B", PORT_B))?;
    let replica = ServiceB::new("B2", local(PORT_B2), timeline);
    let replica = replica.with_context(|| taken("B2", PORT_B2))?;
    b.play(Script::Healthy).await?;
    replica.play(Script::Healthy).await?;
    let listener = TcpListener::bind(local(PORT_A)).await.with_context(|| taken("A", PORT_A))?;
    service_a::start(listener, &b, &replica)?;

    let a = local(PORT_A);
    line(format_args!("Service A listens on {a}, service B on {}. Ctrl-C ends.\n", b.address()));
    for (script, options, endpoint, shown) in SCENES {
        line(format_args!("# {shown}"));
        line(format_args!(
            "curl -X POST {a}/reset {a}/script/{script}; curl {options} '{a}/{endpoint}'"
        ));
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
