//! `guestlist user import`: everybody once, whatever happens in between.

use std::{collections::BTreeSet, fmt::Write as _, fs, os::unix::fs::PermissionsExt as _};

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    process::{Running, Site, eventually},
    scene::PASSWORD,
};

/// How many lines an import has that is to be stopped on its way: more than two bookmarks' worth.
const LINES: usize = 2_500;
/// Of so many lines one sends an invite.
const PER_INVITE: usize = 100;

const IMPORT: [&str; 3] = ["user", "import", "users.ndjson"];

/// Lines with the emails of so many users.
fn lines(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let invite = number % PER_INVITE == 0;
        let user = json!({"email": format!("u{number}@example.com"), "sendInvite": invite});
        writeln!(text, "{user}").unwrap();
    }
    text
}

fn write(site: &Site, name: &str, text: &str) {
    fs::write(site.path(name), text).unwrap();
}

/// The users of all accounts.
async fn exported(site: &Site) -> Vec<Value> {
    let stdout = site.run(&["user", "export", "--all"]).await.ok();
    let lines = stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] != "account").collect()
}

/// The emails of all users; no email may occur twice.
async fn emails(site: &Site) -> BTreeSet<String> {
    let users = exported(site).await;
    let emails: BTreeSet<_> =
        users.iter().map(|user| user["email"].as_str().unwrap().to_owned()).collect();
    assert_eq!(emails.len(), users.len());
    emails
}

/// The numbers in a summary: imported, already existed, rejected.
fn summary(stdout: &str) -> [usize; 3] {
    let number = |what: &str| {
        let part = stdout.trim().split(", ").find(|part| part.ends_with(what));
        let word = part.and_then(|part| part.split(' ').next());
        word.map_or(0, |word| word.replace(',', "").parse().unwrap())
    };
    [number("imported"), number("existed"), number("rejected")]
}

/// The line that an import has come to, as its bookmark says.
fn bookmark(site: &Site) -> Option<u64> {
    let text = fs::read_to_string(site.path("users.ndjson.import")).ok()?;
    serde_json::from_str::<Value>(&text).unwrap()["line"].as_u64()
}

/// Begins an import and waits until it has kept that it has settled so many lines or more.
async fn begun(site: &Site, line: u64) -> Running {
    let running = site.begin(&IMPORT);
    eventually("the bookmark", async || {
        let at = bookmark(site);
        at.filter(|at| *at >= line).ok_or_else(|| format!("{at:?} {}", running.stderr.so_far()))
    })
    .await;
    running
}

#[tokio::test]
async fn killed_and_run_again_everybody_is_there_once() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        write(&site, "users.ndjson", &lines(LINES));
        for line in [0, 1] {
            begun(&site, line).await.kill().await;
            assert!(bookmark(&site).is_some_and(|at| at >= line), "killed too late");
        }
        let before = emails(&site).await.len();
        let said = site.run(&IMPORT).await.ok();
        let [made, there, bad] = summary(&said);
        assert_eq!((made + there, bad), (LINES, 0), "{said}");
        println!("{engine:?}: {before} before the last run; {said}");
        assert_eq!(emails(&site).await.len(), LINES);
        assert_eq!(bookmark(&site), None, "it is done");
        // Nobody has been invited twice.
        let service = site.start().await;
        let invited = LINES.div_ceil(PER_INVITE);
        let to = eventually("all letters", async || {
            let letters = fs::read_dir(site.path("data/mail")).into_iter().flatten();
            let letters: Vec<_> =
                letters.map(|it| fs::read_to_string(it.unwrap().path())).collect();
            let letters: Vec<_> = letters.into_iter().map(Result::unwrap_or_default).collect();
            let to = letters.iter().filter_map(|it| it.lines().find(|it| it.starts_with("To: ")));
            let to: Vec<_> = to.map(str::to_owned).collect();
            if to.len() >= invited { Ok(to) } else { Err(format!("{} letters", to.len())) }
        });
        let to = to.await;
        assert_eq!((to.len(), to.iter().collect::<BTreeSet<_>>().len()), (invited, invited));
        service.stop().await;
    }
}

#[tokio::test]
async fn interrupted_it_ends_between_two_lines_and_goes_on_there() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        write(&site, "users.ndjson", &lines(LINES));
        let running = begun(&site, 1).await;
        running.interrupt();
        let done = running.end().await;
        assert!(!done.success, "{done:?}");
        let [made, there, bad] = summary(&done.stdout);
        assert!((1..LINES).contains(&made), "{done:?}");
        assert_eq!((there, bad), (0, 0));
        assert_eq!(bookmark(&site), Some(made as u64));
        let told = "; run the same command again to resume\n";
        assert!(done.stderr.starts_with("guestlist: stopped after line "), "{done:?}");
        assert!(done.stderr.ends_with(told), "{done:?}");
        assert_eq!(emails(&site).await.len(), made);
        let said = site.run(&IMPORT).await;
        assert!(said.stderr.starts_with("resuming after line "), "{said:?}");
        assert_eq!(said.ok(), "2,500 imported, 0 rejected\n");
        assert_eq!(emails(&site).await.len(), LINES);
    }
}

/// The bad lines of an import, and what is said of each.
async fn check_bad(site: &Site, text: &str, expected: Expect) {
    write(site, "bad.ndjson", text);
    let done = site.run(&["user", "import", "bad.ndjson"]).await;
    assert_eq!(done.success, done.stderr.is_empty());
    expected.assert_eq(&format!("{}{}", done.stderr, done.stdout));
}

#[tokio::test]
async fn bad_lines_are_named_and_the_others_made() {
    let site = Site::sqlite();
    check_bad(
        &site,
        "",
        expect![[r"
            0 imported, 0 rejected
        "]],
    )
    .await;
    let text =
        "\u{feff}{\"email\": \"ada@example.com\"}\r\n\r\n \n{\"email\": \"bob@example.com\"}";
    check_bad(
        &site,
        text,
        expect![[r"
        2 imported, 0 rejected
    "]],
    )
    .await;
    let text = r#"{"email": "ada@example.com"}
{"emial": "eve@example.com"}
{"email": "eve@example.com"
[]
{"email": "no", "first": 7}
{"email": "eve@example.com", "state": "trashed"}
{"email": "eve@example.com", "accountId": "home"}
{"email": "eve@example.com", "accountId": "01890000-0000-7000-8000-000000000000"}
{"email": "eve@example.com", "passwordHash": "secret"}
{"first": "Eve"}
{"email": "eve@example.com"}
"#;
    check_bad(&site, text, expect![[r#"
        line 1: A user of the account has this email already: added, not invited, with role user.
        line 2: user/create has no field emial. Did you mean email?
        line 3: not valid JSON: EOF while parsing an object at column 27
        line 4: not a JSON object; a user looks like {"email": "ada@example.com"}
        line 5: email must be an email address such as ada@example.com; first must be a string
        line 6: state must be active or suspended
        line 7: accountId must be a UUID
        line 8: The account was not found; look it up with guestlist account find
        line 9: passwordHash must be the hash of a password: Argon2 ($argon2id$…), bcrypt ($2b$…), scrypt ($scrypt$… or $7$…) or PBKDF2 ($pbkdf2-sha256$…, $pbkdf2-sha512$… or pbkdf2_sha256$…), with its salt
        line 10: email is required
        1 imported, 10 rejected
    "#]]).await;
    let long = format!("{{\"email\": \"{}\"}}\n", "x".repeat(1024 * 1024));
    let text = format!("{long}{{\"email\": \"zoe@example.com\"}}\n");
    check_bad(
        &site,
        &text,
        expect![[r"
        line 1: longer than 1 MiB
        1 imported, 1 rejected
    "]],
    )
    .await;
    let all = ["ada", "bob", "eve", "zoe"].map(|name| format!("{name}@example.com"));
    assert_eq!(emails(&site).await, BTreeSet::from(all));
}

#[tokio::test]
async fn rejected_lines_can_be_mended_and_imported() {
    let site = Site::sqlite();
    let bad = "{\"emial\": \"ada@example.com\"}\nnonsense";
    write(&site, "users.ndjson", &format!("{{\"email\": \"bob@example.com\"}}\n{bad}"));
    let import = [&IMPORT[..], &["--rejects", "rejects"]].concat();
    let done = site.run(&import).await;
    assert_eq!((done.success, done.stdout.as_str()), (false, "1 imported, 2 rejected\n"));
    assert_eq!(fs::read_to_string(site.path("rejects")).unwrap(), format!("{bad}\n"));
    // What somebody may still need is not overwritten.
    for file in ["rejects", "users.ndjson"] {
        let kept = fs::read(site.path(file)).unwrap();
        let said = site.run(&[&IMPORT[..], &["--rejects", file]].concat()).await.failure();
        let expected = format!(
            "guestlist: cannot write rejected lines to {file}: it is not empty; name another file with --rejects\n"
        );
        assert_eq!(said, expected);
        assert_eq!(fs::read(site.path(file)).unwrap(), kept);
    }
}

/// A kill after lines were rejected: they are looked at again, and kept once.
#[tokio::test]
async fn rejected_lines_are_kept_once() {
    let site = Site::sqlite();
    let bad = |number: usize| format!("bad {number}\n");
    let good = lines(LINES);
    let each = good.lines().enumerate().map(|(number, line)| format!("{line}\n{}", bad(number)));
    write(&site, "users.ndjson", &each.collect::<String>());
    let import = [&IMPORT[..], &["--rejects", "rejects"]].concat();
    let running = site.begin(&import);
    let at = eventually("the bookmark", async || {
        bookmark(&site).filter(|at| *at > 1).ok_or(String::new())
    });
    at.await;
    running.kill().await;
    // There may be passwords in the lines that were rejected.
    for file in ["rejects", "users.ndjson.import"] {
        let mode = site.path(file).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file}");
    }
    let done = site.run(&import).await;
    let [made, there, rejected] = summary(&done.stdout);
    assert_eq!((made + there, rejected), (LINES, LINES), "{}", done.stdout);
    let expected: String = (0..LINES).map(bad).collect();
    assert_eq!(fs::read_to_string(site.path("rejects")).unwrap(), expected);
}

/// A request of a killed run can arrive while the next one is at the same line.
#[tokio::test]
async fn what_is_made_in_the_same_moment_is_there_and_not_bad() {
    const COUNT: usize = 900;
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        write(&site, "users.ndjson", &lines(COUNT));
        write(&site, "same.ndjson", &lines(COUNT));
        begun(&site, 0).await.kill().await;
        let other = site.begin(&["user", "import", "same.ndjson"]);
        let done = site.run(&IMPORT).await;
        let [made, there, bad] = summary(&done.stdout);
        assert_eq!((made + there, bad), (COUNT, 0), "{}", done.stderr);
        other.kill().await;
        assert_eq!(emails(&site).await.len(), COUNT);
    }
}

#[tokio::test]
async fn another_file_of_the_name_is_not_gone_on_with() {
    let site = Site::sqlite();
    write(&site, "users.ndjson", &lines(LINES));
    begun(&site, 1).await.kill().await;
    let changed = lines(LINES).replacen("u0@", "v0@", 1);
    for text in [format!("{}\n", lines(LINES)), changed] {
        write(&site, "users.ndjson", &text);
        let said = site.run(&IMPORT).await.failure();
        expect![[r"
            guestlist: users.ndjson.import belongs to another file with this name, or the file has changed since; to start again from the first line, add --restart
        "]]
        .assert_eq(&said);
    }
    let before = emails(&site).await;
    // What was in before this import began is no line of its own.
    let done = site.run(&[&IMPORT[..], &["--restart"]].concat()).await;
    let [made, there, bad] = summary(&done.stdout);
    assert_eq!((made + bad, there), (LINES, 0), "{}", done.stdout);
    let number = |email: &String| email[1..].split('@').next().unwrap().parse::<usize>().unwrap();
    let invited = before.iter().filter(|email| number(email) % PER_INVITE == 0).count();
    assert_eq!(bad, before.len() - invited, "a person who is still invited is invited again");
    assert_eq!(emails(&site).await.len(), LINES + 1);

    write(&site, "users.ndjson", &lines(LINES));
    write(&site, "users.ndjson.import", "{}");
    let said = site.run(&IMPORT).await.failure();
    let expected = "guestlist: users.ndjson.import does not say how far the import got";
    assert!(said.starts_with(expected) && said.contains("--restart"), "{said}");
}

/// Nor does a bookmark count for another account, or for another table, which has other accounts.
#[tokio::test]
async fn another_account_is_not_gone_on_with() {
    let site = Site::sqlite();
    write(&site, "users.ndjson", &lines(LINES));
    begun(&site, 1).await.kill().await;
    let acme = site.run(&["account", "create", "--name=Acme", "--json"]).await.ok();
    let acme: Value = serde_json::from_str(&acme).unwrap();
    let into = ["--account", acme["id"].as_str().unwrap()];
    let said = site.run(&[&IMPORT[..], &into[..]].concat()).await.failure();
    assert!(said.contains("belongs to an import into account "), "{said}");
}

#[tokio::test]
async fn a_file_is_imported_by_one_at_a_time() {
    let site = Site::sqlite();
    write(&site, "users.ndjson", &lines(1));
    let file = fs::File::open(site.path("users.ndjson")).unwrap();
    file.lock().unwrap();
    let said = site.run(&IMPORT).await.failure();
    let expected = "users.ndjson is already being imported; wait until that is done";
    assert_eq!(said, format!("guestlist: {expected}\n"));
    drop(file);
    assert_eq!(site.run(&IMPORT).await.ok(), "1 imported, 0 rejected\n");
    let said = site.run(&["user", "import", "data"]).await.failure();
    assert_eq!(said, "guestlist: data is a folder; name a file with one user per line\n");
    let said = site.run(&["user", "import", "nowhere"]).await.failure();
    let expected = "nowhere cannot be read: No such file or directory (os error 2)";
    assert_eq!(said, format!("guestlist: {expected}\n"));
}

#[tokio::test]
async fn stdin_is_read_once() {
    let site = Site::sqlite();
    let import = ["user", "import", "-"];
    let done = site.run_on(&import, &format!("{}nonsense\n", lines(3))).await;
    assert_eq!(done.stdout, "3 imported, 1 rejected\n");
    assert_eq!(done.stderr, "line 4: not valid JSON: expected ident at column 2\n");
    assert_eq!(emails(&site).await.len(), 3);
    assert!(!site.path("-.import").exists());
}

/// What of a user is not the same after an import.
const ANEW: [&str; 8] = [
    "accountId",
    "created",
    "id",
    "inviteExpires",
    "inviteSent",
    "number",
    "passwordHash",
    "updated",
];

/// What one system writes another reads: who is kept out stays out, and passwords come with hashes.
#[tokio::test]
async fn an_export_is_imported() {
    // bcrypt of "correct horse battery staple", cost 4, made by Python's bcrypt.
    const BCRYPT: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";
    for engine in Engine::all() {
        let old = Site::on(engine).await;
        let users = json!([
            {"email": "ada@example.com", "first": "Ada", "last": "Lovelace", "role": "admin"},
            {"email": "bob@example.com", "username": "bob", "language": "de", "password": PASSWORD},
            {"email": "eve@example.com", "externalId": "7", "state": "suspended"},
            {"email": "zoe@example.com", "preferences": {"theme": "dark"}, "sendInvite": true},
        ]);
        let lines =
            |users: &[Value]| users.iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
        write(&old, "users.ndjson", &lines(users.as_array().unwrap()));
        assert_eq!(old.run(&IMPORT).await.ok(), "4 imported, 0 rejected\n");
        let mut told = exported(&old).await;
        told.sort_by_key(|user| user["email"].to_string());
        let states: Vec<_> = told.iter().map(|user| user["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["invited", "active", "suspended", "invited"]);
        told[1]["passwordHash"] = json!(BCRYPT);
        // What is known of somebody there, and not here.
        let known = ["activity", "holds", "issuer", "joined"];
        let time = "2027-01-15T08:00:00.000Z";
        for (name, value) in known.into_iter().zip([json!(time), json!(3), json!("x"), json!(time)])
        {
            told[0][name] = value;
        }

        let new = Site::on(engine).await;
        write(&new, "users.ndjson", &lines(&told));
        let done = new.run(&IMPORT).await;
        assert_eq!(done.stdout, "0 imported, 4 rejected\n", "the accounts are not there");
        let done = new.run(&[&IMPORT[..], &["--one-account"]].concat()).await.ok();
        assert_eq!(done, "4 imported, 0 rejected\n");
        let mut found = exported(&new).await;
        found.sort_by_key(|user| user["email"].to_string());
        assert_eq!(
            known.map(|name| found[0][name].clone()),
            [json!(null), json!(0), json!(null), json!(null)]
        );
        assert_eq!(found[1]["issuer"], "guestlist");
        for (told, found) in told.iter_mut().zip(&mut found) {
            for name in ANEW.into_iter().chain(known) {
                told.as_object_mut().unwrap().remove(name);
                found.as_object_mut().unwrap().remove(name);
            }
            assert_eq!(told, found);
        }
        let service = new.start().await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        service.call("session/create", "", body).await.ok();
        let eve = new.token("eve@example.com").await;
        let login = service.call("user/login", &eve, json!({})).await;
        assert_eq!(login.outcome(), "403 not_registered", "suspended users are expected by nobody");
        let ada = new.token("ada@example.com").await;
        service.call("user/login", &ada, json!({})).await.ok();
        service.stop().await;
    }
}
