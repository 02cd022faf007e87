//! The admin port: health for orchestrators, figures for Prometheus, the log level, and the command line's requests.
//!
//! It is a listener of its own, so that the public port's limits and floods do not touch it.

use crate::config::Secret;
use crate::edge::{connection, listener};
use crate::ports::Readiness;
use crate::telemetry::{CONTENT_TYPE, LogLevel, Metrics};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{self, AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use hyper::body::Incoming;
use hyper::service::service_fn;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// A log filter longer than this is none.
const LEVEL_BYTES_MAX: usize = 1_024;

/// What the admin port stands on.
pub struct Admin {
    pub metrics: Arc<Metrics>,
    pub readiness: Arc<dyn Readiness>,
    pub log_level: LogLevel,
    /// Asked of whoever changes something; without one, only this machine may.
    pub token: Option<Secret>,
}

/// The port's routes, with `commands` beside them; those check on their own who may.
pub fn router(admin: Admin, commands: Router) -> Router {
    let admin = Arc::new(admin);
    let guarded = Router::new()
        .route("/log-level", put(set_log_level).get(log_level))
        .layer(middleware::from_fn_with_state(Arc::clone(&admin), only_the_owner));
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .merge(guarded)
        .with_state(admin)
        .merge(commands)
        .layer(middleware::from_fn(no_pages))
}

/// Serves the port until `stop`.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let each = |stream, peer: SocketAddr| {
        listener::prepare(&stream);
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                Box::pin(router.clone().oneshot(request.map(Body::new)))
            });
            if let Some(ended) = connection::serve(stream, service, &stop).await {
                connection::close(ended.stream).await;
            }
        });
    };
    listener::accept(listener, &stop, || {}, each).await;
    connections.close();
    connections.wait().await;
}

async fn readyz(State(admin): State<Arc<Admin>>) -> Response {
    let draining = admin.readiness.is_draining();
    let store = admin.readiness.store_answers();
    let ready = store && !draining;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let store = if store { "ok" } else { "away" };
    let told = serde_json::json!({
        "ready": ready,
        "draining": draining,
        "store": store,
        "degraded": admin.readiness.is_degraded(),
    });
    (status, axum::Json(told)).into_response()
}

async fn metrics(State(admin): State<Arc<Admin>>) -> Response {
    match admin.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn log_level(State(admin): State<Arc<Admin>>) -> String {
    admin.log_level.current() + "\n"
}

async fn set_log_level(State(admin): State<Arc<Admin>>, level: String) -> Response {
    if level.len() > LEVEL_BYTES_MAX {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match admin.log_level.set(level.trim()) {
        Ok(()) => {
            tracing::info!(level = level.trim(), "log level changed");
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
    }
}

/// Lets in who knows the token; where there is none, who asks from this machine.
async fn only_the_owner(State(admin): State<Arc<Admin>>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let may = match &admin.token {
        Some(token) => bearer(request.headers()).is_some_and(|said| token.is(said)),
        None => peer.is_some_and(|peer: IpAddr| peer.to_canonical().is_loopback()),
    };
    if may { next.run(request).await } else { StatusCode::UNAUTHORIZED.into_response() }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Refuses what a page in a browser on this machine sends: nothing here is for pages.
async fn no_pages(request: Request, next: Next) -> Response {
    let is_page = request.headers().contains_key(ORIGIN) || request.headers().contains_key("sec-fetch-site");
    let is_read = request.method().is_safe();
    if is_page && !is_read { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await }
}

#[cfg(test)]
mod tests;
