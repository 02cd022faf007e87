//! Every setting as a flag of the command line, but for secrets, which other users of the machine would see.

use super::Setting;
use super::source::{flag_name, variable_name};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a server listens for commands, where the store is, and what links begin with.
const NEEDED_TO_MANAGE: [&str; 6] = ["config", "data", "postgres", "admin_listen", "public_url", "demo"];

/// Settings given on the command line; flatten it into a subcommand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The file of settings.
    pub config: Option<PathBuf>,
    pub(super) values: BTreeMap<&'static str, String>,
}

impl Flags {
    /// For subcommands that find a server or its store: they show what they need of the settings, and take it behind
    /// their own subcommands too.
    #[must_use]
    pub fn augment_managing(command: Command) -> Command {
        let is_needed = |arg: &Arg| NEEDED_TO_MANAGE.contains(&arg.get_id().as_str());
        let is_setting = |arg: &Arg| Self::offered().any(|setting| setting.key == arg.get_id().as_str());
        Self::augment_args(command).mut_args(|arg| match (is_needed(&arg), is_setting(&arg)) {
            (true, _) => arg.global(true),
            (false, true) => arg.hide(true),
            (false, false) => arg,
        })
    }

    fn offered() -> impl Iterator<Item = &'static Setting> {
        Setting::ALL.iter().filter(|setting| !setting.is_secret)
    }
}

impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let config = Arg::new("config")
            .long("config")
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help("File of settings [env: HALLOO_CONFIG]");
        Self::offered().map(flag).fold(command.arg(config), Command::arg)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(setting: &'static Setting) -> Arg {
    let name = flag_name(setting.key).trim_start_matches('-').to_owned();
    let help = format!(
        "{} [{}: {}] [env: {}]",
        setting.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "),
        if (setting.has_default)() { "default" } else { "for example" },
        (setting.shown)().trim_matches('"'),
        variable_name(setting.key)
    );
    let arg = Arg::new(setting.key).long(name).value_name("VALUE").help(help);
    if setting.is_switch { arg.num_args(0..=1).require_equals(true).default_missing_value("true") } else { arg }
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let value = |setting: &'static Setting| Some((setting.key, matches.get_one::<String>(setting.key)?.clone()));
        Ok(Self {
            config: matches.get_one::<PathBuf>("config").cloned(),
            values: Self::offered().filter_map(value).collect(),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
