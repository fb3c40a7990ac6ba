//! Finding all faults of templates at start, so that no letter meets one.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
};

use super::{
    own,
    templates::{LAYOUT, Templates, Values, file, words},
};
use crate::{model::letter::Kind, nearest::did_you_mean};

/// What was found to be wrong with the templates.
pub(super) struct Check<'a> {
    /// The texts of all files, by name.
    files: &'a BTreeMap<String, String>,
    /// The team's folder, and which of the files are from it.
    folder: Option<&'a Path>,
    own: &'a BTreeSet<String>,
    /// Files, lines and what is wrong there; line 0 is the file as a whole.
    faults: BTreeSet<(String, usize, String)>,
}

impl<'a> Check<'a> {
    pub(super) const fn new(
        files: &'a BTreeMap<String, String>,
        folder: Option<&'a Path>,
        own: &'a BTreeSet<String>,
    ) -> Self {
        Self { files, folder, own, faults: BTreeSet::new() }
    }

    /// What was found, in words.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        self.faults.iter().map(|(file, line, why)| {
            let place = match self.folder {
                Some(folder) if self.own.contains(file) => folder.join(file).display().to_string(),
                Some(_) | None => file.clone(),
            };
            let line = if *line == 0 { String::new() } else { format!(" line {line}") };
            format!("mail_templates: {place}{line}: {why}")
        })
    }

    /// Notes a fault of the file that a template is from.
    pub(super) fn note(&mut self, template: &str, line: Option<usize>, why: &str) {
        self.faults.insert((file(template), line.unwrap_or(0), why.to_owned()));
    }

    /// Looks at every template.
    pub(super) fn check(&mut self, templates: &Templates) {
        for (name, _) in templates.engine.templates() {
            self.check_variables(name, templates);
        }
        for (kind, language) in &templates.known {
            for form in ["txt", "html"] {
                let name = format!("{}.{language}.{form}", kind.name());
                if !self.files.contains_key(&name) {
                    self.note(
                        &name,
                        None,
                        "is missing; every email needs a text and an HTML template",
                    );
                }
            }
        }
        let at_fault: HashSet<String> =
            self.faults.iter().map(|(file, _, _)| file.clone()).collect();
        for (kind, language) in &templates.known {
            for part in ["subject", "txt", "html"] {
                let file = file(&format!("{}.{language}.{part}", kind.name()));
                // What is at fault already would only say so again.
                let layout_at_fault = part == "html" && at_fault.contains(LAYOUT);
                if !at_fault.contains(&file) && !layout_at_fault {
                    self.try_out(templates, *kind, language, part);
                }
            }
        }
    }

    /// Fills in a template with sample values, those that may be missing there and missing.
    fn try_out(&mut self, templates: &Templates, kind: Kind, language: &str, part: &str) {
        let name = format!("{}.{language}.{part}", kind.name());
        for whole in [true, false] {
            let mut values = samples(kind, whole);
            values.insert("language", Some(language.to_owned()));
            if part != "subject" {
                values.insert("subject", Some("sample".to_owned()));
            }
            match templates.part(&name, &values) {
                Ok(text) if part == "subject" && text.trim().is_empty() => {
                    self.note(&name, Some(1), "the subject is empty");
                }
                Ok(text) if part != "subject" && !text.contains(SAMPLE_LINK) => {
                    // The built-in templates leave the link to the layout.
                    let file = if self.own.contains(&name) { &name } else { LAYOUT };
                    let why = "the link is missing; add {{ link }}";
                    self.note(file, None, why);
                }
                Ok(_) => {}
                Err(error) => {
                    self.note(error.name().unwrap_or(&name), error.line(), &words(&error));
                }
            }
        }
    }

    /// Looks for variables that there are not, also where the samples do not lead.
    fn check_variables(&mut self, name: &str, templates: &Templates) {
        let Ok(template) = templates.engine.get_template(name) else { return };
        let kind = own::place(&file(name)).ok().map(|(kind, _, _)| kind);
        let mut known: Vec<&str> = variables(kind).map(|(variable, _)| variable).collect();
        known.push("language");
        if !name.ends_with(".subject") {
            known.push("subject");
        }
        let functions: HashSet<&str> = templates.engine.globals().map(|(name, _)| name).collect();
        let text = self.files.get(&file(name)).map(String::as_str).unwrap_or_default();
        for variable in template.undeclared_variables(false) {
            if !known.contains(&variable.as_str()) && !functions.contains(variable.as_str()) {
                let hint = did_you_mean(&variable, &known);
                let why = format!(
                    "there is no variable {variable} here; use one of {}.{hint}",
                    known.join(", ")
                );
                self.note(name, line_of(&variable, text), &why);
            }
        }
    }
}

/// The variables of a kind's templates, or of the layout, and whether each may be missing.
fn variables(kind: Option<Kind>) -> impl Iterator<Item = (&'static str, bool)> {
    let own: &[(&str, bool)] = match kind {
        Some(Kind::Invite) => &[
            ("account", false),
            ("inviter", true),
            ("role", false),
            ("code", false),
            ("expires", false),
        ],
        Some(Kind::Verify) => &[("code", false), ("expires", false), ("taken", true)],
        Some(Kind::Reset) => &[("code", false), ("expires", false), ("account", true)],
        Some(Kind::ProviderCode) => &[
            ("code", false),
            ("expires", false),
            ("provider", false),
            ("known", true),
            ("taken", true),
        ],
        Some(Kind::ProviderLinked | Kind::ProviderRemoved) => {
            &[("provider", false), ("email", true), ("at", false), ("address", true)]
        }
        Some(Kind::ConfirmCode | Kind::ConfirmEmail) => &[("code", false), ("expires", false)],
        Some(
            Kind::PasswordChanged
            | Kind::SecondFactorOn
            | Kind::SecondFactorOff
            | Kind::SessionsEnded
            | Kind::SignInRemoved,
        ) => &[("at", false), ("address", true)],
        Some(Kind::EmailChanged) => {
            &[("at", false), ("address", true), ("code", true), ("expires", true)]
        }
        Some(Kind::SecondFactorRemoved | Kind::Test) => &[("at", false)],
        Some(Kind::Unbound) => &[("at", false), ("account", false)],
        Some(Kind::KeyCreated) => {
            &[("at", false), ("name", false), ("role", false), ("address", true)]
        }
        Some(Kind::RecoveryCodeUsed) => &[("at", false), ("address", true), ("left", true)],
        Some(Kind::RoleGranted) => &[("at", false), ("account", false), ("role", false)],
        Some(Kind::NewSignIn) => &[("at", false), ("address", true), ("agent", true)],
        Some(Kind::AlreadySignedUp | Kind::EmailInUse) | None => &[],
    };
    let all = ["to", "app", "app_url", "link"].map(|name| (name, false));
    all.into_iter().chain([("logo", true)]).chain(own.iter().copied())
}

const SAMPLE_LINK: &str = "https://app.example.com/#sample";

/// Sample values; without those that may be missing, unless they are to be `whole`.
fn samples(kind: Kind, whole: bool) -> Values {
    let sample = |name| match name {
        "link" => SAMPLE_LINK,
        "role" => "admin",
        _ => "sample",
    };
    let value = |(name, optional): (&'static str, bool)| {
        (name, (whole || !optional).then(|| sample(name).to_owned()))
    };
    variables(Some(kind)).map(value).collect()
}

/// The first line that names a variable, in a tag if it can be seen.
fn line_of(variable: &str, text: &str) -> Option<usize> {
    let names = |line: &str| {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        line.split(|c| !word(c)).any(|part| part == variable)
    };
    let find = |wanted: &dyn Fn(&str) -> bool| text.lines().position(wanted);
    let line = find(&|line| line.contains('{') && names(line)).or_else(|| find(&names));
    line.map(|line| line + 1)
}
