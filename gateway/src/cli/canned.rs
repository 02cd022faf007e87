//! `halloo canned …`: canned replies.

use super::Failure;
use super::print::Shape;
use crate::api::{AdminCommand, CannedChange, NewCanned};
use clap::Subcommand;

#[derive(Clone, Debug, Subcommand)]
pub enum CannedCommand {
    /// Add a canned reply to a site
    Add {
        site: String,
        /// What an agent types after /
        shortcut: String,
        /// What it becomes
        body: String,
    },
    /// List the canned replies of a site
    List { site: String },
    /// Change a canned reply; what is not named stays
    Set {
        site: String,
        shortcut: String,
        /// Its new shortcut
        #[arg(long)]
        rename: Option<String>,
        /// What it becomes
        #[arg(long)]
        body: Option<String>,
    },
    /// Remove a canned reply
    Remove { site: String, shortcut: String },
}

impl CannedCommand {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Add { .. } | Self::Set { .. } | Self::Remove { .. } => Shape::Fields,
            Self::List { .. } => Shape::Table(&["shortcut", "body"]),
        }
    }

    pub(super) fn into_admin(self) -> Result<AdminCommand, Failure> {
        match self {
            Self::Add { site, shortcut, body } => {
                Ok(AdminCommand::CannedAdd { site, canned: NewCanned { shortcut, body } })
            }
            Self::List { site } => Ok(AdminCommand::CannedList { site }),
            Self::Set { rename: None, body: None, .. } => {
                Err(Failure::Usage("name what is to change; see halloo canned set --help".to_owned()))
            }
            Self::Set { site, shortcut, rename, body } => {
                Ok(AdminCommand::CannedSet { site, shortcut, change: CannedChange { shortcut: rename, body } })
            }
            Self::Remove { site, shortcut } => Ok(AdminCommand::CannedRemove { site, shortcut }),
        }
    }
}
