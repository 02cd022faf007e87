//! What a client's text must be before a desk hears of it. A refusal here leaves the ordinal free: no node would
//! ever take such content.

use crate::ids::Socket;
use protocol::limits::{
    AGENT_BODY_BYTES_MAX, COMMENT_BYTES_MAX, EMAIL_BYTES_MAX, LOCALE_BYTES_MAX, NAME_BYTES_MAX, TITLE_BYTES_MAX,
    URL_BYTES_MAX, VISITOR_BODY_BYTES_MAX,
};
use protocol::{Action, Code, Command, Open, Page, TextError, clean_body, clean_optional};

/// Longest body this socket may send, in UTF-8 bytes.
pub(super) fn body_bytes_max(socket: Socket) -> usize {
    match socket {
        Socket::Visitor(_) => VISITOR_BODY_BYTES_MAX,
        Socket::Agent(_) => AGENT_BODY_BYTES_MAX,
    }
}

/// Checks and trims a command's text, and that its lane fits its action.
pub(super) fn command(command: Command, socket: Socket) -> Result<Command, Code> {
    if command.id.ordinal == 0 || command.conversation.is_some() != has_lane(&command.action) {
        return Err(Code::BadValue);
    }
    let body_max = body_bytes_max(socket);
    let action = match command.action {
        Action::Open(open) => Action::Open(Box::new(self::open(*open, body_max)?)),
        Action::Say(say) => {
            body(&say.body, body_max)?;
            Action::Say(say)
        }
        Action::Note(note) => {
            body(&note.body, body_max)?;
            Action::Note(note)
        }
        Action::Edit(edit) => {
            body(&edit.body, body_max)?;
            Action::Edit(edit)
        }
        Action::Transfer(mut transfer) => {
            transfer.comment = comment(transfer.comment)?;
            Action::Transfer(transfer)
        }
        Action::Rate(mut rate) => {
            rate.comment = comment(rate.comment)?;
            Action::Rate(rate)
        }
        action @ (Action::Accept(_)
        | Action::Decline(_)
        | Action::Take(_)
        | Action::Park(_)
        | Action::Close(_)
        | Action::Reopen(_)
        | Action::Delete(_)
        | Action::Status(_)
        | Action::Accepting(_)
        | Action::Capacity(_)
        | Action::Unknown(_)) => action,
    };
    Ok(Command { action, ..command })
}

fn open(open: Open, body_max: usize) -> Result<Open, Code> {
    if let Some(text) = &open.body {
        body(text, body_max)?;
    }
    Ok(Open {
        name: line(open.name.as_deref(), NAME_BYTES_MAX)?,
        email: line(open.email.as_deref(), EMAIL_BYTES_MAX)?,
        language: line(open.language.as_deref(), LOCALE_BYTES_MAX)?,
        ..open
    })
}

/// Checks and trims what a visitor's page says of itself.
pub(super) fn page(page: Page) -> Result<Page, Code> {
    Ok(Page {
        url: line(page.url.as_deref(), URL_BYTES_MAX)?,
        title: line(page.title.as_deref(), TITLE_BYTES_MAX)?,
        language: line(page.language.as_deref(), LOCALE_BYTES_MAX)?,
    })
}

fn has_lane(action: &Action) -> bool {
    !matches!(action, Action::Status(_) | Action::Accepting(_) | Action::Capacity(_))
}

fn body(text: &str, bytes_max: usize) -> Result<(), Code> {
    clean_body(text, bytes_max).map_err(refused)
}

fn line(text: Option<&str>, bytes_max: usize) -> Result<Option<String>, Code> {
    clean_optional(text, bytes_max).map_err(refused)
}

/// A comment may have lines, as a body; a blank one counts as none.
fn comment(text: Option<String>) -> Result<Option<String>, Code> {
    match text.as_deref().map(|text| clean_body(text, COMMENT_BYTES_MAX)) {
        None | Some(Err(TextError::Empty)) => Ok(None),
        Some(Ok(())) => Ok(text),
        Some(Err(error)) => Err(refused(error)),
    }
}

fn refused(_: TextError) -> Code {
    Code::BadText
}
