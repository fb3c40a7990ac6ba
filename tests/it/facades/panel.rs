//! The panel's users.

use guestlist::facade::Facade;
use hyper::Method;

use crate::support::{
    rest::{Content, Talk},
    world::on_each_engine_with,
};

/// The headers that matter.
const HEADERS: &[&str] = &["allow", "content-type", "retry-after"];

#[tokio::test]
async fn without_a_key_nothing_is_there() {
    on_each_engine_with(&["--facades=panel"], async |world| {
        let mut talk = Talk::new(&world, Facade::Panel, HEADERS);
        talk.title("nobody");
        talk.say("nobody", "", Method::GET, "/api/application/users", Content::Nothing).await;
        assert!(talk.text().starts_with("== nobody\n\nnobody: GET /api/application/users\n"));
    })
    .await;
}
