//! Public servers of `OpenID` Connect, run unmodified as programs of their own: npm's `oidc-provider`, and
//! `oidc-provider-mock` of Python's package index. Any client may use them, and anybody may sign in.

use std::{path::PathBuf, process::Stdio};

use guestlist::web::{ClientAuth, PlainHttp, Web, WebUrl};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::{
    outside::{issuers, python},
    process::Output,
    raw::Raw,
};

/// The client of both, and its password.
pub(crate) const CLIENT: (&str, &str) = ("app", "a secret of the tests");

/// A running server; ends when dropped.
pub(crate) struct Counterpart {
    /// What its tokens call it.
    pub(crate) issuer: String,
    _child: Child,
    _output: Output,
}

impl Counterpart {
    /// npm's `oidc-provider`, whose client may lead people back to these pages. A person who signs in as NAME, with any
    /// password, has the email `NAME@example.com`.
    pub(crate) async fn of_npm(pages: &[&str]) -> Option<Self> {
        let folder = PathBuf::from(issuers()?).parent()?.to_owned();
        let (id, secret) = CLIENT;
        let grants = ["client_credentials", "authorization_code", "refresh_token"];
        let client = json!({
            "client_id": id, "client_secret": secret, "redirect_uris": pages, "grant_types": grants,
        });
        let mut node = Command::new("node");
        node.arg(folder.join("oidc_provider.mjs")).arg(json!([client]).to_string());
        let mut child =
            node.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let output = Output::follow(child.stdout.take().unwrap());
        let line = output.line("listening on ").await;
        let issuer = line.rsplit(' ').next()?.to_owned();
        Some(Self { issuer, _child: child, _output: output })
    }

    /// Python's `oidc-provider-mock`, which knows these people: `sub`, and what tokens are to say besides.
    pub(crate) async fn of_pypi(people: &[Value]) -> Option<Self> {
        let mut command = Command::new(python()?);
        command.args(["-W", "ignore", "-m", "oidc_provider_mock", "--port", "0"]);
        for person in people {
            command.args(["--user-claims", &person.to_string()]);
        }
        let mut child =
            command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let output = Output::follow(child.stderr.take().unwrap());
        let line = output.line("Uvicorn running on ").await;
        let issuer = line.split_whitespace().find(|word| word.starts_with("http://"))?.to_owned();
        Some(Self { issuer, _child: child, _output: output })
    }

    /// An access token of the client itself, for an audience.
    pub(crate) async fn access_token(&self, audience: &str) -> String {
        let fields = [("grant_type", "client_credentials"), ("resource", audience)];
        self.tokens("/token", &fields).await["access_token"].as_str().unwrap().to_owned()
    }

    /// The ID token of somebody who signs in at Python's.
    pub(crate) async fn id_token(&self, subject: &str) -> String {
        let page = "http://127.0.0.1:1/back";
        let query = form(&[
            ("client_id", CLIENT.0),
            ("redirect_uri", page),
            ("response_type", "code"),
            ("scope", "openid email profile"),
        ]);
        let form = form(&[("sub", subject)]);
        let address = self.issuer.trim_start_matches("http://");
        let request = format!(
            "POST /oauth2/authorize?{query} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        let mut connection = Raw::connect(address.parse().unwrap()).await;
        connection.send(request).await;
        let reply = connection.rest().await;
        let (_, rest) = reply.split_once("code=").unwrap_or_else(|| panic!("{reply}"));
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap();
        let fields =
            [("grant_type", "authorization_code"), ("code", &rest[..end]), ("redirect_uri", page)];
        self.tokens("/oauth2/token", &fields).await["id_token"].as_str().unwrap().to_owned()
    }

    async fn tokens(&self, path: &str, fields: &[(&str, &str)]) -> Value {
        let url = WebUrl::parse(&format!("{}{path}", self.issuer), PlainHttp::Loopback).unwrap();
        let auth = ClientAuth::Basic { id: CLIENT.0, secret: CLIENT.1 };
        let reply = Web::default().post_form(&url, fields, auth).await.unwrap();
        let said: Value = reply.json().unwrap();
        assert_eq!(reply.status, 200, "{said}");
        said
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}
