//! A service with people of every role in two accounts, over a table that counts.

use std::{future::Future, sync::Arc};

use guestlist::clock::Clock;
use serde_json::{Value, json};

use super::{
    client::Answer,
    engine::{Engine, Fresh},
    samples::{Needs, Sample},
    watched::Watched,
    world::{NOW, Person, World},
};

/// The service and its people: the operator, and an account with an admin and a user.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) table: Arc<Watched>,
    pub(crate) root: Person,
    pub(crate) admin: Person,
    pub(crate) user: Person,
    _fresh: Fresh,
}

/// Somebody to act on.
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) email: String,
    /// The code of the open invite.
    pub(crate) invite: String,
    /// The id of what a sample needs besides.
    pub(crate) thing: String,
}

/// The password of everybody who has one.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

impl Scene {
    pub(crate) async fn new(engine: Engine, flags: &[&str]) -> Self {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, flags).await;
        let root = world.root().await;
        let admin = world.admin("alice@example.com").await;
        let fields = json!({"first": "Uma", "last": "User", "username": "uma"});
        let user = world.invited(&admin, "uma@example.com", fields).await;
        Self { world, table, root, admin, user, _fresh: fresh }
    }

    pub(crate) async fn call(&self, name: &str, token: &str, body: Value) -> Answer {
        self.world.client.call(name, token, body).await
    }

    /// A call that must be refused and leave the table as it is; its outcome.
    #[track_caller]
    pub(crate) fn refused<'a>(
        &'a self,
        name: &'a str,
        token: &'a str,
        body: Value,
    ) -> impl Future<Output = Answer> + 'a {
        let place = std::panic::Location::caller();
        async move {
            let before = self.table.writes();
            let answer = self.call(name, token, body.clone()).await;
            assert!(answer.status >= 400, "{place}: {name} {body}: {}", answer.json());
            assert_eq!(self.table.writes(), before, "{place}: {name} {body} wrote something");
            answer
        }
    }

    /// An invited user of the account.
    pub(crate) async fn target(&self, name: &str) -> Target {
        let email = format!("{name}@example.com");
        let account = &self.admin.account;
        let body = json!({"email": email, "first": name, "sendInvite": true, "accountId": account});
        // By the operator, whose invites are not counted.
        let user = self.call("user/create", &self.root.token, body).await.ok();
        let text = |name: &str| user[name].as_str().unwrap().to_owned();
        Target { id: text("id"), email, invite: text("invite"), thing: String::new() }
    }

    /// The same in the trash.
    pub(crate) async fn trashed(&self, name: &str) -> Target {
        let target = self.target(name).await;
        self.call("user/remove", &self.admin.token, json!({"id": target.id})).await.ok();
        target
    }

    /// The target of a sample, and what it needs besides.
    pub(crate) async fn prepared(&self, sample: &Sample, name: &str) -> Target {
        let target =
            if sample.trashed { self.trashed(name).await } else { self.target(name).await };
        let thing = match sample.needs {
            Needs::Nothing => return target,
            Needs::Account => {
                self.call("account/create", &self.root.token, json!({"name": name})).await.ok()
            }
            Needs::Hold => {
                let body = json!({"id": target.id, "kind": "project", "ref": name});
                self.call("hold/place", &self.admin.token, body).await.ok()
            }
            Needs::Key => {
                let body = json!({"name": name, "role": "user"});
                self.call("key/create", &self.admin.token, body).await.ok()
            }
            Needs::Session => return self.signed_in(target).await,
        };
        Target { thing: thing["id"].as_str().unwrap().to_owned(), ..target }
    }

    /// The target with a password, and a session whose refresh token is the thing.
    async fn signed_in(&self, target: Target) -> Target {
        let body = json!({"id": target.id, "newPassword": PASSWORD});
        self.call("user/changePassword", &self.admin.token, body).await.ok();
        let body = json!({"email": target.email, "password": PASSWORD});
        let session = self.call("session/create", "", body).await.ok();
        Target { thing: session["refreshToken"].as_str().unwrap().to_owned(), ..target }
    }

    /// Takes a target out of the way: what it owns, and itself.
    pub(crate) async fn clear(&self, target: &Target) {
        let who = json!({"id": target.id});
        let holds = self.call("hold/find", &self.admin.token, who.clone()).await.ok();
        for hold in holds["data"].as_array().unwrap() {
            let body = json!({"id": target.id, "hold": hold["id"]});
            self.call("hold/release", &self.admin.token, body).await.ok();
        }
        self.call("user/remove", &self.admin.token, who).await;
    }

    /// What the audit trail of an account says: who did what to whom.
    pub(crate) async fn audit(&self, account: &str) -> Vec<Value> {
        let items = self.table.partition(&format!("audit#{account}")).await;
        items.iter().map(|item| serde_json::from_str(&item.body).unwrap()).collect()
    }
}

/// Runs a test on each engine that is there.
pub(crate) async fn on_each_scene(test: impl AsyncFn(Scene)) {
    for engine in Engine::all() {
        Box::pin(test(Scene::new(engine, &[]).await)).await;
    }
}
