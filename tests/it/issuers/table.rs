//! Issuers as they are: the settings of docs/issuers.md, tokens of the shapes that each of them makes, and what becomes of
//! these. A new case is one row.

use std::collections::BTreeMap;

use clap::Command;
use guestlist::{
    auth::{Identity, IssuerSettings, KeySource, VerifyError},
    config::{
        Settings,
        sources::{self, Sources},
    },
    model::email::Email,
};
use serde_json::{Value, json};

use crate::support::{
    jwks::KeyServer,
    keys::Key,
    tokens::{NOW, Tokens},
};

/// What is signed with the shared secret of the document.
const SECRET: &str = "the JWT secret of the project, of 32 bytes or more";

/// A heading of the document, what is shown, its claims besides `iss`, `iat` and `exp`, and what becomes of it: the subject, the email and
/// whether it is believed, first and last name; or why it is refused.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    (
        "Amazon Cognito",
        "ID token",
        r#"{"sub":"5375e4a4-a0a1-70e5-9ab4-8ee42a6a0000","aud":"1h57kf5cpq17m0eml12EXAMPLE","token_use":"id","auth_time":1799999000,
         "cognito:username":"ada","email":"ada@example.com","email_verified":true,"given_name":"Ada","family_name":"Lovelace"}"#,
        "5375e4a4-a0a1-70e5-9ab4-8ee42a6a0000 | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Amazon Cognito",
        "ID token of a pool that writes booleans as text",
        r#"{"sub":"5375","aud":"1h57kf5cpq17m0eml12EXAMPLE","email":"ada@example.com","email_verified":"true"}"#,
        "5375 | ada@example.com believed | - | -",
    ),
    (
        "Amazon Cognito",
        "access token, without aud and email",
        r#"{"sub":"5375","client_id":"1h57kf5cpq17m0eml12EXAMPLE","token_use":"access","scope":"aws.cognito.signin.user.admin","username":"ada"}"#,
        "5375 | - | - | -",
    ),
    (
        "Amazon Cognito",
        "access token of another client",
        r#"{"sub":"5375","client_id":"another","token_use":"access"}"#,
        "the token is for another service (aud)",
    ),
    (
        "Amazon Cognito",
        "ID token of another client that names this one",
        r#"{"sub":"5375","aud":"another","client_id":"1h57kf5cpq17m0eml12EXAMPLE"}"#,
        "the token is for another service (aud)",
    ),
    (
        "Amazon Cognito",
        "email that was changed and not confirmed",
        r#"{"sub":"5375","aud":"1h57kf5cpq17m0eml12EXAMPLE","email":"boss@example.com","email_verified":false}"#,
        "5375 | boss@example.com | - | -",
    ),
    (
        "Auth0",
        "ID token",
        r#"{"sub":"auth0|5f7c8ec7c33c6c004bbafe82","aud":"q4kWc2EXAMPLE","nickname":"ada","name":"ada@example.com","email":"ada@example.com",
         "email_verified":true,"sid":"abc","given_name":"Ada","family_name":"Lovelace"}"#,
        "auth0|5f7c8ec7c33c6c004bbafe82 | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Auth0",
        "ID token of another app",
        r#"{"sub":"auth0|5f7c","aud":"another","email":"ada@example.com","email_verified":true}"#,
        "the token is for another service (aud)",
    ),
    (
        "Auth0",
        "without the slash at the end of the name",
        r#"{"iss":"https://example.eu.auth0.com","sub":"auth0|5f7c","aud":"q4kWc2EXAMPLE"}"#,
        "the issuer of the token is not in the settings",
    ),
    (
        "Auth0, access tokens",
        "access token",
        r#"{"typ":"at+jwt","sub":"google-oauth2|1080","aud":["https://api.example.com","https://example.eu.auth0.com/userinfo"],"azp":"q4kWc2EXAMPLE",
         "scope":"openid email","https://example.com/email":"ada@example.com","https://example.com/email_verified":true}"#,
        "google-oauth2|1080 | ada@example.com believed | - | -",
    ),
    (
        "Auth0, access tokens",
        "an email without the namespace",
        r#"{"sub":"auth0|5f7c","aud":"https://api.example.com","email":"boss@example.com","email_verified":true}"#,
        "auth0|5f7c | - | - | -",
    ),
    (
        "Auth0, access tokens",
        "access token of another API",
        r#"{"sub":"auth0|5f7c","aud":["https://other.example.com","https://example.eu.auth0.com/userinfo"]}"#,
        "the token is for another service (aud)",
    ),
    (
        "Microsoft Entra",
        "ID token",
        r#"{"aud":"6731de76-14a6-49ae-97bc-6eba6914391e","oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","sub":"HKZpfaHyWadeOouYlitjrI","tid":"72f988bf",
         "name":"Ada Lovelace","preferred_username":"ada@example.com","email":"ada@example.com","xms_edov":true,"ver":"2.0"}"#,
        "690222be-ff1a-4d56-abd1-7e4f7d38e474 | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Microsoft Entra",
        "older access token, with its other spelling",
        r#"{"iss":"https://sts.windows.net/72f988bf-86f1-41af-91ab-2d7cd011db47/","aud":"api://6731de76-14a6-49ae-97bc-6eba6914391e",
         "oid":"690222be-ff1a-4d56-abd1-7e4f7d38e474","sub":"another","given_name":"Ada","family_name":"Lovelace","ver":"1.0"}"#,
        "690222be-ff1a-4d56-abd1-7e4f7d38e474 | - | Ada | Lovelace",
    ),
    (
        "Microsoft Entra",
        "email whose domain nobody has proved",
        r#"{"aud":"6731de76-14a6-49ae-97bc-6eba6914391e","oid":"690222be","sub":"x","email":"boss@example.com","email_verified":true}"#,
        "690222be | boss@example.com | - | -",
    ),
    (
        "Microsoft Entra",
        "guest of another domain",
        r#"{"aud":"6731de76-14a6-49ae-97bc-6eba6914391e","oid":"690222be","sub":"x","email":"eve@other.example","xms_edov":"1"}"#,
        "690222be | eve@other.example | - | -",
    ),
    (
        "Microsoft Entra",
        "token of another tenant",
        r#"{"iss":"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0","aud":"6731de76-14a6-49ae-97bc-6eba6914391e",
         "oid":"690222be"}"#,
        "the issuer of the token is not in the settings",
    ),
    (
        "Microsoft Entra",
        "token without the person",
        r#"{"aud":"6731de76-14a6-49ae-97bc-6eba6914391e","sub":"x"}"#,
        "the token has no subject",
    ),
    (
        "Microsoft Entra, B2C",
        "ID token",
        r#"{"sub":"884408e1-2918-4cz0-b12d-3aa027d7563b","aud":"90c0fe63-bcf2-44d5-8fb7-b8bbc0b29dc6","tfp":"B2C_1_signin","name":"unknown",
         "emails":["ada@example.com","other@example.com"],"given_name":"Ada","family_name":"Lovelace"}"#,
        "884408e1-2918-4cz0-b12d-3aa027d7563b | ada@example.com | Ada | Lovelace",
    ),
    (
        "Google",
        "ID token",
        r#"{"azp":"1234987819200.apps.googleusercontent.com","aud":"1234987819200.apps.googleusercontent.com","sub":"10769150350006150715113082367",
         "at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","hd":"example.com","email":"ada@example.com","email_verified":true,"name":"Ada Lovelace",
         "given_name":"Ada","family_name":"Lovelace"}"#,
        "10769150350006150715113082367 | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Google",
        "the other spelling of the issuer",
        r#"{"iss":"accounts.google.com","aud":"1234987819200.apps.googleusercontent.com","sub":"1076","email":"ada@gmail.com","email_verified":true}"#,
        "1076 | ada@gmail.com believed | - | -",
    ),
    (
        "Google",
        "address that Google does not host",
        r#"{"aud":"1234987819200.apps.googleusercontent.com","sub":"1076","email":"ada@other.example","email_verified":true}"#,
        "1076 | ada@other.example | - | -",
    ),
    (
        "Apple",
        "ID token",
        r#"{"aud":"com.example.app","sub":"001234.ab12cd34ef56.0123","c_hash":"abc","email":"x7d9@privaterelay.appleid.com","email_verified":"true",
         "is_private_email":"true","auth_time":1799999000,"nonce_supported":true}"#,
        "001234.ab12cd34ef56.0123 | x7d9@privaterelay.appleid.com believed | - | -",
    ),
    (
        "Apple",
        "later ID token, without email",
        r#"{"aud":"com.example.app","sub":"001234.ab12cd34ef56.0123"}"#,
        "001234.ab12cd34ef56.0123 | - | - | -",
    ),
    (
        "Apple",
        "address that is not verified",
        r#"{"aud":"com.example.app","sub":"001234","email":"ada@example.com","email_verified":"false"}"#,
        "001234 | ada@example.com | - | -",
    ),
    (
        "Firebase",
        "ID token, with the whole name only",
        r#"{"name":"Ada Lovelace","aud":"example-project","auth_time":1799999000,"user_id":"Zk2rXk","sub":"Zk2rXk","email":"ada@example.com",
         "email_verified":true,"firebase":{"identities":{"email":["ada@example.com"]},"sign_in_provider":"google.com"}}"#,
        "Zk2rXk | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Firebase",
        "anonymous user",
        r#"{"provider_id":"anonymous","aud":"example-project","user_id":"Zk2rXk","sub":"Zk2rXk","firebase":{"sign_in_provider":"anonymous"}}"#,
        "Zk2rXk | - | - | -",
    ),
    (
        "Firebase",
        "sign-up with a password whose email is not verified",
        r#"{"aud":"example-project","sub":"Zk2rXk","email":"boss@example.com","email_verified":false}"#,
        "Zk2rXk | boss@example.com | - | -",
    ),
    (
        "Firebase",
        "ID token of another project",
        r#"{"iss":"https://securetoken.google.com/another-project","aud":"example-project","sub":"Zk2rXk"}"#,
        "the issuer of the token is not in the settings",
    ),
    (
        "Okta",
        "ID token",
        r#"{"sub":"00uid4BxXw6I6TV4m0g3","name":"Ada Lovelace","email":"ada@example.com","ver":1,"aud":"0oa1example2id","amr":["pwd"],
         "idp":"00o1","preferred_username":"ada@example.com","auth_time":1799999000,"email_verified":true}"#,
        "00uid4BxXw6I6TV4m0g3 | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Okta, access tokens",
        "access token",
        r#"{"ver":1,"jti":"AT.1","aud":"api://default","cid":"0oa1example2id","uid":"00uid4BxXw6I6TV4m0g3","scp":["openid"],"sub":"ada@example.com"}"#,
        "00uid4BxXw6I6TV4m0g3 | - | - | -",
    ),
    (
        "Okta, access tokens",
        "access token of a program, without a person",
        r#"{"ver":1,"aud":"api://default","cid":"0oa1example2id","sub":"0oa1example2id"}"#,
        "the token has no subject",
    ),
    (
        "Keycloak",
        "access token",
        r#"{"aud":"account","azp":"my-app","sub":"f:1:ada","payload_typ":"Bearer","session_state":"s","email":"ada@example.com","email_verified":true,
         "name":"Ada Lovelace","given_name":"Ada","family_name":"Lovelace","preferred_username":"ada"}"#,
        "f:1:ada | ada@example.com believed | Ada | Lovelace",
    ),
    (
        "Keycloak",
        "ID token",
        r#"{"aud":"my-app","azp":"my-app","sub":"f:1:ada","email":"ada@example.com","email_verified":false}"#,
        "f:1:ada | ada@example.com | - | -",
    ),
    (
        "Keycloak",
        "access token of another client",
        r#"{"aud":"account","azp":"another-app","sub":"f:1:ada"}"#,
        "the token is for another service (aud)",
    ),
    (
        "Keycloak",
        "logout token",
        r#"{"typ":"logout+jwt","aud":"my-app","azp":"my-app","sub":"f:1:ada"}"#,
        "the token is of a kind that does not stand for a person; send an ID token or an access token",
    ),
    (
        "Keycloak",
        "logout token that does not say so",
        r#"{"aud":"my-app","azp":"my-app","sub":"f:1:ada","events":{"http://schemas.openid.net/event/backchannel-logout":{}}}"#,
        "the token is of a kind that does not stand for a person; send an ID token or an access token",
    ),
    (
        "Keycloak, in a private network",
        "access token",
        r#"{"aud":"account","azp":"my-app","sub":"ada","email":"ada@example.com","email_verified":true}"#,
        "ada | ada@example.com believed | - | -",
    ),
    (
        "Clerk",
        "session token",
        r#"{"azp":"https://app.example.com","sub":"user_2abcdefghijklmnop","sid":"sess_2","v":2,"fva":[0,-1],"email":"ada@example.com",
         "email_verified":true}"#,
        "user_2abcdefghijklmnop | ada@example.com believed | - | -",
    ),
    (
        "Clerk",
        "session token of another page",
        r#"{"azp":"https://evil.example","sub":"user_2NN"}"#,
        "the token is for another service (aud)",
    ),
    (
        "Clerk",
        "session token that names no page",
        r#"{"sub":"user_2NN"}"#,
        "the token is for another service (aud)",
    ),
    (
        "Supabase",
        "access token",
        r#"{"aud":"authenticated","sub":"8ccaa7af-909f-44e7-84cb-67cdccb56be6","email":"ada@example.com","phone":"","role":"authenticated","aal":"aal1",
         "app_metadata":{"provider":"email"},"user_metadata":{"email":"boss@example.com","email_verified":true,"sub":"x"},"is_anonymous":false}"#,
        "8ccaa7af-909f-44e7-84cb-67cdccb56be6 | ada@example.com | - | -",
    ),
    (
        "Supabase",
        "anonymous user",
        r#"{"aud":"authenticated","sub":"8cca","email":"","role":"authenticated","user_metadata":{"email":"boss@example.com"},"is_anonymous":true}"#,
        "8cca | - | - | -",
    ),
    (
        "Supabase, with a shared secret",
        "access token",
        r#"{"aud":"authenticated","sub":"8cca","email":"ada@example.com","user_metadata":{"email_verified":true}}"#,
        "8cca | ada@example.com | - | -",
    ),
];

#[tokio::test]
async fn tokens_of_all_issuers() {
    let document = documented();
    let key = Key::rsa("2026-11", 0);
    let server = KeyServer::start(&[&key]).await;
    let mut wrong = Vec::new();
    for (heading, shown, claims, expected) in ROWS {
        let settings = document.get(*heading).unwrap_or_else(|| panic!("no heading {heading}"));
        let found = outcome(settings.clone(), &server, &key, claims).await;
        if found != *expected {
            wrong.push(format!("{heading}, {shown}:\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let tested = |heading: &String| ROWS.iter().any(|row| row.0 == heading);
    let untested: Vec<_> = document.keys().filter(|heading| !tested(heading)).collect();
    assert!(untested.is_empty(), "nothing is tested of {untested:?}");
}

/// What becomes of a token whose issuer has these settings, but for the place of its keys.
async fn outcome(settings: IssuerSettings, server: &KeyServer, key: &Key, claims: &str) -> String {
    let mut claims: Value = serde_json::from_str(claims).unwrap();
    let kind = claims.as_object_mut().unwrap().remove("typ").unwrap_or_else(|| json!("JWT"));
    let usual =
        [("iss", json!(settings.name())), ("iat", json!(NOW - 60)), ("exp", json!(NOW + 3600))];
    for (name, value) in usual {
        claims.as_object_mut().unwrap().entry(name).or_insert(value);
    }
    let shared = matches!(settings.keys, KeySource::Secret(_));
    let key = if shared { Key::secret("s", SECRET.as_bytes()) } else { key.clone() };
    let header = json!({"typ": kind, "alg": key.algorithm(), "kid": key.kid});
    let keys = if shared { settings.keys.clone() } else { KeySource::Url(server.url()) };
    let world = Tokens::new([IssuerSettings { keys, ..settings }]);
    match world.verify(&key.sign(&header, &claims)).await {
        Ok(identity) => told(&identity),
        Err(VerifyError::Rejected(why)) => why.to_string(),
        Err(VerifyError::Unavailable { .. }) => "unavailable".to_owned(),
    }
}

fn told(identity: &Identity) -> String {
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    let believed = if identity.trusted_email().is_some() { " believed" } else { "" };
    let email = text(identity.email.as_ref().map(Email::as_str)) + believed;
    let names = [identity.first.as_deref(), identity.last.as_deref()].map(text).join(" | ");
    format!("{} | {email} | {names}", identity.key.subject)
}

/// The settings that the document shows, by their headings, as the service reads them.
fn documented() -> BTreeMap<String, IssuerSettings> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/issuers.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, tested) = text.split_once("\n## Tested settings\n").unwrap();
    let sections = tested.split("\n### ").skip(1);
    let read = sections.map(|section| {
        let (heading, rest) = section.split_once('\n').unwrap();
        let blocks: Vec<_> = rest.split("```toml\n").skip(1).collect();
        let [block] = blocks.as_slice() else { panic!("{heading} needs one block of settings") };
        (heading.to_owned(), settings(block.split("```").next().unwrap()))
    });
    read.collect()
}

fn settings(file: &str) -> IssuerSettings {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guestlist.toml");
    std::fs::write(&path, file).unwrap();
    let config = format!("--config={}", path.display());
    let command = Command::new("guestlist").args(sources::flags());
    let flags = command.get_matches_from(["guestlist", &config]);
    let settings = Settings::check(Sources::gather(&flags, std::iter::empty()));
    let mut settings = settings.unwrap_or_else(|faults| panic!("{faults}: {file}"));
    let issuer = settings.issuers.pop().unwrap();
    assert_eq!(issuer.never_matches(), None, "{file}");
    issuer
}

/// What a flag says is what a file says.
#[test]
fn flags_can_say_all_of_it() {
    let flag = "issuer=https://a.example,issuer=a.example,audience=app,audience=mobile,audience_claim=aud,audience_claim=azp,\
                discovery=http://keycloak:8080/meta,insecure_http=true,algorithms=RS256+ES256,subject_claim=oid,\
                email_claim=https://example.com/email,email_verified=always,trust_email=example.com,trust_email=bücher.example,\
                first_name_claim=first,last_name_claim=last,name_claim=full";
    let file = r#"
        [[issuers]]
        issuer = ["https://a.example", "a.example"]
        audience = ["app", "mobile"]
        audience_claim = ["aud", "azp"]
        discovery = "http://keycloak:8080/meta"
        insecure_http = true
        algorithms = ["RS256", "ES256"]
        subject_claim = "oid"
        email_claim = "https://example.com/email"
        email_verified = "always"
        trust_email = ["example.com", "xn--bcher-kva.example"]
        first_name_claim = "first"
        last_name_claim = "last"
        name_claim = "full"
    "#;
    let command = Command::new("guestlist").args(sources::flags());
    let flags = command.get_matches_from(["guestlist", "--issuer", flag]);
    let by_flag = Settings::check(Sources::gather(&flags, std::iter::empty())).unwrap().issuers;
    assert_eq!(format!("{:?}", by_flag[0]), format!("{:?}", settings(file)));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let faults = |more: &str| {
        let flag = format!("issuer=https://a.example,audience=app,{more}");
        let command = Command::new("guestlist").args(sources::flags());
        let flags = command.get_matches_from(["guestlist", "--issuer", &flag]);
        let faults = Settings::check(Sources::gather(&flags, std::iter::empty())).unwrap_err().0;
        faults.join("; ").replace("issuers (from --issuer): ", "")
    };
    let cases = [
        (
            "email_claim=user_metadata",
            "email_claim must be a claim that people cannot edit themselves",
        ),
        (
            "email_verified=unsafe_metadata",
            "email_verified must be a claim that people cannot edit themselves",
        ),
        (
            "subject_claim=email",
            "subject_claim must be a claim that belongs to one person forever; a claim that can change or be \
             reassigned cannot be used",
        ),
        (
            "name_claim=a b",
            "name_claim must be the name of a claim, of 1 to 255 bytes without spaces",
        ),
        (
            "trust_email=yes",
            "trust_email must be true, false, or a list of domains such as example.com",
        ),
        (
            "trust_email=true,trust_email=b.c",
            "trust_email must be true, false, or a list of domains such as example.com",
        ),
        ("insecure_http=yes", "insecure_http must be true or false"),
        ("subject_claim=a,subject_claim=b", "subject_claim must be one value"),
        (
            "discovery=true,jwks_url=https://a.example/keys",
            "exactly one of discovery, jwks_url, jwks_file and hs256_secret is required",
        ),
        (
            "discovery=false",
            "exactly one of discovery, jwks_url, jwks_file and hs256_secret is required",
        ),
    ];
    for (more, expected) in cases {
        assert_eq!(faults(more), expected, "{more}");
    }
}
