//! A DynamoDB table that was made of another one, as point-in-time recovery and replication make one.

use guestlist::{
    clock::Clock,
    table::{
        Condition, MAX_PAGE, Op, Table, Written,
        dynamo::{Dynamo, DynamoSettings},
    },
};
use serde_json::json;

use crate::support::{dynamodb, engine::unique_name, process::Site};

fn site(name: &str) -> Site {
    let site = Site::dynamo(&dynamodb().unwrap()).without("--table");
    site.with(format!("--table=dynamodb:{name}"))
}

async fn open(name: &str) -> Dynamo {
    let settings = DynamoSettings { table: name.to_owned(), endpoint: dynamodb() };
    Dynamo::connect(settings, Clock::System).await.unwrap()
}

/// Makes another table of all that is in one, as it is.
async fn made_of(name: &str) -> (Site, String) {
    let other = format!("{name}-2");
    let site = site(&other);
    site.run(&["table", "create"]).await.ok();
    let (from, to) = (open(name).await, open(&other).await);
    let mut after = None;
    loop {
        let page = from.scan(after.as_ref(), MAX_PAGE).await.unwrap();
        for item in page.items {
            let written = to.write(vec![Op::Put(item, Condition::Any)]).await.unwrap();
            assert_eq!(written, Written::Done);
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return (site, other),
        }
    }
}

/// A table with somebody in it.
async fn first() -> (Site, String) {
    let name = format!("first-{}", unique_name());
    let site = site(&name);
    site.run(&["table", "create"]).await.ok();
    site.run(&["user", "create", "ada@example.com"]).await.ok();
    (site, name)
}

#[tokio::test]
async fn what_comes_out_of_a_backup_is_made_fit_before_it_is_used() {
    if dynamodb().is_none() {
        return;
    }
    let (first, name) = first().await;
    let (second, _) = made_of(&name).await;
    for command in [&["serve"][..], &["user", "export"]] {
        let complaint = second.run(command).await.failure();
        assert!(complaint.contains("was made from another one"), "{complaint}");
        assert!(complaint.contains("guestlist table restored"), "{complaint}");
    }
    let report = second.run(&["check"]).await.failed_check();
    assert!(report.contains("was made from another one"), "{report}");
    // Nor does it become fit by a copy.
    let third = format!("{name}-3");
    site(&third).run(&["table", "create"]).await.ok();
    let copy = ["table", "copy", &format!("dynamodb:{name}-2"), &format!("dynamodb:{third}")];
    let complaint = second.run(&copy).await.failure();
    assert!(complaint.contains("was made from another one"), "{complaint}");

    second.run(&["table", "restored"]).await.ok();
    let service = second.start().await;
    service.stop().await;
    // Now it is the one to use, and the first one goes on as long as somebody uses it.
    second.run(&["check"]).await.ok();
    first.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_replica_is_used_beside_the_table_that_it_is_of() {
    if dynamodb().is_none() {
        return;
    }
    let (_, name) = first().await;
    let (second, replica) = made_of(&name).await;
    let said = second.run(&["table", "reopen"]).await.ok();
    assert!(said.contains("is in use as it is"), "{said}");
    let said = second.run(&["table", "reopen"]).await.ok();
    assert!(said.contains("nothing was changed"), "{said}");
    // It says so of both, since what it says is replicated.
    let item = guestlist::table::Key::new("table", "format");
    let said = open(&replica).await.get(&item).await.unwrap().unwrap().body;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["tables"].as_array().unwrap().len(), 2, "{said}");
    assert_ne!(said["tables"][0], json!(null));
    second.start().await.stop().await;
}

#[tokio::test]
async fn a_copy_is_the_one_that_it_has_become() {
    if dynamodb().is_none() {
        return;
    }
    let (first, name) = first().await;
    let other = format!("{name}-copy");
    let second = site(&other);
    second.run(&["table", "create"]).await.ok();
    let copy = ["table", "copy", &format!("dynamodb:{name}"), &format!("dynamodb:{other}")];
    first.run(&copy).await.ok();
    second.run(&["user", "export"]).await.ok();
    first.run(&["table", "reopen"]).await.ok();
    first.run(&["user", "export"]).await.ok();
}
