//! Who plays: scripts, people, the services' own couriers and sweepers, the clock and the fate of nodes.

mod callers;
mod home;
mod linked;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use guestlist::{
    api::{self, Credentials, IdempotencyKey, Request},
    app::App,
    auth::Work,
    clock::Clock,
    config::Settings,
    mail::courier::Courier,
    random::Random,
    secret::{Secret, Secrets},
    service::{Service, World as Outside},
    sweeper::Sweeper,
    web::{Dial, Web},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::Notify, task::LocalSet};

use self::linked::Hands;
use super::{
    Figures,
    turns::{Dice, Shared, Turns},
};
use crate::support::{
    issuers::issuer,
    memory::Memory,
    provider::Provider,
    world::{NOW, settings},
};

const ISSUER: &str = "https://people.example/";
/// How many calls each script and each person makes.
const CALLS: usize = 60;
/// How often a caller who does not know what has become of a call makes it again.
const TRIES: usize = 30;
/// Those whom everybody wants at once.
const EMAILS: [&str; 5] =
    ["ada@example.com", "bob@example.com", "cem@example.com", "dan@example.com", "eva@example.com"];
const USERNAMES: [&str; 3] = ["first", "second", "third"];

/// A node of the service.
struct Node {
    app: Arc<App>,
    courier: Arc<Courier>,
    sweeper: Sweeper,
    dead: Arc<AtomicBool>,
    died: Notify,
}

impl Node {
    async fn death(&self) {
        let died = self.died.notified();
        if !self.dead.load(Ordering::SeqCst) {
            died.await;
        }
    }
}

/// What a call came to.
enum Outcome {
    Done(Value),
    /// Why not.
    Refused(String),
    /// Nobody knows whether it was done.
    Unknown,
}

/// What a run is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    /// Scripts and people who all want the same few emails; hours pass.
    Accounts,
    /// People who sign in with a provider, which takes them seconds, as states and tickets last for minutes only.
    Provider,
}

/// A run.
pub(super) struct Play {
    scene: Scene,
    turns: Arc<Turns>,
    table: Arc<Memory>,
    clock: Clock,
    mail: TempDir,
    settings: Settings,
    dice: Dice,
    nodes: RefCell<Vec<Rc<Node>>>,
    /// Keys of two accounts, with the accounts' ids.
    keys: RefCell<Vec<(String, String)>>,
    /// What creations with an external id came to.
    made: RefCell<BTreeMap<String, bool>>,
    going: RefCell<usize>,
    provider: Provider,
    dial: Dial,
    hands: RefCell<Hands>,
}

impl Play {
    pub(super) fn new(seed: u64, scene: Scene, turns: Arc<Turns>) -> Self {
        let clock = Clock::manual(NOW);
        let mail = TempDir::new().unwrap();
        let folder = format!("--mail-folder={}", mail.path().display());
        let trusted = issuer(ISSUER, true);
        let (provider, dial) = Provider::nearby(&clock);
        let linked = provider.flag(linked::PROVIDER, "");
        let flags = ["--registration=open", folder.as_str(), trusted.as_str(), linked.as_str()];
        let settings = settings(flags.into_iter());
        Self {
            scene,
            turns,
            table: Arc::new(Memory::new(clock.clone(), &[])),
            clock,
            mail,
            settings,
            dice: Dice::new(seed ^ 0xdead_beef),
            nodes: RefCell::default(),
            keys: RefCell::default(),
            made: RefCell::default(),
            going: RefCell::new(0),
            provider,
            dial,
            hands: RefCell::default(),
        }
    }

    /// Plays to the end; panics at the first thing that is wrong.
    pub(super) async fn run(self) -> Figures {
        let play = Rc::new(self);
        let local = LocalSet::new();
        let whole = Rc::clone(&play);
        local.run_until(async move { whole.acts().await }).await;
        play.turns.figures()
    }

    async fn acts(self: Rc<Self>) {
        for _ in 0..2 {
            self.start_node();
        }
        self.set_up().await;
        match self.scene {
            Scene::Accounts => {
                for _ in 0..4 {
                    self.enter(|play, number| async move { play.script(number).await });
                }
                for _ in 0..3 {
                    let person = |number| number % EMAILS.len();
                    self.enter(
                        move |play, number| async move { play.person(person(number)).await },
                    );
                }
            }
            Scene::Provider => {
                for _ in 0..4 {
                    self.enter(|play, number| async move { play.browser(number).await });
                }
            }
        }
        let own = Rc::clone(&self);
        let background = [
            tokio::task::spawn_local(Rc::clone(&own).carry_letters()),
            tokio::task::spawn_local(Rc::clone(&own).sweep()),
            tokio::task::spawn_local(Rc::clone(&own).let_time_pass()),
            tokio::task::spawn_local(Rc::clone(&own).let_nodes_die()),
        ];
        while *self.going.borrow() > 0 {
            self.turns.pass(10).await;
            self.stop_if_wrong();
        }
        for task in background {
            task.abort();
        }
        self.turns.set_faults(0);
        self.go_home().await;
        self.stop_if_wrong();
    }

    fn enter<F: Future<Output = ()> + 'static>(
        self: &Rc<Self>,
        act: impl FnOnce(Rc<Self>, usize) -> F,
    ) {
        let number = *self.going.borrow();
        *self.going.borrow_mut() += 1;
        let acting = act(Rc::clone(self), number);
        let play = Rc::clone(self);
        tokio::task::spawn_local(async move {
            acting.await;
            *play.going.borrow_mut() -= 1;
        });
    }

    fn stop_if_wrong(&self) {
        let failed = self.turns.watch.failed();
        assert!(failed.is_none(), "{}", failed.unwrap_or_default());
    }

    fn throw(&self, sides: usize) -> usize {
        self.dice.throw(sides)
    }

    fn one_in(&self, sides: usize) -> bool {
        self.throw(sides) == 0
    }

    fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.throw(from.len())]
    }

    fn node(&self) -> Rc<Node> {
        let nodes = self.nodes.borrow();
        Rc::clone(&nodes[self.throw(nodes.len())])
    }

    fn start_node(&self) {
        let dead = Arc::new(AtomicBool::new(false));
        let table = Shared {
            table: Arc::clone(&self.table),
            turns: Arc::clone(&self.turns),
            dead: Arc::clone(&dead),
        };
        let seed = self.throw(usize::MAX >> 32) as u64;
        let outside = Outside {
            table: Arc::new(table),
            clock: self.clock.clone(),
            random: Random::seeded(seed),
            work: Work::Least,
            web: Web::over(self.dial.clone()),
        };
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        let Service { app, courier, sweeper, .. } =
            Service::assemble(&self.settings, &secrets, outside).unwrap();
        let node = Node { app, courier, sweeper, dead, died: Notify::new() };
        self.nodes.borrow_mut().push(Rc::new(node));
    }

    async fn set_up(&self) {
        for (name, managed) in [("Acme", true), ("Beta", false)] {
            let body = json!({"name": name, "managed": managed});
            let account = self.must(&Credentials::Operator, "account/create", body).await;
            let id = account["id"].as_str().unwrap().to_owned();
            let body = json!({"name": "script", "role": "admin", "accountId": id});
            let key = self.must(&Credentials::Operator, "key/create", body).await;
            self.keys.borrow_mut().push((key["key"].as_str().unwrap().to_owned(), id));
        }
    }

    async fn must(&self, who: &Credentials, name: &str, body: Value) -> Value {
        match self.call(&self.node(), who, name, body, None).await {
            Outcome::Done(reply) => reply,
            Outcome::Refused(why) => panic!("{name}: {why}"),
            Outcome::Unknown => panic!("{name}: nobody knows"),
        }
    }

    /// Makes a call on a node, whose death ends it.
    async fn call(
        &self,
        node: &Node,
        who: &Credentials,
        name: &str,
        body: Value,
        key: Option<&str>,
    ) -> Outcome {
        let Value::Object(body) = body else { panic!("a body is an object") };
        self.turns.hear(format!("{name} {}", Value::Object(body.clone())));
        let idempotency_key = key.and_then(|key| IdempotencyKey::parse(key.as_bytes()));
        let request = Request { body, idempotency_key, ..Request::default() };
        let replied = tokio::select! {
            biased;
            () = node.death() => return Outcome::Unknown,
            replied = Box::pin(api::call(&node.app, who, name, request)) => replied,
        };
        let heard = replied.as_ref().map_or_else(|error| error.code().name(), |_| "done");
        self.turns.hear(format!("{name}: {heard}"));
        let error = match replied {
            Ok(reply) => return Outcome::Done(reply.read().unwrap()),
            Err(error) => error,
        };
        match error.code().name() {
            "unavailable" => Outcome::Unknown,
            wrong @ ("internal" | "unknown_field") => {
                let why = format!("{name}: {wrong} {} {:?}", error.detail(), error.cause());
                self.turns.watch.fail(why);
                Outcome::Unknown
            }
            code => Outcome::Refused(code.to_owned()),
        }
    }

    /// Makes a call until it is known what has become of it, on whatever node is there.
    async fn insist(&self, who: &Credentials, name: &str, body: &Value, key: &str) -> Outcome {
        for made in 0..TRIES {
            self.turns.note_doing(key, format!("{name} {body}, try {made}"));
            let outcome = self.call(&self.node(), who, name, body.clone(), Some(key)).await;
            self.turns.note_done(key);
            self.note(&outcome);
            if !matches!(outcome, Outcome::Unknown) {
                return outcome;
            }
            self.turns.pass(3).await;
        }
        Outcome::Unknown
    }

    /// Counts what has become of a call.
    fn note(&self, outcome: &Outcome) {
        let counted: fn(&mut Figures) -> &mut u64 = match outcome {
            Outcome::Done(_) => |figures| &mut figures.acknowledged,
            Outcome::Refused(_) => |figures| &mut figures.refused,
            Outcome::Unknown => |figures| &mut figures.unknown,
        };
        self.turns.count(|figures| *counted(figures) += 1);
    }

    async fn carry_letters(self: Rc<Self>) {
        loop {
            let node = self.node();
            tokio::select! {
                biased;
                () = node.death() => {}
                // What fails is tried again.
                _ = node.courier.round() => {}
            }
            self.turns.pass(20).await;
        }
    }

    async fn sweep(self: Rc<Self>) {
        loop {
            let node = self.node();
            tokio::select! {
                biased;
                () = node.death() => {}
                _ = node.sweeper.round() => {}
            }
            self.turns.pass(100).await;
        }
    }

    async fn let_time_pass(self: Rc<Self>) {
        loop {
            let millis = match (self.scene, self.throw(40)) {
                (Scene::Accounts, 0) => 3_600_000,
                (Scene::Accounts, 1..=5) | (Scene::Provider, 0) => 60_000,
                (Scene::Accounts, _) => 700,
                (Scene::Provider, _) => 200,
            };
            self.clock.advance(Duration::from_millis(millis));
            self.turns.pass(5).await;
        }
    }

    /// Nodes die in the middle of things, and others come; the table has better times and worse ones.
    async fn let_nodes_die(self: Rc<Self>) {
        loop {
            self.turns.pass(100).await;
            self.turns.set_faults(self.pick(&[0, 0, 30, 12, 6]));
            if self.one_in(2) {
                let at = self.throw(self.nodes.borrow().len());
                let node = self.nodes.borrow_mut().remove(at);
                node.dead.store(true, Ordering::SeqCst);
                node.died.notify_waiters();
                self.turns.count(|figures| figures.kills += 1);
                self.start_node();
            }
        }
    }
}
