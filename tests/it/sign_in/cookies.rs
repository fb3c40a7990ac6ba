//! Sessions whose refresh token is in a browser's cookie: who gets it, who may work with it, and when it goes.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use super::{call, letters, registered, sign_in, signed_in, signed_up};
use crate::support::{
    client::Answer,
    engine::Engine,
    scene::PASSWORD,
    world::{World, on_each_engine, on_each_engine_with},
};

const OWN: &str = "http://localhost:8080";

/// A browser with the service's cookie, and a page in it.
#[derive(Clone)]
struct Browser {
    origin: Option<&'static str>,
    /// What `Sec-Fetch-Site` says of the page's calls.
    site: Option<&'static str>,
    cookie: Option<String>,
}

impl Browser {
    /// One with a page of the service's own.
    const fn new() -> Self {
        Self { origin: Some(OWN), site: Some("same-origin"), cookie: None }
    }

    /// The same, at a page of another origin.
    fn at(&self, origin: &'static str, site: Option<&'static str>) -> Self {
        Self { origin: Some(origin), site, ..self.clone() }
    }

    async fn call_with(&mut self, world: &World, name: &str, token: &str, body: Value) -> Answer {
        world.advance(Duration::from_millis(1));
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        headers.extend((!token.is_empty()).then_some(("authorization", bearer.as_str())));
        headers.extend(self.origin.map(|origin| ("origin", origin)));
        headers.extend(self.site.map(|site| ("sec-fetch-site", site)));
        headers.extend(self.cookie.as_deref().map(|cookie| ("cookie", cookie)));
        let path = format!("/{name}");
        let answer = world.client.send(Method::POST, &path, &headers, body.to_string()).await;
        if let Some(set) = answer.header("set-cookie") {
            let (pair, rules) = set.split_once("; ").unwrap();
            assert!(rules.starts_with("HttpOnly; SameSite=Strict; Path=/; Max-Age="), "{rules}");
            let is_gone = rules.ends_with("Max-Age=0");
            self.cookie = (!is_gone).then(|| pair.to_owned());
        }
        answer
    }

    async fn call(&mut self, world: &World, name: &str, body: Value) -> Answer {
        self.call_with(world, name, "", body).await
    }

    async fn sign_in(&mut self, world: &World, email: &str) -> Answer {
        let body = json!({"email": email, "password": PASSWORD, "cookie": true});
        self.call(world, "session/create", body).await
    }

    async fn refresh(&mut self, world: &World) -> Answer {
        self.call(world, "session/refresh", json!({})).await
    }
}

fn text(reply: &Value, name: &str) -> String {
    reply[name].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
}

async fn get(world: &World, reply: &Value) -> String {
    world.client.call("user/get", &text(reply, "accessToken"), json!({})).await.outcome()
}

#[tokio::test]
async fn the_refresh_token_is_in_the_cookie_and_nowhere_else() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let mut browser = Browser::new();
        let signed = browser.sign_in(&world, "ada@example.com").await.ok();
        assert!(signed.get("refreshToken").is_none(), "{signed}");
        assert_eq!(get(&world, &signed).await, "200");
        let first = browser.cookie.clone().unwrap();
        let (name, token) = first.split_once('=').unwrap();
        assert!(name.starts_with("guestlist-") && token.starts_with("glr_"), "{first}");

        world.advance(Duration::from_hours(1));
        let renewed = browser.refresh(&world).await;
        let lasts = renewed.header("set-cookie").unwrap().rsplit_once('=').unwrap().1.to_owned();
        assert_eq!(lasts, (30 * 24 * 60 * 60).to_string());
        let renewed = renewed.ok();
        assert_eq!(renewed["session"], signed["session"]);
        assert!(renewed.get("refreshToken").is_none() && browser.cookie != Some(first.clone()));
        assert_eq!(get(&world, &renewed).await, "200");

        // Within the grace the one before it leads to the same one, as everywhere.
        let mut slow = Browser { cookie: Some(first), ..Browser::new() };
        assert_eq!(slow.refresh(&world).await.outcome(), "200");
        assert_eq!(slow.cookie, browser.cookie);
    })
    .await;
}

#[tokio::test]
async fn the_kind_of_a_session_is_fixed() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let mut browser = Browser::new();
        browser.sign_in(&world, "ada@example.com").await.ok();
        let cookie = browser.cookie.clone().unwrap();
        let (name, token) = cookie.split_once('=').unwrap();
        // What a script has got hold of is of no use to it, and ends nothing.
        let refused = call(&world, "session/refresh", json!({"refreshToken": token})).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
        let plain = signed_in(&world, "ada@example.com").await;
        let mut planted = Browser::new();
        planted.cookie = Some(format!("{name}={}", plain.refresh));
        assert_eq!(planted.refresh(&world).await.outcome(), "401 unauthenticated");
        // A token in the body: the cookie is neither read nor changed.
        let body = json!({"refreshToken": plain.refresh});
        let renewed = browser.call(&world, "session/refresh", body).await;
        assert_eq!(renewed.header("set-cookie"), None);
        assert_eq!(renewed.ok()["session"], json!(plain.session));
        assert_eq!(browser.cookie, Some(cookie));
        assert_eq!(browser.refresh(&world).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn only_known_pages_of_the_same_site_work_with_it() {
    let app = ["--cors-origin=http://localhost:3000", "--cors-origin=*"];
    on_each_engine_with(&app, async |world| {
        registered(&world, "ada@example.com").await;
        let mut own = Browser::new();
        own.sign_in(&world, "ada@example.com").await.ok();
        let sessions = own.refresh(&world).await.ok();
        for (origin, site, is_let_in) in [
            (OWN, Some("same-origin"), true),
            (OWN, None, true),
            ("http://localhost:3000", Some("same-site"), true),
            ("http://localhost:3000", Some("cross-site"), false),
            ("http://localhost:3001", Some("same-site"), false),
            ("http://127.0.0.1:8080", Some("same-origin"), false),
            ("https://localhost:8080", Some("same-origin"), false),
            ("http://localhost:8080.example.com", Some("same-origin"), false),
            ("null", Some("same-origin"), false),
            ("*", None, false),
        ] {
            let mut page = own.at(origin, site);
            let outcome = if is_let_in { "200" } else { "403 forbidden" };
            let before = page.cookie.clone();
            assert_eq!(
                page.sign_in(&world, "ada@example.com").await.outcome(),
                outcome,
                "{origin}"
            );
            let mut page = own.at(origin, site);
            if is_let_in {
                // The sign-in has taken the cookie over.
                own.sign_in(&world, "ada@example.com").await.ok();
                page = own.at(origin, site);
            } else {
                assert_eq!(page.cookie, before);
            }
            assert_eq!(page.refresh(&world).await.outcome(), outcome, "{origin} {site:?}");
            let ended = page.call(&world, "session/remove", json!({})).await;
            let outcome = if is_let_in { "200" } else { "401 unauthenticated" };
            assert_eq!(ended.outcome(), outcome, "{origin} {site:?}");
            assert_eq!(page.cookie.is_none(), is_let_in);
            if is_let_in {
                own.cookie = None;
                own.sign_in(&world, "ada@example.com").await.ok();
            }
        }
        let nobody = Browser { origin: None, site: None, ..own.clone() };
        assert_eq!(
            nobody.clone().sign_in(&world, "ada@example.com").await.outcome(),
            "403 forbidden"
        );
        assert_eq!(nobody.clone().refresh(&world).await.outcome(), "403 forbidden");
        assert_eq!(get(&world, &sessions).await, "401 unauthenticated");
        assert_eq!(own.refresh(&world).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_refusal_of_the_page_comes_before_the_work() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let mut evil = Browser::new().at("https://evil.example.com", Some("cross-site"));
        for _ in 0..30 {
            let body = json!({"email": "ada@example.com", "password": "wrong", "cookie": true});
            let refused = evil.call(&world, "session/create", body).await;
            assert_eq!(refused.outcome(), "403 forbidden");
        }
        assert_eq!(sign_in(&world, "ada@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_session_whose_cookie_is_taken_over_ends() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        registered(&world, "bob@example.com").await;
        let mut browser = Browser::new();
        let ada = browser.sign_in(&world, "ada@example.com").await.ok();
        let wrong = json!({"email": "bob@example.com", "password": "wrong one", "cookie": true});
        let refused = browser.call(&world, "session/create", wrong).await;
        assert_eq!(refused.outcome(), "401 invalid_credentials");
        assert_eq!(get(&world, &ada).await, "200");
        let old = browser.clone();
        let bob = browser.sign_in(&world, "bob@example.com").await.ok();
        assert_eq!(get(&world, &ada).await, "401 unauthenticated");
        assert_eq!(get(&world, &bob).await, "200");

        // A page of hers gets nothing of his, and does not sign him out.
        let hers = json!({"session": ada["session"]});
        let refused = browser.call(&world, "session/refresh", hers.clone()).await;
        assert_eq!(
            (refused.outcome().as_str(), refused.header("set-cookie")),
            ("409 session_replaced", None)
        );
        let refused = browser.call(&world, "session/remove", hers.clone()).await;
        assert_eq!(refused.outcome(), "409 session_replaced");
        let his = json!({"session": bob["session"]});
        assert_eq!(browser.call(&world, "session/refresh", his).await.outcome(), "200");

        // An answer that is late does not clear what has been set since.
        let late = old.clone().refresh(&world).await;
        assert_eq!(
            (late.outcome().as_str(), late.header("set-cookie")),
            ("401 unauthenticated", None)
        );
    })
    .await;
}

#[tokio::test]
async fn signing_out_takes_the_token_or_else_the_cookie() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let mut browser = Browser::new();
        let signed = browser.sign_in(&world, "ada@example.com").await.ok();
        let access = text(&signed, "accessToken");
        let out = browser.call_with(&world, "session/remove", &access, json!({})).await;
        assert_eq!((out.ok(), browser.cookie.is_none()), (json!({"ended": 1}), true));

        // Without a token, or with one that is odd or has expired; also by a token that has been replaced.
        for (wait, replaces, odd) in
            [(0, false, ""), (0, false, "x y"), (16, false, ""), (16, true, "")]
        {
            let signed = browser.sign_in(&world, "ada@example.com").await.ok();
            let access = text(&signed, "accessToken");
            let old = browser.clone();
            world.advance(Duration::from_mins(wait));
            if replaces {
                browser.refresh(&world).await.ok();
                world.advance(Duration::from_secs(31));
                browser.refresh(&world).await.ok();
                browser.cookie = old.cookie;
            }
            let shown = if wait > 0 { access.as_str() } else { odd };
            let body = json!({"session": signed["session"]});
            let mut other = browser.clone();
            let out = browser.call_with(&world, "session/remove", shown, body).await;
            assert_eq!((out.ok(), browser.cookie.is_none()), (json!({"ended": 1}), true));
            assert_eq!(other.refresh(&world).await.outcome(), "401 unauthenticated");
        }

        // Whose token is of another session keeps the cookie.
        let plain = signed_in(&world, "ada@example.com").await;
        browser.sign_in(&world, "ada@example.com").await.ok();
        let out = browser.call_with(&world, "session/remove", &plain.access, json!({})).await;
        assert_eq!((out.outcome().as_str(), out.header("set-cookie")), ("200", None));
        assert_eq!(browser.refresh(&world).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn nothing_to_refresh_says_what_to_send() {
    on_each_engine(async |world| {
        let mut browser = Browser::new();
        for body in [json!({}), json!({"session": "01890000-0000-7000-8000-000000000000"})] {
            let refused = browser.call(&world, "session/refresh", body).await;
            assert_eq!(refused.outcome(), "401 unauthenticated");
            assert_eq!(
                refused.json()["detail"],
                "Send refreshToken or, from a web page, the cookie of a sign-in with cookie: true."
            );
        }
        let refused = call(&world, "session/refresh", json!({})).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn of_two_cookies_none_counts() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let mut browser = Browser::new();
        browser.sign_in(&world, "ada@example.com").await.ok();
        let own = browser.cookie.clone().unwrap();
        let mut other = Browser::new();
        other.sign_in(&world, "ada@example.com").await.ok();
        let both = format!("{own}; a=b; {}", other.cookie.clone().unwrap());
        let mut planted = Browser { cookie: Some(both), ..Browser::new() };
        assert_eq!(planted.refresh(&world).await.outcome(), "401 unauthenticated");
        // What else there is of cookies does not matter.
        browser.cookie = Some(format!("a=\"; ä=ö;{own} ; b"));
        assert_eq!(browser.refresh(&world).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn those_who_sign_up_get_it_and_no_reply_with_tokens_is_kept() {
    on_each_engine(async |world| {
        let (admin, _) = registered(&world, "admin@example.com").await;
        let mut browser = Browser::new();
        let body = json!({"email": "ada@example.com", "password": PASSWORD, "cookie": true});
        let pending = browser.call(&world, "identity/create", body).await;
        assert_eq!(pending.ok(), json!({"state": "pending"}));
        let code = letters(&world).await.last().unwrap().code();
        let body = json!({"code": code, "password": PASSWORD, "cookie": true});
        let verified = browser.call(&world, "identity/verify", body).await.ok();
        assert!(verified.get("refreshToken").is_none(), "{verified}");
        assert_eq!(browser.refresh(&world).await.ok()["session"], verified["session"]);

        let body = json!({"email": "bob@example.com", "sendInvite": true});
        world.call("user/create", &admin, body).await.ok();
        let code = letters(&world).await.last().unwrap().code();
        let mut browser = Browser::new();
        let body = json!({"invite": code, "password": PASSWORD, "cookie": true});
        let headers =
            [("content-type", "application/json"), ("origin", OWN), ("idempotency-key", "once")];
        let send = async || {
            let body = body.to_string();
            world.client.send(Method::POST, "/identity/create", &headers, body).await
        };
        let signed = send().await;
        browser.cookie =
            signed.header("set-cookie").and_then(|it| it.split(';').next()).map(Into::into);
        let signed = signed.ok();
        assert!(signed.get("refreshToken").is_none(), "{signed}");
        assert_eq!(browser.refresh(&world).await.ok()["session"], signed["session"]);
        let again = send().await;
        assert_eq!(
            (again.header("idempotency-replayed"), again.header("set-cookie")),
            (None, None)
        );
        assert_eq!(again.status / 100, 4);
    })
    .await;
}

#[tokio::test]
async fn where_browsers_keep_none_none_is_asked_for() {
    let flags = ["--public-url=http://nas.lan:8080"];
    let world = World::new(Engine::Sqlite, &flags).await;
    registered(&world, "ada@example.com").await;
    let mut browser = Browser::new().at("http://nas.lan:8080", None);
    let refused = browser.sign_in(&world, "ada@example.com").await;
    assert_eq!(
        (refused.outcome().as_str(), refused.faults().as_str()),
        ("422 validation_failed", "cookie:unavailable")
    );
    assert_eq!(browser.refresh(&world).await.outcome(), "401 unauthenticated");
    let about = call(&world, "service/about", json!({})).await.ok();
    assert_eq!(about.get("cookieOrigin"), None);
}

#[tokio::test]
async fn over_https_no_other_host_can_plant_it() {
    let flags =
        ["--public-url=https://auth.example.com/api", "--cors-origin=HTTPS://App.example.com:443"];
    let world = World::new(Engine::Sqlite, &flags).await;
    registered(&world, "ada@example.com").await;
    let about = call(&world, "service/about", json!({})).await.ok();
    assert_eq!(about["cookieOrigin"], "https://auth.example.com");
    let body =
        json!({"email": "ada@example.com", "password": PASSWORD, "cookie": true}).to_string();
    for origin in ["https://auth.example.com", "https://app.example.com"] {
        let headers = [("content-type", "application/json"), ("origin", origin)];
        let signed =
            world.client.send(Method::POST, "/session/create", &headers, body.clone()).await;
        let cookie = signed.header("set-cookie").unwrap();
        assert!(cookie.starts_with("__Host-guestlist-"), "{cookie}");
        assert!(
            cookie.contains("; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=2592000"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn whoever_removes_the_own_sign_in_takes_the_cookie_along() {
    on_each_engine(async |world| {
        signed_up(&world, "ada@example.com").await;
        let bob = signed_up(&world, "bob@example.com").await;
        let mut browser = Browser::new();
        browser.sign_in(&world, "ada@example.com").await.ok();
        // The cookie is another's by now: it is left alone.
        browser.call_with(&world, "identity/remove", &bob.access, json!({})).await.ok();
        assert!(browser.cookie.is_some());
        let ada = browser.refresh(&world).await.ok();
        let access = text(&ada, "accessToken");
        browser.call_with(&world, "identity/remove", &access, json!({})).await.ok();
        assert_eq!(browser.cookie, None);
    })
    .await;
}
