//! `halloo site …`.

use super::Failure;
use super::print::Shape;
use crate::api::{AdminCommand, NewSite, SiteChange};
use clap::{Args, Subcommand};

#[derive(Clone, Debug, Subcommand)]
pub enum SiteCommand {
    /// Add a site and print the HTML to paste into the website
    Add {
        /// Public key of the site: a-z, 0-9, _ and -
        key: String,
        /// The name that visitors see
        #[arg(long)]
        name: String,
        /// An origin whose pages may embed the widget, such as https://www.example.org; may be repeated
        #[arg(long = "origin", value_name = "ORIGIN")]
        origins: Vec<String>,
        /// First words in the panel
        #[arg(long)]
        greeting: Option<String>,
    },
    /// List all sites
    List,
    /// Show one site
    Show { key: String },
    /// Change a site; what is not named stays
    Set {
        key: String,
        #[command(flatten)]
        change: SiteOptions,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct SiteOptions {
    /// The name that visitors see
    #[arg(long)]
    name: Option<String>,
    /// The origins whose pages may embed the widget, in place of the ones before; may be repeated
    #[arg(long = "origin", value_name = "ORIGIN", conflicts_with = "no_origins")]
    origins: Vec<String>,
    /// No page but the gateway's own may show the widget
    #[arg(long)]
    no_origins: bool,
    /// Whether visitors are served
    #[arg(long, value_name = "true|false")]
    enabled: Option<bool>,
    /// First words in the panel; empty takes them away
    #[arg(long)]
    greeting: Option<String>,
    /// Seconds that a dropped agent keeps their conversations
    #[arg(long, value_name = "SECONDS")]
    grace_s: Option<u64>,
    /// Seconds that an absent visitor keeps the place in line
    #[arg(long, value_name = "SECONDS")]
    absent_s: Option<u64>,
    /// Days within which a visitor's word reopens a conversation
    #[arg(long, value_name = "DAYS")]
    reopen_days: Option<u64>,
    /// Conversations that a visitor may have open
    #[arg(long, value_name = "NUMBER")]
    open_max: Option<u32>,
    /// Seconds of waiting after which skill and language no longer bind
    #[arg(long, value_name = "SECONDS", conflicts_with = "no_relax")]
    relax_s: Option<u64>,
    /// Skill and language bind however long somebody waits
    #[arg(long)]
    no_relax: bool,
    /// Seconds that a visitor waits for the agent they chose or last spoke with
    #[arg(long, value_name = "SECONDS")]
    preferred_s: Option<u64>,
}

impl SiteCommand {
    pub(super) fn shape(&self) -> Shape {
        match self {
            Self::Add { .. } | Self::Show { .. } | Self::Set { .. } => Shape::Fields,
            Self::List => Shape::Table(&["key", "name", "enabled", "origins"]),
        }
    }

    pub(super) fn into_admin(self) -> Result<AdminCommand, Failure> {
        match self {
            Self::Add { key, name, origins, greeting } => {
                Ok(AdminCommand::SiteAdd { site: NewSite { key: Some(key), name, origins, greeting } })
            }
            Self::List => Ok(AdminCommand::SiteList),
            Self::Show { key } => Ok(AdminCommand::SiteShow { key }),
            Self::Set { change, .. } if change == SiteOptions::default() => {
                Err(Failure::Usage("name what is to change; see halloo site set --help".to_owned()))
            }
            Self::Set { key, change } => Ok(AdminCommand::SiteSet { key, change: change.into() }),
        }
    }
}

impl From<SiteOptions> for SiteChange {
    fn from(options: SiteOptions) -> Self {
        let names_origins = options.no_origins || !options.origins.is_empty();
        Self {
            name: options.name,
            origins: names_origins.then_some(options.origins),
            enabled: options.enabled,
            greeting: options.greeting.map(Some),
            grace_s: options.grace_s,
            absent_s: options.absent_s,
            reopen_days: options.reopen_days,
            open_max: options.open_max,
            relax_s: if options.no_relax { Some(None) } else { options.relax_s.map(Some) },
            preferred_s: options.preferred_s,
        }
    }
}
