//! The panel's users: every route, rule and error as its clients meet them, and what else must hold.

mod checks;
mod mirror;
mod pages;

use std::time::Duration;

use expect_test::expect_file;
use guestlist::facade::Facade;
use hyper::{Method, body::Bytes};
use serde_json::{Value, json};

use crate::support::{
    rest::{Content, Rest, Talk},
    scene::PASSWORD,
    world::{Person, World, on_each_engine_with},
};

const FLAGS: &[&str] = &["--facades=panel", "--max-body-bytes=20000"];
const USERS: &str = "/api/application/users";
/// The headers that matter.
const HEADERS: &[&str] = &["allow", "content-type", "retry-after", "www-authenticate"];

/// A service with the admin of a managed account, and the admin's keys.
struct Panel {
    world: World,
    rest: Rest,
    admin: Person,
    key: String,
    reader: String,
}

impl Panel {
    async fn new(world: World) -> Self {
        let admin = world.admin("alice@example.com").await;
        let key = world.key(&admin, "admin", "write").await;
        let reader = world.key(&admin, "admin", "read").await;
        Self { rest: Rest::new(&world, Facade::Panel), world, admin, key, reader }
    }

    /// Makes a user, who has a password; the attributes.
    async fn user(&self, name: &str, more: Value) -> Value {
        let answer = self.rest.post(USERS, &self.key, body(name, more)).await;
        answer.with_status(201)["attributes"].clone()
    }

    /// Makes a native call as the admin.
    async fn native(&self, name: &str, body: Value) -> Value {
        self.world.call(name, &self.admin, body).await.ok()
    }
}

async fn on_each_panel(test: impl AsyncFn(Panel)) {
    on_each_engine_with(FLAGS, async |world| test(Panel::new(world).await).await).await;
}

/// All that a user must have.
fn body(name: &str, more: Value) -> Value {
    let mut body = json!({
        "email": format!("{name}@example.com"),
        "username": name,
        "first_name": "First",
        "last_name": "Last",
        "password": PASSWORD,
    });
    let Value::Object(more) = more else { panic!("{more} is no object") };
    body.as_object_mut().unwrap().extend(more);
    body
}

fn too_long() -> String {
    "x".repeat(192)
}

#[tokio::test]
async fn conversations() {
    on_each_panel(async |panel| {
        let mut talk = Talk::new(&panel.world, Facade::Panel, HEADERS);
        nobody(&mut talk).await;
        creating(&panel, &mut talk).await;
        rules(&panel, &mut talk).await;
        reading(&panel, &mut talk).await;
        queries(&panel, &mut talk).await;
        updating(&panel, &mut talk).await;
        servers(&panel, &mut talk).await;
        rights(&panel, &mut talk).await;
        limits(&panel, &mut talk).await;
        let text = talk.text().replace(&too_long(), "<too long>");
        expect_file!["../golden/panel.txt"].assert_eq(&text);
    })
    .await;
}

async fn nobody(talk: &mut Talk) {
    talk.title("nobody");
    for (who, token) in [("nobody", ""), ("a stranger", "made-up")] {
        for path in ["users", "users/1", "users/external/x", "servers", "nodes"] {
            let path = format!("/api/application/{path}");
            talk.say(who, token, Method::GET, &path, Content::Nothing).await;
        }
        talk.say(who, token, Method::POST, USERS, Content::Nothing).await;
        talk.say(who, token, Method::PUT, USERS, Content::Nothing).await;
    }
}

async fn post(panel: &Panel, talk: &mut Talk, body: Value) {
    talk.say("key", &panel.key, Method::POST, USERS, Content::Json(body)).await;
}

async fn raw(panel: &Panel, talk: &mut Talk, kind: &'static str, text: &'static str) {
    let content = Content::Raw(kind, Bytes::from_static(text.as_bytes()));
    talk.say("key", &panel.key, Method::POST, USERS, content).await;
}

async fn creating(panel: &Panel, talk: &mut Talk) {
    talk.title("creating");
    panel.world.advance(Duration::from_millis(1));
    let all = json!({
        "email": " Ada@Example.com ", "username": "Ada.L", "first_name": " Ada ",
        "last_name": "Lovelace", "external_id": "crm-1", "password": PASSWORD,
        "root_admin": true, "language": "de", "unknown": [1],
    });
    post(panel, talk, all).await;
    // Ids begin with the time, so that they rise as numbers do.
    panel.world.advance(Duration::from_millis(1));
    let few = json!({
        "email": "bob@example.com", "username": 12_345, "first_name": "Bob", "last_name": "B.",
        "external_id": "", "password": "", "root_admin": 0,
    });
    post(panel, talk, few).await;
    panel.world.advance(Duration::from_millis(1));
    let form = "email=cy%40example.com&username=cy-1&first_name=Cy&last_name=C+D&root_admin=0";
    raw(panel, talk, "application/x-www-form-urlencoded", form).await;
}

async fn rules(panel: &Panel, talk: &mut Talk) {
    talk.title("rules");
    post(panel, talk, json!({})).await;
    post(panel, talk, json!(null)).await;
    raw(panel, talk, "application/json", "").await;
    raw(panel, talk, "application/json", "{\"email\":").await;
    raw(panel, talk, "application/json", "email=x%40example.com").await;
    let long = too_long();
    for broken in [
        json!({"email": "ada"}),
        json!({"email": format!("{long}@example.com")}),
        json!({"email": 7}),
        json!({"username": "a"}),
        json!({"username": "-ab"}),
        json!({"username": ["a"]}),
        json!({"username": long}),
        json!({"first_name": long, "last_name": 7}),
        json!({"first_name": "a\nb"}),
        json!({"external_id": 7}),
        json!({"external_id": long}),
        json!({"password": 12_345_678}),
        json!({"password": "short"}),
        json!({"password": "password1"}),
        json!({"root_admin": null}),
        json!({"root_admin": "true"}),
        json!({"language": null}),
        json!({"language": "xx"}),
        json!({"email": "ada@example.com"}),
        json!({"email": "ada@example.com", "username": "ada.l", "external_id": "crm-1"}),
        json!({"email": "bob@example.com", "password": null}),
        json!({"email": "ADA@example.com", "username": "", "root_admin": 2}),
    ] {
        post(panel, talk, body("new", broken)).await;
    }
}

async fn get(panel: &Panel, talk: &mut Talk, path: &str) {
    let path = format!("/api/application/{path}");
    talk.say("key", &panel.key, Method::GET, &path, Content::Nothing).await;
}

async fn reading(panel: &Panel, talk: &mut Talk) {
    talk.title("reading");
    for path in ["users", "users/2", "users/2?include=servers", "users/external/crm-1"] {
        get(panel, talk, path).await;
    }
    for path in
        ["users/99", "users/x", "users/-1", "users/external/crm-9", "users/external", "nodes"]
    {
        get(panel, talk, path).await;
    }
    for path in ["servers", "servers?page=2&per_page=75&include=node%2Cuser"] {
        get(panel, talk, path).await;
    }
}

async fn queries(panel: &Panel, talk: &mut Talk) {
    talk.title("queries");
    for query in [
        "filter[email]=ADA@&filter[username]=l,zzz",
        "filter%5Bexternal_id%5D=crm&sort=-id&include=servers,nothing",
        "filter[uuid]=-&per_page=1&page=2&sort=-uuid",
        "filter[email]=&per_page=0",
        "filter[email]=zzz&per_page=501&page=x",
        "per_page=2&page=9&include[]=servers",
        "filter[foo]=1&filter[email]=a&filter[bar][]=2",
        "sort=id,-name,x",
    ] {
        get(panel, talk, &format!("users?{query}")).await;
    }
}

async fn patch(panel: &Panel, talk: &mut Talk, id: u64, body: Value) {
    let path = format!("{USERS}/{id}");
    talk.say("key", &panel.key, Method::PATCH, &path, Content::Json(body)).await;
}

async fn updating(panel: &Panel, talk: &mut Talk) {
    talk.title("updating");
    panel.world.advance(Duration::from_secs(61));
    let with = |more: Value| {
        let mut body = body("dora", json!({"password": null}));
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    patch(panel, talk, 3, with(json!({"external_id": "crm-3", "language": "fr"}))).await;
    patch(panel, talk, 3, with(json!({"password": "", "root_admin": "1"}))).await;
    patch(panel, talk, 3, with(json!({"external_id": null, "root_admin": false}))).await;
    patch(panel, talk, 3, with(json!({"email": "ada@example.com", "external_id": "crm-1"}))).await;
    patch(panel, talk, 3, body("dora", json!({"password": "dora"}))).await;
    patch(panel, talk, 3, json!({"email": "dora@example.com"})).await;
    patch(panel, talk, 99, json!({})).await;
    let path = format!("{USERS}/99");
    let malformed = Content::Raw("application/json", Bytes::from_static(b"{"));
    talk.say("key", &panel.key, Method::PATCH, &path, malformed).await;
}

async fn servers(panel: &Panel, talk: &mut Talk) {
    talk.title("servers and deleting");
    let ada = panel.native("user/get", json!({"email": "ada@example.com"})).await;
    let holds = [("server", "7", json!({"id": 7, "name": "one"})), ("server", "8", Value::Null)];
    for (kind, reference, data) in holds {
        let hold = json!({"id": ada["id"], "kind": kind, "ref": reference, "data": data});
        panel.native("hold/place", hold).await;
        panel.world.advance(Duration::from_millis(1));
    }
    get(panel, talk, "users/2?include=servers").await;
    let delete = async |talk: &mut Talk, id: &str| {
        let path = format!("{USERS}/{id}");
        talk.say("key", &panel.key, Method::DELETE, &path, Content::Nothing).await;
    };
    delete(talk, "2").await;
    for reference in ["7", "8"] {
        let hold = json!({"id": ada["id"], "kind": "server", "ref": reference});
        panel.native("hold/release", hold).await;
    }
    panel.native("hold/place", json!({"id": ada["id"], "kind": "invoice", "ref": "1"})).await;
    get(panel, talk, "users/2?include=servers").await;
    delete(talk, "2").await;
    for id in ["3", "3", "x", "99"] {
        delete(talk, id).await;
    }
}

async fn rights(panel: &Panel, talk: &mut Talk) {
    talk.title("rights");
    let low = panel.world.key(&panel.admin, "user", "write").await;
    for (who, token) in [("read-only key", panel.reader.as_str()), ("user's key", low.as_str())] {
        let json = || Content::Json(json!({}));
        for (method, path, content) in [
            (Method::GET, USERS.to_owned(), Content::Nothing),
            (Method::GET, format!("{USERS}/external/crm-1"), Content::Nothing),
            (Method::GET, "/api/application/servers".to_owned(), Content::Nothing),
            (Method::POST, USERS.to_owned(), json()),
            (Method::PATCH, format!("{USERS}/2"), json()),
            (Method::DELETE, format!("{USERS}/2"), Content::Nothing),
        ] {
            talk.say(who, token, method, &path, content).await;
        }
    }
}

async fn limits(panel: &Panel, talk: &mut Talk) {
    talk.title("limits");
    let key = &panel.key;
    for path in ["users", "users/2", "users/external/x", "servers"] {
        let path = format!("/api/application/{path}");
        talk.say("key", key, Method::PUT, &path, Content::Nothing).await;
    }
    talk.say("key", key, Method::DELETE, USERS, Content::Nothing).await;
    let large = Content::Raw("application/json", Bytes::from("[".repeat(20_001)));
    let answer = panel.rest.send(&Method::POST, USERS, key, large).await;
    assert_eq!(answer.with_status(413)["errors"][0]["code"], "PostTooLargeException");
    // Alice is the last admin once Ada is none.
    patch(panel, talk, 2, body("ada", json!({"root_admin": false}))).await;
    talk.say("key", key, Method::DELETE, &format!("{USERS}/1"), Content::Nothing).await;
}
