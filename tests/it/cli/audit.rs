//! `guestlist audit export`: the trail as a file, of one account, between two days.

use serde_json::{Value, json};

use crate::support::process::Site;

#[tokio::test]
async fn a_trail_is_printed_page_by_page_as_csv_and_json() {
    let site = Site::sqlite();
    let service = site.start().await;
    let root = service.root(&site).await;
    // More than a page, one of them with a name that a sheet would take for a formula.
    for number in 0..105 {
        let body = json!({"email": format!("user{number}@example.com"), "first": "=1+1"});
        service.call("user/create", &root, body).await.ok();
    }
    let lines = site.run(&["audit", "export", "--format", "ndjson"]).await.ok();
    let entries: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let made = entries.iter().filter(|entry| entry["action"] == "user/create");
    assert_eq!(made.count(), 105);
    assert_eq!(entries[0]["userEmail"], "user104@example.com", "the newest comes first");
    assert_eq!(entries[0]["actorName"], "root@example.com");

    let csv = site.run(&["audit", "export"]).await.ok();
    let rows: Vec<_> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows.len(), entries.len() + 1);
    assert_eq!(
        rows[0],
        "id,at,actor,actorName,action,target,userId,userEmail,changed,roleBefore,roleAfter,stateBefore,stateAfter,address"
    );
    let id = entries[0]["id"].as_str().unwrap();
    assert!(rows[1].starts_with(&format!("{id},")), "{}", rows[1]);
}

#[tokio::test]
async fn accounts_and_days_are_chosen() {
    let site = Site::sqlite();
    site.run(&["user", "create", "ada@example.com"]).await.ok();
    let acme = site.run(&["account", "create", "--name", "Acme", "--json"]).await.ok();
    let acme: Value = serde_json::from_str(&acme).unwrap();
    let count = async |arguments: &[&str]| {
        let export = ["audit", "export", "--format", "ndjson"];
        site.run(&[&export, arguments].concat()).await.ok().lines().count()
    };
    let all = count(&[]).await;
    assert!(all >= 1);
    assert_eq!(count(&["--account", acme["id"].as_str().unwrap()]).await, 1);
    assert_eq!(count(&["--from", "2026-01-01", "--to", "9000-01-01"]).await, all);
    assert_eq!(count(&["--to", "2026-01-01"]).await, 0);
    assert_eq!(count(&["--from", "9000-01-01T00:00:00Z"]).await, 0);
    let wrong = site.run(&["audit", "export", "--from", "yesterday"]).await.failure();
    assert!(wrong.contains("must be a day such as 2026-01-31"), "{wrong}");
}
