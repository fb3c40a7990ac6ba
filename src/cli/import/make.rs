//! From one line to one user.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::lines::Line;
use crate::{
    cli::operator::{Operator, told},
    error::{Code, Error},
};

/// How long a line is tried again where the table cannot answer at present.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long to wait before it is, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];

/// What has become of a line.
#[derive(Debug)]
pub(super) enum Outcome {
    /// There is nothing in it.
    Blank,
    /// There is a user more.
    Made,
    /// An earlier try has made the user.
    There,
    /// It can never become a user: why, and the line, unless it is too long to be kept.
    Bad(String, Option<Vec<u8>>),
    /// It could become a user if all went well.
    Failed(String),
}

/// Makes users.
pub(super) struct Maker {
    pub(super) operator: Operator,
    /// Where users go whose lines name no account.
    pub(super) account: Value,
    /// Whether users go there whatever account they name.
    pub(super) all: bool,
    /// What an export tells of a user and nobody can set.
    pub(super) read_only: Vec<&'static str>,
}

impl Maker {
    /// Makes a user of a line; an earlier run may have done so, `if begun`.
    pub(super) async fn make(&self, line: Line, begun: bool) -> Outcome {
        let Some(text) = line.text else {
            return Outcome::Bad("longer than 1 MiB".to_owned(), None);
        };
        if text.trim_ascii().is_empty() {
            return Outcome::Blank;
        }
        let body = match self.body(&text, line.end.line == 1) {
            Ok(body) => body,
            Err(why) => return Outcome::Bad(why, Some(text)),
        };
        match self.create(&body, begun).await {
            Ok(outcome) => outcome,
            Err(error) if is_temporary(&error) => Outcome::Failed(told(&error)),
            Err(error) => Outcome::Bad(told(&error), Some(text)),
        }
    }

    async fn create(&self, body: &Map<String, Value>, mut begun: bool) -> Result<Outcome, Error> {
        let deadline = Instant::now() + PATIENCE;
        let [mut pause, longest] = PAUSES;
        loop {
            match self.try_create(body, begun).await {
                Err(error) if error.code() == Code::Unavailable && Instant::now() < deadline => {}
                done => return done,
            }
            // What has failed may have come to pass all the same.
            begun = true;
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    async fn try_create(&self, body: &Map<String, Value>, begun: bool) -> Result<Outcome, Error> {
        if begun && self.is_there(body).await? {
            return Ok(Outcome::There);
        }
        self.operator.call("user/create", body.clone()).await.map(|_user| Outcome::Made)
    }

    /// Whether the account has a user of that e-mail.
    async fn is_there(&self, body: &Map<String, Value>) -> Result<bool, Error> {
        let who = ["accountId", "email"].into_iter().filter_map(|name| body.get_key_value(name));
        let who = who.map(|(name, value)| (name.clone(), value.clone())).collect();
        match self.operator.call("user/get", who).await {
            Ok(_user) => Ok(true),
            Err(error) if is_temporary(&error) => Err(error),
            // There is none, or the line is at fault, as making the user will tell.
            Err(_) => Ok(false),
        }
    }

    /// The request of a line.
    fn body(&self, text: &[u8], is_first: bool) -> Result<Map<String, Value>, String> {
        // Some programs begin a file with a byte order mark.
        let mark = if is_first { "\u{feff}" } else { "" };
        let text = text.strip_prefix(mark.as_bytes()).unwrap_or(text);
        let body: Value = serde_json::from_slice(text.trim_ascii_end()).map_err(|error| {
            format!("no JSON: {}", error.to_string().replace(" at line 1 column ", " at column "))
        })?;
        let Value::Object(mut body) = body else {
            return Err("no JSON object; a user looks like {\"email\": \"ada@example.com\"}".into());
        };
        for name in &self.read_only {
            body.remove(*name);
        }
        // Who is active elsewhere has yet to come in here; who is kept out there stays out.
        let has_password = ["password", "passwordHash"]
            .iter()
            .any(|name| body.get(*name).is_some_and(|it| !it.is_null()));
        match body.get("state").and_then(Value::as_str) {
            Some("active" | "invited") if !has_password => drop(body.remove("state")),
            Some(_) | None => {}
        }
        if self.all || body.get("accountId").is_none_or(Value::is_null) {
            body.insert("accountId".to_owned(), self.account.clone());
        }
        Ok(body)
    }
}

/// Whether the same line may be taken another time.
fn is_temporary(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::Internal)
}
