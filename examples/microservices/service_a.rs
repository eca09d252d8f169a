//! Service A: an endpoint for each method of its [`Client`].

use crate::service_b::ServiceB;
use crate::{Client, Error, Greeting};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use failsafe::{Kind, Rejected};
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

impl Client {
    /// A client of the B at that address, which has a replica.
    fn new(b: SocketAddr, replica: SocketAddr) -> reqwest::Result<Self> {
        // Without idle connections every call connects, so that a B which is down is noticed by
        // being refused.
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build()?;
        Ok(Self { http, b: format!("http://{b}"), replica: format!("http://{replica}") })
    }
}

/// Serves A in the background.
pub(crate) fn start(
    listener: TcpListener,
    b: &Arc<ServiceB>,
    replica: &ServiceB,
) -> reqwest::Result<()> {
    let client = Arc::new(Client::new(b.address(), replica.address())?);
    let endpoints = endpoints().with_state(client).merge(controls(b));
    tokio::spawn(async move { axum::serve(listener, endpoints).await });
    Ok(())
}

/// `GET /<endpoint>/<id>` calls the method of that name.
fn endpoints() -> Router<Arc<Client>> {
    macro_rules! call {
        ($method:ident) => {
            get(|State(client): State<Arc<Client>>, Path(id): Path<u64>| async move {
                client.$method(id).await.map(Json)
            })
        };
    }
    Router::new()
        .route("/with-timeout/{id}", call!(with_timeout))
        .route("/with-retry/{id}", call!(with_retry))
        .route("/with-breaker/{id}", call!(with_breaker))
        .route("/farewell/{id}", call!(farewell))
        .route("/with-fallback/{id}", call!(with_fallback))
        .route("/greeting/{id}", call!(greeting))
        .route("/report/{id}", call!(report))
        .route("/search/{id}", call!(search))
        .route("/price/{id}", call!(price))
        .route("/unhedged-price/{id}", call!(unhedged_price))
        .route("/order/{caller}/{id}", get(order))
        .route("/profile/{id}", call!(profile))
        .route("/payment/{id}", call!(payment))
        .route("/checkout/{id}", call!(checkout))
        .route("/browse/{id}", call!(browse))
        .route("/recommendation/{id}", call!(recommendation))
        .route("/invoice/{id}", call!(invoice))
        .route("/receipt/{id}", call!(receipt))
}

/// Who calls would be known from a token; here it is part of the path.
async fn order(
    State(client): State<Arc<Client>>,
    Path((caller, id)): Path<(String, u64)>,
) -> Result<Json<Greeting>, Error> {
    client.order(&caller, id).await.map(Json)
}

/// `POST /script/<script>` tells B what to do; it is here because a B that is down hears nothing.
/// `POST /feature/<name>/on` and `off` switch a feature. `POST /reset` makes the policies forget.
fn controls(b: &Arc<ServiceB>) -> Router {
    let play = |State(b): State<Arc<ServiceB>>, Path(name): Path<String>| async move {
        let script = name.parse().map_err(|fault| (StatusCode::NOT_FOUND, format!("{fault}\n")))?;
        let played = b.play(script).await.map(|()| format!("B: {name}\n"));
        played.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")))
    };
    let switch = |Path((name, state)): Path<(String, String)>| async move {
        let missing = (StatusCode::NOT_FOUND, format!("no feature `{name}`\n"));
        let feature = failsafe::registry().feature_toggle(&name).ok_or(missing)?;
        match state.as_str() {
            "on" => feature.enable(),
            "off" => feature.disable(),
            _ => return Err((StatusCode::NOT_FOUND, format!("neither on nor off: `{state}`\n"))),
        }
        Ok(format!("A: {name} is {state}\n"))
    };
    let reset = || async {
        failsafe::registry().reset();
        "A: policies are as new\n"
    };
    Router::new()
        .route("/script/{name}", post(play))
        .route("/feature/{name}/{state}", post(switch))
        .route("/reset", post(reset))
        .with_state(Arc::clone(b))
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": self.to_string() }));
        match &self {
            Self::Rejected(rejected) => (status(rejected), wait(rejected), body).into_response(),
            Self::Status { .. } | Self::Http(_) => (StatusCode::BAD_GATEWAY, body).into_response(),
        }
    }
}

/// The status for a call that a policy refused or gave up.
fn status(rejected: &Rejected) -> StatusCode {
    match rejected.kind() {
        Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// When to come back, in whole seconds, where the policy knows.
fn wait(rejected: &Rejected) -> HeaderMap {
    let seconds = rejected.retry_after().map(|wait| wait.as_secs_f64().ceil());
    let header = seconds.and_then(|seconds| HeaderValue::try_from(seconds.to_string()).ok());
    header.map(|seconds| (header::RETRY_AFTER, seconds)).into_iter().collect()
}
