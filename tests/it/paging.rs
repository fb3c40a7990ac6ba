//! Pages of `user/find` and `trash/find`: forward to the end and back, by both indexes and engines.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    world::{Person, World, on_each_engine},
};

/// How many users the walks go over.
const USERS: usize = 1000;

/// One page as a client sees it.
struct Page {
    ids: Vec<String>,
    next: Option<String>,
    prev: Option<String>,
}

async fn page(world: &World, by: &Person, query: &str, body: &Value) -> Page {
    let reply = world.call(&format!("user/find?{query}"), by, body.clone()).await.ok();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let users = reply["data"].as_array().unwrap();
    Page {
        ids: users.iter().map(|user| text(&user["id"]).unwrap()).collect(),
        next: text(&reply["next"]),
        prev: text(&reply["prev"]),
    }
}

/// Walks to the end and back; returns the ids in order, having checked that both ways agree.
async fn there_and_back(world: &World, by: &Person, query: &str, body: &Value) -> Vec<String> {
    let mut pages = vec![page(world, by, query, body).await];
    assert!(pages[0].prev.is_none(), "the first page has nothing before it: {query}");
    while let Some(next) = &pages.last().unwrap().next {
        pages.push(page(world, by, &format!("{query}&next={next}"), body).await);
    }
    let mut back = pages.last().unwrap().prev.clone();
    for there in pages.iter().rev().skip(1) {
        let cursor = back.expect("there is a page before");
        let again = page(world, by, &format!("{query}&prev={cursor}"), body).await;
        assert_eq!(again.ids, there.ids, "{query}");
        assert_eq!(again.next, there.next, "{query}");
        back = again.prev;
    }
    assert!(back.is_none(), "the first page has nothing before it: {query}");
    pages.into_iter().flat_map(|page| page.ids).collect()
}

/// An admin, and so many users in the account, made eight at a time.
async fn populated(world: &World, users: usize) -> Person {
    let admin = world.admin("admin@example.com").await;
    stream::iter(1..users)
        .map(|number| {
            world.advance(Duration::from_millis(1));
            // Emails in another order than that of creation.
            let email = format!("u{:04}@example.com", (number * 7919) % users);
            let body = json!({"email": email, "first": format!("First{}", number % 3)});
            world.call("user/create", &admin, body)
        })
        .buffer_unordered(8)
        .for_each(async |answer| drop(answer.ok()))
        .await;
    admin
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_limit_forward_and_back_gives_the_same_pages() {
    on_each_engine(async |world| {
        let admin = populated(&world, USERS).await;
        for index in ["primary", "gs1"] {
            let all =
                there_and_back(&world, &admin, &format!("index={index}&limit=100"), &json!({}))
                    .await;
            let mut distinct = all.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!((all.len(), distinct.len()), (USERS, USERS), "{index}");
            stream::iter(1..=100)
                .map(|limit| {
                    let (world, admin) = (&world, &admin);
                    async move {
                        let query = format!("index={index}&limit={limit}");
                        there_and_back(world, admin, &query, &json!({})).await
                    }
                })
                .buffer_unordered(8)
                .for_each(async |ids| assert_eq!(ids, all, "{index}"))
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn filters_and_searches_page_like_everything_else() {
    on_each_engine(async |world| {
        let admin = populated(&world, 120).await;
        let check = async |body: Value, expected: usize| {
            for index in ["primary", "gs1"] {
                for limit in [1, 7, 39, 40, 100] {
                    let query = format!("index={index}&limit={limit}");
                    let ids = there_and_back(&world, &admin, &query, &body).await;
                    let mut distinct = ids.clone();
                    distinct.sort_unstable();
                    distinct.dedup();
                    assert_eq!((ids.len(), distinct.len()), (expected, expected), "{query} {body}");
                }
            }
        };
        check(json!({"state": "invited"}), 119).await;
        check(json!({"role": "admin"}), 1).await;
        check(json!({"role": "root"}), 0).await;
        check(json!({"search": "first1"}), 40).await;
        check(json!({"search": "FIRST"}), 119).await;
        check(json!({"search": "u00"}), 99).await;
        check(json!({"search": "first1", "state": "active"}), 0).await;
        check(json!({"search": "nobody"}), 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_that_nobody_passes_ends_all_the_same() {
    // More users than one call looks at; how they are stored makes no difference here.
    let world = World::new(Engine::Sqlite, &[]).await;
    let admin = populated(&world, 5_200).await;
    let nobody = json!({"role": "root"});
    let first = page(&world, &admin, "limit=25", &nobody).await;
    assert!(first.ids.is_empty() && first.prev.is_none());
    let query = format!("limit=25&next={}", first.next.expect("there is more to look at"));
    let last = page(&world, &admin, &query, &nobody).await;
    assert!(last.ids.is_empty() && last.next.is_none());

    let query = format!("limit=25&prev={}", last.prev.expect("there is something before"));
    let back = page(&world, &admin, &query, &nobody).await;
    assert!(back.ids.is_empty() && back.next.is_some() && back.prev.is_none());

    // The one admin is the very first user, the farthest from the end.
    let admins = json!({"role": "admin"});
    let first = page(&world, &admin, "limit=25", &admins).await;
    assert_eq!(first.ids, [admin.id.as_str()]);
    let query = format!("limit=25&next={}", first.next.expect("there is more to look at"));
    let last = page(&world, &admin, &query, &admins).await;
    assert!(last.ids.is_empty() && last.next.is_none());
    let query = format!("limit=25&prev={}", last.prev.expect("there is something before"));
    assert_eq!(page(&world, &admin, &query, &admins).await.ids, [admin.id.as_str()]);
}

#[tokio::test]
async fn changes_between_pages_skip_and_repeat_nobody() {
    on_each_engine(async |world| {
        let admin = populated(&world, 10).await;
        let at = async |query: &str| page(&world, &admin, query, &json!({})).await;
        let all = at("limit=100").await.ids;
        let first = at("limit=4").await;
        // The cursor's own user goes, one who was shown goes, and somebody new comes.
        for id in [&all[3], &all[1]] {
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
        }
        world.advance(Duration::from_millis(1));
        let body = json!({"email": "new@example.com"});
        let new = world.call("user/create", &admin, body).await.ok();
        let second = at(&format!("limit=4&next={}", first.next.unwrap())).await;
        assert_eq!(second.ids, all[4..8]);
        let third = at(&format!("limit=4&next={}", second.next.unwrap())).await;
        assert_eq!(third.ids, [all[8].as_str(), all[9].as_str(), new["id"].as_str().unwrap()]);
        assert!(third.next.is_none());
        let back = at(&format!("limit=4&prev={}", second.prev.unwrap())).await;
        assert_eq!(back.ids, [all[0].as_str(), all[2].as_str()]);
        assert!(back.prev.is_none());
    })
    .await;
}

#[tokio::test]
async fn pages_whose_users_are_all_gone() {
    on_each_engine(async |world| {
        let admin = populated(&world, 6).await;
        let at = async |query: &str| page(&world, &admin, query, &json!({})).await;
        let all = at("limit=100").await.ids;
        let first = at("limit=4").await;
        for id in &all[4..] {
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
        }
        let empty = at(&format!("limit=4&next={}", first.next.unwrap())).await;
        assert!(empty.ids.is_empty() && empty.next.is_none());
        let back = at(&format!("limit=4&prev={}", empty.prev.unwrap())).await;
        assert_eq!(back.ids, all[..4], "the way back leaves nobody out");
    })
    .await;
}

#[tokio::test]
async fn the_trash_is_paged_too() {
    on_each_engine(async |world| {
        let admin = populated(&world, 12).await;
        let all = page(&world, &admin, "limit=100", &json!({})).await.ids;
        for id in &all[1..] {
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
        }
        for index in ["primary", "gs1"] {
            let path = format!("trash/find?index={index}&limit=5");
            let mut found = Vec::new();
            let mut cursor = String::new();
            loop {
                let reply = world.call(&format!("{path}{cursor}"), &admin, json!({})).await.ok();
                let users = reply["data"].as_array().unwrap();
                assert!(users.iter().all(|user| user["state"] == "trashed"));
                found.extend(users.iter().map(|user| user["id"].as_str().unwrap().to_owned()));
                match reply["next"].as_str() {
                    Some(next) => cursor = format!("&next={next}"),
                    None => break,
                }
            }
            found.sort_unstable();
            assert_eq!(found, all[1..], "{index}");
        }
    })
    .await;
}
