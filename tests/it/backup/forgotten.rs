//! What a restored table forgets, since it does not know what was ended after its moment.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    process::{Service, Site, eventually},
    scene::PASSWORD,
};

async fn made(site: &Site, arguments: &[&str]) -> Value {
    let said = site.run(&[arguments, &["--json"]].concat()).await.ok();
    serde_json::from_str(said.lines().next().unwrap()).unwrap()
}

fn text(record: &Value, name: &str) -> String {
    record[name].as_str().unwrap_or_else(|| panic!("no {name}: {record}")).to_owned()
}

async fn number_of(service: &Service, token: &str, email: &str) -> u64 {
    let made = service.call("user/create", token, json!({"email": email})).await.ok();
    made["number"].as_u64().unwrap()
}

/// How far an outside caller gets with a token or a key.
async fn opens(service: &Service, token: &str) -> u16 {
    service.call("account/get", token, json!({})).await.status
}

#[tokio::test]
async fn what_was_open_when_the_backup_was_made_is_open_no_more() {
    for engine in Engine::all() {
        let site = Site::on(engine).await.with("--registration=open");
        let folder = site.path("data/mail");
        let site = site.with(format!("--mail-folder={}", folder.display()));
        let service = site.start().await;
        let root = service.root(&site).await;
        let session = service.signed_up(&site, "ada@example.com").await;
        let ada = text(&session, "accessToken");
        service.call("user/login", &ada, json!({"register": true})).await.ok();
        let refresh = json!({"refreshToken": session["refreshToken"]});
        let first = number_of(&service, &root, "bob@example.com").await;
        service.call("password/forgot", "", json!({"email": "ada@example.com"})).await.ok();
        // Probes write items of their own.
        let ready = service.client.send(Method::GET, "/readyz", &[], "").await;
        assert_eq!(ready.status, 200);
        service.stop().await;
        let key =
            async |name| site.run(&["key", "create", "--role=admin", "--name", name]).await.ok();
        let (key, second) = (key("first").await, key("second").await);
        let (key, second) = (key.trim(), second.trim());
        let carol = ["user", "create", "--invite", "carol@example.com"];
        let invite = text(&made(&site, &carol).await, "invite");

        let said = site.run(&["table", "restored", "--keep-keys"]).await.ok();
        assert!(said.contains("sessions ended: 1"), "{said}");
        assert!(said.contains("API keys kept: 2"), "{said}");
        let service = site.start().await;
        assert_eq!((opens(&service, key).await, opens(&service, &ada).await), (200, 401));
        assert_eq!(opens(&service, &root).await, 401, "outside tokens of before are out, too");
        assert_eq!(service.call("session/refresh", "", refresh).await.status, 401);
        service.stop().await;

        let said = site.run(&["table", "restored", "--reset-passwords"]).await.ok();
        assert!(said.contains("API keys removed: 2"), "{said}");
        assert!(said.contains("Passwords removed: 1"), "{said}");
        let service = site.start().await;
        assert_eq!((opens(&service, key).await, opens(&service, second).await), (401, 401));
        let body = json!({"invite": invite});
        assert_eq!(service.call("invite/check", "", body).await.status, 404);
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        assert_eq!(service.call("session/create", "", body).await.status, 401);
        // Tokens tell whole seconds: one of the second in which everybody was signed out is out, too.
        let root = eventually("a token that is good", async || {
            let root = site.token("root@example.com").await;
            let status = opens(&service, &root).await;
            if status == 200 { Ok(root) } else { Err(status.to_string()) }
        })
        .await;
        let next = number_of(&service, &root, "dan@example.com").await;
        // Carol has one, and so may have what was left over; nobody gets the rest.
        assert!(next > first + 2_000_000, "{engine:?}: {first} {next}");
        let users = service.call("user/find", &root, json!({})).await.ok();
        let carol =
            users["data"].as_array().unwrap().iter().find(|it| it["email"] == "carol@example.com");
        assert_eq!(carol.unwrap()["state"], "invited");
        assert_eq!(carol.unwrap().get("invite").filter(|it| !it.is_null()), None);
        service.stop().await;
    }
}

#[tokio::test]
async fn emails_that_wait_are_dropped() {
    let site = Site::sqlite();
    let invite = ["user", "create", "--invite", "carol@example.com"];
    site.run(&invite).await.ok();
    let said = site.run(&["table", "restored"]).await.ok();
    assert!(said.contains("Codes and invites void: 1; waiting emails dropped: 1"), "{said}");
    let again = site.run(&["table", "restored"]).await.ok();
    assert!(again.contains("Codes and invites void: 0; waiting emails dropped: 0"), "{again}");
}
