//! Each change of what somebody signs in with, or of what a sign-in may do, is told to its person by email.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::Duration,
};

use guestlist::{
    contract::{Effect, endpoints},
    model::letter::Kind,
};
use serde_json::{Value, json};

use super::{
    Signed, letters,
    own_email::{NEW, OLD, OTHER, by, code_in},
    providers::{Scene, digits, verified},
    registered, sign_in, totp,
};
use crate::support::{
    client::Answer,
    engine::Engine,
    issuers::{issuer, outside_since},
    scene::PASSWORD,
    world::{Person, World},
};

/// An issuer beside ours.
const ELSEWHERE: &str = "https://people.example/";

/// What the walk below makes people hear of: of each call the kinds of emails.
const TOLD: &[(&str, &[&str])] = &[
    ("identity/remove", &["sign_in_removed"]),
    ("key/create", &["key_created"]),
    ("password/reset", &["password_changed"]),
    ("provider/finishLink", &["provider_linked"]),
    ("provider/link", &["provider_linked"]),
    ("provider/remove", &["provider_removed"]),
    ("session/confirm", &["recovery_code_used"]),
    ("session/create", &["recovery_code_used"]),
    ("session/remove", &["sessions_ended"]),
    ("totp/confirm", &["second_factor_on"]),
    ("totp/remove", &["second_factor_off", "second_factor_removed"]),
    ("user/changePassword", &["password_changed"]),
    ("user/confirmEmail", &["email_changed"]),
    ("user/undoEmail", &["email_changed", "password_changed"]),
    ("user/update", &["email_changed", "password_changed", "role_granted", "unbound"]),
    ("user/updateRole", &["role_granted"]),
];

/// What nobody hears of by a change of this kind, and why.
const NOT_TOLD: &[(&str, &str)] = &[
    ("account/create", "an account without anybody in it"),
    ("account/remove", "the account goes, and no sign-in with it"),
    ("account/update", "all who are signed out of an account at once may be thousands"),
    ("identity/create", "sends a code, which is the email"),
    ("identity/verify", "the person has the code from the email"),
    ("key/remove", "takes something away, and the account's trail says who has done it"),
    ("password/forgot", "sends a code, which is the email"),
    ("provider/begin", "stores nothing"),
    ("provider/beginLink", "stores nothing"),
    ("provider/code", "sends a code, which is the email"),
    ("provider/finish", "signs in; what it links is linked by provider/link"),
    ("session/code", "sends a code, which is the email"),
    ("session/refresh", "goes on with a session"),
    ("session/token", "goes on with a session"),
    ("totp/enroll", "nothing changes before totp/confirm"),
    ("trash/purge", "the user was removed before; the account's trail says who has done it"),
    ("trash/restore", "brings a user back into an account; joining it takes the person"),
    ("user/create", "makes a user of whom nobody has heard; sendInvite sends an email"),
    ("user/createOrRestore", "as user/create and trash/restore"),
    ("user/remove", "no sign-in goes but one that the account has made and keeps"),
];

/// What takes something from a person and is told to nobody, and why: the rows of a table of docs/security.md. All of it
/// is done in the walk.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "`user/update` with `state`, `user/remove`",
        "An account decides who is in it, and tells people in its own words. The person's sign-in does not \
         change, works in other accounts, and gets `403` here. If the sign-in is removed as well, the account had \
         created and kept it. With an email for each change, an account could pester people who have no say in it",
    ),
    (
        "`user/leave`, `account/decline`",
        "People do this themselves. Doing it in a stolen session gains nothing; the account's trail shows it, and \
         an invite brings the user back",
    ),
    (
        "`session/remove` of one session, or of another user's",
        "It signs out one browser, or signs one user out of one account; signing in again undoes it. Ending all \
         other sessions is reported, because a thief does that to keep the owner out",
    ),
    (
        "`account/update` with `endSessions`",
        "It signs out everyone in the account, which may be thousands of people, and does not change how they \
         sign in",
    ),
    (
        "`key/remove`",
        "It gives nobody more power, and the account's trail says who did it. The email about the key was sent \
         when the key was created",
    ),
];

/// What begins so is about how people sign in.
const NOUNS: [&str; 7] =
    ["identity/", "key/", "passkey/", "password/", "provider/", "session/", "totp/"];

#[test]
fn no_call_is_forgotten() {
    let changes = endpoints().filter(|it| it.effect == Effect::Change);
    let about = changes
        .filter(|it| !it.fresh.is_empty() || NOUNS.iter().any(|noun| it.name.starts_with(noun)));
    let about: BTreeSet<_> = about.map(|it| it.name).collect();
    let told = TOLD.iter().map(|(call, _)| *call);
    let listed: BTreeSet<_> = told.chain(NOT_TOLD.iter().map(|(call, _)| *call)).collect();
    let missing: Vec<_> = about.difference(&listed).collect();
    assert!(missing.is_empty(), "say in TOLD or NOT_TOLD whether people hear of {missing:?}");
}

#[test]
fn what_is_not_told_stands_in_the_documents() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/security.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, section) = text.split_once("| not told | why |\n|---|---|\n").unwrap();
    let listed: Vec<_> = section.lines().take_while(|line| line.starts_with('|')).collect();
    let rows: Vec<_> = LEFT_OUT.iter().map(|(what, why)| format!("| {what} | {why} |")).collect();
    assert_eq!(listed, rows);
}

/// Which kind of email has that subject, by its template.
fn kind_of(subject: &str) -> &'static str {
    let is_of = |kind: &Kind| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/mail/templates");
        let template = fs::read_to_string(format!("{folder}/{}.en.txt", kind.name())).unwrap();
        let line = template.lines().next().unwrap().strip_prefix("Subject: ").unwrap();
        let (begins, _) = line.split_once("{{").unwrap_or((line, ""));
        let (_, ends) = line.rsplit_once("}}").unwrap_or(("", line));
        subject.starts_with(begins) && subject.ends_with(ends)
    };
    Kind::ALL.into_iter().find(is_of).unwrap_or_else(|| panic!("no kind: {subject}")).name()
}

/// Somebody who does one thing after the other, and looks into the mailboxes after each.
struct Walk {
    scene: Scene,
    seen: usize,
    heard: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Walk {
    fn world(&self) -> &World {
        &self.scene.world
    }

    /// Passes over the letters that there are.
    async fn pass_over(&mut self) {
        self.seen = letters(&self.scene.world).await.len();
        self.scene.world.advance(Duration::from_millis(1));
    }

    /// Notes what people hear of a call that was answered.
    async fn note(&mut self, call: &'static str, answer: Answer) -> Value {
        let reply = answer.ok();
        let new: Vec<_> =
            letters(&self.scene.world).await.split_off(self.seen).into_iter().collect();
        self.seen += new.len();
        self.heard.entry(call).or_default().extend(new.iter().map(|it| kind_of(&it.subject)));
        self.scene.world.advance(Duration::from_millis(1));
        reply
    }

    async fn does(&mut self, call: &'static str, person: &Person, body: Value) -> Value {
        self.pass_over().await;
        let answer = self.world().call(call, person, body).await;
        self.note(call, answer).await
    }

    async fn asks(&mut self, call: &'static str, body: Value) -> Value {
        self.pass_over().await;
        let answer = self.world().client.call(call, "", body).await;
        self.note(call, answer).await
    }

    async fn turns_on(&mut self, person: &Person, password: &str) -> Vec<String> {
        let reply = self.does("totp/enroll", person, json!({"currentPassword": password})).await;
        let secret = totp::secret(reply["secret"].as_str().unwrap());
        let code = totp::code(self.world(), &secret);
        let reply = self.does("totp/confirm", person, json!({"code": code})).await;
        let codes = reply["recoveryCodes"].as_array().unwrap();
        codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
    }

    /// Password, second factor and recovery codes.
    async fn changes_credentials(&mut self, ada: &Person) -> Person {
        let body = json!({"currentPassword": PASSWORD, "newPassword": OTHER});
        self.does("user/changePassword", ada, body).await;
        self.asks("password/forgot", json!({"email": OLD})).await;
        let code = code_in(self.world(), OLD, "reset").await;
        self.asks("password/reset", json!({"code": code, "newPassword": PASSWORD})).await;
        let ada = by(ada, &Signed::from(&sign_in(self.world(), OLD, PASSWORD).await.ok()));
        let codes = self.turns_on(&ada, PASSWORD).await;
        let body = json!({"email": OLD, "password": PASSWORD, "totp": codes[0]});
        let signed = self.asks("session/create", body).await;
        let ada = by(&ada, &Signed::from(&signed));
        self.does("session/confirm", &ada, json!({"totp": codes[1]})).await;
        let body = json!({"currentPassword": PASSWORD});
        self.does("totp/remove", &ada, body).await;
        self.does("session/remove", &ada, json!({"others": true})).await;
        ada
    }

    /// Identities at the provider.
    async fn links(&mut self, ada: &Person) {
        self.pass_over().await;
        let answer = self.scene.link(&ada.token, verified("first", OLD)).await;
        let ways = self.note("provider/finishLink", answer).await;
        let one = &ways["linked"][0];
        let body = json!({"issuer": one["issuer"], "subject": one["subject"]});
        self.does("provider/remove", ada, body).await;
        let trip = self.scene.trip(json!({}), verified("second", OLD)).await;
        let pending = self.scene.finish(&trip).await.ok();
        let code = digits(&letters(self.world()).await.pop().unwrap());
        self.pass_over().await;
        let shown = json!({"emailCode": code});
        let answer = self.scene.show(&trip, &pending["link"], shown).await;
        self.note("provider/link", answer).await;
    }

    /// The own address, and the way back.
    async fn moves(&mut self, ada: &Person) {
        let body = json!({"newEmail": NEW, "currentPassword": PASSWORD});
        self.world().call("user/update", ada, body).await.ok();
        let code = code_in(self.world(), NEW, "confirm-email").await;
        self.does("user/confirmEmail", ada, json!({"code": code})).await;
        let code = code_in(self.world(), OLD, "undo-email").await;
        self.asks("user/undoEmail", json!({"code": code, "newPassword": PASSWORD})).await;
    }

    /// What others do: roles, keys, and the sign-ins that an account keeps.
    async fn is_acted_on(&mut self) {
        let eve = self.world().admin("eve@example.com").await;
        self.does("account/update", &eve, json!({"name": "Home of eve"})).await;
        let body = json!({"name": "nightly", "role": "user"});
        let key = self.does("key/create", &eve, body).await;
        self.does("key/remove", &eve, json!({"id": key["id"]})).await;
        let eve = self.is_kept_out(&eve).await;
        let fay = self.world().invited(&eve, "fay@example.com", json!({})).await;
        let role = |role: &str| json!({"id": fay.id, "role": role});
        self.does("user/updateRole", &eve, role("admin")).await;
        self.does("user/update", &eve, role("user")).await;
        self.does("user/update", &eve, role("admin")).await;
        let body = json!({"email": "gus@example.com", "password": PASSWORD});
        let gus = self.does("user/create", &eve, body).await;
        let body = json!({"id": gus["id"], "newPassword": OTHER});
        self.does("user/update", &eve, body).await;
        let body = json!({"id": gus["id"], "newEmail": "gus@example.org"});
        self.does("user/update", &eve, body).await;
        let signed = Signed::from(&sign_in(self.world(), "gus@example.org", OTHER).await.ok());
        let gus = Person { token: signed.access, id: String::new(), account: eve.account.clone() };
        self.turns_on(&gus, OTHER).await;
        let body = json!({"email": "gus@example.org"});
        self.does("totp/remove", &eve, body).await;
    }

    /// What takes something from somebody, and no way to sign in; the admin, who has signed in again since.
    async fn is_kept_out(&mut self, admin: &Person) -> Person {
        let hal = self.world().invited(admin, "hal@example.com", json!({})).await;
        for state in ["suspended", "active"] {
            self.does("user/update", admin, json!({"id": hal.id, "state": state})).await;
        }
        self.does("session/remove", admin, json!({"id": hal.id, "others": true})).await;
        self.does("account/update", admin, json!({"endSessions": true})).await;
        let (admin, hal) = (self.world().fresh(admin), self.world().fresh(&hal));
        self.does("user/leave", &hal, json!({})).await;
        let ivy = self.world().invited(&admin, "ivy@example.com", json!({})).await;
        self.does("user/remove", &admin, json!({"id": ivy.id})).await;
        self.is_unbound(&admin).await;
        admin
    }

    /// Somebody who signs in elsewhere.
    async fn is_unbound(&mut self, admin: &Person) {
        let body = json!({"email": "jim@example.com", "sendInvite": true});
        let invite = self.world().call("user/create", admin, body).await.ok()["invite"].clone();
        let now = Some(self.world().clock.now().seconds());
        let token = outside_since(ELSEWHERE, ("jim", "jim@example.com", true), now);
        let login = json!({"invite": invite});
        let jim = self.world().client.call("user/login", &token, login).await.ok();
        let body = json!({"id": jim["user"]["id"], "identity": null});
        self.does("user/update", admin, body).await;
    }

    /// One of the own sessions.
    async fn signs_out(&mut self, ada: &Person) {
        sign_in(self.world(), OLD, PASSWORD).await.ok();
        let found = self.world().call("session/find", ada, json!({})).await.ok();
        let sessions = found["data"].as_array().unwrap();
        let other = sessions.iter().find(|it| it["current"] != true).unwrap();
        self.does("session/remove", ada, json!({"session": other["id"]})).await;
    }
}

#[tokio::test]
async fn every_change_of_a_sign_in_is_told_by_email() {
    for engine in Engine::all() {
        let elsewhere = issuer(ELSEWHERE, true);
        let scene = Scene::new(engine, ",label=Acme", &[&elsewhere]).await;
        let mut walk = Walk { scene, seen: 0, heard: BTreeMap::new() };
        let (ada, _) = registered(walk.world(), OLD).await;
        let ada = walk.changes_credentials(&ada).await;
        walk.signs_out(&ada).await;
        walk.links(&ada).await;
        walk.moves(&ada).await;
        walk.is_acted_on().await;
        let signed = Signed::from(&sign_in(walk.world(), OLD, PASSWORD).await.ok());
        let ada = by(&ada, &signed);
        walk.world().operate("account/remove", json!({"accountId": ada.account})).await;
        walk.pass_over().await;
        let answer = walk.world().client.call("identity/remove", &ada.token, json!({})).await;
        walk.note("identity/remove", answer).await;

        for (call, kinds) in TOLD {
            let heard = walk.heard.remove(call).unwrap_or_default();
            let wanted: BTreeSet<_> = kinds.iter().copied().collect();
            assert_eq!(heard, wanted, "{call} on {engine:?}");
        }
        for (call, heard) in walk.heard {
            // It is the email that the call sends.
            let told: Vec<_> = heard.iter().filter(|it| **it != "reset").collect();
            assert!(told.is_empty(), "{call} tells of {told:?}: say so in TOLD");
        }
    }
}
