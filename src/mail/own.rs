//! A team's own templates: reading their folder.

use std::{collections::BTreeMap, fs, path::Path};

use super::templates::LAYOUT;
use crate::{
    model::{letter::Kind, text::Language},
    nearest::did_you_mean,
};

/// The files of a folder, and what is wrong with them so far.
#[derive(Default)]
pub(super) struct Found {
    /// Texts by the names of their files.
    pub(super) files: BTreeMap<String, String>,
    pub(super) faults: Vec<String>,
}

/// The two forms of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Html,
}

/// Reads all templates of a folder. Hidden files are left alone.
pub(super) fn read(folder: &Path) -> Found {
    let mut found = Found::default();
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            found.faults.push(format!("mail_templates: {}: {error}", folder.display()));
            return found;
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let known = if name == LAYOUT { Ok(()) } else { place(&name).map(drop) };
        let text =
            known.and_then(|()| fs::read_to_string(&path).map_err(|error| error.to_string()));
        match text {
            Ok(text) => {
                let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
                found.files.insert(name.into_owned(), text);
            }
            Err(why) => found.faults.push(format!("mail_templates: {}: {why}", path.display())),
        }
    }
    found
}

/// What a template of that name is for.
///
/// # Errors
/// Why it is no template's name.
pub(super) fn place(name: &str) -> Result<(Kind, String, Form), String> {
    let parts: Vec<&str> = name.split('.').collect();
    let [kind, tag, form] = parts.as_slice() else {
        return Err(format!("must be called KIND.LANGUAGE.txt, KIND.LANGUAGE.html or {LAYOUT}"));
    };
    let form = match *form {
        "txt" => Form::Text,
        "html" => Form::Html,
        _ => return Err("must end in .txt or .html".to_owned()),
    };
    let kinds = Kind::ALL.map(Kind::name);
    let known = Kind::ALL.into_iter().find(|known| known.name() == *kind).ok_or_else(|| {
        let hint = did_you_mean(kind, kinds);
        format!("there is no kind of email called {kind}; use one of {}.{hint}", kinds.join(", "))
    })?;
    match Language::parse(tag) {
        Some(language) if language.as_str() == *tag => Ok((known, (*tag).to_owned(), form)),
        Some(language) => Err(format!("the language must be written {language}")),
        None => Err(format!("{tag} must be a language tag such as en or pt-BR")),
    }
}
