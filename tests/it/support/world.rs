//! A service of a test's own: real HTTP on a free port, an empty table, a clock that stands still.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Command;
use guestlist::{
    app::App,
    auth::{NewToken, Work},
    clock::{Clock, Timestamp},
    config::{
        Settings,
        sources::{self, Sources},
    },
    mail::courier::Courier,
    model::email::Email,
    random::Random,
    secret::{Secret, Secrets},
    server,
    service::{Service, World as Outside},
    sweeper::Sweeper,
    table::Table,
    task_notes::TaskNotes,
    tasks::Tasks,
    web::Web,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch};

use super::{
    client::{Answer, Client},
    engine::{Engine, Fresh},
    scene::PASSWORD,
    smtp::letters_in,
    tokens::said_by,
};

/// What a new world's clock shows: 2027-01-15T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A running service, and a client that talks to it.
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    /// Boxed, so that futures that hold a world stay small.
    pub(crate) courier: Arc<Courier>,
    pub(crate) sweeper: Sweeper,
    /// What is known of how courier and sweeper go on, and what tells other processes.
    pub(crate) tasks: Tasks,
    pub(crate) task_notes: TaskNotes,
    pub(crate) clock: Clock,
    pub(crate) mail: TempDir,
    _table: Option<Fresh>,
    _stop: watch::Sender<bool>,
}

/// Somebody who can call.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) token: String,
    pub(crate) id: String,
    pub(crate) account: String,
}

impl World {
    /// A service on an engine, with settings as flags, such as `--registration=invite`; without that,
    /// people may register.
    pub(crate) async fn new(engine: Engine, flags: &[&str]) -> Self {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::clone(&fresh.table);
        Self::over(table, clock, flags).await.with(fresh)
    }

    /// The same world, which keeps the table that it stands on.
    pub(crate) fn with(self, fresh: Fresh) -> Self {
        Self { _table: Some(fresh), ..self }
    }

    /// A service on a table of the test's own.
    pub(crate) async fn over(table: Arc<dyn Table>, clock: Clock, flags: &[&str]) -> Self {
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        Self::with_secrets(table, clock, flags, secrets).await
    }

    /// As [`World::over`], with secrets of the test's own.
    pub(crate) async fn with_secrets(
        table: Arc<dyn Table>,
        clock: Clock,
        flags: &[&str],
        secrets: Secrets,
    ) -> Self {
        let mail = TempDir::new().unwrap();
        let folder = format!("--mail-folder={}", mail.path().display());
        let is_registration = |flag: &&str| flag.starts_with("--registration");
        let open = (!flags.iter().any(is_registration)).then_some("--registration=open");
        let flags = flags.iter().copied().chain(open).chain([folder.as_str()]);
        let (random, work) = (Random::seeded(1), Work::Full);
        let settings = settings(flags);
        let web = Web::new(&settings.web_proxies);
        let outside = Outside { table, clock: clock.clone(), random, work, web };
        let service = Service::assemble(&settings, &secrets, outside).unwrap();
        let Service { app, http, courier, sweeper, task_notes, tasks } = service;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(server::run(http, listener, stopped));
        let client = Client::new(address);
        Self {
            client,
            address,
            app,
            courier,
            sweeper,
            tasks,
            task_notes,
            clock,
            mail,
            _table: None,
            _stop: stop,
        }
    }

    /// A token of the built-in issuer; the subject is the email.
    pub(crate) fn token(&self, email: &str, verified: bool) -> String {
        self.token_for(email, email, verified)
    }

    pub(crate) fn token_for(&self, subject: &str, email: &str, verified: bool) -> String {
        let new = NewToken {
            subject: subject.to_owned(),
            email: Some(Email::parse(email).unwrap()),
            email_verified: verified,
            auth_time: Some(self.clock.now()),
            lifetime: Duration::from_hours(24 * 365),
            ..NewToken::default()
        };
        self.app.verifier.built_in().mint(&new).unwrap()
    }

    /// What the person of a token of ours gets who signs in again, a second later.
    pub(crate) fn again(&self, token: &str) -> String {
        self.advance(Duration::from_secs(1));
        let claims = said_by(token);
        let text = |name: &str| claims[name].as_str().unwrap();
        let newer = self.token_for(text("sub"), text("email"), claims["email_verified"] == true);
        self.client.take_over(token, &newer);
        newer
    }

    /// The same person after signing in again, which makes the sign-in a fresh one.
    pub(crate) fn fresh(&self, person: &Person) -> Person {
        Person { token: self.again(&person.token), ..person.clone() }
    }

    /// Signs somebody up whose address is proved by the letter; what `identity/verify` replies. Each call is a little
    /// later than the one before, so that letters have an order.
    pub(crate) async fn signed_up(&self, email: &str) -> Value {
        self.advance(Duration::from_millis(1));
        let body = json!({"email": email, "password": PASSWORD});
        self.client.call("identity/create", "", body).await.ok();
        while self.courier.round().await.unwrap() > 0 {}
        let code = letters_in(self.mail.path()).pop().unwrap().code();
        self.advance(Duration::from_millis(1));
        let body = json!({"code": code, "password": PASSWORD});
        self.client.call("identity/verify", "", body).await.ok()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// The first root user, who comes in with the setup code.
    pub(crate) async fn root(&self) -> Person {
        let code = self.app.store.setup_code().await.unwrap().unwrap();
        let token = self.token("root@example.com", true);
        let body = json!({"invite": code.reveal(), "first": "Rosa", "last": "Root"});
        self.person(token, body).await
    }

    /// Makes a call as the operator does on the command line.
    pub(crate) async fn operate(&self, name: &str, body: Value) -> Value {
        let Value::Object(body) = body else { panic!("a body is an object") };
        let request = guestlist::api::Request { body, ..guestlist::api::Request::default() };
        let operator = guestlist::api::Credentials::Operator;
        let reply = guestlist::api::call(&self.app, &operator, name, request).await.unwrap();
        reply.read().unwrap()
    }

    /// The operator vouches for the admins of somebody's account.
    pub(crate) async fn manage(&self, person: &Person) {
        let body = json!({"accountId": person.account, "managed": true});
        self.operate("account/update", body).await;
    }

    /// The admin of a new account, for whose admins the operator vouches.
    pub(crate) async fn admin(&self, email: &str) -> Person {
        let admin = self.registered(email).await;
        self.manage(&admin).await;
        admin
    }

    /// Somebody who registers, and so is the admin of a new account, for which nobody vouches.
    pub(crate) async fn registered(&self, email: &str) -> Person {
        let token = self.token(email, true);
        self.person(token, json!({"register": true})).await
    }

    /// Somebody whom `by` invites with these fields, and who has come in.
    pub(crate) async fn invited(&self, by: &Person, email: &str, fields: Value) -> Person {
        let mut body = json!({"email": email, "sendInvite": true});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let user = self.call("user/create", by, body).await.ok();
        let token = self.token(email, true);
        self.person(token, json!({"invite": user["invite"]})).await
    }

    /// An API key that `by` makes.
    pub(crate) async fn key(&self, by: &Person, role: &str, access: &str) -> String {
        let body = json!({"name": "test", "role": role, "access": access});
        let key = self.call("key/create", by, body).await.ok();
        key["key"].as_str().unwrap().to_owned()
    }

    async fn person(&self, token: String, login: Value) -> Person {
        let reply = self.client.call("user/login", &token, login).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Person { token, id: text(&reply["user"]["id"]), account: text(&reply["account"]["id"]) }
    }

    pub(crate) async fn call(&self, name: &str, by: &Person, body: Value) -> Answer {
        if by.token.is_empty() || by.account.is_empty() {
            return self.client.call(name, &by.token, body).await;
        }
        self.client.call_in(&by.account, name, &by.token, body).await
    }
}

/// Settings as the command line would give them, with nothing in the environment.
pub(crate) fn settings<'a>(flags: impl Iterator<Item = &'a str>) -> Settings {
    let command = Command::new("guestlist").args(sources::flags());
    let matches = command.get_matches_from(std::iter::once("guestlist").chain(flags));
    Settings::check(Sources::gather(&matches, std::iter::empty())).unwrap()
}

/// Runs a test on each engine that is there.
pub(crate) async fn on_each_engine(test: impl AsyncFn(World)) {
    on_each_engine_with(&[], test).await;
}

/// As [`on_each_engine`], with settings as flags.
pub(crate) async fn on_each_engine_with(flags: &[&str], test: impl AsyncFn(World)) {
    for engine in Engine::all() {
        Box::pin(test(World::new(engine, flags).await)).await;
    }
}

/// Runs a test on two nodes over one table, on each engine.
pub(crate) async fn on_two_nodes(test: impl AsyncFn(World, World)) {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let here = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let there = World::over(Arc::clone(&fresh.table), clock, &[]).await;
        Box::pin(test(here.with(fresh), there)).await;
    }
}
