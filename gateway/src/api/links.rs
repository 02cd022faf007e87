//! Links that sign somebody in once. The secret stands after `#`, so it reaches no server log.

use super::ApiState;
use super::limits::{SETUP_CODE_LIFE, SIGN_IN_CODE_LIFE};
use super::secrets::Secret;
use crate::ports::{Grant, StoreError};
use std::time::Duration;
use uuid::Uuid;

/// A link that signs the account in once, within a week.
pub async fn sign_in_link(state: &ApiState, account: Uuid) -> Result<String, StoreError> {
    let code = hand_out(state, Grant::SignInCode { account }, SIGN_IN_CODE_LIFE).await?;
    Ok(format!("{}/console#code={}", state.public_url(), code.reveal()))
}

/// A link that creates the first operator, within a day; none when there is one.
pub async fn setup_link(state: &ApiState) -> Result<Option<String>, StoreError> {
    if has_operator(state).await? {
        return Ok(None);
    }
    let code = hand_out(state, Grant::Setup, SETUP_CODE_LIFE).await?;
    Ok(Some(format!("{}/console#setup={}", state.public_url(), code.reveal())))
}

/// Whether somebody runs this deployment.
pub(super) async fn has_operator(state: &ApiState) -> Result<bool, StoreError> {
    Ok(state.store.accounts().await?.iter().any(|account| account.operator))
}

/// Draws a secret and remembers what it is good for.
pub(super) async fn hand_out(state: &ApiState, grant: Grant, life: Duration) -> Result<Secret, StoreError> {
    let secret = Secret::draw();
    let life_ms = u64::try_from(life.as_millis()).unwrap_or(u64::MAX);
    state.store.grant(secret.hash(), grant, state.wall_ms().saturating_add(life_ms)).await?;
    Ok(secret)
}
