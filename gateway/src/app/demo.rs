//! The demo: one site, one agent, and a page of another origin with the snippet on it.

use crate::api::{AdminCommand, ApiState, NewAgent, NewSite, RoleName, carry_out, sign_in_link};
use crate::config::Config;
use anyhow::Context;
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use std::io::Write;
use std::net::SocketAddr;
use tokio::net::TcpListener;

/// Another port is another origin, as a customer's page is.
const PAGE_PORT: u16 = 8081;
const SITE: &str = "demo";
const EMAIL: &str = "demo@example.com";
const PAGE: &str = include_str!("demo/page.html");

/// The settings of the demo: what it keeps stays apart, and it stops at once when asked.
#[must_use]
pub fn settings(config: Config) -> Config {
    let data = config.data.join(SITE);
    Config { data, drain_grace_ms: 0, ..config }
}

/// Creates what the demo needs, if it is not there, and prints where to go.
///
/// # Errors
/// The store does not answer, or nobody can be told.
pub async fn begin(state: &ApiState) -> anyhow::Result<()> {
    if state.store.site(SITE).await?.is_none() {
        create(state).await?;
    }
    let account = state.store.account_by_email(EMAIL).await?.context("the demo agent is gone")?;
    let console = sign_in_link(state, account.id).await?;
    let settings = sign_in_link(state, account.id).await?;
    let mut out = std::io::stdout();
    writeln!(out, "Talk as a visitor:  {}/", page_origin("localhost"))?;
    writeln!(out, "Answer as an agent: {console}")?;
    writeln!(out, "Change settings:    {settings}&go=settings")?;
    Ok(out.flush()?)
}

async fn create(state: &ApiState) -> anyhow::Result<()> {
    let site = NewSite {
        key: Some(SITE.to_owned()),
        name: "Lantern & Oak".to_owned(),
        origins: vec![page_origin("localhost"), page_origin("127.0.0.1")],
        greeting: Some("Hello! How can we help?".to_owned()),
    };
    run(state, AdminCommand::SiteAdd { site }).await?;
    let agent = NewAgent {
        email: EMAIL.to_owned(),
        name: "Dana".to_owned(),
        role: RoleName::Admin,
        teams: None,
        skills: Vec::new(),
        languages: Vec::new(),
        capacity: None,
    };
    run(state, AdminCommand::AgentAdd { site: SITE.to_owned(), agent, teams: None }).await?;
    let mut account = state.store.account_by_email(EMAIL).await?.context("the demo agent was not stored")?;
    account.operator = true;
    Ok(state.store.put_account(account).await?)
}

async fn run(state: &ApiState, command: AdminCommand) -> anyhow::Result<()> {
    carry_out(state, command).await.map(drop).map_err(|error| anyhow::anyhow!(error.body().message))
}

fn page_origin(host: &str) -> String {
    format!("http://{host}:{PAGE_PORT}")
}

/// Takes the demo page's port.
///
/// # Errors
/// Somebody else has it.
pub async fn bind_page(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::new(listen.ip(), PAGE_PORT);
    TcpListener::bind(address).await.with_context(|| format!("cannot listen at {address}, for the demo page"))
}

/// Serves the demo page. The snippet names the gateway by the host the page was asked from.
///
/// # Errors
/// The listener is broken.
pub async fn serve_page(listener: TcpListener, listen: SocketAddr) -> anyhow::Result<()> {
    let page = PAGE.replace("{gateway_port}", &listen.port().to_string());
    let router =
        Router::new().route("/", get(move |headers: http::HeaderMap| std::future::ready(show(&page, &headers))));
    Ok(axum::serve(listener, router).await?)
}

fn show(page: &str, headers: &http::HeaderMap) -> Html<String> {
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_loopback = matches!(name, "localhost" | "127.0.0.1");
    Html(page.replace("{gateway_host}", if is_loopback { name } else { "localhost" }))
}
