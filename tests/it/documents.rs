//! The documents say all that there is, and nothing else: calls, fields, errors, settings.

mod asvs;

use std::{collections::BTreeSet, fs, path::Path};

use guestlist::{
    config::sources::{SETTINGS, flag},
    contract::{Endpoint, Fresh, endpoints},
    error::Code,
    security::Event,
};

fn document(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The rows of a document's tables that begin with this cell.
fn rows<'a>(text: &'a str, first: &str) -> Vec<&'a str> {
    let beginning = format!("| {first} |");
    text.lines().filter(|line| line.starts_with(&beginning)).collect()
}

/// The words between backticks.
fn quoted(text: &str) -> BTreeSet<&str> {
    let quotes = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    quotes.flat_map(str::split_whitespace).map(|word| word.trim_end_matches(':')).collect()
}

#[test]
fn each_call_has_a_row_that_names_its_fields() {
    let text = document("docs/interface.md");
    for endpoint in endpoints() {
        let name = endpoint.name;
        assert_eq!(endpoints().filter(|other| other.name == name).count(), 1, "{name} in contract");
        let [row] = rows(&text, name)[..] else { panic!("{name} has not one row") };
        let like = endpoints()
            .map(|other| other.name)
            .find(|other| *other != name && row.contains(&format!("as `{other}` |")));
        let like = like.map(|other| rows(&text, other).concat()).unwrap_or_default();
        // Which calls take accountId is said once for all.
        for field in endpoint.request.iter().filter(|field| field.name != "accountId") {
            let is_named = quoted(row).contains(field.name) || quoted(&like).contains(field.name);
            assert!(is_named, "{name} takes {}, which its row does not say", field.name);
        }
    }
}

#[test]
fn no_row_is_of_a_call_that_is_not_there() {
    let text = document("docs/interface.md");
    for cell in text.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()) {
        let is_call =
            cell.contains('/') && cell.chars().all(|c| c.is_ascii_alphabetic() || c == '/');
        let is_there = endpoints().any(|endpoint| endpoint.name == cell);
        assert!(!is_call || is_there, "there is no {cell}");
    }
}

/// Detail stands in the text below a table, where it can be read.
#[test]
fn no_row_of_a_table_is_a_page_of_text() {
    for path in ["docs/interface.md", "docs/cli.md"] {
        let text = document(path);
        for row in text.lines().filter(|line| line.starts_with('|')) {
            assert!(row.chars().count() <= 400, "{path}: {row}");
        }
    }
}

/// A call's row of the table of those that take a fresh sign-in.
fn fresh_row(endpoint: &Endpoint) -> String {
    let terms = endpoint.fresh.iter().map(|term| match term {
        Fresh::Always => "always".to_owned(),
        Fresh::Sent(field) => format!("`{field}`"),
        Fresh::Set(field) => format!("`{field}`, unless null or false"),
        Fresh::SetButOwnSession(field) => format!("`{field}`, unless null or the caller's own"),
        Fresh::Is(field, values) => format!("`{field}` `{}`", values.join("` `")),
        Fresh::LetsInAdmin(field) => {
            format!("`{field}`, if it invites or readmits an existing admin")
        }
        Fresh::Restores => "if it restores a user from the trash".to_owned(),
    });
    format!("| `{}` | {} |", endpoint.name, terms.collect::<Vec<_>>().join("; "))
}

#[test]
fn what_takes_a_fresh_sign_in_is_listed() {
    let text = document("docs/interface.md");
    let (_, section) = text.split_once("### Fresh sign-ins\n").unwrap();
    let rows: Vec<&str> = section.lines().skip_while(|line| *line != "|---|---|").skip(1).collect();
    let listed: Vec<&str> = rows.into_iter().take_while(|line| line.starts_with('|')).collect();
    let fresh = endpoints().filter(|endpoint| !endpoint.fresh.is_empty());
    assert_eq!(listed, fresh.map(fresh_row).collect::<Vec<_>>());
}

#[test]
fn each_error_is_listed_with_its_status() {
    let text = document("docs/interface.md");
    for code in Code::ALL {
        let rows = rows(&text, &code.status().to_string());
        let listed = rows.iter().any(|row| quoted(row).contains(code.name()));
        assert!(listed, "{} {} is not listed", code.status(), code.name());
    }
    for row in (400..600).flat_map(|status: u16| rows(&text, &status.to_string())) {
        let codes = row.split('|').nth(2).unwrap();
        for code in quoted(codes) {
            assert!(Code::ALL.iter().any(|known| known.name() == code), "there is no {code}");
        }
    }
}

/// `guestlist serve --help` is the list of settings, and is made of them; what documents set must be there.
#[test]
fn what_documents_set_is_a_setting() {
    let is_setting = |key: &str| SETTINGS.iter().any(|setting| setting.name == key);
    let text = document("docs/settings.md");
    let mut keys = 0;
    for block in text.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        // What follows is inside of an issuer.
        let own = block.split("[[issuers]]").next().unwrap();
        for key in own.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key) {
            assert!(is_setting(key), "docs/settings.md sets {key}");
            keys += 1;
        }
    }
    assert!(keys > 5, "the examples were not found");
}

#[test]
fn the_flags_of_the_readme_are_there() {
    let of_commands = ["help", "role", "name"];
    let text = document("README.md");
    let words = text.split([' ', '`', '\n']).filter_map(|word| word.strip_prefix("--"));
    for word in words.filter(|word| !word.is_empty()) {
        let known = SETTINGS.iter().any(|setting| flag(setting) == word);
        assert!(known || of_commands.contains(&word), "README.md has --{word}");
    }
}

#[test]
fn each_security_event_is_listed_once() {
    let text = document("docs/security.md");
    for event in Event::ALL {
        let name = format!("`{}`", event.name());
        assert_eq!(rows(&text, &name).len(), 1, "docs/security.md lists {name}");
    }
}

/// All Rust below a folder.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|it| it == "rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}

#[test]
fn the_tests_of_attacks_are_there() {
    let text = document("docs/security.md");
    let (_, attacks) = text.split_once("| attack | answer | tests |").unwrap();
    let tests = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"));
    let mut named = 0;
    for row in attacks.lines().skip(2) {
        let tested = row.split('|').nth(3).unwrap();
        for name in quoted(tested) {
            assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
            named += 1;
        }
    }
    assert!(named > 30, "the tests were not found");
}
