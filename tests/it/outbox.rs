//! The outbox where something is wrong with one letter, or with the secret that its code is made of.

use std::sync::Arc;

use guestlist::{
    clock::{Clock, Timestamp},
    table::{Condition, Item, Key, Op, Written},
};
use serde_json::json;

use crate::support::{engine::Engine, watched::Watched, world::World};

#[tokio::test]
async fn a_letter_that_cannot_be_read_holds_up_no_other() {
    for engine in Engine::all() {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await;
        let broken = |shard: usize, number: usize| {
            let key = Key::new(format!("outbox#{shard}"), format!("000000000000001#{number:04}"));
            let body = r#"{"kind":"of tomorrow"}"#.to_owned();
            Op::Put(Item { key, gs1: None, version: 1, expires: None, body }, Condition::Absent)
        };
        let ops = (0..40).map(|number| broken(number % 4, number)).collect();
        assert_eq!(fresh.table.write(ops).await.unwrap(), Written::Done);

        let admin = world.admin("admin@example.com").await;
        for number in 0..8 {
            let body = json!({"email": format!("u{number}@example.com"), "sendInvite": true});
            world.call("user/create", &admin, body).await.ok();
        }
        for _ in 0..20 {
            world.courier.round().await.unwrap();
        }
        assert_eq!(std::fs::read_dir(world.mail.path()).unwrap().count(), 8);
        assert_eq!(table.partition("outbox#parked").await.len(), 40);
        for shard in 0..4 {
            assert!(table.partition(&format!("outbox#{shard}")).await.is_empty());
        }
    }
}
