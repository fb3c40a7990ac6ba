//! `guestlist user`: users one by one, and `user export`.

use serde_json::{Value, json};

use super::transfer::HASH;
use crate::support::{
    engine::Engine,
    process::{Service, Site, eventually},
    scene::PASSWORD,
    smtp::{Received, letters_in},
};

/// Makes a user; the record.
async fn user(site: &Site, arguments: &[&str]) -> Value {
    let stdout = site.run(&[&["user", "create", "--json"], arguments].concat()).await.ok();
    serde_json::from_str(&stdout).unwrap()
}

/// A user who has joined with an outside identity, as created, and the identity's token.
async fn joined(site: &Site, service: &Service, email: &str) -> (Value, String) {
    let user = user(site, &[email, "--invite"]).await;
    let token = site.token(email).await;
    service.call("user/login", &token, json!({"invite": user["invite"]})).await.ok();
    (user, token)
}

async fn exported(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let stdout = site.run(&[&["user", "export"], arguments].concat()).await.ok();
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_user_is_made_and_comes_in_by_the_link() {
    for engine in Engine::all() {
        let site = Site::on(engine).await.with("--app-url=https://app.example.com");
        let service = site.start().await;
        let names = ["Ada@Example.com", "--first=Ada", "--last=Lovelace"];
        let stdout = site.run(&[&["user", "create", "--invite"], &names[..]].concat()).await.ok();
        let field = |name: &str| {
            let line = stdout.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_once("  ").unwrap().1.trim().to_owned()
        };
        assert_eq!((field("email"), field("state")), ("ada@example.com".into(), "invited".into()));
        let invite = field("invite");
        assert_eq!(field("link"), format!("https://app.example.com/#invite={invite}"));
        let ada = site.token("ada@example.com").await;
        let reply = service.call("user/login", &ada, json!({"invite": invite})).await.ok();
        assert_eq!(reply["user"]["id"], field("id"));
        assert_eq!(
            (&reply["user"]["role"], &reply["user"]["first"]),
            (&json!("user"), &json!("Ada"))
        );
        // The home account is the one that the first root user comes into.
        service.root(&site).await;
        let all = exported(&site, &[]).await;
        assert!(all.iter().all(|user| user["accountId"] == field("accountId")), "{all:?}");
        assert_eq!(all.len(), 2);
        service.stop().await;
    }
}

#[tokio::test]
async fn a_password_comes_from_stdin() {
    let site = Site::sqlite();
    let service = site.start().await;
    let create =
        |email: &'static str| ["user", "create", "--role=admin", "--password-stdin", email];
    let input = format!("{PASSWORD}\r\nnot this\n");
    let made = site.run_on(&create("ada@example.com"), &input).await.ok();
    assert!(made.contains("state      active\n") && !made.contains(PASSWORD), "{made}");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    service.call("session/create", "", body).await.ok();
    let said = site.run_on(&create("bob@example.com"), "short").await.misuse();
    assert!(said.starts_with("guestlist: password must have at least 8 characters"), "{said}");
    let said = site.run_on(&create("ada@example.com"), PASSWORD).await.failure();
    assert_eq!(
        said,
        "guestlist: A user of the account has this email already: active, with role admin. To change the user, run \
         guestlist user update ada@example.com --role admin\n"
    );
    let said = site.run(&[&create("eve@example.com")[..], &["--invite"]].concat()).await.failure();
    assert!(said.contains("cannot be used with"), "{said}");
}

#[tokio::test]
async fn an_export_has_everybody_and_lets_nobody_in() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        assert_eq!(exported(&site, &["--all"]).await, Vec::<Value>::new());
        let acme = ["account", "create", "--name=Acme", "--managed", "--json"];
        let acme: Value = serde_json::from_str(&site.run(&acme).await.ok()).unwrap();
        let id = acme["id"].as_str().unwrap();
        let line = json!({
            "type": "account", "id": id, "name": "Acme", "managed": true, "state": "active",
        });
        assert_eq!(exported(&site, &["--all"]).await, std::slice::from_ref(&line));
        let ada = user(&site, &["ada@example.com", "--invite"]).await;
        let input = format!("{PASSWORD}\n");
        let bob = ["user", "create", "bob@example.com", "--password-stdin", "--account", id];
        site.run_on(&bob, &input).await.ok();
        let mut expected = ada.clone();
        for name in ["invite", "link"] {
            assert!(expected.as_object_mut().unwrap().remove(name).is_some(), "{ada}");
        }
        assert_eq!(exported(&site, &[]).await, [expected.clone()]);
        let of_acme = exported(&site, &["--account", id]).await;
        assert_eq!((&of_acme[0]["email"], of_acme.len()), (&json!("bob@example.com"), 1));
        let home = json!({
            "type": "account", "id": expected["accountId"], "name": "Home", "managed": true,
            "state": "active", "home": true, "setUp": false,
        });
        let all = exported(&site, &["--all"]).await;
        assert_eq!(all, [home, expected, line, of_acme[0].clone()], "the home account comes first");
        let text = site.run(&["user", "export", "--all"]).await.ok();
        for secret in [ada["invite"].as_str().unwrap(), "argon2", "password", "identity"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[tokio::test]
async fn a_person_is_found_in_all_accounts() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let mut accounts = Vec::new();
        for name in ["Acme", "Globex"] {
            let account = site.run(&["account", "create", "--json", "--name", name]).await.ok();
            let account: Value = serde_json::from_str(&account).unwrap();
            let id = account["id"].as_str().unwrap().to_owned();
            user(&site, &["ada@example.com", "--role=admin", "--account", &id]).await;
            accounts.push(id);
        }
        user(&site, &["bob@example.com"]).await;
        let find = async |arguments: &[&str]| {
            let find = ["user", "find", "Ada@example.com"];
            site.run(&[&find, arguments].concat()).await.ok()
        };
        let found = find(&["--json"]).await;
        let found: Vec<Value> = found.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        let ids: Vec<_> = found.iter().map(|it| it["accountId"].as_str().unwrap()).collect();
        assert_eq!(ids, accounts);
        let table = find(&[]).await;
        let first = table.lines().next().unwrap();
        let columns: Vec<_> = first.split_whitespace().collect();
        assert_eq!(columns, ["id", "accountId", "email", "role", "state", "issuer"]);
        assert_eq!(table.lines().filter(|line| line.contains("  admin  invited")).count(), 2);
        let one = find(&["--account", &accounts[1]]).await;
        assert!(one.lines().count() == 2 && one.contains(&accounts[1]), "{one}");
        let nobody = site.run(&["user", "find", "eve@example.com"]).await.ok();
        assert_eq!(nobody, "");
        assert_eq!(find(&["--json", "--account", &accounts[0]]).await.lines().count(), 1);
        let bob = site.run(&["user", "find", "bob@example.com", "--json"]).await.ok();
        let bob: Value = serde_json::from_str(&bob).unwrap();
        let found = site.run(&["user", "find", bob["id"].as_str().unwrap(), "--json"]).await.ok();
        assert_eq!(serde_json::from_str::<Value>(&found).unwrap(), bob);

        // Without anybody, all users of an account.
        let all = site.run(&["user", "find"]).await.ok();
        assert!(all.lines().count() == 2 && all.contains("bob@example.com"), "{all}");
        let admins = site.run(&["user", "find", "--role=admin"]).await;
        let said = admins.stderr.trim_end();
        let home = said.starts_with("guestlist: no user was found in the home account of ");
        assert!(home && said.ends_with("; --account names another"), "{said}");
        let none = ["user", "find", "eve@example.com", "--account", &accounts[0]];
        let said = site.run(&none).await.stderr;
        let place = format!("guestlist: no user was found in account {} of ", accounts[0]);
        assert!(said.starts_with(&place), "{said}");
        let said = site.run(&["user", "find", "eve@example.com"]).await.stderr;
        let place = said.strip_prefix("guestlist: no user was found in ").unwrap();
        assert!(!place.contains("account"), "{said}");
        let admins = ["user", "find", "--role=admin", "--account", &accounts[0]];
        let admins = site.run(&admins).await.ok();
        assert!(admins.contains("ada@example.com"), "{admins}");
    }
}

#[tokio::test]
async fn an_outside_identity_is_taken_off() {
    let site = Site::sqlite();
    let service = site.start().await;
    let (ada, token) = joined(&site, &service, "ada@example.com").await;
    let id = ada["id"].as_str().unwrap();
    let elsewhere = ["--account", "01890000-0000-7000-8000-000000000000"];
    let said = site.run(&[&["user", "unbind", id], &elsewhere[..]].concat()).await;
    assert_eq!(
        said.failure(),
        "guestlist: The user was not found; look it up with guestlist user find\n"
    );
    let unbound = site.run(&["user", "unbind", id]).await;
    assert!(unbound.stdout.contains("state      invited\n"), "{unbound:?}");
    let answer = service.call("user/get", &token, json!({})).await;
    assert_eq!(answer.outcome(), "403 not_registered");
    // Nothing invites her but the command that is named.
    let home = ada["accountId"].as_str().unwrap();
    let invite = format!("guestlist user create ada@example.com --account {home} --invite");
    let expected = format!("guestlist: no invite was sent; to invite the user, run {invite}\n");
    assert_eq!(unbound.stderr, expected);
    let found = json!({"state": "invited", "inviteState": "open"});
    let key = site.run(&["key", "create", "--role=root", "--name=test"]).await.ok();
    let open = service.call("user/find", key.trim(), found.clone()).await.ok();
    assert_eq!(open["data"], json!([]));
    run_all(&site, &unbound.stderr).await;
    let open = service.call("user/find", key.trim(), found).await.ok();
    assert_eq!(open["data"][0]["id"], ada["id"]);

    // A sign-in of ours is its person's.
    let input = format!("{PASSWORD}\n");
    let bob = ["user", "create", "bob@example.com", "--password-stdin", "--json"];
    let bob: Value = serde_json::from_str(&site.run_on(&bob, &input).await.ok()).unwrap();
    let said = site.run(&["user", "unbind", bob["id"].as_str().unwrap()]).await.failure();
    assert!(said.contains("People manage how they sign in"), "{said}");
}

/// Runs the commands that a text names, one after the other.
async fn run_all(site: &Site, text: &str) {
    for command in text.trim_end().split("run guestlist ").skip(1) {
        let command = command.split(", and then ").next().unwrap();
        site.run(&command.split(' ').collect::<Vec<_>>()).await.ok();
    }
}

#[tokio::test]
async fn how_to_invite_a_user_who_has_no_way_in_is_told_after_the_change() {
    let site = Site::sqlite();
    let service = site.start().await;
    let (ada, _) = joined(&site, &service, "ada@example.com").await;
    let id = ada["id"].as_str().unwrap();
    site.run(&["user", "update", id, "--state=suspended"]).await.ok();
    let unbound = site.run(&["user", "unbind", id, "--json"]).await;
    let record: Value = serde_json::from_str(&unbound.stdout).unwrap();
    assert_eq!(record["state"], "suspended");
    let home = ada["accountId"].as_str().unwrap();
    let who = format!("ada@example.com --account {home}");
    assert_eq!(
        unbound.stderr,
        format!(
            "guestlist: the user stays suspended; to let the person back in, run guestlist user update {who} --state \
             active, and then run guestlist user create {who} --invite\n"
        )
    );
    run_all(&site, &unbound.stderr).await;
    let found = site.run(&["user", "find", id, "--json"]).await.ok();
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!(found["state"], "invited");
    assert!(found["inviteSent"].is_string(), "{found}");

    // Who comes back from the trash invited has no invite either; who is active needs none.
    site.run(&["user", "remove", id]).await.ok();
    let restored = site.run(&["user", "restore", id]).await;
    assert!(restored.stdout.contains("state      invited\n"), "{restored:?}");
    let expected = format!(
        "guestlist: no invite was sent; to invite the user, run guestlist user create {who} --invite\n"
    );
    assert_eq!(restored.stderr, expected);
    let bob = member(&site, "bob@example.com", "user").await;
    let id = bob["id"].as_str().unwrap();
    site.run(&["user", "remove", id]).await.ok();
    assert_eq!(site.run(&["user", "restore", id]).await.stderr, "");
}

/// A user with a password.
async fn member(site: &Site, email: &str, role: &str) -> Value {
    let arguments = ["user", "create", email, "--role", role, "--password-stdin", "--json"];
    serde_json::from_str(&site.run_on(&arguments, PASSWORD).await.ok()).unwrap()
}

/// The record that a command prints.
async fn record(site: &Site, arguments: &[&str]) -> Value {
    let stdout = site.run(&[&["user"], arguments, &["--json"]].concat()).await.ok();
    serde_json::from_str(&stdout).unwrap()
}

#[tokio::test]
async fn a_change_of_role_or_state_is_audited_and_told() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let key = site.run(&["key", "create", "--role=root", "--name=test"]).await.ok();
        let service = site.start().await;
        member(&site, "root@example.com", "root").await;
        let ada = member(&site, "ada@example.com", "user").await;
        let id = ada["id"].as_str().unwrap();

        let command = ["update", "Ada@example.com", "--role=admin", "--last=Lovelace"];
        let after = record(&site, &command).await;
        let expected = (&ada["id"], &json!("admin"), &json!("Lovelace"));
        assert_eq!((&after["id"], &after["role"], &after["last"]), expected);
        let told = || {
            let letters = letters_in(&site.path("data/mail"));
            let is_told = |letter: &Received| letter.subject.ends_with("is now admin");
            letters.into_iter().find(is_told).ok_or("no email yet".to_owned())
        };
        let letter = eventually("the email", async || told()).await;
        assert_eq!(letter.to, "ada@example.com");

        let shown = site.run(&["user", "update", id, "--state=suspended"]).await.ok();
        assert!(shown.contains("state      suspended\n"), "{shown}");
        let body = json!({"userId": id, "action": "user/update"});
        let trail = service.call("audit/find", key.trim(), body).await.ok();
        let entry = |number: usize, what: &str| {
            let entry = &trail["data"][number];
            (entry["actor"].clone(), entry["before"][what].clone(), entry["after"][what].clone())
        };
        let expected = (json!("operator"), json!("active"), json!("suspended"));
        assert_eq!(entry(0, "state"), expected, "{trail}");
        let expected = (json!("operator"), json!("user"), json!("admin"));
        assert_eq!(entry(1, "role"), expected, "{trail}");
        assert_eq!(record(&site, &["update", id, "--state=active"]).await["state"], "active");
        service.stop().await;
    }
}

#[tokio::test]
async fn the_operator_leaves_no_account_without_an_admin() {
    let site = Site::sqlite();
    member(&site, "root@example.com", "root").await;
    for (arguments, role) in [
        (&["update", "root@example.com", "--role=admin"][..], "root user"),
        (&["update", "root@example.com", "--state=suspended"], "admin"),
        (&["remove", "root@example.com"], "admin"),
    ] {
        let said = site.run(&[&["user"], arguments].concat()).await;
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.failure().contains(&format!("without an active {role}; ")), "{arguments:?}");
    }
    member(&site, "ada@example.com", "user").await;
    assert_eq!(record(&site, &["update", "ada@example.com", "--role=root"]).await["role"], "root");
    let after = record(&site, &["update", "root@example.com", "--role=user"]).await;
    assert_eq!(after["role"], "user");
}

#[tokio::test]
async fn an_email_in_several_accounts_is_never_guessed() {
    let site = Site::sqlite();
    let mut accounts = Vec::new();
    for name in ["Acme", "Globex"] {
        let account = site.run(&["account", "create", "--json", "--name", name]).await.ok();
        let account: Value = serde_json::from_str(&account).unwrap();
        let id = account["id"].as_str().unwrap().to_owned();
        user(&site, &["ada@example.com", "--account", &id]).await;
        accounts.push(id);
    }
    let update = ["user", "update", "ada@example.com", "--role=admin"];
    let said = site.run(&update).await.failure();
    let [acme, globex] = &accounts[..] else { panic!("two accounts") };
    let expected = "guestlist: ada@example.com is in 2 accounts; add one of them: --account";
    assert_eq!(said, format!("{expected} {acme} or {globex}\n"));
    let update = ["update", "ada@example.com", "--role=admin", "--account", globex];
    assert_eq!(record(&site, &update).await["accountId"], json!(globex));
    let roles = site.run(&["user", "find", "ada@example.com", "--json"]).await.ok();
    let roles = roles.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(roles.map(|it| it["role"].clone()).collect::<Vec<_>>(), ["user", "admin"]);

    let said = site.run(&["user", "update", "eve@example.com", "--role=admin"]).await.failure();
    let said = said.replace(&site.path("").display().to_string(), "FOLDER/");
    assert_eq!(
        said,
        "guestlist: no user has the email eve@example.com in sqlite:FOLDER/data; check --table and --config, or \
         create one with guestlist user create eve@example.com; guestlist user find --removed lists removed users, \
         and guestlist user restore brings them back\n"
    );
    for command in ["remove", "unbind", "remove-second-factor"] {
        let said = site.run(&["user", command, "eve@example.com"]).await.failure();
        assert!(said.contains("guestlist user restore"), "{command}: {said}");
        assert!(!said.contains("user create"), "{command}: {said}");
    }
}

#[tokio::test]
async fn a_user_is_removed_and_restored() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let ada = member(&site, "ada@example.com", "user").await;
        let removed = site.run(&["user", "remove", "ada@example.com"]).await.ok();
        assert!(removed.contains("purgeAfter  "), "{removed}");
        assert_eq!(site.run(&["user", "find"]).await.ok(), "");
        let home = ada["accountId"].as_str().unwrap();
        let after = record(&site, &["restore", "ada@example.com", "--account", home]).await;
        assert_eq!((&after["id"], &after["state"]), (&ada["id"], &json!("active")));
        let id = ada["id"].as_str().unwrap();
        record(&site, &["remove", id]).await;
        assert_eq!(record(&site, &["restore", id]).await["state"], "active");
    }
}

#[tokio::test]
async fn which_removed_user_is_meant_is_never_guessed() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let ada = user(&site, &["ada@example.com"]).await;
            ids.push((ada["id"].clone(), ada["accountId"].clone()));
            record(&site, &["remove", "ada@example.com"]).await;
        }
        let [(first, home), (second, _)] = &ids[..] else { panic!("two users") };
        let text = |id: &Value| id.as_str().unwrap().to_owned();
        let (first, second, home) = (text(first), text(second), text(home));

        let said = site.run(&["user", "restore", "ada@example.com"]).await.misuse();
        assert!(said.contains("add --account, or give the user's ID"), "{said}");
        let restore = ["user", "restore", "ada@example.com", "--account", &home];
        let said = site.run(&restore).await.failure();
        assert_eq!(
            said,
            format!(
                "guestlist: 2 removed users of the account had the email ada@example.com; give the ID of one of them, \
                 last removed first: {second}, {first}\n"
            )
        );

        let removed = site.run(&["user", "find", "--removed"]).await.ok();
        let columns: Vec<_> = removed.lines().next().unwrap().split_whitespace().collect();
        assert_eq!(columns, ["id", "accountId", "email", "role", "purgeAfter"]);
        assert!(removed.contains(&first) && removed.contains(&second), "{removed}");
        let one = site.run(&["user", "find", &first, "--removed", "--json"]).await.ok();
        assert_eq!(serde_json::from_str::<Value>(&one).unwrap()["id"], json!(first));

        assert_eq!(record(&site, &["restore", &first]).await["id"], json!(first));
        let said = site.run(&["user", "restore", &first]).await.failure();
        assert_eq!(
            said,
            "guestlist: The user in the trash was not found; look it up with guestlist user find --removed --account \
             ID\n"
        );
        let nobody = ["user", "restore", "eve@example.com", "--account", &home];
        let said = site.run(&nobody).await.failure();
        assert!(said.contains(&format!("no removed user of account {home} in ")), "{said}");
        let none = site.run(&["user", "find", "eve@example.com", "--removed"]).await.stderr;
        let place = "guestlist: no removed user was found in the home account of ";
        assert!(none.starts_with(place), "{none}");
    }
}

#[tokio::test]
async fn what_to_do_with_a_user_is_told_for_the_users_account() {
    let site = Site::sqlite();
    let acme = site.run(&["account", "create", "--name=Acme", "--json"]).await.ok();
    let acme: Value = serde_json::from_str(&acme).unwrap();
    let acme = acme["id"].as_str().unwrap();
    let ada = user(&site, &["ada@example.com", "--invite", "--account", acme]).await;
    let code = ada["invite"].as_str().unwrap();
    // The email is enough to find her, but not to invite her again.
    for who in [
        &["ada@example.com"][..],
        &[ada["id"].as_str().unwrap()],
        &["ada@example.com", "--account", acme],
    ] {
        let activate = [&["user", "update", "--state=active"], who].concat();
        let said = site.run(&activate).await.failure();
        let who = format!("ada@example.com --account {acme}");
        assert!(said.contains(&format!("run guestlist user create {who} --invite;")), "{said}");
        assert!(said.contains(&format!("guestlist user remove {who}\n")), "{said}");
    }
    let again = ["user", "create", "ada@example.com", "--account", acme];
    let said = site.run(&again).await.failure();
    let update =
        format!("run guestlist user update ada@example.com --account {acme} --role ROLE\n");
    assert!(said.ends_with(&update), "{said}");

    // Nobody has asked for the code.
    for json in [&[][..], &["--json"]] {
        let update = [&["user", "update", "ada@example.com", "--last=Lovelace"], json].concat();
        let shown = site.run(&update).await.ok();
        assert!(shown.contains("invited") && !shown.contains(code), "{shown}");
    }
}

#[tokio::test]
async fn changes_that_cannot_be_are_refused_with_what_to_do() {
    let site = Site::sqlite();
    user(&site, &["ada@example.com"]).await;
    let said = site.run(&["user", "update", "ada@example.com", "--state=active"]).await.failure();
    assert!(said.contains("run guestlist user create ada@example.com --account "), "{said}");
    for arguments in [
        &["user", "update", "ada@example.com"][..],
        &["user", "update", "ada", "--role=admin"],
        &["user", "update", "ada@example.com", "--keep-keys"],
        &["user", "find", "ada@example.com", "--role=user"],
        &["user", "create", "ada"],
        &["key", "remove", "nightly"],
    ] {
        site.run(arguments).await.misuse();
    }
}

#[tokio::test]
async fn a_lost_second_factor_is_turned_off() {
    let site = Site::sqlite();
    let service = site.start().await;
    let id = "01890000-0000-7000-8000-00000000000a";
    let lines = [
        json!({
            "type": "signIn", "id": id, "email": "ada@example.com", "verified": true,
            "passwordHash": HASH, "totp": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
        }),
        json!({"email": "ada@example.com", "identity": {"issuer": "guestlist", "subject": id}}),
    ];
    let lines = lines.map(|line| format!("{line}\n")).concat();
    site.run_on(&["user", "import", "-"], &lines).await.ok();
    let sign_in = json!({"email": "ada@example.com", "password": PASSWORD});
    let answer = service.call("session/create", "", sign_in.clone()).await;
    assert_eq!(answer.outcome(), "401 totp_required");
    let after = record(&site, &["remove-second-factor", "ada@example.com"]).await;
    assert_eq!(after["twoFactor"], false);
    service.call("session/create", "", sign_in).await.ok();
    let again = site.run(&["user", "remove-second-factor", "ada@example.com"]).await.failure();
    assert_eq!(again, "guestlist: The second factor was not found.\n");
    service.stop().await;
}
