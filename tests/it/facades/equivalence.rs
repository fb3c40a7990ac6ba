//! Three interfaces, one set of users: what one writes, the other two read.

use guestlist::facade::Facade;
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    rest::Rest,
    scene::{PASSWORD, Scene},
};

const PANEL: &str = "/api/application/users";
const MEIRO: &str = "/users";

/// The three interfaces of one account.
struct Three {
    scene: Scene,
    panel: Rest,
    meiro: Rest,
    key: String,
}

impl Three {
    async fn new(engine: Engine) -> Self {
        let scene = Scene::new(engine, &["--facades=panel,meiro"]).await;
        let body = json!({"name": "three", "role": "admin", "access": "write"});
        let key = scene.call("key/create", &scene.admin.token, body).await.ok();
        let key = key["key"].as_str().unwrap().to_owned();
        let panel = Rest::new(&scene.world, Facade::Panel);
        let meiro = Rest::new(&scene.world, Facade::Meiro);
        Self { scene, panel, meiro, key }
    }

    async fn native(&self, name: &str, body: Value) -> Value {
        self.scene.call(name, &self.key, body).await.ok()
    }

    /// What each interface says of the user: native, panel, Meiro; the same person, if it says so.
    async fn read(&self, number: u64) -> [Value; 3] {
        let native = self.native("user/get", json!({"number": number})).await;
        let panel = self.panel.get(&format!("{PANEL}/{number}"), &self.key).await.with_status(200);
        let meiro = self.meiro.get(&format!("{MEIRO}/{number}"), &self.key).await.with_status(200);
        [native, panel["attributes"].clone(), meiro["user"].clone()]
    }

    /// Checks what all three say of the user.
    #[track_caller]
    fn agree([native, panel, meiro]: &[Value; 3]) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        assert_eq!(panel["id"], native["number"]);
        assert_eq!(meiro["id"], native["number"]);
        assert_eq!(panel["uuid"], native["id"]);
        for one in [panel, meiro] {
            assert_eq!(one["email"], native["email"]);
        }
        assert_eq!(text(&panel["username"]), text(&native["username"]));
        assert_eq!(panel["external_id"], native["externalId"]);
        assert_eq!(text(&panel["first_name"]), text(&native["first"]));
        assert_eq!(text(&panel["last_name"]), text(&native["last"]));
        let name = format!("{} {}", text(&native["first"]), text(&native["last"]));
        assert_eq!(text(&meiro["name"]), name.trim());
        assert_eq!(panel["root_admin"], native["role"] != "user");
        let roles = json!({"user": 1, "admin": 2, "root": 3});
        assert_eq!(meiro["role_id"], roles[native["role"].as_str().unwrap()]);
        assert_eq!(meiro["disabled"], u8::from(native["state"] == "suspended"));
        assert_eq!(meiro["deleted"], 0);
        let preferences = native.get("preferences").cloned().unwrap_or_else(|| json!({}));
        assert_eq!(meiro["frontend_settings"], preferences);
        let second = |time: &str| time[..19].replace('T', " ");
        for (field, native) in [("created", &native["created"]), ("modified", &native["updated"])] {
            assert_eq!(text(&meiro[field]), second(&text(native)), "{field}");
            assert_eq!(
                second(&text(&panel[format!("{field}_at").replace("modified", "updated")])),
                second(&text(native))
            );
        }
    }

    async fn all_agree(&self, number: u64) -> Value {
        let said = self.read(number).await;
        Self::agree(&said);
        said[0].clone()
    }

    /// How many live users each interface counts, and whom it lists.
    async fn lists(&self) -> [Vec<u64>; 3] {
        let numbers = |users: &Value, number: &str| {
            users.as_array().unwrap().iter().map(|user| user[number].as_u64().unwrap()).collect()
        };
        let native = self.native("user/list?limit=500", json!({})).await;
        let panel = self.panel.get(&format!("{PANEL}?per_page=500"), &self.key).await;
        let panel = panel.with_status(200);
        let meiro = self.meiro.get(&format!("{MEIRO}?limit=500"), &self.key).await.with_status(200);
        assert_eq!(native["total"], panel["meta"]["pagination"]["total"]);
        let attributes = panel["data"].as_array().unwrap().iter();
        let panel = attributes.map(|one| one["attributes"].clone()).collect();
        [numbers(&native["data"], "number"), numbers(&panel, "id"), numbers(&meiro["users"], "id")]
    }
}

async fn on_each(test: impl AsyncFn(Three)) {
    for engine in Engine::all() {
        test(Three::new(engine).await).await;
    }
}

#[tokio::test]
async fn whoever_is_made_in_one_is_there_in_all() {
    on_each(async |three| {
        let native = json!({
            "email": "nina@example.com", "first": "Nina", "last": "Native", "username": "nina",
            "externalId": "x-1", "language": "de", "preferences": {"theme": "dark"},
        });
        let native = three.native("user/create", native).await["number"].as_u64().unwrap();
        let panel = json!({
            "email": "pam@example.com", "username": "Pam", "first_name": "Pam",
            "last_name": "Panel", "external_id": "x-2", "root_admin": true,
        });
        let panel = three.panel.post(PANEL, &three.key, panel).await.with_status(201);
        let panel = panel["attributes"]["id"].as_u64().unwrap();
        let meiro = json!({
            "email": "mia@example.com", "name": "Mia May Meiro", "password": PASSWORD,
            "role_id": 2, "disabled": 1, "frontend_settings": {"tabs": [1, 2]},
        });
        let meiro = three.meiro.post(MEIRO, &three.key, meiro).await.with_status(201);
        let meiro = meiro["user"]["id"].as_u64().unwrap();
        for number in [native, panel, meiro] {
            three.all_agree(number).await;
        }
        let [by_native, by_panel, by_meiro] = three.lists().await;
        assert!([native, panel, meiro].iter().all(|number| by_native.contains(number)));
        assert_eq!(by_native, by_panel);
        assert_eq!(by_native, by_meiro);
    })
    .await;
}

#[tokio::test]
async fn a_change_in_one_is_a_change_in_all() {
    on_each(async |three| {
        let body =
            json!({"email": "eve@example.com", "username": "eve", "first": "Eve", "last": "E"});
        let number = three.native("user/create", body).await["number"].as_u64().unwrap();
        let body = json!({
            "email": "eva@example.com", "username": "eva", "first_name": "Eva", "last_name": "Ost",
            "root_admin": true, "language": "fr", "password": PASSWORD,
        });
        let path = format!("{PANEL}/{number}");
        three.panel.patch(&path, &three.key, body).await.with_status(200);
        let user = three.all_agree(number).await;
        assert_eq!((&user["role"], &user["language"]), (&json!("admin"), &json!("fr")));
        // The password lets her in at the other one's door.
        let body = json!({"email": "eva@example.com", "password": PASSWORD});
        three.meiro.post(&format!("{MEIRO}/login"), "", body).await.with_status(200);

        let body =
            json!({"name": "Eva Lu", "role_id": 1, "disabled": 1, "frontend_settings": {"a": 1}});
        let path = format!("{MEIRO}/{number}");
        three.meiro.patch(&path, &three.key, body).await.with_status(200);
        let user = three.all_agree(number).await;
        assert_eq!((&user["role"], &user["state"]), (&json!("user"), &json!("suspended")));
        assert_eq!((&user["first"], &user["last"]), (&json!("Eva"), &json!("Lu")));

        let body = json!({"id": user["id"], "externalId": "7", "state": "active", "last": null});
        three.native("user/update", body).await;
        three.all_agree(number).await;
        let found = three.panel.get(&format!("{PANEL}/external/7"), &three.key).await;
        assert_eq!(found.with_status(200)["attributes"]["id"], number);
    })
    .await;
}

#[tokio::test]
async fn the_trash_is_one_and_the_same() {
    on_each(async |three| {
        let gone = async |number: u64| {
            let native = three.scene.call("user/get", &three.key, json!({"number": number})).await;
            assert_eq!(native.outcome(), "404 not_found");
            three.panel.get(&format!("{PANEL}/{number}"), &three.key).await.with_status(404);
            three.meiro.get(&format!("{MEIRO}/{number}"), &three.key).await.with_status(404);
            let trash = three.native("trash/list", json!({})).await;
            assert_eq!((&trash["total"], &trash["data"][0]["number"]), (&json!(1), &json!(number)));
            let trash = three.meiro.get(&format!("{MEIRO}/trash"), &three.key).await;
            let trash = trash.with_status(200);
            assert_eq!(trash["users"][0]["id"], number);
            assert_eq!(trash["users"][0]["deleted"], 1);
        };
        let body = json!({"email": "tim@example.com", "username": "tim", "first": "Tim"});
        let user = three.native("user/create", body).await;
        let number = user["number"].as_u64().unwrap();
        let back = format!("{MEIRO}/trash/{number}");

        three.panel.delete(&format!("{PANEL}/{number}"), &three.key).await.with_status(204);
        gone(number).await;
        three.meiro.patch(&back, &three.key, json!({"deleted": 0})).await.with_status(200);
        three.all_agree(number).await;

        three.meiro.delete(&format!("{MEIRO}/{number}"), &three.key).await.with_status(200);
        gone(number).await;
        three.native("trash/restore", json!({"id": user["id"]})).await;
        three.all_agree(number).await;

        three.native("user/remove", json!({"id": user["id"]})).await;
        gone(number).await;
        let before = three.lists().await;
        assert_eq!(before[0], before[1]);
        assert_eq!(before[0], before[2]);
        three.meiro.patch(&back, &three.key, json!({"deleted": 0})).await.with_status(200);
        three.all_agree(number).await;
    })
    .await;
}

#[tokio::test]
async fn what_one_owns_elsewhere_holds_in_all() {
    on_each(async |three| {
        let body =
            json!({"email": "hal@example.com", "username": "hal", "first": "Hal", "last": "H"});
        let user = three.native("user/create", body).await;
        let number = &user["number"];
        let hold =
            json!({"id": user["id"], "kind": "server", "ref": "s-1", "data": {"name": "web"}});
        three.native("hold/place", hold.clone()).await;
        let path = format!("{PANEL}/{number}");
        let with = three.panel.get(&format!("{path}?include=servers"), &three.key).await;
        let servers = &with.with_status(200)["attributes"]["relationships"]["servers"]["data"];
        assert_eq!(servers[0]["attributes"], json!({"name": "web"}));
        three.panel.delete(&path, &three.key).await.with_status(400);
        three.meiro.delete(&format!("{MEIRO}/{number}"), &three.key).await.with_status(409);
        let hold = json!({"id": user["id"], "kind": "server", "ref": "s-1"});
        three.native("hold/release", hold).await;
        three.panel.delete(&path, &three.key).await.with_status(204);
    })
    .await;
}

#[tokio::test]
async fn nobody_can_fill_a_record_so_that_lists_break() {
    on_each(async |three| {
        let nested = |levels: usize| (1..levels).fold(json!({}), |inner, _| json!({"a": inner}));
        let body = |levels| json!({"preferences": nested(levels)});
        let user = &three.scene.user.token;
        let deep = three.scene.refused("user/update", user, body(33)).await;
        assert_eq!(deep.faults(), "preferences:length");
        three.scene.call("user/update", user, body(32)).await.ok();
        three.panel.get(PANEL, &three.key).await.with_status(200);
        three.meiro.get(MEIRO, &three.key).await.with_status(200);
        let id = &three.scene.user.id;
        three.native("user/remove", json!({"id": id})).await;
        three.meiro.get(&format!("{MEIRO}/trash"), &three.key).await.with_status(200);
    })
    .await;
}

#[tokio::test]
async fn an_answer_has_only_so_many_servers() {
    let three = Three::new(Engine::Sqlite).await;
    let id = &three.scene.user.id;
    let number = three.native("user/get", json!({"id": id})).await["number"].clone();
    let data = json!({"notes": "x".repeat(16_000)});
    let path = format!("{PANEL}/{number}?include=servers");
    for server in 0..530 {
        let body = json!({"id": id, "kind": "server", "ref": server.to_string(), "data": data});
        three.native("hold/place", body).await;
        if server == 500 {
            three.panel.get(&path, &three.key).await.with_status(200);
        }
    }
    let full = three.panel.get(&path, &three.key).await.with_status(400);
    assert_eq!(full["errors"][0]["code"], "BadRequestHttpException");
    three.panel.get(&format!("{PANEL}/{number}"), &three.key).await.with_status(200);
}
