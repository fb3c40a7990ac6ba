//! Invites to one mailbox are counted as they leave; the inviter sees no difference.

use std::{fs, sync::Arc, time::Duration};

use guestlist::clock::Clock;
use serde_json::{Value, json};

use super::{check, invite, letters_to};
use crate::support::{
    engine::Engine,
    smtp::letters_in,
    world::{NOW, Person, World, on_each_engine},
};

/// How many invites of one account to one mailbox leave at once, and how many accounts' first ones.
const OF_ACCOUNT: usize = 5;
const OF_ALL: usize = 20;

async fn invite_eve(world: &World, by: &Person) -> Value {
    invite(world, by, json!({"email": "eve@example.com"})).await
}

/// How many emails have gone to Eve so far.
async fn sent(world: &World) -> usize {
    letters_to(world, "eve@example.com").await.len()
}

#[tokio::test]
async fn the_last_of_many_waits_and_leaves_and_nobody_is_told() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let mut replies = Vec::new();
        for count in 1..=OF_ACCOUNT + 4 {
            world.advance(Duration::from_secs(1));
            replies.push(invite_eve(&world, &admin).await);
            assert_eq!(sent(&world).await, count.min(OF_ACCOUNT));
        }
        let names = |reply: &Value| reply.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let (first, last) = (&replies[0], &replies[replies.len() - 1]);
        assert_eq!(names(first), names(last));
        // Of those that wait only the last one opens anything.
        world.advance(Duration::from_mins(10));
        assert_eq!(sent(&world).await, OF_ACCOUNT + 1);
        let letters = letters_in(world.mail.path());
        let letter = letters.iter().rfind(|it| it.to == "eve@example.com").unwrap();
        let summary = check(&world, &json!(letter.code())).await.ok();
        assert_eq!(summary["email"], "eve@example.com");
        world.advance(Duration::from_hours(24));
        assert_eq!(sent(&world).await, OF_ACCOUNT + 1);
    })
    .await;
}

#[tokio::test]
async fn an_email_counts_once_however_often_a_mail_server_that_is_away_puts_it_back() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let world = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let admin = world.admin("admin@example.com").await;
        letters_to(&world, "admin@example.com").await;
        invite_eve(&world, &admin).await;
        for _ in 0..2 * OF_ACCOUNT {
            // Each node has to find out for itself that the folder is none.
            let node = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
            fs::remove_dir(node.mail.path()).unwrap();
            fs::write(node.mail.path(), "").unwrap();
            assert_eq!(node.courier.round().await.unwrap(), 1);
            fs::remove_file(node.mail.path()).unwrap();
            fs::create_dir(node.mail.path()).unwrap();
            clock.advance(Duration::from_secs(2));
        }
        assert_eq!(sent(&world).await, 1);
        for _ in 1..OF_ACCOUNT {
            invite_eve(&world, &admin).await;
            sent(&world).await;
        }
        assert_eq!(sent(&world).await, OF_ACCOUNT);
    }
}

#[tokio::test]
async fn what_is_held_back_keeps_no_other_email_from_anybody() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for _ in 0..OF_ACCOUNT + 2 {
            invite_eve(&world, &admin).await;
            sent(&world).await;
        }
        // Another way to write to the same mailbox.
        invite(&world, &admin, json!({"email": "eve+1@example.com"})).await;
        assert_eq!(letters_to(&world, "eve+1@example.com").await.len(), 0);
        invite(&world, &admin, json!({"email": "bob@example.com"})).await;
        assert_eq!(letters_to(&world, "bob@example.com").await.len(), 1);
        // Another account's invite arrives, and so does what Eve asks for, and what the operator sends.
        let other = world.admin("other@example.com").await;
        invite_eve(&world, &other).await;
        assert_eq!(sent(&world).await, OF_ACCOUNT + 1);
        let body = json!({"email": "eve@example.com"});
        world.client.call("password/forgot", "", body).await.ok();
        assert_eq!(sent(&world).await, OF_ACCOUNT + 2);
        let body = json!({
            "email": "eve@example.com", "sendInvite": true, "accountId": admin.account,
        });
        world.operate("user/create", body).await;
        assert_eq!(sent(&world).await, OF_ACCOUNT + 3);
    })
    .await;
}

#[tokio::test]
async fn many_accounts_fill_no_mailbox() {
    on_each_engine(async |world| {
        for number in 0..OF_ALL + 3 {
            let admin = world.registered(&format!("a{number}@example.com")).await;
            invite_eve(&world, &admin).await;
        }
        assert_eq!(sent(&world).await, OF_ALL);
        // They leave one by one.
        world.advance(Duration::from_mins(1));
        assert_eq!(sent(&world).await, OF_ALL + 1);
        world.advance(Duration::from_hours(1));
        assert_eq!(sent(&world).await, OF_ALL + 2);
    })
    .await;
}
