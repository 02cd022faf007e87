//! Settings from every source, sound and not.

use super::*;
use clap::{Args, Command, FromArgMatches};
use std::io::Write;

const COMMITTED: &str = include_str!("../../../config/halloo.example.toml");

fn flags(words: &[&str]) -> Flags {
    let command = Flags::augment_args(Command::new("serve").no_binary_name(true));
    Flags::from_arg_matches(&command.try_get_matches_from(words).unwrap()).unwrap()
}

fn file(text: &str) -> (tempfile::NamedTempFile, Flags) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
    (file, flags)
}

fn load(words: &[&str], environment: &[(&str, &str)]) -> Result<Config, Faults> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(&flags(words), environment)
}

/// The faults, without the name of the temporary file.
fn faults(words: &[&str], environment: &[(&str, &str)], text: &str) -> Vec<String> {
    let (file, with_file) = file(text);
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let all = Flags { config: with_file.config, ..flags(words) };
    let faults = Config::load(&all, environment).unwrap_err().0;
    let name = file.path().display().to_string();
    faults.iter().map(|fault| fault.to_string().replace(&name, "FILE")).collect()
}

#[test]
fn flags_are_stronger_than_environment_than_file_than_defaults() {
    let text = "listen = \"127.0.0.1:1\"\nadmin_listen = \"127.0.0.1:2\"\nscheme = \"https\"\n[log]\nformat = \"json\"";
    let (_file, with_file) = file(text);
    let all = Flags { config: with_file.config, ..flags(&["--listen", "127.0.0.1:11"]) };
    let environment = [("HALLOO_LISTEN", "127.0.0.1:21"), ("HALLOO_ADMIN_LISTEN", "127.0.0.1:22")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load(&all, environment).unwrap();
    assert_eq!(config.listen.port(), 11);
    assert_eq!(config.admin_listen.port(), 22);
    assert_eq!(config.scheme, crate::origin::Scheme::Https);
    assert_eq!(config.log_format, crate::telemetry::LogFormat::Json);
    assert_eq!(config.drain_grace_ms, 5_000);
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = load(&[], &[("PATH", "/bin")]).unwrap();
    assert_eq!(config, Config::default());
    assert!(config.shown().iter().all(|(key, _)| !["public_url", "admin_token"].contains(key)), "they have no value");
}

#[test]
fn every_fault_is_told_at_once_with_its_place() {
    let told = faults(
        &["--admin-listen", "nowhere"],
        &[("HALLOO_LIMITS__HANDSHAKES_BURST", "0"), ("HALLOO_LISTEM", "x"), ("HALLOO_COLOUR", "red")],
        "demo = \"yes\"\nlisten_at = 1\nlimits = { address_socket_max = 3, connections_max = -1 }\nlog = 3",
    );
    assert_eq!(
        told,
        [
            "FILE, limits.address_socket_max: no such setting; did you mean limits.address_sockets_max?",
            "FILE, listen_at: no such setting",
            "FILE, log: must be a table",
            "HALLOO_COLOUR: no such setting",
            "HALLOO_LISTEM: no such setting; did you mean HALLOO_LISTEN?",
            "--admin-listen: \"nowhere\" is not an address and port, such as 127.0.0.1:8080 or [::]:8080",
            "FILE, demo: must be true or false",
            "HALLOO_LIMITS__HANDSHAKES_BURST: must be a whole number from 1 to 4294967295",
            "FILE, limits.connections_max: must be a whole number from 0 to 4294967295",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    let told = load(&["--config", "/nowhere/halloo.toml"], &[]).unwrap_err().to_string();
    assert!(told.starts_with("the configuration has a fault:\n  /nowhere/halloo.toml: cannot be read:"), "{told}");
    assert!(faults(&[], &[], "listen = ")[0].starts_with("FILE: TOML parse error at line 1"));
}

#[test]
fn settings_that_do_not_go_together_are_a_fault() {
    let told = load(&["--listen=127.0.0.1:9090", "--drain-grace-ms=60000"], &[]).unwrap_err().to_string();
    assert!(told.contains("admin_listen: is the address of `listen`"), "{told}");
    assert!(told.contains("drain.deadline_ms: must be longer than `drain.grace_ms`"), "{told}");
}

#[test]
fn lists_and_addresses_are_read_from_text_and_from_toml() {
    let config = load(
        &["--trusted-proxies", "10.0.0.0/8, fd00::/8", "--demo"],
        &[("HALLOO_PUBLIC_URL", "https://Chat.Example.com/")],
    )
    .unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.public_url.unwrap().0.as_str(), "https://chat.example.com");
    assert!(config.demo);
    assert_eq!(faults(&[], &[], "trusted_proxies = [\"10.0.0.0/8\", 3]").len(), 1);
    assert_eq!(faults(&["--public-url", "https://chat.example.com/path"], &[], "").len(), 1);
}

#[test]
fn an_empty_variable_and_those_of_kubernetes_mean_nothing() {
    let environment = [
        ("HALLOO_PUBLIC_URL", ""),
        ("HALLOO_PORT", "tcp://10.0.0.1:80"),
        ("HALLOO_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("HALLOO_SERVICE_HOST", "10.0.0.1"),
    ];
    assert_eq!(load(&[], &environment).unwrap(), Config::default());
}

#[test]
fn a_secret_comes_from_the_environment_or_a_file_and_never_shows_itself() {
    let secret = "correct horse battery";
    let (file, _) = file(&format!("{secret}\n"));
    let path = file.path().to_str().unwrap();
    let direct = load(&[], &[("HALLOO_ADMIN_TOKEN", secret)]).unwrap();
    assert_eq!(load(&[], &[("HALLOO_ADMIN_TOKEN_FILE", path)]).unwrap(), direct);
    assert!(direct.admin_token.as_ref().unwrap().is(secret));
    assert!(!format!("{direct:?} {:?}", direct.shown()).contains("horse"));
    assert!(load(&[], &[("HALLOO_ADMIN_TOKEN_FILE", path), ("HALLOO_ADMIN_TOKEN", secret)]).is_err());
    assert!(load(&[], &[("HALLOO_ADMIN_TOKEN_FILE", "/nowhere")]).is_err());
    let told = load(&[], &[("HALLOO_ADMIN_TOKEN", "short")]).unwrap_err().to_string();
    assert!(told.contains("HALLOO_ADMIN_TOKEN: is shorter") && !told.contains("\"short\""), "{told}");
}

#[test]
fn the_committed_example_is_the_generated_one() {
    assert_eq!(
        COMMITTED,
        example(),
        "write the output of `halloo check-config --example` to config/halloo.example.toml"
    );
}

#[test]
fn the_example_with_its_lines_switched_on_can_be_loaded() {
    let is_setting = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    let text: Vec<&str> = example()
        .leak()
        .lines()
        .map(|line| if is_setting(&line) { &line[1..] } else { line })
        .filter(|line| !line.starts_with("admin_token"))
        .collect();
    let (_file, flags) = file(&text.join("\n"));
    let mut config = Config::load(&flags, []).unwrap();
    assert_eq!(config.public_url.take().unwrap().0.as_str(), "https://chat.example.com");
    assert_eq!(config.postgres.take().unwrap().reveal(), "postgres://halloo@db.example.com/halloo");
    assert_eq!(config.redis.take().unwrap().reveal(), "redis://redis.example.com");
    assert_eq!(config.redis_2.take().unwrap().reveal(), "redis://redis.example.com");
    assert!(config.redis_password_file.take().is_some() && config.redis_ca_file.take().is_some());
    assert_eq!(config, Config::default());
}

#[test]
fn redis_carries_only_between_nodes_that_share_a_database() {
    let redis = ["--redis", "redis://halloo:horse@redis.example.com"];
    assert_eq!(faults(&redis, &[], "").len(), 1);
    let both = ["--postgres", "postgres://db.example.com/halloo", redis[0], redis[1]];
    let config = load(&both, &[]).unwrap();
    let shown = format!("{config:?} {:?}", config.shown());
    assert!(!shown.contains("horse") && shown.contains("redis://halloo@redis.example.com"), "{shown}");
    assert_eq!(faults(&["--redis-2", redis[1]], &[], "").len(), 1);
    assert_eq!(faults(&["--redis", "redis.example.com"], &[], "").len(), 1);
}

#[test]
fn a_database_url_never_shows_its_password() {
    let url = "postgres://halloo:horse@db.example.com:5432/chat?password=horse&sslmode=require";
    let (file, _) = file(url);
    let path = file.path().to_str().unwrap();
    let config = load(&[], &[("HALLOO_POSTGRES_FILE", path)]).unwrap();
    assert_eq!(config, load(&["--postgres", url], &[]).unwrap());
    assert_eq!(config.postgres.as_ref().unwrap().reveal(), url);
    let shown = format!("{config:?} {:?}", config.shown());
    assert!(!shown.contains("horse") && shown.contains("postgres://halloo@db.example.com:5432/chat"), "{shown}");
    assert_eq!(faults(&["--postgres", "db.example.com"], &[], "").len(), 1);
}
