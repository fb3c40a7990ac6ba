//! Invariants of the sources themselves: who may name what, and how files look.

mod floors;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A word that only some files may have in their code.
struct Rule {
    word: &'static str,
    only_in: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule { word: "hyper::", only_in: &["server.rs", "dispatch/", "auth/jwks.rs"] },
    Rule { word: "hyper_util::", only_in: &["server.rs", "auth/jwks.rs"] },
    Rule { word: "aws_sdk", only_in: &["table/dynamo/"] },
    Rule { word: "aws_config", only_in: &["table/dynamo/"] },
    Rule { word: "rusqlite", only_in: &["table/sqlite/"] },
    Rule { word: "lettre::", only_in: &["mail/transport.rs"] },
    Rule { word: "minijinja::", only_in: &["mail/templates.rs"] },
    Rule { word: "indicatif", only_in: &["cli/import/"] },
    Rule { word: "prometheus_client", only_in: &["metrics.rs"] },
    Rule { word: "flate2", only_in: &["dispatch/console.rs"] },
    Rule { word: "include_dir", only_in: &["dispatch/console.rs", "mail/built_in.rs"] },
    Rule { word: "argon2::", only_in: &["auth/password.rs", "model/password_hash.rs"] },
    Rule { word: "rustix::", only_in: &["auth/password.rs"] },
    Rule { word: "zxcvbn", only_in: &["model/password.rs"] },
    Rule { word: "totp_rs", only_in: &["model/totp.rs"] },
    Rule { word: "indicatif", only_in: &["cli/import/"] },
    Rule { word: "env::var", only_in: &["config/mod.rs"] },
    Rule { word: "SystemTime", only_in: &["clock.rs"] },
    Rule { word: "rand::", only_in: &["random.rs"] },
    Rule { word: "Table for ", only_in: &["table/sqlite/", "table/dynamo/"] },
    // The engines are chosen where the service is put together, and nowhere else.
    Rule { word: "dynamo::{Dynamo", only_in: &["service.rs"] },
    Rule { word: "sqlite::Sqlite", only_in: &["service.rs"] },
    // Who may do what is the contract's matter; these may only ask it.
    Rule { word: "Role::{", only_in: &["contract/"] },
    Rule {
        word: "Role::Admin",
        only_in: &["contract/mod.rs", "store/entry/login.rs", "model/user.rs"],
    },
    Rule {
        word: "Role::Root",
        only_in: &[
            "contract/mod.rs",
            "admit.rs",
            "caller.rs",
            "contract/",
            "store/entry/login.rs",
            "store/account/home.rs",
        ],
    },
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The sources without their unit tests: the path below `src`, and the text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
    let text = |path: &Path| {
        let text = fs::read_to_string(path).unwrap();
        text.split("#[cfg(test)]").next().unwrap().to_owned()
    };
    files(&root).iter().map(|path| (name(path), text(path))).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[test]
fn each_outside_thing_is_named_in_its_own_place_only() {
    let sources = sources();
    let mut faults = Vec::new();
    for Rule { word, only_in } in RULES {
        let names_it =
            |text: &str| text.lines().any(|line| !is_comment(line) && line.contains(word));
        for (name, text) in sources.iter().filter(|(_, text)| names_it(text)) {
            if !only_in.iter().any(|place| name.starts_with(place)) {
                let lines = text.lines().filter(|line| !is_comment(line) && line.contains(word));
                faults.push(format!("{name}: {word} in {:?}", lines.collect::<Vec<_>>()));
            }
        }
        let used = only_in.iter().all(|place| {
            sources.iter().any(|(name, text)| name.starts_with(place) && names_it(text))
        });
        assert!(used, "the rule on {word} names a place that does not need it");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Whether a line of code names something of the module, however it is imported.
fn names_module(line: &str, module: &str) -> bool {
    let path = format!("{module}::");
    let is_whole = |before: &str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    !is_comment(line) && line.match_indices(&path).any(|(at, _)| is_whole(&line[..at]))
}

#[test]
fn layers_do_not_reach_past_the_next_one() {
    let imports = |layer: &str, forbidden: &[&str]| {
        for (name, text) in sources().iter().filter(|(name, _)| name.starts_with(layer)) {
            for module in forbidden {
                let found = text.lines().find(|line| names_module(line, module));
                assert!(found.is_none(), "{name} names {module}: {found:?}");
            }
        }
    };
    imports("table/", &["store", "handlers", "api", "model"]);
    imports("store/", &["handlers", "api", "dispatch", "app", "facade"]);
    imports("handlers/", &["api", "dispatch", "app", "facade", "hyper", "Table"]);
    imports("mail/", &["handlers", "api", "table"]);
    imports("model/", &["store", "table", "handlers", "api"]);
    imports("contract/", &["store", "table", "handlers"]);
    imports("admit.rs", &["store", "table", "handlers"]);
    // They translate: the native interface is all that they know.
    let inside = ["store", "table", "handlers", "contract", "admit", "redact", "caller", "role"];
    imports("facade/", &inside);
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("facade/")) {
        assert!(!text.contains("app.store"), "{name} takes the store from the app");
        let calls = text.contains("api::call") || text.contains("api::admitted(");
        assert_eq!(calls, name == "facade/native.rs", "{name}: calls are made in native.rs");
    }
}

#[test]
fn modules_are_found_in_whatever_way_they_are_imported() {
    for line in
        ["use crate::store::Store;", "    store::{Store, By},", "use crate::{app, store::By};"]
    {
        assert!(names_module(line, "store"), "{line}");
    }
    for line in ["use crate::restore::X;", "// store::Store", "let store = 1;"] {
        assert!(!names_module(line, "store"), "{line}");
    }
}

#[test]
fn files_say_what_they_own_and_stay_short() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} does not begin with what it owns");
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines without its tests");
    }
}
