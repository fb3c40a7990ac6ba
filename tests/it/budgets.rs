//! What each call costs in table calls, and what DynamoDB would charge for them.

mod ledger;
mod operation;
mod people;
mod sign_ins;
mod touches;
mod users;

use std::{collections::BTreeSet, fs, path::Path};

use expect_test::expect_file;
use guestlist::contract::endpoints;
use serde_json::{Value, json};

use self::ledger::Ledger;
use crate::support;

/// The document that has the table, below its own text.
const DOCUMENT: &str = "docs/costs.md";
/// What the table begins with.
const HEAD: &str = "| call | table calls | read units | write units | a million, USD |\n\
    |---|---|--:|--:|--:|\n";
/// What the table of parts begins with, which stands above.
const PARTS_HEAD: &str = "| call | reads | writes |\n|---|---|---|\n";

#[tokio::test]
async fn every_call_keeps_to_its_budget() {
    let mut ledger = Ledger::on_sqlite().await;
    call_everything(&mut ledger).await;
    let costs = ledger.costs();
    for endpoint in endpoints() {
        assert!(costs.contains(&format!("| {}", endpoint.name)), "{} has no budget", endpoint.name);
    }
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT)).unwrap();
    let (text, _) = document.split_once(HEAD).expect("the document has the table");
    let (above, rest) = text.split_once(PARTS_HEAD).expect("it has that of parts");
    let (_, below) = rest.split_once("\n\n").expect("a table ends");
    let parts = ledger.parts();
    let whole = format!("{above}{PARTS_HEAD}{parts}\n{below}{HEAD}{costs}");
    expect_file!["../../docs/costs.md"].assert_eq(&whole);
    expect_file!["../../bench/touches.json"].assert_eq(&ledger.touches());
}

/// However many accounts there are: what they share is what lists them, and the queues.
#[test]
fn accounts_share_no_more_than_what_lists_them() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/touches.json");
    let touches: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let mut shared = BTreeSet::new();
    for (call, touches) in touches.as_object().unwrap() {
        for touch in touches.as_array().unwrap() {
            let partition = touch[1].as_str().unwrap();
            let is_queue = ["outbox#", "purge#"].iter().any(|queue| partition.starts_with(queue));
            if !partition.contains('{') && !is_queue {
                shared.insert((partition.to_owned(), call.split('/').next().unwrap().to_owned()));
            }
        }
    }
    let of = |partition: &str, noun: &str| (partition.to_owned(), noun.to_owned());
    // An account is listed with how many admins it has; where the operator's is, the operator's calls ask.
    let accounts = [of("accounts", "account"), of("accounts", "user")];
    // Whether somebody runs the service is asked once on each node, or until somebody does.
    let home = [of("home", "account"), of("home", "mail"), of("home", "service")];
    // Whether letters leave is root's to ask.
    let mail = [of("mail", "mail")];
    assert_eq!(shared, accounts.into_iter().chain(home).chain(mail).collect());
}

/// The same, where DynamoDB Local says itself what it charges; the order of calls that go on side by
/// side is another one.
#[tokio::test]
async fn dynamodb_charges_what_the_budgets_say() {
    let Some(endpoint) = support::dynamodb() else { return };
    let mut ledger = Ledger::on_dynamodb(endpoint).await;
    call_everything(&mut ledger).await;
    expect_file!["../../bench/touches.json"].assert_eq(&ledger.touches());
}

async fn call_everything(ledger: &mut Ledger) {
    let admin = ledger.world.admin("admin@example.com").await;
    ledger.world.call("user/get", &admin, json!({})).await.ok();

    let root = ledger.world.root().await;
    ledger.world.call("user/get", &root, json!({})).await.ok();

    operation::accounts(ledger, &root).await;
    people::in_several_accounts(ledger, &root).await;
    users::reads(ledger, &admin).await;
    people::logins(ledger, &admin).await;
    // A day later.
    let admin = ledger.world.fresh(&admin);
    users::changes(ledger, &admin).await;
    operation::mail(ledger, &root).await;
    operation::courier(ledger, &admin).await;
    sign_ins::own_sign_in(ledger).await;
    sign_ins::with_a_provider(ledger).await;
    users::full_pages(ledger, &admin).await;
    let root = ledger.world.fresh(&root);
    people::leaving_for_good(ledger, &root).await;
}
