//! `halloo team …`.

use super::Failure;
use super::print::Shape;
use crate::api::{AdminCommand, NewTeam, TeamChange};
use clap::{Args, Subcommand};

#[derive(Clone, Debug, Subcommand)]
pub enum TeamCommand {
    /// Add a team to a site
    Add {
        site: String,
        name: String,
        #[command(flatten)]
        options: TeamOptions,
    },
    /// List the teams of a site
    List { site: String },
    /// Change a team; what is not named stays
    Set {
        site: String,
        name: String,
        /// Its new name
        #[arg(long)]
        rename: Option<String>,
        /// Assign at once, without offers
        #[arg(long, conflicts_with = "offer_s")]
        no_offer: bool,
        /// Wait for an agent's first word however long it takes
        #[arg(long, conflicts_with = "first_reply_s")]
        no_first_reply: bool,
        /// Its conversations ask for no skill
        #[arg(long, conflicts_with = "skills")]
        no_skills: bool,
        #[command(flatten)]
        options: TeamOptions,
    },
    /// Remove a team; the last one of a site stays
    Remove { site: String, name: String },
}

#[derive(Clone, Debug, Default, Args)]
pub struct TeamOptions {
    /// Offer conversations for so many seconds, in place of assigning at once
    #[arg(long, value_name = "SECONDS")]
    offer_s: Option<u64>,
    /// Seconds for an agent's first word before the conversation goes back to the line
    #[arg(long, value_name = "SECONDS")]
    first_reply_s: Option<u64>,
    /// A skill that its conversations ask for; may be repeated
    #[arg(long = "skill", value_name = "SKILL")]
    skills: Vec<String>,
}

impl TeamCommand {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Add { .. } | Self::Set { .. } | Self::Remove { .. } => Shape::Fields,
            Self::List { .. } => Shape::Table(&["name", "offer_s", "first_reply_s", "skills"]),
        }
    }

    pub(super) fn into_admin(self) -> Result<AdminCommand, Failure> {
        match self {
            Self::Add { site, name, options: TeamOptions { offer_s, first_reply_s, skills } } => {
                Ok(AdminCommand::TeamAdd { site, team: NewTeam { name, offer_s, first_reply_s, skills } })
            }
            Self::List { site } => Ok(AdminCommand::TeamList { site }),
            Self::Set { site, name, rename, no_offer, no_first_reply, no_skills, options } => {
                let change = TeamChange {
                    name: rename,
                    offer_s: if no_offer { Some(None) } else { options.offer_s.map(Some) },
                    first_reply_s: if no_first_reply { Some(None) } else { options.first_reply_s.map(Some) },
                    skills: (no_skills || !options.skills.is_empty()).then_some(options.skills),
                };
                if change == TeamChange::default() {
                    return Err(Failure::Usage("name what is to change; see halloo team set --help".to_owned()));
                }
                Ok(AdminCommand::TeamSet { site, team: name, change })
            }
            Self::Remove { site, name } => Ok(AdminCommand::TeamRemove { site, team: name }),
        }
    }
}
