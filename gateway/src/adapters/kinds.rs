//! A record's kind as SQL stores keep it: its name, the text somebody wrote, and the rest as JSON.

use crate::adapters::fault::Fault;
use crate::adapters::names::{json, json_of};
use protocol::{Author, Body, Edited, MessageId, RecordKind, Said};
use serde::{Deserialize, Serialize};

/// What a message holds beside its body.
#[derive(Serialize, Deserialize)]
struct SaidDetail {
    by: Author,
}

/// What an edit holds beside the new body.
#[derive(Serialize, Deserialize)]
struct EditedDetail {
    message: MessageId,
    by: Author,
}

/// The kind's name, what was written, and the rest as JSON.
pub(crate) fn columns(what: &RecordKind) -> Result<(&'static str, Option<&str>, String), Fault> {
    let (kind, detail) = match what {
        RecordKind::Opened(opened) => ("opened", json(opened)),
        RecordKind::Waiting(waiting) => ("waiting", json(waiting)),
        RecordKind::Offered(by) => ("offered", json(by)),
        RecordKind::Declined(by) => ("declined", json(by)),
        RecordKind::Lapsed(by) => ("lapsed", json(by)),
        RecordKind::Assigned(assigned) => ("assigned", json(assigned)),
        RecordKind::Said(said) => return with_body("said", said),
        RecordKind::Noted(said) => return with_body("noted", said),
        RecordKind::Transferred(transferred) => ("transferred", json(transferred)),
        RecordKind::Parked(parked) => ("parked", json(parked)),
        RecordKind::Closed(closed) => ("closed", json(closed)),
        RecordKind::Reopened(reopened) => ("reopened", json(reopened)),
        RecordKind::Rated(rated) => ("rated", json(rated)),
        RecordKind::Edited(edited) => {
            let detail = json(&EditedDetail { message: edited.message, by: edited.by.clone() })?;
            return Ok(("edited", Some(&edited.body.0), detail));
        }
        RecordKind::Deleted(deleted) => ("deleted", json(deleted)),
        RecordKind::Unknown(kind) => return Err(Fault::Refused(format!("a record of kind {kind:?}"))),
    };
    Ok((kind, None, detail?))
}

fn with_body<'a>(kind: &'static str, said: &'a Said) -> Result<(&'static str, Option<&'a str>, String), Fault> {
    Ok((kind, Some(&said.body.0), json(&SaidDetail { by: said.by.clone() })?))
}

/// Puts a kind together again; one that this version cannot read is passed on by its name.
pub(crate) fn what(kind: String, body: Option<String>, detail: &str) -> RecordKind {
    let body = Body(body.unwrap_or_default());
    let known = match kind.as_str() {
        "opened" => json_of(detail).map(RecordKind::Opened),
        "waiting" => json_of(detail).map(RecordKind::Waiting),
        "offered" => json_of(detail).map(RecordKind::Offered),
        "declined" => json_of(detail).map(RecordKind::Declined),
        "lapsed" => json_of(detail).map(RecordKind::Lapsed),
        "assigned" => json_of(detail).map(RecordKind::Assigned),
        "said" => json_of(detail).map(|SaidDetail { by }| RecordKind::Said(Said { by, body })),
        "noted" => json_of(detail).map(|SaidDetail { by }| RecordKind::Noted(Said { by, body })),
        "transferred" => json_of(detail).map(RecordKind::Transferred),
        "parked" => json_of(detail).map(RecordKind::Parked),
        "closed" => json_of(detail).map(RecordKind::Closed),
        "reopened" => json_of(detail).map(RecordKind::Reopened),
        "rated" => json_of(detail).map(RecordKind::Rated),
        "edited" => {
            json_of(detail).map(|EditedDetail { message, by }| RecordKind::Edited(Edited { message, by, body }))
        }
        "deleted" => json_of(detail).map(RecordKind::Deleted),
        _ => None,
    };
    known.unwrap_or(RecordKind::Unknown(kind))
}
