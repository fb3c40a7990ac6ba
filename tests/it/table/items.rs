//! Items come back as they were stored, whatever is in them.

use guestlist::table::{Index, Item, Key, Query, Range};
use serde_json::{Value, json};

use super::{all, each, item, listed, names};

const ODD: [&str; 12] = [
    " ",
    "#",
    "a#b#",
    "it's",
    "\"quoted\"",
    "back\\slash",
    "%_*?",
    "line\nbreak",
    "ünï",
    "日本",
    "👩‍👩‍👧 😀",
    ":now",
];

#[tokio::test]
async fn odd_keys() {
    each(async |world| {
        for odd in ODD {
            let item = listed(odd, odd, odd, odd);
            world.store([item.clone()]).await;
            assert_eq!(world.get(&item.key).await, Some(item.clone()), "{odd:?}");
            for index in [Index::Primary, Index::Gs1] {
                let query = Query { range: Range::Prefix(odd.to_owned()), ..all(index, odd) };
                assert_eq!(world.query(&query).await.items, std::slice::from_ref(&item), "{odd:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn odd_bodies() {
    let mut body = json!({
        "empty": "", "nothing": null, "yes": true, "no": false, "zero": 0,
        "least": i64::MIN, "most": u64::MAX, "past_floats": 9_007_199_254_740_993_u64,
        "half": 0.5, "tiny": 1.5e-9, "long": 0.123_456_789_012_345_68, "large": 1.5e120,
        "list": [], "map": {}, "nested": [[1, [2, ["three", {"four": [null, ""]}]]], {}],
        "value": "a reserved word", "with space": 1, "#pk": ":now", "😀": "👩‍👩‍👧",
    });
    for (at, odd) in ODD.into_iter().enumerate() {
        body[format!("odd{at}")] = json!({ odd: odd });
    }
    each(async |world| {
        let item = Item { body: body.to_string(), ..item("p", "odd") };
        world.store([item.clone()]).await;
        let back: Value = serde_json::from_str(&world.get(&item.key).await.unwrap().body).unwrap();
        assert_eq!(back, body);
        let page = world.query(&all(Index::Primary, "p")).await;
        assert_eq!(serde_json::from_str::<Value>(&page.items[0].body).unwrap(), body);
    })
    .await;
}

#[tokio::test]
async fn extreme_fields() {
    each(async |world| {
        let most = i64::MAX.unsigned_abs();
        let item = Item {
            gs1: Some(Key::new("g", "s")),
            version: most,
            expires: Some(most),
            body: "{}".to_owned(),
            ..item("p", "extreme")
        };
        world.store([item.clone()]).await;
        assert_eq!(world.get(&item.key).await, Some(item));
    })
    .await;
}

#[tokio::test]
async fn a_put_replaces_all_of_the_item() {
    each(async |world| {
        let before = Item { expires: Some(u64::from(u32::MAX)), ..listed("p", "a", "g", "s") };
        let after = Item { body: r#"{"other":2}"#.to_owned(), ..listed("p", "a", "h", "t") };
        world.store([before]).await;
        world.store([after.clone()]).await;
        assert_eq!(world.get(&after.key).await, Some(after.clone()));
        assert_eq!(names(&world.query(&all(Index::Gs1, "g")).await), Vec::<&str>::new());
        assert_eq!(world.query(&all(Index::Gs1, "h")).await.items, [after]);
        world.store([item("p", "a")]).await;
        assert_eq!(names(&world.query(&all(Index::Gs1, "h")).await), Vec::<&str>::new());
    })
    .await;
}

#[tokio::test]
async fn the_table_is_ready() {
    each(async |world| world.table.ready().await.unwrap()).await;
}
