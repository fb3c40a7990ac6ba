//! What each call costs in table calls, and what DynamoDB would charge for them.

mod touches;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
    time::Duration,
};

use expect_test::expect_file;
use guestlist::{
    clock::{Clock, Timestamp},
    contract::endpoints,
    model::totp::TotpSecret,
    table::{Condition, Item, Key, Op, Table as _, Written},
};
use serde_json::{Value, json};

use crate::support::{
    self,
    charges::Charges,
    engine::Engine,
    meter::{Charge, Metered, Units},
    provider::{Back, Provider},
    scene::PASSWORD,
    smtp::letters_in,
    watched::Watched,
    world::{Person, World},
};

/// The document that has the table, below its own text.
const DOCUMENT: &str = "docs/costs.md";
/// What the table begins with.
const HEAD: &str = "| call | table calls | read units | write units | a million, USD |\n\
    |---|---|--:|--:|--:|\n";

/// What the table of parts begins with, which stands above.
const PARTS_HEAD: &str = "| call | reads | writes |\n|---|---|---|\n";
/// The calls that it has: those that are made most, and those that seem dear.
const IN_PARTS: [&str; 8] = [
    "session/create",
    "session/refresh",
    "user/create",
    "user/create with invite",
    "password/forgot",
    "password/check",
    "password/reset",
    "user/changePassword",
];

/// A world whose table calls are counted, and the rows of the report.
struct Ledger {
    world: World,
    table: Arc<Watched>,
    meter: Arc<Metered>,
    /// Where DynamoDB says itself what it charges.
    charges: Option<Charges>,
    rows: BTreeMap<String, Row>,
    provider: Provider,
}

/// What one call comes to.
struct Row {
    calls: String,
    charges: Vec<Charge>,
}

impl Ledger {
    async fn on_sqlite() -> Self {
        let clock = clock();
        let fresh = Engine::Sqlite.fresh(&clock).await;
        let table = &fresh.table;
        let meter = Metered::new(Arc::clone(table), Arc::clone(table));
        let ledger = Self::over(meter, clock, None).await;
        Self { world: ledger.world.with(fresh), ..ledger }
    }

    async fn on_dynamodb(endpoint: String) -> Self {
        let (charges, clock) = (Charges::before(endpoint).await, clock());
        Self::over(charges.table(&clock).await, clock, Some(charges)).await
    }

    async fn over(meter: Metered, clock: Clock, charges: Option<Charges>) -> Self {
        let meter = Arc::new(meter);
        let table = Arc::new(Watched::new(Arc::clone(&meter) as _));
        let provider = Provider::start(&clock).await;
        let flag = provider.flag("acme", ",trust_email=true");
        let world = World::over(Arc::clone(&table) as _, clock, &[&flag]).await;
        Self { world, table, meter, charges, rows: BTreeMap::new(), provider }
    }

    /// The code in the latest letter.
    async fn code(&self) -> String {
        while self.world.courier.round().await.unwrap() > 0 {}
        letters_in(self.world.mail.path()).pop().unwrap().code()
    }

    /// The code of the latest letter with a link for that.
    async fn code_for(&self, action: &str) -> String {
        while self.world.courier.round().await.unwrap() > 0 {}
        let link = format!("/#{action}=");
        let letters = letters_in(self.world.mail.path());
        letters.iter().rfind(|letter| letter.text.contains(&link)).unwrap().code()
    }

    /// Puts an undeliverable letter into the outbox; its content makes no difference here.
    async fn park(&self, id: &str) {
        let key = Key::new("outbox#parked", id);
        let item = Item { key, gs1: None, version: 1, expires: None, body: "{}".to_owned() };
        let put = vec![Op::Put(item, Condition::Absent)];
        assert_eq!(self.table.write(put).await.unwrap(), Written::Done);
    }

    /// Makes a call that must succeed, and notes what it cost.
    async fn note(&mut self, what: &str, name: &str, by: &Person, body: Value) -> Value {
        // Letters have an order by their time.
        self.world.advance(Duration::from_millis(1));
        self.begin();
        let reply = self.world.call(name, by, body).await.ok();
        self.add_row(what);
        reply
    }

    /// Has the courier look for letters, and notes what that cost.
    async fn note_round(&mut self, what: &str) {
        self.begin();
        self.world.courier.round().await.unwrap();
        self.add_row(what);
    }

    fn begin(&self) {
        let _ = (self.table.take_calls(), self.meter.take());
        self.charges.iter().for_each(Charges::clear);
    }

    fn add_row(&mut self, what: &str) {
        let (calls, metered) = (self.table.take_calls(), self.meter.take());
        if let Some(charges) = &self.charges {
            charges.check(&metered, what);
        }
        self.rows.insert(what.to_owned(), Row { calls, charges: metered });
    }

    /// What each call costs, as rows of a table.
    fn costs(&self) -> String {
        let row = |(what, row): (&String, &Row)| {
            let touches = row.charges.iter().flat_map(Charge::touches);
            let units: Units = touches.map(|touch| touch.units).sum();
            format!("| {what} | {} | {units} |\n", counted(&row.calls))
        };
        self.rows.iter().map(row).collect()
    }

    /// What some calls read and write, as rows of a table.
    fn parts(&self) -> String {
        let touched = |what| {
            let row = self.rows.get(what).expect("the call is counted");
            (what, row.charges.iter().flat_map(Charge::touches).collect())
        };
        touches::parts(IN_PARTS.map(touched))
    }

    /// Where each call is charged, for the simulation of partitions.
    fn touches(&self) -> String {
        let touches = |row: &Row| row.charges.iter().flat_map(Charge::touches).collect();
        touches::lines(self.rows.iter().map(|(what, row)| (what.as_str(), touches(row))).collect())
    }
}

fn clock() -> Clock {
    Clock::manual(Timestamp::from_millis(1_800_000_000_000))
}

/// Calls one after the other, the same ones counted.
fn counted(calls: &str) -> String {
    let calls: Vec<_> = calls.split(", ").collect();
    let runs = calls.chunk_by(|one, next| one == next).map(|run| match run {
        [call, _, ..] => format!("{} × {call}", run.len()),
        run => run.concat(),
    });
    runs.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn every_call_keeps_to_its_budget() {
    let mut ledger = Ledger::on_sqlite().await;
    call_everything(&mut ledger).await;
    let costs = ledger.costs();
    for endpoint in endpoints() {
        assert!(costs.contains(&format!("| {}", endpoint.name)), "{} has no budget", endpoint.name);
    }
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT)).unwrap();
    let (text, _) = document.split_once(HEAD).expect("the document has the table");
    let (above, rest) = text.split_once(PARTS_HEAD).expect("it has that of parts");
    let (_, below) = rest.split_once("\n\n").expect("a table ends");
    let parts = ledger.parts();
    let whole = format!("{above}{PARTS_HEAD}{parts}\n{below}{HEAD}{costs}");
    expect_file!["../../docs/costs.md"].assert_eq(&whole);
    expect_file!["../../bench/touches.json"].assert_eq(&ledger.touches());
}

/// However many accounts there are: what they share is what lists them, and the queues.
#[test]
fn accounts_share_no_more_than_what_lists_them() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/touches.json");
    let touches: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut shared = BTreeSet::new();
    for (call, touches) in touches.as_object().unwrap() {
        for touch in touches.as_array().unwrap() {
            let partition = touch[1].as_str().unwrap();
            let is_queue = ["outbox#", "purge#"].iter().any(|queue| partition.starts_with(queue));
            if !partition.contains('{') && !is_queue {
                shared.insert((partition.to_owned(), call.split('/').next().unwrap().to_owned()));
            }
        }
    }
    let of = |partition: &str, noun: &str| (partition.to_owned(), noun.to_owned());
    // An account is listed with how many admins it has; where the operator's is, the operator's calls ask.
    let accounts = [of("accounts", "account"), of("accounts", "user")];
    // Whether somebody runs the service is asked once on each node, or until somebody does.
    let home = [of("home", "account"), of("home", "mail"), of("home", "service")];
    // Whether letters leave is root's to ask.
    let mail = [of("mail", "mail")];
    assert_eq!(shared, accounts.into_iter().chain(home).chain(mail).collect());
}

/// The same, where DynamoDB Local says itself what it charges; the order of calls that go on side by
/// side is another one.
#[tokio::test]
async fn dynamodb_charges_what_the_budgets_say() {
    let Some(endpoint) = support::dynamodb() else { return };
    let mut ledger = Ledger::on_dynamodb(endpoint).await;
    call_everything(&mut ledger).await;
    expect_file!["../../bench/touches.json"].assert_eq(&ledger.touches());
}

async fn call_everything(ledger: &mut Ledger) {
    let admin = ledger.world.admin("admin@example.com").await;
    ledger.world.call("user/get", &admin, json!({})).await.ok();

    let root = ledger.world.root().await;
    ledger.world.call("user/get", &root, json!({})).await.ok();

    operation(ledger, &root).await;
    people(ledger, &root).await;
    reads(ledger, &admin).await;
    logins(ledger, &admin).await;
    // A day later.
    let admin = ledger.world.fresh(&admin);
    changes(ledger, &admin).await;
    mail(ledger, &root).await;
    courier(ledger, &admin).await;
    own_sign_in(ledger).await;
    with_a_provider(ledger).await;
    full_pages(ledger, &admin).await;
    let root = ledger.world.fresh(&root);
    leaving_for_good(ledger, &root).await;
}

async fn reads(ledger: &mut Ledger, admin: &Person) {
    let me = json!({"email": "admin@example.com"});
    ledger.note("user/get oneself", "user/get", admin, json!({})).await;
    ledger.note("user/get by id", "user/get", admin, json!({"id": admin.id})).await;
    ledger.note("user/get by email", "user/get", admin, me).await;
    ledger.note("user/export", "user/export", admin, json!({})).await;
    ledger.note("user/find by id", "user/find", admin, json!({})).await;
    ledger.note("user/find by email", "user/find?index=gs1", admin, json!({})).await;
    let search = json!({"search": "admin"});
    ledger.note("user/find search, one hit", "user/find", admin, search).await;
    let anywhere = json!({"search": "dmin", "anywhere": true});
    ledger.note("user/find anywhere, one user", "user/find", admin, anywhere).await;
    let total = "user/find?total=true";
    ledger.note("user/find by id, with the total", total, admin, json!({})).await;
    ledger.note("trash/find", "trash/find", admin, json!({})).await;
    ledger.note("user/list by number", "user/list", admin, json!({})).await;
    ledger.note("user/list by email", "user/list?order=email", admin, json!({})).await;
    ledger.note("user/list by name", "user/list?order=name", admin, json!({})).await;
    let some = json!({"contains": {"email": ["admin"]}});
    ledger.note("user/list with contains", "user/list", admin, some).await;
    ledger.note("trash/list, an empty trash", "trash/list", admin, json!({})).await;
    ledger.note("account/get", "account/get", admin, json!({})).await;
    ledger.note("account/overview", "account/overview", admin, json!({})).await;
    ledger.note("audit/find", "audit/find", admin, json!({})).await;
    let mine = json!({"userId": admin.id});
    ledger.note("audit/find of a user", "audit/find", admin, mine).await;
    let names = "audit/find?names=true";
    ledger.note("audit/find with names", names, admin, json!({})).await;
    ledger.world.advance(Duration::from_secs(5));
    ledger.note("user/get oneself, nothing cached", "user/get", admin, json!({})).await;
}

async fn operation(ledger: &mut Ledger, root: &Person) {
    let body = json!({"name": "Acme"});
    let account = ledger.note("account/create", "account/create", root, body).await["id"].clone();
    ledger.note("account/find", "account/find", root, json!({})).await;
    let body = json!({"accountId": account, "state": "suspended"});
    ledger.note("account/update state", "account/update", root, body).await;
    let body = json!({"accountId": account});
    ledger.note("account/remove", "account/remove", root, body).await;
}

/// What people do who are in several accounts.
async fn people(ledger: &mut Ledger, root: &Person) {
    let token = ledger.world.token("ann@example.com", true);
    let ann = Person { token, id: String::new(), account: String::new() };
    let body = json!({"name": "Acme"});
    ledger.note("account/register", "account/register", &ann, body).await;
    ledger.note("account/mine, 1 account", "account/mine", &ann, json!({})).await;
    let mut accounts = Vec::new();
    for number in 0..4 {
        let body = json!({"name": format!("Account {number}"), "managed": true});
        let account = ledger.world.call("account/create", root, body).await.ok()["id"].clone();
        let body = json!({"accountId": account, "email": "ann@example.com"});
        ledger.world.call("user/create", root, body).await.ok();
        accounts.push(account);
    }
    ledger.note("account/mine, 1 account and 4 expected", "account/mine", &ann, json!({})).await;
    let decline = json!({"accountId": accounts.pop()});
    ledger.note("account/decline", "account/decline", &ann, decline).await;
    for account in &accounts {
        let join = json!({"accountId": account});
        ledger.note("user/login accountId, expected", "user/login", &ann, join).await;
    }
    let body = json!({"email": "ann@example.com", "everywhere": true});
    ledger.note("user/find everywhere, 5 users", "user/find", root, body).await;
    ledger.note("account/mine, 4 accounts", "account/mine", &ann, json!({})).await;
    ledger.note("user/login known, 4 accounts", "user/login", &ann, json!({})).await;
    ledger.note("user/leave", "user/leave", &ann, json!({})).await;
    ledger.world.advance(Duration::from_millis(1));
    let solo = ledger.world.registered("solo@example.com").await;
    let solo = || ledger.world.client.call_in("", "user/get", &solo.token, json!({}));
    solo().await.ok();
    ledger.begin();
    solo().await.ok();
    ledger.add_row("user/get oneself, the account not named");
}

/// Somebody who is in two accounts goes for good.
async fn leaving_for_good(ledger: &mut Ledger, root: &Person) {
    let mut sid = Person { token: String::new(), id: String::new(), account: String::new() };
    let signed_up = ledger.world.signed_up("sid@example.com").await;
    signed_up["accessToken"].as_str().unwrap().clone_into(&mut sid.token);
    for name in ["Acme", "Looms"] {
        let body = json!({"name": name, "managed": true});
        let account = &ledger.world.call("account/create", root, body).await.ok()["id"];
        let body = json!({"accountId": account, "email": "sid@example.com"});
        ledger.world.call("user/create", root, body).await.ok();
        ledger.world.call("user/login", &sid, json!({"accountId": account})).await.ok();
    }
    ledger.note("identity/remove, 2 accounts", "identity/remove", &sid, json!({})).await;
}

async fn logins(ledger: &mut Ledger, admin: &Person) {
    ledger.note("user/login known", "user/login", admin, json!({})).await;
    ledger.world.advance(Duration::from_mins(10));
    ledger.note("user/login known, activity noted", "user/login", admin, json!({})).await;
    ledger.world.advance(Duration::from_hours(24));
    // So that the row has the login alone, and not who calls.
    ledger.world.call("user/get", admin, json!({})).await.ok();
    ledger.note("user/login known, the first of a day", "user/login", admin, json!({})).await;
    // The caller is back in memory for what follows.
    ledger.world.call("user/get", admin, json!({})).await.ok();
    let new = |email: &str| {
        let token = ledger.world.token(email, true);
        Person { token, id: String::new(), account: String::new() }
    };
    let (registering, bob) = (new("new@example.com"), new("bob@example.com"));
    let register = json!({"register": true});
    ledger.note("user/login register", "user/login", &registering, register).await;
    let body = json!({"email": "bob@example.com", "first": "Bob", "last": "B", "sendInvite": true});
    let user = ledger.note("user/create with invite", "user/create", admin, body).await;
    let code = json!({"invite": user["invite"]});
    ledger.note("invite/check", "invite/check", admin, code.clone()).await;
    ledger.note("invite/find", "invite/find", admin, json!({})).await;
    ledger.note("user/login invite", "user/login", &bob, code).await;
}

async fn own_sign_in(ledger: &mut Ledger) {
    let nobody = Person { token: String::new(), id: String::new(), account: String::new() };
    ledger.note("service/about", "service/about", &nobody, json!({})).await;
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    ledger.note("identity/create", "identity/create", &nobody, body).await;
    let body = json!({"code": ledger.code().await, "password": PASSWORD});
    let reply = ledger.note("identity/verify", "identity/verify", &nobody, body).await;
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let sue = Person { token, ..nobody.clone() };
    ledger.world.call("user/login", &sue, json!({"register": true})).await.ok();
    ledger.note("user/get, session not cached", "user/get", &sue, json!({})).await;
    // What is read once on each node is no part of what a sign-in costs.
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    let refused = ledger.world.call("session/create", &nobody, body).await;
    assert_eq!(refused.outcome(), "401 invalid_credentials");
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    let reply = ledger.note("session/create", "session/create", &nobody, body).await;
    let body = json!({"refreshToken": reply["refreshToken"]});
    let refreshed = ledger.note("session/refresh", "session/refresh", &nobody, body).await;
    let token = refreshed["accessToken"].as_str().unwrap().to_owned();
    let exchanging = Person { token, ..nobody.clone() };
    ledger.note("session/token", "session/token", &exchanging, json!({})).await;
    ledger.note("session/code", "session/code", &exchanging, json!({})).await;
    let body = json!({"currentPassword": PASSWORD});
    ledger.note("session/confirm", "session/confirm", &exchanging, body).await;
    ledger.note("session/find", "session/find", &sue, json!({})).await;
    let body = json!({"session": reply["session"]});
    ledger.note("session/remove", "session/remove", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another of my passwords"});
    ledger.note("user/changePassword", "user/changePassword", &sue, body).await;
    let body = json!({"currentPassword": "another of my passwords", "newPassword": PASSWORD,
        "newEmail": "susan@example.com"});
    ledger.note("user/update own email and password", "user/update", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD, "newEmail": "susan@example.com"});
    ledger.note("user/update own email", "user/update", &sue, body).await;
    let body = json!({"code": ledger.code_for("confirm-email").await});
    ledger.note("user/confirmEmail", "user/confirmEmail", &sue, body).await;
    let body = json!({"code": ledger.code_for("undo-email").await, "newPassword": PASSWORD});
    ledger.note("user/undoEmail", "user/undoEmail", &nobody, body).await;
    ledger
        .note("password/forgot", "password/forgot", &nobody, json!({"email": "sue@example.com"}))
        .await;
    let code = ledger.code().await;
    ledger.note("password/check", "password/check", &nobody, json!({"code": code})).await;
    let body = json!({"code": code, "newPassword": PASSWORD});
    ledger.note("password/reset", "password/reset", &nobody, body).await;
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    let reply = ledger.world.call("session/create", &nobody, body).await.ok();
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let sue = Person { token, ..sue };
    ledger.world.call("user/get", &sue, json!({})).await.ok();
    let body = json!({"currentPassword": PASSWORD});
    let reply = ledger.note("totp/enroll", "totp/enroll", &sue, body).await;
    let secret = reply["secret"].as_str().unwrap();
    let secret = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, secret).unwrap();
    let secret = TotpSecret::from_bytes(&secret).unwrap();
    let body = json!({"code": secret.code(ledger.world.clock.now()).reveal()});
    ledger.note("totp/confirm", "totp/confirm", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD});
    ledger.note("totp/remove", "totp/remove", &sue, body).await;
}

/// Signing in with a provider: for the first time, again, and into a sign-in that is there.
async fn with_a_provider(ledger: &mut Ledger) {
    let nobody = Person { token: String::new(), id: String::new(), account: String::new() };
    let clock = ledger.world.clock.clone();
    let said = |subject: &str, email: &str| {
        let now = clock.now().millis() / 1000;
        json!({"sub": subject, "email": email, "email_verified": true, "auth_time": now})
    };
    let (ann, sue) = (said("1", "ann@example.com"), said("2", "sue@example.com"));
    let acme = json!({"provider": "acme"});
    let back = |ledger: &Ledger, begun: &Value, claims: &Value| {
        let Back { code, state } =
            ledger.provider.consent(begun["url"].as_str().unwrap(), claims.clone());
        json!({"code": code, "state": state, "key": begun["key"], "provider": "acme"})
    };
    let begun = ledger.note("provider/begin", "provider/begin", &nobody, acme.clone()).await;
    let body = back(ledger, &begun, &ann);
    ledger.note("provider/finish, the first time", "provider/finish", &nobody, body).await;
    let begun = ledger.world.call("provider/begin", &nobody, acme.clone()).await.ok();
    let body = back(ledger, &begun, &ann);
    let reply = ledger.note("provider/finish", "provider/finish", &nobody, body).await;
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let person = Person { token, ..nobody.clone() };
    ledger.note("provider/find", "provider/find", &person, json!({})).await;
    let begun =
        ledger.note("provider/beginLink", "provider/beginLink", &person, acme.clone()).await;
    let body = back(ledger, &begun, &said("3", "ann@example.org"));
    ledger.note("provider/finishLink", "provider/finishLink", &person, body).await;
    let body = json!({"issuer": ledger.provider.issuer(), "subject": "3"});
    ledger.note("provider/remove", "provider/remove", &person, body).await;
    let begun = ledger.world.call("provider/begin", &nobody, acme.clone()).await.ok();
    let body = back(ledger, &begun, &sue);
    let asked = ledger.world.call("provider/finish", &nobody, body).await;
    let asked: Value = serde_json::from_slice(&asked.body).unwrap();
    let body = json!({"link": asked["link"], "key": begun["key"]});
    ledger.note("provider/code", "provider/code", &nobody, body.clone()).await;
    let body = json!({"link": asked["link"], "key": begun["key"], "currentPassword": PASSWORD});
    ledger.note("provider/link", "provider/link", &nobody, body).await;
}

/// Pages of 25 users, who have all that people usually have.
async fn full_pages(ledger: &mut Ledger, admin: &Person) {
    for number in 0..30 {
        let body = json!({"email": format!("user{number:07}@example.com"), "first": "Sofia",
            "last": "Kovalevskaya", "language": "en", "preferences": {"theme": "dark"}});
        ledger.note("user/create with names", "user/create", admin, body).await;
    }
    ledger.note("user/find by id, 25", "user/find?limit=25", admin, json!({})).await;
    ledger.note("user/find by email, 25", "user/find?index=gs1&limit=25", admin, json!({})).await;
    let search = json!({"search": "koval"});
    ledger.note("user/find search, 25", "user/find?limit=25", admin, search).await;
    ledger.note("user/list by number, 25", "user/list?limit=25", admin, json!({})).await;
}

async fn mail(ledger: &mut Ledger, root: &Person) {
    // The caller is back in memory for what follows.
    ledger.world.call("user/get", root, json!({})).await.ok();
    ledger.note("mail/find waiting", "mail/find", root, json!({"state": "waiting"})).await;
    ledger.note("mail/state", "mail/state", root, json!({})).await;
    ledger.note("mail/test", "mail/test", root, json!({})).await;
    ledger.note("mail/find undeliverable", "mail/find", root, json!({})).await;
    ledger.park("0190aaaa-0000-7000-8000-000000000001").await;
    ledger.park("0190aaaa-0000-7000-8000-000000000002").await;
    let one = json!({"id": "0190aaaa-0000-7000-8000-000000000001"});
    ledger.note("mail/retry one", "mail/retry", root, one).await;
    ledger.note("mail/retry all, one email", "mail/retry", root, json!({})).await;
}

async fn courier(ledger: &mut Ledger, admin: &Person) {
    while ledger.world.courier.round().await.unwrap() > 0 {}
    ledger.note_round("(checking the outbox, empty)").await;
    let body = json!({"email": "kim@example.com", "sendInvite": true});
    ledger.world.call("user/create", admin, body).await.ok();
    ledger.note_round("(checking the outbox, an invite is sent)").await;
    ledger.begin();
    ledger.world.sweeper.round().await.unwrap();
    ledger.add_row("(checking for chores, none is due)");
}

async fn changes(ledger: &mut Ledger, admin: &Person) {
    let body = json!({"email": "eve@example.com"});
    let eve = ledger.note("user/create", "user/create", admin, body).await["id"].clone();
    let body = json!({"id": eve, "preferences": {"theme": "dark"}});
    ledger.note("user/update preferences", "user/update", admin, body).await;
    let body = json!({"id": eve, "first": "Eve"});
    ledger.note("user/update name", "user/update", admin, body).await;
    let body = json!({"id": eve, "newEmail": "eva@example.com"});
    ledger.note("user/update email", "user/update", admin, body).await;
    let body = json!({"id": eve, "role": "admin", "first": "Eva"});
    ledger.note("user/update role and name", "user/update", admin, body).await;
    let body = json!({"id": eve, "role": "user"});
    ledger.note("user/updateRole", "user/updateRole", admin, body).await;
    let preferences = json!({"id": eve, "preferences": {"theme": "light"}});
    let calls = json!({"calls": [{"call": "user/update", "body": preferences}]});
    ledger.note("batch/run, 1 user/update of preferences", "batch/run", admin, calls).await;
    let body = json!({"id": eve, "sendInvite": true});
    ledger.note("user/updateRole with invite", "user/updateRole", admin, body).await;
    let body = json!({"email": "eva@example.com", "sendInvite": true});
    ledger.note("user/create of an invited user", "user/create", admin, body).await;
    ledger.note("invite/revoke", "invite/revoke", admin, json!({"id": eve})).await;
    ledger.note("user/remove", "user/remove", admin, json!({"id": eve})).await;
    ledger.note("trash/restore", "trash/restore", admin, json!({"id": eve})).await;
    let hold = json!({"id": eve, "kind": "project", "ref": "7"});
    ledger.note("hold/place", "hold/place", admin, hold.clone()).await;
    ledger.note("hold/place again", "hold/place", admin, hold.clone()).await;
    ledger.note("hold/find of a user", "hold/find", admin, json!({"id": eve})).await;
    ledger.note("hold/find", "hold/find", admin, json!({})).await;
    ledger.note("hold/release", "hold/release", admin, hold).await;
    ledger.world.call("user/remove", admin, json!({"id": eve})).await.ok();
    let body = json!({"email": "eva@example.com", "last": "Ost"});
    ledger.note("user/createOrRestore", "user/createOrRestore", admin, body).await;
    ledger.world.call("user/remove", admin, json!({"id": eve})).await.ok();
    ledger.note("trash/purge", "trash/purge", admin, json!({"id": eve})).await;
    let body = json!({"name": "Acme"});
    ledger.note("account/update", "account/update", admin, body).await;
    let body = json!({"name": "script", "role": "admin"});
    let key = ledger.note("key/create", "key/create", admin, body).await["id"].clone();
    ledger.note("key/find", "key/find", admin, json!({})).await;
    ledger.note("key/remove", "key/remove", admin, json!({"id": key})).await;
}
