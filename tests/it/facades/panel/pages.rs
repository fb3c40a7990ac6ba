//! Lists of many users, from page to page.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::{Panel, USERS, on_each_panel};

/// The ids on a page, and the links of the pages beside it.
struct Page {
    ids: Vec<u64>,
    pagination: Value,
}

impl Page {
    async fn at(panel: &Panel, path: &str) -> Self {
        let answer = panel.rest.get(path, &panel.key).await.with_status(200);
        let users = answer["data"].as_array().unwrap();
        let ids = users.iter().map(|user| user["attributes"]["id"].as_u64().unwrap()).collect();
        Self { ids, pagination: answer["meta"]["pagination"].clone() }
    }

    fn link(&self, panel: &Panel, name: &str) -> Option<String> {
        let host = format!("http://{}", panel.world.address);
        let link = self.pagination["links"][name].as_str()?;
        Some(link.strip_prefix(&host).expect("a URL of the service").to_owned())
    }
}

#[tokio::test]
async fn a_thousand_users_on_three_pages() {
    on_each_panel(async |panel| {
        let users = (0..1000).map(|number| {
            let email = format!("user-{number}@many.example");
            panel.native("user/create", json!({"email": email, "username": format!("u-{number}")}))
        });
        stream::iter(users).buffer_unordered(8).collect::<Vec<_>>().await;
        let query = "per_page=400&filter[email]=@MANY.&sort=-id&page=1";
        let mut path = format!("{USERS}?{query}");
        let mut ids: Vec<u64> = Vec::new();
        for (page, count) in [(1, 400), (2, 400), (3, 200)] {
            let found = Page::at(&panel, &path).await;
            let expected = json!({
                "total": 1000, "count": count, "per_page": 400, "current_page": page,
                "total_pages": 3, "links": found.pagination["links"],
            });
            assert_eq!(found.pagination, expected);
            assert_eq!(found.link(&panel, "previous").is_some(), page > 1);
            ids.extend(&found.ids);
            match found.link(&panel, "next") {
                Some(next) => {
                    assert!(next.starts_with(&format!("{USERS}?page={}&per_page=400&", page + 1)));
                    path = next;
                }
                None => assert_eq!(page, 3),
            }
        }
        assert_eq!(ids.len(), 1000);
        assert!(ids.windows(2).all(|pair| pair[0] > pair[1]), "falling, and each once");
        let back = Page::at(&panel, &path).await.link(&panel, "previous").unwrap();
        assert_eq!(Page::at(&panel, &back).await.ids, ids[400..800]);

        // What clients ask for that know nothing but pages.
        let all = Page::at(&panel, &format!("{USERS}?page=21")).await;
        assert_eq!((all.ids.len(), &all.pagination["total"]), (1, &json!(1001)));
        assert_eq!((&all.pagination["per_page"], all.link(&panel, "next")), (&json!(50), None));
        let past = Page::at(&panel, &format!("{USERS}?page=22")).await;
        assert_eq!((past.ids.len(), &past.pagination["current_page"]), (0, &json!(22)));
    })
    .await;
}

#[tokio::test]
async fn servers_are_listed_as_they_were_placed() {
    on_each_panel(async |panel| {
        let user = panel.user("ada", json!({})).await;
        panel.user("bob", json!({})).await;
        for number in 0..120 {
            let hold = json!({
                "id": user["uuid"], "kind": "server", "ref": number.to_string(),
                "data": {"id": number, "price": 1.50},
            });
            panel.native("hold/place", hold).await;
            panel.world.advance(Duration::from_millis(1));
        }
        let path = format!("{USERS}?include=servers&filter[username]=a,bob");
        let list = panel.rest.get(&path, &panel.key).await.with_status(200);
        let servers = |user: usize| {
            let user = &list["data"][user]["attributes"];
            user["relationships"]["servers"].clone()
        };
        let placed = servers(0)["data"].as_array().unwrap().clone();
        let numbers: Vec<u64> =
            placed.iter().map(|it| it["attributes"]["id"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..120).collect::<Vec<_>>());
        assert_eq!(placed[0]["object"], "server");
        assert_eq!(servers(1), json!({"object": "list", "data": []}));
    })
    .await;
}
