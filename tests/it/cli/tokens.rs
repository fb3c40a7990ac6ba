//! `guestlist token`: an identity token for local work.

use expect_test::expect;
use guestlist::clock::Clock;
use serde_json::json;

use crate::support::{
    process::{PUBLIC_URL, Site},
    tokens::said_by,
};

#[tokio::test]
async fn a_token_says_what_was_asked_for() {
    let site = Site::sqlite();
    let token = site.run(&["token", "Ann@Example.com"]).await.ok();
    let said = said_by(&token);
    let expected = json!({
        "iss": PUBLIC_URL, "aud": PUBLIC_URL, "sub": said["email"], "client_id": "guestlist",
        "iat": said["iat"], "jti": said["jti"], "exp": said["iat"].as_u64().unwrap() + 60 * 60,
        "email": "ann@example.com", "email_verified": false, "auth_time": said["iat"],
    });
    assert_eq!(said, expected);
    assert!(Clock::System.now().seconds() - said["iat"].as_u64().unwrap() < 300);

    let all = ["token", "ann@example.com", "--verified", "--sub=42", "--minutes=5"];
    let said = said_by(&site.run(&all).await.ok());
    assert_eq!((&said["sub"], &said["email_verified"]), (&json!("42"), &json!(true)));
    assert_eq!(said["exp"].as_u64().unwrap() - said["iat"].as_u64().unwrap(), 300);
}

#[tokio::test]
async fn a_token_is_good_for_the_service_on_the_same_data() {
    let site = Site::sqlite().with("--registration=open");
    let service = site.start().await;
    let register = json!({"register": true});
    let token = site.token("ann@example.com").await;
    service.call("user/login", &token, register.clone()).await.ok();
    let unverified = site.run(&["token", "bob@example.com"]).await.ok();
    let answer = service.call("user/login", unverified.trim(), register.clone()).await;
    assert_eq!(answer.outcome(), "403 email_unverified");
    let foreign = Site::sqlite().token("ann@example.com").await;
    let answer = service.call("user/login", &foreign, register).await;
    assert_eq!(answer.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_the_flag() {
    let site = Site::sqlite();
    expect![[r"
        error: invalid value 'ann' for '<EMAIL>': must be an email address such as ada@example.com

        For more information, try '--help'.
    "]]
    .assert_eq(&site.run(&["token", "ann"]).await.misuse());
    let said = site.run(&["token", "ann@example.com", "--sub="]).await.misuse();
    expect![[r"
        guestlist: --sub: the subject of a token must be between 1 and 255 printable characters
    "]]
    .assert_eq(&said);
    let said = site.run(&["token", "ann@example.com", "--minutes=0"]).await.misuse();
    expect![[r"
        error: invalid value '0' for '--minutes <MINUTES>': 0 is not in 1..=525600

        For more information, try '--help'.
    "]]
    .assert_eq(&said);
}
