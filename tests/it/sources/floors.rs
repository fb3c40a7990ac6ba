//! The store's floors: each may call only itself and those below it, and within one no two files call each
//! other in a circle.
//!
//! Most calls are methods of `Store`, which no import tells of; so `self.method(` is resolved to the file that
//! defines the method, and `self.field.` to the file that defines the field's type.

use std::collections::{BTreeMap, BTreeSet};

use super::{is_comment, sources};

/// From the lowest to the highest.
const FLOORS: [&str; 10] = [
    "ledger", "counts", "find", "account", "outbox", "invite", "change", "sign_in", "user", "entry",
];
/// Above all others.
const TOP: &str = "erase";

/// A file that needs another one, and for what.
type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

/// A file of the store.
struct File {
    /// Its path below `src/store`.
    name: String,
    text: String,
    /// Without comments and white space.
    code: String,
    /// As much of the code as is about `Store` itself.
    methods: String,
}

impl File {
    fn new((name, text): (String, String)) -> Self {
        let mut inside = false;
        let own = text.lines().filter(|line| {
            inside = (inside && *line != "}") || *line == "impl Store {";
            inside
        });
        let methods = squeezed(own);
        Self { name, code: squeezed(text.lines()), methods, text }
    }
}

/// The lines without comments, and without the spaces that do not keep two words apart.
fn squeezed<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let code = lines.filter(|line| !is_comment(line)).flat_map(str::split_whitespace);
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut squeezed = String::new();
    for part in code {
        if is_word(squeezed.chars().last()) && is_word(part.chars().next()) {
            squeezed.push(' ');
        }
        squeezed.push_str(part);
    }
    squeezed
}

/// How high up a file lies; `mod.rs`, which only holds the floors together, above all.
fn height(name: &str) -> usize {
    match name.split_once('/') {
        Some((floor, _)) if floor == TOP => FLOORS.len(),
        Some((floor, _)) => FLOORS
            .iter()
            .position(|known| *known == floor)
            .unwrap_or_else(|| panic!("{name} lies on no known floor")),
        None => FLOORS.len() + 1,
    }
}

/// The first word of a text.
fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

/// The words that follow `what` where it stands as a word of its own.
fn words_after<'a>(code: &'a str, what: &'a str) -> impl Iterator<Item = &'a str> {
    let is_whole =
        |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
    let found = code.match_indices(what).filter(move |(at, _)| is_whole(*at));
    found.map(move |(at, _)| word(&code[at + what.len()..]))
}

/// Which file defines each method of `Store`.
fn methods(files: &[File]) -> BTreeMap<String, String> {
    let mut methods = BTreeMap::new();
    for file in files {
        let mut inside = false;
        for line in file.text.lines() {
            inside = (inside && line != "}") || line.starts_with("impl Store {");
            let Some((before, after)) = line.split_once("fn ") else { continue };
            let is_head = before.trim_start().split(' ').all(|part| {
                matches!(
                    part,
                    "" | "pub" | "pub(super)" | "pub(crate)" | "pub(in" | "crate::store)"
                ) || matches!(part, "async" | "const")
            });
            if inside && is_head && line.starts_with("    ") && !line.starts_with("     ") {
                methods.insert(word(after).to_owned(), file.name.clone());
            }
        }
    }
    methods
}

/// Which file defines the type of each field of `Store`.
fn fields(files: &[File]) -> BTreeMap<String, String> {
    let types: BTreeMap<&str, &str> = files
        .iter()
        .flat_map(|file| {
            let kinds = words_after(&file.code, "struct ").chain(words_after(&file.code, "enum "));
            kinds.map(|kind| (kind, file.name.as_str()))
        })
        .collect();
    let store = files.iter().find(|file| file.code.contains("pub struct Store{"));
    let Some(store) = store else { return BTreeMap::new() };
    let body = store.code.split("pub struct Store{").nth(1).unwrap().split('}').next().unwrap();
    let mut fields = BTreeMap::new();
    for field in body.split(',') {
        let Some((name, kind)) = field.split_once(':') else { continue };
        let kind = kind.rsplit('<').next().unwrap();
        // Of a type from elsewhere the store's own file stands for.
        let file = types.get(word(kind)).unwrap_or(&"mod.rs");
        fields.insert(name.to_owned(), (*file).to_owned());
    }
    fields
}

/// The paths of a tree of imports: `a::{b, c::{self, d}}` has `a::b`, `a::c` and `a::c::d`.
fn paths(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        return vec![tree.trim_end_matches("::self").to_owned()];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices().chain([(inner.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let part = &inner[start..at];
                start = at + 1;
                if !part.is_empty() {
                    found.extend(paths(part).iter().map(|path| format!("{head}{path}")));
                }
            }
            _ => {}
        }
    }
    found.iter().map(|path| path.trim_end_matches("::self").to_owned()).collect()
}

/// The file that a path inside the store leads to: its module's, or its floor's own.
fn file_at(path: &str, files: &[File]) -> Option<String> {
    let mut parts = path.split("::").skip(2);
    let (floor, module) = (parts.next()?, parts.next().unwrap_or_default());
    let candidates = [format!("{floor}/{module}.rs"), format!("{floor}/mod.rs")];
    candidates.into_iter().find(|name| files.iter().any(|file| file.name == *name))
}

/// Who needs whom among the files of the store.
fn arrows(files: &[File]) -> Arrows {
    let (methods, fields) = (methods(files), fields(files));
    let mut arrows = Arrows::new();
    for file in files {
        let mut note = |to: Option<&String>, what: String| {
            if let Some(to) = to.filter(|to| **to != file.name) {
                arrows.entry((file.name.clone(), to.clone())).or_default().insert(what);
            }
        };
        for name in words_after(&file.methods, "self.") {
            let called = [format!("self.{name}("), format!("self.{name}::<")];
            if called.iter().any(|call| file.methods.contains(call)) {
                note(methods.get(name), format!("{name}()"));
            }
            note(fields.get(name), format!("self.{name}"));
        }
        let by_path =
            words_after(&file.methods, "Self::").chain(words_after(&file.code, "Store::"));
        for name in by_path {
            note(methods.get(name), format!("{name}()"));
        }
        let uses = file.code.split("use ").skip(1).filter_map(|part| part.split(';').next());
        let inline = words_of_paths(&file.code);
        let named = uses.flat_map(paths).chain(inline);
        for path in named.filter(|path| path.starts_with("crate::store::")) {
            note(file_at(&path, files).as_ref(), path);
        }
    }
    arrows
}

/// The paths into the store that stand in the code itself.
fn words_of_paths(code: &str) -> Vec<String> {
    let ends = |c: char| !c.is_alphanumeric() && c != '_' && c != ':';
    let starts = code.match_indices("crate::store::");
    starts.map(|(at, _)| code[at..].split(ends).next().unwrap().to_owned()).collect()
}

/// The arrows that run up, and those within a floor that run in circles.
fn faults(arrows: &Arrows) -> Vec<String> {
    let mut faults = Vec::new();
    for ((from, to), what) in arrows {
        // `mod.rs` makes the store of the parts that the floors define.
        if height(from) < height(to) && to != "mod.rs" {
            faults.push(format!("{from} needs {to}, which lies higher: {what:?}"));
        }
        if height(from) == height(to) && reaches(arrows, to, from) {
            faults.push(format!("{from} needs {to}, which needs it in turn: {what:?}"));
        }
    }
    faults
}

/// Whether a way within their floor leads from one file to the other.
fn reaches(arrows: &Arrows, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(at) = next.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            let ways =
                arrows.keys().filter(|(start, end)| start == at && height(end) == height(at));
            next.extend(ways.map(|(_, end)| end.as_str()));
        }
    }
    false
}

#[test]
fn no_floor_of_the_store_calls_a_higher_one() {
    let store = sources().into_iter().filter_map(|(name, text)| {
        Some(File::new((name.strip_prefix("store/")?.to_owned(), text)))
    });
    let files: Vec<File> = store.collect();
    for file in &files {
        assert!(!file.code.contains("super::"), "{}: name it by its floor", file.name);
    }
    let arrows = arrows(&files);
    let calls = arrows.values().flatten().filter(|what| what.ends_with("()")).count();
    assert!(calls > 100, "just {calls} calls of methods were found");
    let faults = faults(&arrows);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is found wrong with these files.
fn found_in(files: &[(&str, &str)]) -> String {
    let files =
        files.iter().map(|(name, text)| File::new(((*name).to_owned(), (*text).to_owned())));
    faults(&arrows(&files.collect::<Vec<_>>())).join("\n")
}

#[test]
fn an_arrow_that_runs_up_is_found_in_whatever_way_it_is_written() {
    let users =
        ("user/update.rs", "pub fn free() {}\nimpl Store {\n    async fn update(&self) {}\n}\n");
    let lists = ("user/list.rs", "pub(super) struct Lists;\n");
    let store = ("mod.rs", "pub struct Store { lists: Arc<Lists>, other: u8 }\n");
    let higher = [
        "impl Store {\n    fn a(&self) {\n        self.update().await\n    }\n}\n",
        "impl Store {\n    fn a(&self) {\n        self\n            .update()\n    }\n}\n",
        "impl Store {\n    fn a(&self) {\n        each(Self::update)\n    }\n}\n",
        "fn a(store: &Store) {\n    Store::update(store)\n}\n",
        "impl Store {\n    fn a(&self) {\n        self.lists.turn()\n    }\n}\n",
        "use crate::store::user::update;\n",
        "use crate::{\n    model::x,\n    store::{\n        Error,\n        user::{list, update::{self, free}},\n    },\n};\n",
        "fn a() {\n    crate::store::user::update::free()\n}\n",
    ];
    for text in higher {
        let found = found_in(&[users, lists, store, ("ledger/step.rs", text)]);
        assert!(found.contains("ledger/step.rs needs user/"), "{text}: {found}");
        let allowed = found_in(&[users, lists, store, ("entry/login.rs", text)]);
        assert_eq!(allowed, "", "{text}");
    }
}

#[test]
fn circles_within_a_floor_are_found() {
    let one = ("ledger/one.rs", "use crate::store::ledger::two::X;\n");
    let two = ("ledger/two.rs", "use crate::store::ledger::three::Y;\n");
    let three = ("ledger/three.rs", "use crate::store::ledger::one::Z;\n");
    assert_eq!(found_in(&[one, two]), "");
    assert_eq!(found_in(&[one, two, three]).lines().count(), 3);
}
