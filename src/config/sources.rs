//! Where settings come from: flags, then `GUESTLIST_*` variables, then a TOML file, then defaults.
//!
//! One list names them all; flags, variables, keys of the file and the help are made from it.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fmt,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches};

use super::setting::{OF_COMMANDS, VARIABLE_PREFIX};
pub use super::setting::{SETTINGS, Setting, flag, variable};
use crate::nearest::did_you_mean;

/// The file that is read where no other is named, if it is there.
const DEFAULT_FILE: &str = "guestlist.toml";

/// The variables that name proxies.
const PROXY_VARIABLES: [&str; 4] = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];

/// The flags, which every command takes. Its help shows those that say what it works on.
pub fn flags() -> impl Iterator<Item = Arg> {
    all_flags().map(|arg| {
        let is_shown = arg.get_id() == "config" || OF_COMMANDS.contains(&arg.get_id().as_str());
        arg.global(true).hide(!is_shown)
    })
}

/// The same, for the help that shows them all.
pub fn all_flags() -> impl Iterator<Item = Arg> {
    let file = Arg::new("config")
        .long("config")
        .value_name("FILE")
        .help(format!(
            "A TOML file with settings [env: {VARIABLE_PREFIX}CONFIG] [default: {DEFAULT_FILE}, if there is one]"
        ));
    let settings = SETTINGS.iter().map(|setting| {
        let default = match setting.default {
            Some(default) if !default.is_empty() => format!(" [default: {default}]"),
            Some(_) | None => String::new(),
        };
        let action = if setting.many { ArgAction::Append } else { ArgAction::Set };
        Arg::new(setting.name)
            .long(flag(setting))
            .value_name(setting.value)
            .action(action)
            .help(format!("{} [env: {}]{default}", setting.help, variable(setting)))
    });
    std::iter::once(file).chain(settings).map(|arg| arg.help_heading("Settings"))
}

/// One value of a setting, as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Given {
    /// The value: a text, or the parts of a table.
    pub value: Raw,
    /// Who gave it: a flag, a variable, a file.
    pub source: String,
}

/// A value before it means anything.
#[derive(Clone, PartialEq, Eq)]
pub enum Raw {
    /// A scalar.
    Text(String),
    /// A table of lists of scalars.
    Table(BTreeMap<String, Vec<String>>),
}

/// The values of all settings that somebody gave, and what is wrong with how they were given.
#[derive(Default)]
pub struct Sources {
    values: HashMap<&'static str, Vec<Given>>,
    /// What variables of other programs' say about proxies, by their names in capitals.
    proxies: HashMap<String, String>,
    faults: Vec<String>,
}

impl Sources {
    /// Gathers the settings; flags win over variables, variables over the file.
    pub fn gather(
        flags: &ArgMatches,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Self {
        let mut sources = Self::default();
        let mut file = None;
        sources.take_flags(flags, &mut file);
        sources.take_variables(variables, &mut file);
        sources.take_file(file);
        sources
    }

    /// The values of a setting; empty if nobody gave one.
    pub fn take(&mut self, name: &str) -> Vec<Given> {
        self.values.remove(name).unwrap_or_default()
    }

    /// What a variable says about proxies; empty ones say nothing.
    pub(super) fn take_proxy(&mut self, name: &str) -> Option<String> {
        self.proxies.remove(name).filter(|value| !value.is_empty())
    }

    /// What is wrong so far.
    pub fn take_faults(&mut self) -> Vec<String> {
        std::mem::take(&mut self.faults)
    }

    fn give(&mut self, setting: &'static Setting, source: &str, values: Vec<Raw>) {
        let source = source.to_owned();
        self.values.entry(setting.name).or_insert_with(|| {
            values.into_iter().map(|value| Given { value, source: source.clone() }).collect()
        });
    }

    fn take_flags(&mut self, flags: &ArgMatches, file: &mut Option<Named>) {
        if let Ok(Some(path)) = flags.try_get_one::<String>("config") {
            *file = Some(Named { path: path.into(), source: "--config".to_owned() });
        }
        for setting in SETTINGS {
            if let Ok(Some(values)) = flags.try_get_many::<String>(setting.name) {
                let values = values.cloned().map(Raw::Text).collect();
                self.give(setting, &format!("--{}", flag(setting)), values);
            }
        }
    }

    fn take_variables(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
        file: &mut Option<Named>,
    ) {
        for (name, value) in variables {
            let Some(name) = name.to_str() else { continue };
            if !name.starts_with(VARIABLE_PREFIX) {
                self.take_proxy_variable(name, value);
                continue;
            }
            // Left to the project's own tests.
            if name.starts_with("GUESTLIST_TEST_") {
                continue;
            }
            let Some(value) = value.to_str() else {
                self.faults.push(format!("{name}: the value is not UTF-8"));
                continue;
            };
            if name == "GUESTLIST_CONFIG" {
                let named = Named { path: value.into(), source: name.to_owned() };
                file.get_or_insert(named);
                continue;
            }
            let Some(setting) = SETTINGS.iter().find(|setting| variable(setting) == name) else {
                let known = SETTINGS.iter().map(variable);
                self.faults.push(format!(
                    "{name}: there is no such variable.{}",
                    did_you_mean(name, known)
                ));
                continue;
            };
            let values = if setting.many {
                value.split_whitespace().map(|part| Raw::Text(part.to_owned())).collect()
            } else {
                vec![Raw::Text(value.to_owned())]
            };
            self.give(setting, name, values);
        }
    }

    /// Where both are there, the one in small letters counts, as for curl.
    fn take_proxy_variable(&mut self, name: &str, value: OsString) {
        let capitals = name.to_ascii_uppercase();
        let is_small = name == name.to_ascii_lowercase();
        if !PROXY_VARIABLES.contains(&capitals.as_str()) || !(is_small || name == capitals) {
            return;
        }
        let Ok(value) = value.into_string() else {
            self.faults.push(format!("{name}: the value is not UTF-8"));
            return;
        };
        if is_small {
            self.proxies.insert(capitals, value);
        } else {
            self.proxies.entry(capitals).or_insert(value);
        }
    }

    fn take_file(&mut self, named: Option<Named>) {
        let (path, source) = match named {
            Some(Named { path, source }) => (path, format!(" (from {source})")),
            None if Path::new(DEFAULT_FILE).exists() => (DEFAULT_FILE.into(), String::new()),
            None => return,
        };
        let shown = path.display().to_string();
        let table = std::fs::read_to_string(&path)
            .map_err(|error| error.to_string())
            .and_then(|text| text.parse::<toml::Table>().map_err(|error| located(&text, &error)));
        let table = match table {
            Ok(table) => table,
            Err(error) => {
                self.faults.push(format!("{shown}{source}: {error}"));
                return;
            }
        };
        for (key, value) in table {
            let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
                let known = SETTINGS.iter().map(|setting| setting.name.to_owned());
                self.faults.push(format!(
                    "{shown}: there is no setting {key}.{}",
                    did_you_mean(&key, known)
                ));
                continue;
            };
            if let Some(values) = raw(setting, value) {
                self.give(setting, &shown, values);
            } else {
                let form = if setting.many { "a list" } else { "one text, number or boolean" };
                self.faults.push(format!("{shown}: {key} must be {form}"));
            }
        }
    }
}

/// A settings file, and who names it.
struct Named {
    path: PathBuf,
    source: String,
}

/// A fault of the file's form and its line. The error's own text would quote the line, which may hold
/// a secret.
fn located(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    format!("line {}: {}", before.matches('\n').count() + 1, error.message())
}

fn raw(setting: &Setting, value: toml::Value) -> Option<Vec<Raw>> {
    match (setting.many, value) {
        (false, value) => Some(vec![Raw::Text(scalar(&value)?)]),
        (true, toml::Value::Array(values)) => values.into_iter().map(element).collect(),
        (true, value) => Some(vec![element(value)?]),
    }
}

fn element(value: toml::Value) -> Option<Raw> {
    let toml::Value::Table(table) = value else { return scalar(&value).map(Raw::Text) };
    let parts = table.into_iter().map(|(key, value)| Some((key, scalars(&value)?)));
    parts.collect::<Option<_>>().map(Raw::Table)
}

fn scalars(value: &toml::Value) -> Option<Vec<String>> {
    match value.as_array() {
        Some(values) => values.iter().map(scalar).collect(),
        None => Some(vec![scalar(value)?]),
    }
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

impl fmt::Display for Given {
    /// The source alone: a value may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}
