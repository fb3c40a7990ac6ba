//! Cross-origin calls (Fetch standard): the configured origins' pages may read, others not.

use hyper::Method;

use crate::support::{client::Answer, engine::Engine, world::World};

const APP: &str = "https://app.example.com";
const OTHER: &str = "https://evil.example.com";

async fn from(world: &World, method: Method, origin: &str) -> Answer {
    world.client.send(method, "/user/get", &[("origin", origin)], "").await
}

async fn check(flags: &[&str], origin: &str, allowed: bool) {
    let world = World::new(Engine::Sqlite, flags).await;
    let preflight = from(&world, Method::OPTIONS, origin).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("allow"), Some("POST, OPTIONS"));
    let only = |value: &'static str| allowed.then_some(value);
    let named = allowed.then_some(origin);
    assert_eq!(preflight.header("access-control-allow-origin"), named, "{flags:?} {origin}");
    assert_eq!(preflight.header("access-control-allow-methods"), only("POST, OPTIONS"));
    let headers = "authorization, content-type, idempotency-key, x-account-id";
    assert_eq!(preflight.header("access-control-allow-headers"), only(headers));
    assert_eq!(preflight.header("access-control-max-age"), only("600"));
    // Never where only `*` stands for it.
    let with_cookie = (allowed && !flags.contains(&"--cors-origin=*")).then_some("true");
    assert_eq!(preflight.header("access-control-allow-credentials"), with_cookie);
    // Errors too can be read by the page, and name what it may read of the head.
    let call = from(&world, Method::POST, origin).await;
    assert_eq!(call.outcome(), "401 unauthenticated");
    assert_eq!(call.header("access-control-allow-origin"), named, "{flags:?} {origin}");
    assert_eq!(call.header("access-control-allow-credentials"), with_cookie);
    let exposed = "idempotency-replayed, retry-after, x-ratelimit-limit, x-ratelimit-remaining, \
                   x-ratelimit-reset, x-request-id";
    assert_eq!(call.header("access-control-expose-headers"), only(exposed));
    // Caches must not give one origin's answer to another, nor to a request without one.
    let vary = (!flags.is_empty()).then_some("origin");
    let plain = world.client.send(Method::POST, "/user/get", &[], "").await;
    for answer in [&preflight, &call, &plain] {
        assert_eq!(answer.header("vary"), vary, "{flags:?} {origin}");
    }
    assert_eq!(plain.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn only_configured_origins_may_read() {
    let app = "--cors-origin=https://app.example.com";
    let both = [app, "--cors-origin=http://localhost:3000"];
    check(&[app], APP, true).await;
    check(&both, "http://localhost:3000", true).await;
    check(&[app], OTHER, false).await;
    check(&[app], "https://app.example.com.evil.com", false).await;
    check(&[app], "https://app.example.com:8443", false).await;
    check(&[app], "http://app.example.com", false).await;
    check(&[app], "null", false).await;
    check(&["--cors-origin=*"], OTHER, true).await;
    check(&[], APP, false).await;
}
