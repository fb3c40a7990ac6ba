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
    Rule { word: "hyper::", only_in: &["server.rs", "dispatch/", "web.rs", "web/"] },
    Rule { word: "hyper_util::", only_in: &["server.rs", "web.rs"] },
    Rule { word: "aws_sdk", only_in: &["table/dynamo/"] },
    Rule { word: "aws_config", only_in: &["table/dynamo/"] },
    Rule { word: "rusqlite", only_in: &["table/sqlite/"] },
    Rule {
        word: "lettre::",
        only_in: &["mail/transport.rs", "mail/relay.rs", "mail/connections.rs"],
    },
    Rule { word: "minijinja::", only_in: &["mail/templates.rs"] },
    Rule { word: "roxmltree", only_in: &["model/logo/svg.rs"] },
    Rule { word: "indicatif", only_in: &["cli/import/"] },
    Rule { word: "prometheus_client", only_in: &["metrics.rs", "metrics/"] },
    Rule { word: "flate2", only_in: &["dispatch/console.rs"] },
    Rule { word: "include_dir", only_in: &["dispatch/console.rs", "mail/built_in.rs"] },
    Rule { word: "argon2::", only_in: &["auth/password.rs", "model/password_hash.rs"] },
    Rule {
        word: "rustix::",
        only_in: &["auth/password.rs", "clock.rs", "files.rs", "table/sqlite/room.rs"],
    },
    Rule { word: "zxcvbn", only_in: &["model/password.rs"] },
    Rule { word: "totp_rs", only_in: &["model/totp.rs"] },
    Rule { word: "indicatif", only_in: &["cli/import/"] },
    // Whatever the program writes may have secrets in it.
    Rule { word: "OpenOptions", only_in: &["private_file.rs"] },
    Rule { word: "DirBuilder", only_in: &["private_file.rs"] },
    Rule { word: "File::create", only_in: &[] },
    Rule { word: "fs::write(", only_in: &[] },
    Rule { word: "create_dir", only_in: &[] },
    Rule { word: "env::var", only_in: &["config/mod.rs"] },
    Rule { word: "SystemTime", only_in: &["clock.rs"] },
    // Signatures take randomness of the cryptographic library's own.
    Rule { word: "rand::", only_in: &["random.rs", "auth/signing.rs"] },
    Rule { word: "Table for ", only_in: &["table/sqlite/", "table/dynamo/", "table/absent.rs"] },
    // The engines are chosen where tables are opened, and nowhere else.
    Rule { word: "dynamo::{Dynamo", only_in: &["service/tables.rs"] },
    Rule { word: "sqlite::Sqlite", only_in: &["service/tables.rs"] },
    // Who may do what is the contract's matter; these may only ask it.
    Rule { word: "Role::{", only_in: &["contract/"] },
    Rule {
        word: "Role::Admin",
        only_in: &["contract/", "store/entry/register.rs", "model/user.rs"],
    },
    Rule {
        word: "Role::Root",
        only_in: &[
            "contract/mod.rs",
            "admit.rs",
            "caller.rs",
            "contract/",
            "store/entry/join.rs",
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

/// What comes after the module's name wherever code names something of it, however it is imported.
fn after_module<'a>(code: &'a str, module: &str) -> Vec<&'a str> {
    let path = format!("{module}::");
    let is_whole = |before: &str| !before.ends_with(is_of_name);
    let places = code.match_indices(&path).filter(|(at, _)| is_whole(&code[..*at]));
    places.map(|(at, _)| &code[at + path.len()..]).collect()
}

const fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Whether a line of code names something of the module.
fn names_module(line: &str, module: &str) -> bool {
    !is_comment(line) && !after_module(line, module).is_empty()
}

/// What code names of the module, such as `email::Email`.
fn named_of(text: &str, module: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().filter(|line| !is_comment(line)).collect();
    after_module(&lines.join(" "), module).into_iter().flat_map(ends).collect()
}

/// The paths that a tree of imports leads to.
fn ends(tree: &str) -> Vec<String> {
    if let Some(group) = tree.strip_prefix('{') {
        return branches(group).into_iter().flat_map(ends).collect();
    }
    let end = tree.find(|c| !is_of_name(c) && c != '*').unwrap_or(tree.len());
    let (name, rest) = tree.split_at(end);
    match rest.strip_prefix("::") {
        Some(inner) => ends(inner).iter().map(|end| format!("{name}::{end}")).collect(),
        None => vec![name.to_owned()],
    }
}

/// The parts of a group of imports, up to the brace that closes it.
fn branches(group: &str) -> Vec<&str> {
    let (mut depth, mut from, mut found) = (0, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                found.push(group[from..at].trim());
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    found.retain(|branch| !branch.is_empty());
    found
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
    let only = |layer: &str, module: &str, allowed: &[&str]| {
        for (name, text) in sources().iter().filter(|(name, _)| name.starts_with(layer)) {
            for named in named_of(text, module) {
                assert!(allowed.contains(&named.as_str()), "{name} names {module}::{named}");
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
    // What makes a call is above these, as is, for some, what a call consists of.
    let callers = ["app", "api", "cli", "dispatch", "facade", "http", "server", "service"];
    for layer in ["auth/", "redact/", "openapi.rs", "config/"] {
        imports(layer, &callers);
    }
    let calls = ["admit", "caller", "contract", "handlers", "openapi", "redact"];
    imports("auth/", &calls);
    imports("auth/", &["config", "mail", "store", "table"]);
    imports("redact/", &["auth", "caller", "config", "handlers", "openapi", "store", "table"]);
    imports("openapi.rs", &["admit", "auth", "caller", "config", "handlers", "model", "redact"]);
    imports("openapi.rs", &["store", "table"]);
    imports("config/", &calls);
    imports("config/", &["table"]);
    only("config/", "store", &["Rules"]);
    imports("app.rs", &["handlers", "api", "dispatch", "facade", "http"]);
    imports("api/", &["table", "dispatch", "facade", "http", "server", "config", "openapi"]);
    // They translate: the native interface is all that they know.
    let inside = ["store", "table", "handlers", "contract", "admit", "redact", "caller", "role"];
    imports("facade/", &inside);
    imports("facade/", &["auth", "mail", "dispatch", "http", "server", "openapi", "metrics"]);
    // Values that stand in requests and replies, and no records.
    let values =
        ["email::Email", "email::EmailError", "fields::Change", "id::AccountId", "text::Language"];
    only("facade/", "model", &values);
    only("facade/", "config", &["Facade"]);
    for (name, text) in sources().iter().filter(|(name, _)| name.starts_with("facade/")) {
        for part in [".store", ".verifier"] {
            assert!(!text.contains(part), "{name} takes {part} from the app");
        }
        let calls = ["api::call", "api::admitted(", "api::sign_out("];
        let calls = calls.iter().any(|call| text.contains(call));
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
    let text = "use crate::{\n    clock::Clock,\n    store::{\n        By, find::{self, select::Selector},\n    },\n};\n\
                // store::Comment\nfn f(g: crate::store::user::Step) -> store::Result<()> {}";
    let named = ["By", "find::self", "find::select::Selector", "user::Step", "Result"];
    assert_eq!(named_of(text, "store"), named);
}

#[test]
fn files_say_what_they_own_and_stay_short() {
    for (name, text) in sources() {
        assert!(text.starts_with("//! "), "{name} does not begin with what it owns");
        let lines = text.lines().count();
        assert!(lines <= 400, "{name} has {lines} lines without its tests");
    }
}
