//! The whole conversation, request and reply, for each endpoint and each role; one golden text.

use std::fmt::Write as _;

use expect_test::expect_file;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    redact::Names,
    samples::SAMPLES,
    scene::{Scene, on_each_scene},
};

/// What is written down of one call.
struct Scribe<'a> {
    scene: &'a Scene,
    names: Names,
    text: String,
}

impl Scribe<'_> {
    async fn call(&mut self, role: &str, token: &str, path: &str, body: Value) -> Answer {
        let headers = [("content-type", "application/json"), ("authorization", token)];
        let client = &self.scene.world.client;
        let answer =
            client.send(Method::POST, &format!("/{path}"), &headers, body.to_string()).await;
        let path = Names::path(path);
        let shown = self.names.json(&body);
        let _ = writeln!(self.text, "{role}: POST /{path} {shown}");
        let kind = answer.header("content-type").unwrap();
        let reply = serde_json::to_string_pretty(&self.names.json(&answer.json())).unwrap();
        let _ = writeln!(self.text, "{} {kind}\n{reply}\n", answer.status);
        answer
    }

    fn title(&mut self, title: &str) {
        let _ = writeln!(self.text, "== {title}\n");
    }
}

#[tokio::test]
async fn conversations() {
    on_each_scene(async |scene| {
        let mut names = Names::default();
        for (name, person) in
            [("root", &scene.root), ("admin", &scene.admin), ("user", &scene.user)]
        {
            names.add(&person.id, name);
        }
        names.add(&scene.root.account, "home");
        names.add(&scene.admin.account, "account");
        let mut scribe = Scribe { scene: &scene, names, text: String::new() };
        let roles = [
            ("user", &scene.user.token),
            ("admin", &scene.admin.token),
            ("root", &scene.root.token),
        ];
        for sample in SAMPLES {
            scribe.title(sample.endpoint);
            for (role, token) in roles {
                let name =
                    format!("{}-for-{role}", sample.endpoint.replace('/', "-").to_lowercase());
                let target = scene.prepared(sample, &name).await;
                scribe.names.add(&target.id, "target");
                scribe.call(role, token, sample.endpoint, (sample.body)(&target)).await;
                // Out of the way of the next one's pages.
                scene.clear(&target).await;
                purge(&scene).await;
            }
        }
        paging(&mut scribe, &roles).await;
        refusals(&mut scribe).await;
        expect_file!["golden/conversations.txt"].assert_eq(&scribe.text);
    })
    .await;
}

/// Takes all that is in the trash out of the table, claims aside.
async fn purge(scene: &Scene) {
    use guestlist::table::{Condition, Op, Table as _, Written};
    let items = scene.table.partition(&format!("account#{}", scene.admin.account)).await;
    let trashed = items.into_iter().filter(|item| item.key.sort.starts_with("trash#"));
    let ops = trashed.map(|item| Op::Delete(item.key, Condition::Any)).collect();
    assert_eq!(scene.table.write(ops).await.unwrap(), Written::Done);
}

async fn paging(scribe: &mut Scribe<'_>, roles: &[(&str, &String)]) {
    scribe.title("pages");
    for (role, token) in roles {
        let page = scribe.call(role, token, "user/find?limit=1&index=gs1", json!({})).await.json();
        if let Some(next) = page["next"].as_str() {
            let path = format!("user/find?limit=1&index=gs1&next={next}");
            scribe.call(role, token, &path, json!({})).await;
        }
    }
}

/// One of each kind of error that a caller can provoke.
async fn refusals(scribe: &mut Scribe<'_>) {
    let scene = scribe.scene;
    scribe.title("refusals");
    let target = scene.target("refused").await;
    scribe.names.add(&target.id, "target");
    let (admin, user) = (scene.admin.token.as_str(), scene.user.token.as_str());
    let stranger = scene.world.token("stranger@example.com", true);
    let unverified = scene.world.token("stranger@example.com", false);
    let code = json!({"invite": target.invite});
    for (role, token, path, body) in [
        ("nobody", "", "user/gett", json!({})),
        ("nobody", "x", "user/get", json!({})),
        ("stranger", &stranger, "user/get", json!({})),
        ("stranger", &stranger, "user/login", code.clone()),
        ("stranger", &stranger, "user/login", json!({"invite": "A".repeat(24)})),
        ("stranger, unverified", &unverified, "user/login", json!({"register": true})),
        ("user", user, "user/login", code),
        ("user", user, "user/remove", json!({"id": target.id})),
        ("user", user, "user/get", json!({"id": target.id})),
        ("user", user, "user/update", json!({"frist": "U", "lats": "U"})),
        ("admin", admin, "user/update", json!({"id": "x", "first": 7})),
        ("admin", admin, "user/find?limit=0&next=x", json!({})),
        ("admin", admin, "user/find?next=x", json!({})),
        ("admin", admin, "user/create", json!({"email": "uma@example.com"})),
        ("admin", admin, "user/updateRole", json!({"id": target.id, "role": "root"})),
        ("admin", admin, "user/updateRole", json!({"id": scene.admin.id, "role": "user"})),
        ("admin", admin, "user/updateRole", json!({"id": scene.user.id, "sendInvite": true})),
        ("admin", admin, "user/update", json!({"id": target.id, "state": "active"})),
        ("admin", admin, "user/update", json!({"id": target.id, "version": 9})),
        ("admin", admin, "trash/restore", json!({"id": target.id})),
    ] {
        scribe.call(role, token, path, body).await;
    }
}
