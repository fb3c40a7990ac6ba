//! A service that moves: `guestlist user export --secrets`, and the import of what it writes.

use std::{collections::BTreeSet, fmt::Write as _, fs, os::unix::fs::PermissionsExt};

use expect_test::expect;
use guestlist::{clock::Clock, model::totp::TotpSecret};
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    jwks::KeyServer,
    keys::Key,
    process::{Service, Site, eventually, secret},
    scene::PASSWORD,
};

/// The outside issuer.
const ISSUER: &str = "https://id.example.com/";
/// bcrypt of [`PASSWORD`], cost 4, made by Python's bcrypt.
pub(super) const HASH: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";
const FILE: &str = "moved.ndjson";
const EXPORT: [&str; 5] = ["user", "export", "--all", "--secrets", FILE];
const IMPORT: [&str; 3] = ["user", "import", FILE];

/// A service with two accounts beside the home account.
struct Old {
    site: Site,
    acme: String,
    globex: String,
    totp: TotpSecret,
    recovery: String,
}

/// A site under a secret of its own, which trusts the outside issuer.
async fn site(engine: Engine, byte: u8, issuer: &KeyServer) -> Site {
    let issuer = issuer.url();
    let site =
        Site::on(engine).await.without("--secret").with(format!("--secret={}", secret(byte)));
    site.with(format!("--issuer=issuer={ISSUER},audience=app,jwks_url={issuer},trust_email=true"))
}

fn records(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn record(site: &Site, arguments: &[&str], input: &str) -> Value {
    let stdout = site.run_on(&[arguments, &["--json"]].concat(), input).await.ok();
    records(&stdout).remove(0)
}

/// Makes a user who is invited; the code.
async fn invited(site: &Site, email: &str, account: &str) -> String {
    let create = ["user", "create", "--invite", email, "--account", account];
    record(site, &create, "").await["invite"].as_str().unwrap().to_owned()
}

async fn sign_in(service: &Service, email: &str, totp: Option<&str>) -> Answer {
    let body = json!({"email": email, "password": PASSWORD, "totp": totp});
    service.call("session/create", "", body).await
}

fn token(reply: &Value) -> String {
    reply["accessToken"].as_str().unwrap().to_owned()
}

/// A token of the outside issuer.
fn outside(key: &Key, email: &str) -> String {
    let now = Clock::System.now().seconds();
    key.token(&json!({
        "iss": ISSUER, "aud": "app", "sub": format!("sub of {email}"), "exp": now + 3600,
        "email": email, "email_verified": true,
    }))
}

/// Root, Ada with a second factor in both accounts, Bob whose sign-in Globex keeps, Carol from outside, Eve who
/// is suspended, Fay whose invite was taken back, Guy who is invited, and Dan in the trash.
async fn old(engine: Engine, issuer: &KeyServer, key: &Key) -> Old {
    let site = site(engine, 1, issuer).await;
    let service = site.start().await;
    let root = service.root(&site).await;
    let account = async |name: &str, flag: &[&str]| {
        let create = [&["account", "create", "--name", name], flag].concat();
        record(&site, &create, "").await["id"].as_str().unwrap().to_owned()
    };
    let (acme, globex) = (account("Acme", &[]).await, account("Globex", &["--managed"]).await);
    let settings = json!({"accountId": acme, "settings": {"theme": "dark"}});
    service.call("account/update", &root, settings).await.ok();

    // Her address is proved, so that she may be in several accounts.
    let sign_in_line = json!({
        "type": "signIn", "id": "01890000-0000-7000-8000-00000000000a", "email": "ada@example.com",
        "verified": true, "first": "Ada", "language": "de", "passwordHash": HASH,
    });
    site.run_on(&["user", "import", "-"], &sign_in_line.to_string()).await.ok();
    let ada = token(&sign_in(&service, "ada@example.com", None).await.ok());
    let invite = invited(&site, "ada@example.com", &acme).await;
    service.call("user/login", &ada, json!({"invite": invite})).await.ok();
    let body = json!({"currentPassword": PASSWORD});
    let enrolled = service.call("totp/enroll", &ada, body).await.ok();
    let alphabet = base32::Alphabet::Rfc4648 { padding: false };
    let bytes = base32::decode(alphabet, enrolled["secret"].as_str().unwrap()).unwrap();
    let totp = TotpSecret::from_bytes(&bytes).unwrap();
    let code = json!({"code": totp.code(Clock::System.now()).reveal()});
    let confirmed = service.call("totp/confirm", &ada, code).await.ok();
    let recovery = confirmed["recoveryCodes"][0].as_str().unwrap().to_owned();
    // Somebody goes before Ada, so that she is not the first everywhere.
    let input = format!("{PASSWORD}\n");
    let create = ["user", "create", "--password-stdin", "--role=admin", "bob@example.com"];
    record(&site, &[&create[..], &["--account", &globex]].concat(), &input).await;
    let invite = invited(&site, "ada@example.com", &globex).await;
    service.call("user/login", &ada, json!({"invite": invite})).await.ok();

    let invite = invited(&site, "carol@example.com", &globex).await;
    let carol = outside(key, "carol@example.com");
    service.call("user/login", &carol, json!({"invite": invite})).await.ok();
    for name in ["dan", "eve", "fay", "guy"] {
        let email = format!("{name}@example.com");
        invited(&site, &email, &globex).await;
    }
    let who = |name: &str| json!({"email": format!("{name}@example.com"), "accountId": globex});
    service.call("user/remove", &root, who("dan")).await.ok();
    let suspended = json!({"email": "eve@example.com", "accountId": globex, "state": "suspended"});
    service.call("user/remove", &root, who("eve")).await.ok();
    service.call("user/create", &root, suspended).await.ok();
    service.call("invite/revoke", &root, who("fay")).await.ok();
    service.stop().await;
    Old { site, acme, globex, totp, recovery }
}

/// Takes an export into a file of that name; its lines.
async fn secrets(site: &Site, name: &str) -> Vec<Value> {
    site.run(&["user", "export", "--all", "--secrets", name]).await.ok();
    records(&fs::read_to_string(site.path(name)).unwrap())
}

/// As much of an export as is the same after it was imported.
fn lasting(mut lines: Vec<Value>) -> Vec<Value> {
    for line in &mut lines {
        let line = line.as_object_mut().unwrap();
        if !line.contains_key("type") {
            for name in
                ["id", "created", "updated", "version", "activity", "inviteSent", "inviteExpires"]
            {
                line.remove(name);
            }
        }
    }
    lines.sort_by_key(ToString::to_string);
    lines
}

fn mode(site: &Site, name: &str) -> u32 {
    fs::metadata(site.path(name)).unwrap().permissions().mode() & 0o777
}

/// The line of a user in an account.
fn user<'a>(lines: &'a [Value], email: &str, account: &str) -> &'a Value {
    let found = |line: &&Value| line["email"] == email && line["accountId"] == account;
    lines.iter().find(found).unwrap_or_else(|| panic!("no {email} in {account}"))
}

#[tokio::test]
async fn a_service_moves_with_all_that_people_sign_in_with() {
    let key = Key::p256("a");
    let issuer = KeyServer::start(&[&key]).await;
    for engine in Engine::all() {
        let Old { site: old, acme, globex, totp, recovery } = old(engine, &issuer, &key).await;
        let said = old.run(&EXPORT).await.ok();
        expect![[r"
            accounts: 3, users: 8, sign-ins: 2
            Anyone who reads moved.ndjson can sign in as any of them: delete it as soon as it is imported.
        "]]
        .assert_eq(&said);
        let text = fs::read_to_string(old.path(FILE)).unwrap();
        let lines = records(&text);
        assert!(!text.contains("dan@example.com"), "who is in the trash stays there");
        let number = |email| user(&lines, email, &globex)["number"].as_u64().unwrap();
        assert!(number("ada@example.com") < number("guy@example.com"));

        let new = site(engine, 2, &issuer).await;
        fs::write(new.path(FILE), &text).unwrap();
        assert_eq!(new.run(&IMPORT).await.ok(), "13 imported, 0 rejected\n");
        let again = secrets(&new, "again.ndjson").await;
        assert_eq!(lasting(again), lasting(lines.clone()));

        let service = new.start().await;
        let needs = sign_in(&service, "ada@example.com", None).await;
        assert_eq!(needs.outcome(), "401 totp_required");
        let code = totp.code(Clock::System.now()).reveal().to_owned();
        let ada = token(&sign_in(&service, "ada@example.com", Some(&code)).await.ok());
        for account in [&acme, &globex] {
            let reply = service.call("user/login", &ada, json!({"accountId": account})).await.ok();
            let before = user(&lines, "ada@example.com", account);
            assert_eq!(reply["user"]["state"], "active");
            // Users do not see their numbers in every reply, root does.
            let root = new.token("root@example.com").await;
            let who = json!({"email": "ada@example.com", "accountId": account});
            let found = service.call("user/get", &root, who).await.ok();
            assert_eq!((&found["id"], &found["number"]), (&reply["user"]["id"], &before["number"]));
        }
        sign_in(&service, "ada@example.com", Some(&recovery)).await.ok();
        let used = sign_in(&service, "ada@example.com", Some(&recovery)).await;
        assert_eq!(used.outcome(), "401 invalid_credentials");

        // Globex still keeps Bob's sign-in: a key of it may set his password.
        sign_in(&service, "bob@example.com", None).await.ok();
        let create = ["key", "create", "--role=admin", "--name=x", "--account", &globex];
        let of_globex = new.run(&create).await.ok().trim().to_owned();
        let set = |email: &str| json!({"email": email, "newPassword": "quite another one 7"});
        let done = service.call("user/changePassword", &of_globex, set("bob@example.com")).await;
        assert_eq!(done.outcome(), "200");
        let done = service.call("user/changePassword", &of_globex, set("ada@example.com")).await;
        assert_eq!(done.outcome(), "403 own_sign_in");

        let carol = outside(&key, "carol@example.com");
        let reply = service.call("user/login", &carol, json!({})).await.ok();
        assert_eq!(reply["account"]["name"], "Globex");
        // The account is managed, so that people who are invited there need no code; but not again.
        for (name, outcome) in
            [("guy", "200"), ("fay", "403 not_registered"), ("eve", "403 not_registered")]
        {
            let person = outside(&key, &format!("{name}@example.com"));
            let login = service.call("user/login", &person, json!({"accountId": globex})).await;
            assert_eq!(login.outcome(), outcome, "{name}");
        }
        assert_eq!(service.setup_code(), None, "it is set up");
        service.stop().await;
    }
}

#[tokio::test]
async fn secrets_go_into_a_new_file_of_their_owner_and_nowhere_else() {
    let key = Key::p256("a");
    let issuer = KeyServer::start(&[&key]).await;
    let Old { site, globex, acme, .. } = old(Engine::Sqlite, &issuer, &key).await;
    site.run(&EXPORT).await.ok();
    assert_eq!(mode(&site, FILE), 0o600);
    let kept = fs::read(site.path(FILE)).unwrap();
    let said = site.run(&EXPORT).await.failure();
    expect![[r"
        guestlist: moved.ndjson already exists; name a new file with --secrets
    "]]
    .assert_eq(&said);
    assert_eq!(fs::read(site.path(FILE)).unwrap(), kept);
    let said = site.run(&["user", "export", "--all", "--secrets", "-"]).await.misuse();
    expect![[r"
        guestlist: secrets are written to a file, not to stdout; name it with --secrets
    "]]
    .assert_eq(&said);
    let plain = site.run(&["user", "export", "--all"]).await.ok();
    for secret in ["argon2", "identity", "totp", "recovery", "signIn", "sub of carol"] {
        assert!(!plain.contains(secret), "{secret}");
    }
    // What fails leaves nothing that could be taken for the whole.
    let nobody = "01890000-0000-7000-8000-000000000000";
    site.run(&["user", "export", "--account", nobody, "--secrets", "none"]).await.failure();
    assert!(!site.path("none").exists());

    let stranger = format!("--secret={}", secret(9));
    let site = site.without("--secret").with(stranger);
    site.run(&["table", "accept-secret", "--lost"]).await.ok();
    let said = site.run(&["user", "export", "--all", "--secrets", "none"]).await.failure();
    assert!(said.contains("its second factor was sealed with another secret"), "{said}");
    assert!(!site.path("none").exists());
    let site = site.without("--secret").with(format!("--secret={}", secret(1)));
    site.run(&["table", "accept-secret", "--lost"]).await.ok();

    // An account has no part in the sign-ins that it does not keep.
    let of = async |account: &str, name: &str| {
        let export = ["user", "export", "--account", account, "--secrets", name];
        site.run(&export).await.ok();
        records(&fs::read_to_string(site.path(name)).unwrap())
    };
    let lines = of(&globex, "globex").await;
    let kept: Vec<_> = lines.iter().filter(|line| line["type"] == "signIn").collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (&kept[0]["email"], &kept[0]["keptBy"]),
        (&json!("bob@example.com"), &json!(globex))
    );
    let subject = |email: &str| user(&lines, email, &globex)["identity"]["subject"].clone();
    assert_eq!(subject("bob@example.com"), kept[0]["id"]);
    assert_eq!(subject("carol@example.com"), "sub of carol@example.com");
    assert_eq!(subject("ada@example.com"), Value::Null);
    let lines = of(&acme, "acme").await;
    assert_eq!((lines.len(), &lines[0]["name"]), (2, &json!("Acme")));
}

/// Existing records are not changed, and only the owner may read the rejected lines.
#[tokio::test]
async fn an_import_leaves_alone_what_is_there() {
    let key = Key::p256("a");
    let issuer = KeyServer::start(&[&key]).await;
    let Old { site: old, .. } = old(Engine::Sqlite, &issuer, &key).await;
    old.run(&EXPORT).await.ok();
    let text = fs::read_to_string(old.path(FILE)).unwrap();
    let new = site(Engine::Sqlite, 2, &issuer).await;
    fs::write(new.path(FILE), &text).unwrap();
    new.run(&IMPORT).await.ok();
    let before = lasting(secrets(&new, "before").await);
    // Ada's sign-in with another password, and one at her address.
    let lines = records(&text);
    let is_of_ada = |it: &&Value| it["type"] == "signIn" && it["email"] == "ada@example.com";
    let mut of_ada = lines.iter().find(is_of_ada).unwrap().clone();
    of_ada.as_object_mut().unwrap().remove("totp");
    of_ada.as_object_mut().unwrap().remove("recovery");
    let mut other = of_ada.clone();
    other["id"] = json!("01890000-0000-7000-8000-000000000000");
    let mut acme = lines.iter().find(|it| it["name"] == "Acme").unwrap().clone();
    acme["name"] = json!("Another");
    let bound_to_nobody = json!({
        "email": "zoe@example.com",
        "identity": {"issuer": "guestlist", "subject": "01890000-0000-7000-8000-000000000000"},
    });
    let bad = format!("{of_ada}\n{other}\n{bound_to_nobody}\n");
    fs::write(new.path("more"), format!("{acme}\n{bad}")).unwrap();
    fs::write(new.path("rejects"), "").unwrap();
    fs::set_permissions(new.path("rejects"), fs::Permissions::from_mode(0o644)).unwrap();
    let done = new.run(&["user", "import", "more", "--rejects", "rejects"]).await;
    expect![[r"
        line 1: the account already exists with the name Acme; it was not changed
        line 2: this sign-in already exists; it was not changed
        line 3: another sign-in with this email already exists; it was not changed
        line 4: identity names a sign-in that does not exist; import its line before this one
    "]]
    .assert_eq(&done.stderr);
    assert_eq!(done.stdout, "0 imported, 1 already existed, 3 rejected\n");
    assert_eq!(fs::read_to_string(new.path("rejects")).unwrap(), bad);
    assert_eq!(mode(&new, "rejects"), 0o600);
    new.run(&["user", "import", "more", "--rejects", "new-rejects"]).await;
    assert_eq!(mode(&new, "new-rejects"), 0o600);
    assert_eq!(lasting(secrets(&new, "after").await), before);
}

#[tokio::test]
async fn what_is_wrong_with_a_line_is_said() {
    let site = Site::sqlite();
    let id = "01890000-0000-7000-8000-000000000000";
    let lines = [
        json!({"type": "group", "name": "x"}),
        json!({"type": "account", "name": "Acme", "state": "removed", "color": "red"}),
        json!({"type": "signIn", "id": id, "email": "ada@example.com", "keptBy": id}),
        json!({"type": "signIn", "id": "x", "email": "y", "totp": "short", "recovery": [1]}),
        json!({"type": "signIn", "id": id, "email": "ada@example.com", "recovery": []}),
        json!({"email": "ada@example.com", "emailVerified": true}),
        json!({"email": "ada@example.com", "identity": {"issuer": "", "sub": "x"}}),
        json!({
            "email": "ada@example.com", "identity": {"issuer": "x", "subject": "y"},
            "passwordHash": HASH,
        }),
        json!({"email": "ada@example.com", "identity": {"issuer": "x", "subject": "y"}, "color": "red"}),
        json!({"email": "ada@example.com", "number": 0}),
    ];
    fs::write(site.path("lines"), lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let done = site.run(&["user", "import", "lines"]).await;
    expect![[r"
        line 1: type must be account, signIn or user
        line 2: id is required; state must be active or suspended; color is unknown
        line 3: keptBy names an account that does not exist; import its line first
        line 4: id must be a UUID; email must be an email address such as ada@example.com; totp must be the secret of an authenticator app: 20 bytes in base32; recovery must be a list of at most 10 SHA-256 digests in base64url
        line 5: recovery needs totp
        line 6: emailVerified needs passwordHash
        line 7: identity.subject is required; identity.issuer must have 1 to 255 printable characters; identity.sub is unknown
        line 8: send one of identity, passwordHash and sendInvite
        line 9: user/create has no field color.
        line 10: number must be a whole number from 1 to 4294967295
    "]]
    .assert_eq(&done.stderr);
    assert_eq!(done.stdout, "0 imported, 10 rejected\n");
}

#[tokio::test]
async fn what_is_linked_moves_with_its_sign_in() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let identity = |subject: &str| {
            json!({
                "provider": "google", "label": "Google", "issuer": "https://accounts.google.com",
                "subject": subject, "email": "ada@example.com", "since": "2026-11-30T08:00:00.000Z",
            })
        };
        let line = |number: usize, linked: Vec<Value>| {
            json!({
                "type": "signIn", "id": format!("01890000-0000-7000-8000-00000000000{number}"),
                "email": format!("u{number}@example.com"), "verified": true, "linked": linked,
            })
        };
        let good = line(1, vec![identity("1"), identity("2")]);
        let user = json!({
            "email": "u1@example.com", "identity": {"issuer": "guestlist", "subject": good["id"]},
        });
        let mut unproved = line(2, vec![identity("3")]);
        unproved["verified"] = json!(false);
        let bad = [
            unproved,
            line(3, vec![identity("4"), identity("4")]),
            line(4, (10..16).map(|it| identity(&it.to_string())).collect()),
            line(5, vec![json!({"provider": "Google", "issuer": "x", "subject": "y"})]),
            line(6, vec![identity("2")]),
        ];
        let done = site.run_on(&["user", "import", "-"], &format!("{good}\n{user}\n")).await;
        assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("2 imported, 0 rejected\n", ""));
        let lines = bad.map(|line| format!("{line}\n")).concat();
        let done = site.run_on(&["user", "import", "-"], &lines).await;
        expect![[r"
            line 1: linked needs verified: true
            line 2: linked must be a list of at most 5 identities, each there once
            line 3: linked must be a list of at most 5 identities, each there once
            line 4: linked.label is required; linked.since is required
            line 5: linked contains an identity that already signs in u1@example.com (sign-in 01890000-0000-7000-8000-000000000001): 2 at google (https://accounts.google.com). An identity can belong to one sign-in only: remove it from this line, or have u1@example.com unlink it, then import the line again
        "]]
        .assert_eq(&done.stderr);
        let there = secrets(&site, "secrets").await;
        let sign_ins: Vec<_> = there.iter().filter(|line| line["type"] == "signIn").collect();
        assert_eq!(sign_ins, [&good]);
    }
}

#[tokio::test]
async fn numbers_are_kept_and_not_given_again() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let import = async |line: Value| {
            let done = site.run_on(&["user", "import", "-"], &line.to_string()).await;
            format!("{}{}", done.stderr, done.stdout)
        };
        let ada = json!({"email": "ada@example.com", "number": 7});
        assert_eq!(import(ada.clone()).await, "1 imported, 0 rejected\n");
        let bob = import(json!({"email": "bob@example.com", "number": 7})).await;
        expect![[r"
            line 1: Another user of the account has or had this number.
            0 imported, 1 rejected
        "]]
        .assert_eq(&bob);
        import(json!({"type": "user", "email": "bob@example.com", "number": 3})).await;
        import(json!({"email": "eve@example.com"})).await;
        let users = records(&site.run(&["user", "export"]).await.ok());
        let numbers: Vec<_> = users.iter().map(|it| it["number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, [7, 3, 8]);
        // Put together with users of another account, those may have the same ones.
        let acme = record(&site, &["account", "create", "--name=Acme"], "").await;
        let acme = acme["id"].as_str().unwrap();
        let elsewhere = json!({
            "email": "bob@example.com", "number": 7, "accountId": users[0]["accountId"],
        });
        let into = ["user", "import", "-", "--one-account", "--account", acme];
        let done = site.run_on(&into, &format!("{ada}\n{elsewhere}\n")).await;
        assert_eq!(done.ok(), "2 imported, 0 rejected\n");
    }
}

/// What a customer's file plants would open other accounts.
#[tokio::test]
async fn a_file_for_one_account_says_nothing_of_sign_ins() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let acme = record(&site, &["account", "create", "--name=Acme", "--managed"], "").await;
        let id = "019e0000-0000-7000-8000-00000000c0de";
        let linked = json!({
            "provider": "acme", "label": "Acme", "issuer": "https://id.example", "subject": "thief",
            "since": "2026-01-01T00:00:00Z",
        });
        let sign_in = |more: Value| {
            let mut line = json!({"type": "signIn", "id": id, "email": "ceo@example.com"});
            line.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line
        };
        let identity = json!({"issuer": "guestlist", "subject": id});
        let lines = [
            sign_in(json!({"verified": true, "linked": [linked]})),
            sign_in(json!({"passwordHash": HASH, "totp": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"})),
            json!({"email": "ceo@example.com", "identity": identity}),
            json!({"email": "cto@example.com", "passwordHash": HASH, "emailVerified": true}),
            json!({"email": "bob@example.com", "passwordHash": HASH, "emailVerified": false}),
        ];
        let lines = lines.map(|line| line.to_string()).join("\n");
        let into = ["user", "import", "-", "--one-account", "--account"];
        let into = [&into[..], &[acme["id"].as_str().unwrap()]].concat();
        let done = site.run_on(&into, &lines).await;
        expect![[r"
            line 1: a line of type signIn affects every account, but --one-account imports into one; if you trust the source of this file, add --trust-sign-ins
            line 2: a line of type signIn affects every account, but --one-account imports into one; if you trust the source of this file, add --trust-sign-ins
            line 3: an identity of the issuer guestlist affects every account, but --one-account imports into one; if you trust the source of this file, add --trust-sign-ins
            line 4: emailVerified affects every account, but --one-account imports into one; if you trust the source of this file, add --trust-sign-ins
            1 imported, 4 rejected
        "]]
        .assert_eq(&format!("{}{}", done.stderr, done.stdout));
        let trusting = [&into[..], &["--trust-sign-ins"]].concat();
        let lines = format!(
            "{}\n{}\n",
            sign_in(json!({"verified": true})),
            json!({
                "email": "ceo@example.com", "identity": identity,
            })
        );
        assert_eq!(site.run_on(&trusting, &lines).await.ok(), "2 imported, 0 rejected\n");
        let alone = ["user", "import", "-", "--trust-sign-ins"];
        let refused = site.run(&alone).await.failure();
        assert!(refused.contains("--one-account"), "{refused}");
    }
}

#[tokio::test]
async fn an_address_is_proved_by_the_operators_word() {
    let site = Site::sqlite();
    let proved = json!({"email": "ada@example.com", "passwordHash": HASH, "emailVerified": true});
    let not = json!({"email": "bob@example.com", "passwordHash": HASH});
    fs::write(site.path("lines"), format!("{proved}\n{not}\n")).unwrap();
    site.run(&["user", "import", "lines"]).await.ok();
    let lines = secrets(&site, "secrets").await;
    let verified = |email: &str| {
        let is_meant = |it: &&Value| it["type"] == "signIn" && it["email"] == email;
        lines.iter().find(is_meant).unwrap()["verified"].clone()
    };
    assert_eq!(verified("ada@example.com"), true);
    assert_eq!(verified("bob@example.com"), false);
    let service = site.start().await;
    sign_in(&service, "ada@example.com", None).await.ok();
    service.stop().await;
}

/// Where several have the address, or sign-ins of their own, no limit on guesses stands in the way.
#[tokio::test]
async fn many_who_have_sign_ins_do_not_hold_up_the_others() {
    let site = Site::sqlite();
    let globex = record(&site, &["account", "create", "--name=Globex", "--managed"], "").await;
    let line = |number: usize, account: &Value| {
        let email = format!("u{number}@example.com");
        format!("{}\n", json!({"email": email, "passwordHash": HASH, "accountId": account}))
    };
    let first: String = (0..40).map(|number| line(number, &Value::Null)).collect();
    let second: String = (0..50).map(|number| line(number, &globex["id"])).collect();
    fs::write(site.path("first"), first).unwrap();
    fs::write(site.path("second"), second).unwrap();
    assert_eq!(site.run(&["user", "import", "first"]).await.ok(), "40 imported, 0 rejected\n");
    let done = site.run(&["user", "import", "second"]).await;
    assert_eq!(done.stdout, "10 imported, 40 rejected\n");
    assert!(done.stderr.lines().all(|line| line.contains("People manage how they sign in")));
}

/// An account's line that begins a stream, too, makes it the home account where there is none.
#[tokio::test]
async fn the_home_account_comes_along_on_stdin_and_stays_where_one_is() {
    let home = json!({
        "type": "account", "id": "01890000-0000-7000-8000-000000000000", "name": "Old home",
        "home": true, "managed": true,
    });
    let root = json!({"email": "ada@example.com", "role": "root", "accountId": home["id"]});
    let plain = json!({"email": "bob@example.com"});
    let lines = format!("\u{feff}{home}\n{root}\n{plain}\n");
    let site = Site::sqlite();
    let done = site.run_on(&["user", "import", "-"], &lines).await;
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("3 imported, 0 rejected\n", ""));
    let users = records(&site.run(&["user", "export"]).await.ok());
    assert!(users.len() == 2 && users.iter().all(|user| user["accountId"] == home["id"]));

    let site = Site::sqlite();
    site.run(&["user", "create", "eve@example.com"]).await.ok();
    let done = site.run_on(&["user", "import", "-"], &lines).await;
    assert_eq!(done.stdout, "2 imported, 1 rejected\n");
    assert_eq!(done.stderr, "line 2: The role root can be given in the home account only.\n");
    let users = records(&site.run(&["user", "export"]).await.ok());
    assert!(users.len() == 2 && users.iter().all(|user| user["accountId"] != home["id"]));
}

/// Also where users are bound to sign-ins that come a few lines before them.
#[tokio::test]
async fn killed_and_run_again_everybody_is_bound_once() {
    const PEOPLE: usize = 1_100;
    const PAGE: usize = 100;
    let account = "01890000-0000-7000-8000-000000000000";
    let id = |number: usize| format!("01890000-0000-7000-8000-{:012}", number + 1);
    let email = |number: usize| format!("u{number}@example.com");
    let home = json!({"type": "account", "id": account, "name": "Home", "home": true});
    let mut text = format!("{home}\n");
    for page in 0..PEOPLE / PAGE {
        let people = page * PAGE..(page + 1) * PAGE;
        for number in people.clone() {
            let line = json!({"type": "signIn", "id": id(number), "email": email(number)});
            writeln!(text, "{line}").unwrap();
        }
        for number in people {
            let identity = json!({"issuer": "guestlist", "subject": id(number)});
            let line = json!({"email": email(number), "accountId": account, "identity": identity});
            writeln!(text, "{line}").unwrap();
        }
    }
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        fs::write(site.path(FILE), &text).unwrap();
        let running = site.begin(&IMPORT);
        eventually("the bookmark", async || {
            let kept = fs::read_to_string(site.path("moved.ndjson.import")).unwrap_or_default();
            let kept: Value = serde_json::from_str(&kept).unwrap_or_default();
            if kept["line"].as_u64() > Some(0) { Ok(()) } else { Err(kept.to_string()) }
        })
        .await;
        running.kill().await;
        let done = site.run(&IMPORT).await;
        assert!(done.stdout.ends_with(", 0 rejected\n"), "{done:?}");
        assert!(done.stderr.starts_with("resuming after line "), "{done:?}");
        let lines = secrets(&site, "secrets").await;
        let sign_ins = lines.iter().filter(|line| line["type"] == "signIn").count();
        let is_bound = |line: &&Value| line["state"] == "active" && line["email"].is_string();
        let subject = |line: &Value| line["identity"]["subject"].as_str().unwrap().to_owned();
        let bound: BTreeSet<_> = lines.iter().filter(is_bound).map(subject).collect();
        assert_eq!((sign_ins, bound.len(), lines.len()), (PEOPLE, PEOPLE, 2 * PEOPLE + 1));
    }
}
