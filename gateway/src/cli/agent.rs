//! `halloo agent …`.

use super::Failure;
use super::print::Shape;
use crate::api::{AdminCommand, AgentChange, NewAgent, RoleName};
use clap::{Args, Subcommand};

#[derive(Clone, Debug, Subcommand)]
pub enum AgentCommand {
    /// Add an agent to a site and print a link that signs them in once
    Add {
        site: String,
        email: String,
        /// The name that visitors see
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value_t = RoleName::Agent)]
        role: RoleName,
        #[command(flatten)]
        options: AgentOptions,
    },
    /// List the agents of a site
    List { site: String },
    /// Change an agent; what is not named stays
    Set {
        site: String,
        email: String,
        /// The name that visitors see
        #[arg(long)]
        name: Option<String>,
        #[arg(long, value_enum)]
        role: Option<RoleName>,
        /// Whether the agent works here
        #[arg(long, value_name = "true|false")]
        enabled: Option<bool>,
        /// The agent is in no team
        #[arg(long, conflicts_with = "teams")]
        no_teams: bool,
        /// The agent has no skill
        #[arg(long, conflicts_with = "skills")]
        no_skills: bool,
        /// The agent speaks no language in particular
        #[arg(long, conflicts_with = "languages")]
        no_languages: bool,
        #[command(flatten)]
        options: AgentOptions,
    },
    /// End an agent's work in a site, and their sessions when they have no other
    Disable { site: String, email: String },
    /// Print a link that signs an account in once, within 7 days
    Link {
        email: String,
        /// Take the password away and end all sessions, for somebody who forgot it
        #[arg(long)]
        reset_password: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct AgentOptions {
    /// A team by name; may be repeated; all of the site's teams for a new agent where absent
    #[arg(long = "team", value_name = "TEAM")]
    teams: Vec<String>,
    /// A skill; may be repeated
    #[arg(long = "skill", value_name = "SKILL")]
    skills: Vec<String>,
    /// A language, such as en; may be repeated
    #[arg(long = "language", value_name = "LANGUAGE")]
    languages: Vec<String>,
    /// Conversations at once
    #[arg(long)]
    capacity: Option<u32>,
}

impl AgentCommand {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Add { .. } | Self::Set { .. } | Self::Disable { .. } => Shape::Fields,
            Self::List { .. } => Shape::Table(&["email", "name", "role", "enabled", "capacity"]),
            Self::Link { .. } => Shape::Only("link"),
        }
    }

    pub(super) fn into_admin(self) -> Result<AdminCommand, Failure> {
        match self {
            Self::Add { site, email, name, role, options } => {
                let AgentOptions { teams, skills, languages, capacity } = options;
                let agent = NewAgent { email, name, role, teams: None, skills, languages, capacity };
                Ok(AdminCommand::AgentAdd { site, agent, teams: list(teams, false) })
            }
            Self::List { site } => Ok(AdminCommand::AgentList { site }),
            Self::Set { site, email, name, role, enabled, no_teams, no_skills, no_languages, options } => {
                let AgentOptions { teams, skills, languages, capacity } = options;
                let (teams, skills, languages) =
                    (list(teams, no_teams), list(skills, no_skills), list(languages, no_languages));
                let change = AgentChange { name, role, teams: None, skills, languages, capacity, enabled };
                if teams.is_none() && change == AgentChange::default() {
                    return Err(Failure::Usage("name what is to change; see halloo agent set --help".to_owned()));
                }
                Ok(AdminCommand::AgentSet { site, email, change, teams })
            }
            Self::Disable { site, email } => {
                let change = AgentChange { enabled: Some(false), ..AgentChange::default() };
                Ok(AdminCommand::AgentSet { site, email, change, teams: None })
            }
            Self::Link { email, reset_password } => Ok(AdminCommand::AgentLink { email, reset_password }),
        }
    }
}

/// An option that was not named changes nothing, unless none of the kind is wanted.
fn list(words: Vec<String>, none: bool) -> Option<Vec<String>> {
    (none || !words.is_empty()).then_some(words)
}
