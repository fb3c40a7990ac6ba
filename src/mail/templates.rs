//! Templates of letters: which there are, and filling them in; pure but for reading a team's own.
//!
//! A template is a file `KIND.LANGUAGE.txt`, whose first line is the subject, or `KIND.LANGUAGE.html`.
//! A team's own file takes the place of the built-in one of that name.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value,
    syntax::SyntaxConfig,
};

use super::{built_in, check::Check, own};
use crate::model::{letter::Kind, text::Language, unseen};

/// What all HTML templates may extend.
pub(super) const LAYOUT: &str = "layout.html";
/// The language in which there is a template of every kind.
const LAST_RESORT: &str = "en";

/// The values that are times.
const TIMES: [&str; 2] = ["at", "expires"];

/// What a template is filled with; a value may be missing.
pub(super) type Values = BTreeMap<&'static str, Option<String>>;

/// A letter's three texts.
pub(super) struct Texts {
    pub(super) subject: String,
    pub(super) plain: String,
    pub(super) html: String,
}

/// The templates that letters are written with.
pub struct Templates {
    pub(super) engine: Environment<'static>,
    /// The kinds and languages for which there are templates.
    pub(super) known: BTreeSet<(Kind, String)>,
    default: Language,
    own: usize,
}

impl Templates {
    /// The built-in templates and a team's own in `folder`; letters whose reader's language is not
    /// known, or has no templates, are in the `default` one.
    ///
    /// # Errors
    /// Everything that is wrong with the files, and with the default language.
    pub fn load(folder: Option<&Path>, default: &Language) -> Result<Self, Vec<String>> {
        let found = folder.map(own::read).unwrap_or_default();
        let own: BTreeSet<String> = found.files.keys().cloned().collect();
        let mut files: BTreeMap<String, String> =
            built_in::templates().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        files.extend(found.files);
        let mut check = Check::new(&files, folder, &own);
        let mut templates = Self {
            engine: engine(),
            known: BTreeSet::new(),
            default: default.clone(),
            own: own.len(),
        };
        for (name, text) in &files {
            templates.add(name, text, &mut check);
        }
        check.check(&templates);
        let mut faults = found.faults;
        faults.extend(check.faults());
        if !templates.speaks(default) {
            let languages = templates.languages().join(", ");
            let why = format!("there are no templates in {default}, only in {languages}");
            faults.push(format!("mail_language: {why}"));
        }
        if faults.is_empty() { Ok(templates) } else { Err(faults) }
    }

    /// The languages in which there are templates, in the order of the alphabet.
    pub fn languages(&self) -> Vec<String> {
        let languages: BTreeSet<&str> =
            self.known.iter().map(|(_, language)| language.as_str()).collect();
        languages.into_iter().map(str::to_owned).collect()
    }

    /// How many of them are the team's own.
    pub const fn own(&self) -> usize {
        self.own
    }

    /// Fills in the templates of that kind, in the language that is nearest to the wanted one.
    ///
    /// # Errors
    /// What a template does not cope with, and where.
    pub(super) fn render(
        &self,
        kind: Kind,
        wanted: Option<&Language>,
        values: Values,
    ) -> Result<Texts, String> {
        let language = self.language(kind, wanted);
        self.fill(kind, language, values).map_err(|error| {
            let line = error.line().map(|line| format!(" line {line}")).unwrap_or_default();
            format!("{}{line}: {}", file(error.name().unwrap_or_default()), words(&error))
        })
    }

    /// The first language with templates of the kind: the wanted one, the default one, the last.
    fn language<'a>(&'a self, kind: Kind, wanted: Option<&'a Language>) -> &'a str {
        let tags = [wanted, Some(&self.default)];
        let mut nearest = tags.into_iter().flatten().flat_map(Language::ranges);
        let known = |tag: &&str| self.known.contains(&(kind, (*tag).to_owned()));
        nearest.find(known).unwrap_or(LAST_RESORT)
    }

    fn speaks(&self, language: &Language) -> bool {
        self.known.iter().any(|(_, known)| language.ranges().any(|tag| tag == known))
    }

    fn fill(&self, kind: Kind, language: &str, mut values: Values) -> Result<Texts, Error> {
        let name = |part: &str| format!("{}.{language}.{part}", kind.name());
        values.insert("language", Some(language.to_owned()));
        for (_, value) in values.iter_mut().filter(|(name, _)| TIMES.contains(name)) {
            *value = value.as_deref().map(|time| in_the_manner_of(language, time));
        }
        let subject = one_line(&self.part(&name("subject"), &values)?);
        values.insert("subject", Some(subject.clone()));
        let plain = self.part(&name("txt"), &values)?;
        let html = self.part(&name("html"), &values)?;
        Ok(Texts { subject, plain, html })
    }

    /// Fills in one template.
    pub(super) fn part(&self, name: &str, values: &Values) -> Result<String, Error> {
        let value = |value: &Option<String>| Value::from(value.as_deref().map(one_line));
        let values: BTreeMap<&'static str, Value> =
            values.iter().map(|(name, it)| (*name, value(it))).collect();
        let text = self.engine.get_template(name)?.render(values)?;
        Ok(format!("{}\n", text.trim()))
    }

    /// Compiles a file; one of text is two templates, the subject and the rest.
    fn add(&mut self, name: &str, text: &str, check: &mut Check<'_>) {
        if name == LAYOUT {
            self.compile(name, text.to_owned(), check);
            return;
        }
        let Some((kind, language, form)) = own::place(name).ok() else { return };
        self.known.insert((kind, language.clone()));
        if form == own::Form::Html {
            self.compile(name, text.to_owned(), check);
            return;
        }
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        match first.strip_prefix("Subject:").map(str::trim) {
            Some(subject) if !subject.is_empty() => {
                let part = format!("{}.{language}.subject", kind.name());
                self.compile(&part, subject.to_owned(), check);
            }
            Some(_) | None => check.note(name, Some(1), "must be the subject, as Subject: …"),
        }
        let second = rest.lines().next().unwrap_or_default();
        if !second.trim().is_empty() {
            check.note(name, Some(2), "must be empty, between the subject and the text");
        }
        // An empty line in place of the subject keeps the numbers of the lines.
        self.compile(name, format!("\n{rest}"), check);
    }

    fn compile(&mut self, name: &str, text: String, check: &mut Check<'_>) {
        if let Err(error) = self.engine.add_template_owned(name.to_owned(), text) {
            check.note(name, error.line(), &words(&error));
        }
    }
}

fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    // What is escaped stays escaped.
    engine.remove_filter("safe");
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_formatter(print);
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        engine.set_syntax(syntax);
    }
    engine
}

/// Prints a value; in HTML, escaped as far as it must be, so that links stay readable.
fn print(output: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() {
        let why = "a value that may be missing is printed; check for it first with {% if … %}";
        return Err(Error::new(ErrorKind::UndefinedError, why));
    }
    let text = value.to_string();
    let plain = matches!(state.auto_escape(), AutoEscape::None) || value.is_safe();
    let written = output.write_str(&if plain { text } else { escape(&text) });
    written.map_err(|error| Error::new(ErrorKind::WriteFailure, error.to_string()))
}

/// Makes a text safe inside HTML elements and quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A text on one line, without characters that cannot be seen or rule how others are shown: such as turn the
/// direction of writing could make a name look like another text.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in unseen::without(text).chars() {
        match c {
            '\u{2028}' | '\u{2029}' => line.push(' '),
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line.trim().to_owned()
}

/// A time such as `2027-01-15 08:00 UTC` as it is written in that language, if that is known here; as it is, it is
/// read alike everywhere.
fn in_the_manner_of(language: &str, time: &str) -> String {
    let parts: Vec<&str> = time.split(['-', ' ']).collect();
    match (language.split('-').next(), parts.as_slice()) {
        (Some("de"), [year, month, day, clock, zone]) => {
            format!("{day}.{month}.{year} um {clock} Uhr ({zone})")
        }
        _ => time.to_owned(),
    }
}

/// The file that a template is from.
pub(super) fn file(template: &str) -> String {
    match template.strip_suffix(".subject") {
        Some(name) => format!("{name}.txt"),
        None => template.to_owned(),
    }
}

/// An error without its place.
pub(super) fn words(error: &Error) -> String {
    let mut words = error.kind().to_string();
    if let Some(detail) = error.detail() {
        let _ = write!(words, ": {detail}");
    }
    words
}
