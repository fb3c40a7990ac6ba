//! Tokens of public servers of `OpenID` Connect, taken with nothing but `issuer`, `audience` and `discovery`.

use serde_json::{Value, json};

use crate::support::{counterparts::Counterpart, process::Site};

/// Starts the service on an issuer, and shows it a token for each audience; what it says.
async fn shown(counterpart: &Counterpart, audience: &str, tokens: &[&str]) -> Vec<Value> {
    let settings = format!(
        "issuer={},audience={audience},discovery=true,trust_email=true",
        counterpart.issuer
    );
    let site = Site::sqlite().with("--registration=open").with(format!("--issuer={settings}"));
    let check = site.run(&["check"]).await.stdout;
    let found = format!(
        "ok      issuer {}: 1 key (RS256), found at {}/jwks",
        counterpart.issuer, counterpart.issuer
    );
    assert!(check.contains(&found), "{check}");
    let service = site.start().await;
    let mut said = Vec::new();
    for token in tokens {
        let answer = service.call("user/login", token, json!({"register": true})).await;
        said.push(answer.json().clone());
    }
    said
}

#[tokio::test]
async fn an_access_token_of_npms_oidc_provider() {
    let Some(counterpart) = Counterpart::of_npm(&["http://127.0.0.1:1/back"]).await else { return };
    let own = counterpart.access_token("https://api.example.com").await;
    let others = counterpart.access_token("https://other.example.com").await;
    let said = shown(&counterpart, "https://api.example.com", &[&own, &others]).await;
    // It is taken; but it speaks for a program, which has no email.
    assert_eq!(said[0]["code"], "email_unverified", "{}", said[0]);
    assert!(said[0]["detail"].as_str().unwrap().starts_with("Your token contains no email"));
    assert_eq!(said[1]["code"], "unauthenticated", "{}", said[1]);
    assert_eq!(said[1]["detail"], "The token is for another service (aud).");
}

#[tokio::test]
async fn an_id_token_of_pypis_oidc_provider_mock() {
    let ada = json!({
        "sub": "ada", "email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace",
    });
    let bob = json!({"sub": "bob", "email": "bob@example.com"});
    let Some(counterpart) = Counterpart::of_pypi(&[ada, bob]).await else { return };
    let tokens = [counterpart.id_token("ada").await, counterpart.id_token("bob").await];
    let said = shown(&counterpart, "app", &tokens.each_ref().map(String::as_str)).await;
    let user = &said[0]["user"];
    let names = [&user["email"], &user["first"], &user["last"]];
    assert_eq!(names, ["ada@example.com", "Ada", "Lovelace"], "{}", said[0]);
    assert_eq!(said[1]["code"], "email_unverified", "{}", said[1]);
}
