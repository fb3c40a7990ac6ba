//! The settings as people are shown them: which value counts, and who gave it. No secret is among the values.

use super::{
    setting::SECRET,
    sources::{Given, Raw, SETTINGS, Setting, Sources},
};

/// One setting, as it is.
#[derive(Debug)]
pub struct Shown {
    /// Its key in the file.
    pub name: &'static str,
    /// Its value, or that there is one.
    pub value: Option<String>,
    /// Who gave it: a flag, a variable, a file, or nobody.
    pub source: String,
}

/// All settings, in the order of their list.
pub(super) fn shown(mut sources: Sources) -> Vec<Shown> {
    SETTINGS.iter().map(|setting| one(setting, &sources.take(setting.name))).collect()
}

fn one(setting: &Setting, given: &[Given]) -> Shown {
    let Some(first) = given.first() else {
        let default = setting.default.filter(|default| !default.is_empty());
        let source = if default.is_some() { "default" } else { "" };
        return Shown {
            name: setting.name,
            value: default.map(str::to_owned),
            source: source.to_owned(),
        };
    };
    let value = if SECRET.contains(&setting.name) {
        match given.len() {
            1 => "(set)".to_owned(),
            count => format!("({count} set)"),
        }
    } else {
        given.iter().map(|one| text(&one.value)).collect::<Vec<_>>().join(" ")
    };
    Shown { name: setting.name, value: Some(value), source: first.source.clone() }
}

fn text(value: &Raw) -> String {
    match value {
        Raw::Text(text) => text.clone(),
        // Only settings that hold secrets have parts.
        Raw::Table(parts) => parts.keys().cloned().collect::<Vec<_>>().join(","),
    }
}
