//! The example file: every setting with its description and its default, all of it commented out.

use super::Setting;
use super::source::variable_name;
use std::fmt::Write as _;

const HEAD: &str = "# Settings of halloo. Flags are stronger than the environment, which is stronger than this file.
# Every line that is commented out shows the default, or an example where there is none.
";

/// The text of `config/halloo.example.toml`.
#[must_use]
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    let mut table = "";
    for setting in Setting::ALL {
        let (of, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if of != table {
            table = of;
            let _ = write!(text, "\n[{table}]\n");
        }
        text.push('\n');
        for line in setting.doc {
            let _ = writeln!(text, "#{line}");
        }
        if setting.is_secret {
            let _ = writeln!(text, "# Better from the environment: {0} or {0}_FILE.", variable_name(setting.key));
        }
        let _ = writeln!(text, "#{name} = {}", (setting.shown)());
    }
    text
}
