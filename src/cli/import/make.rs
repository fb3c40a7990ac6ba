//! From one line to what it makes: an account, a sign-in or a user.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, sleep};

use super::{
    kind::{Kind, without_mark},
    lines::Line,
};
use crate::{
    cli::operator::{Operator, told},
    error::{Code, Error},
    handlers::transfer,
    model::{account::Account, sign_in::ISSUER},
    store::user::transfer::Arrival,
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
    /// What it says is there now.
    Made,
    /// It was there: an earlier try has made it, or it is an account, of which something may have to be said.
    There(Option<String>),
    /// It can never be made: why, and the line, unless it is too long to be kept.
    Bad(String, Option<Vec<u8>>),
    /// It could be made if all went well.
    Failed(String),
}

/// Makes what lines say.
pub(super) struct Maker {
    pub(super) operator: Operator,
    /// Where users go whose lines name no account.
    pub(super) account: Value,
    /// Whether users go there whatever account they name.
    pub(super) all: bool,
    /// Whether lines may say what counts in other accounts, too.
    pub(super) trusts_sign_ins: bool,
    /// What an export tells of a user and nobody can set.
    pub(super) read_only: Vec<&'static str>,
}

impl Maker {
    /// Makes what a line says; an earlier run may have done so, `if begun`.
    pub(super) async fn make(&self, line: Line, begun: bool) -> Outcome {
        let Some(text) = line.text else {
            return Outcome::Bad("longer than 1 MiB".to_owned(), None);
        };
        if text.trim_ascii().is_empty() {
            return Outcome::Blank;
        }
        let text_of_line = if line.end.line == 1 { without_mark(&text) } else { &text };
        let (kind, body) = match self.read(text_of_line) {
            Ok(read) => read,
            Err(why) => return Outcome::Bad(why, Some(text)),
        };
        if kind == Kind::Account && self.all {
            return Outcome::Blank;
        }
        match self.create(kind, &body, begun).await {
            Ok(outcome) => outcome,
            Err(error) if is_temporary(&error) => Outcome::Failed(told(&error)),
            Err(error) => Outcome::Bad(told(&error), Some(text)),
        }
    }

    async fn create(
        &self,
        kind: Kind,
        body: &Map<String, Value>,
        mut begun: bool,
    ) -> Result<Outcome, Error> {
        let deadline = Instant::now() + PATIENCE;
        let [mut pause, longest] = PAUSES;
        let mut looked_again = false;
        loop {
            let done = match kind {
                Kind::Account => self.try_account(body).await,
                Kind::SignIn => self.try_sign_in(body, begun).await,
                Kind::User => self.try_user(body, begun).await,
            };
            match done {
                Err(error) if error.code() == Code::Unavailable && Instant::now() < deadline => {}
                // What stands in the way may be what an earlier try has just made: its request may
                // arrive long after it has been given up.
                Err(error) if begun && !looked_again && !is_temporary(&error) => {
                    looked_again = true;
                    continue;
                }
                done => return done,
            }
            // What has failed may have come to pass all the same.
            begun = true;
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }

    async fn try_account(&self, body: &Map<String, Value>) -> Result<Outcome, Error> {
        let named = body.get("name").and_then(Value::as_str).unwrap_or_default();
        Ok(match transfer::account(self.operator.store(), body.clone()).await? {
            Arrival::Made(_) => Outcome::Made,
            Arrival::There(account) if account.name.as_str() == named => Outcome::There(None),
            Arrival::There(Account { name, .. }) => Outcome::There(Some(format!(
                "the account already exists with the name {name}; it was not changed"
            ))),
        })
    }

    async fn try_sign_in(&self, body: &Map<String, Value>, begun: bool) -> Result<Outcome, Error> {
        let taken = |what: &str| {
            let why = format!("{what} already exists; it was not changed");
            Err(Error::new(Code::AlreadyRegistered, why))
        };
        match transfer::sign_in(self.operator.store(), body.clone()).await {
            Ok(Arrival::Made(())) => Ok(Outcome::Made),
            Ok(Arrival::There(())) if begun => Ok(Outcome::There(None)),
            Ok(Arrival::There(())) => taken("this sign-in"),
            Err(error) if error.code() == Code::AlreadyRegistered => {
                taken("another sign-in with this email")
            }
            Err(error) => Err(error),
        }
    }

    async fn try_user(&self, body: &Map<String, Value>, begun: bool) -> Result<Outcome, Error> {
        if begun && self.is_there(body).await? {
            return Ok(Outcome::There(None));
        }
        if transfer::is_vouched(body) {
            transfer::user(self.operator.store(), body.clone()).await?;
        } else {
            self.operator.call("user/create", body.clone()).await?;
        }
        Ok(Outcome::Made)
    }

    /// Whether the account has a user of that email.
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

    /// What a line is about, and its fields.
    fn read(&self, text: &[u8]) -> Result<(Kind, Map<String, Value>), String> {
        let body: Value = serde_json::from_slice(text.trim_ascii_end()).map_err(|error| {
            format!(
                "not valid JSON: {}",
                error.to_string().replace(" at line 1 column ", " at column ")
            )
        })?;
        let Value::Object(mut body) = body else {
            return Err(
                "not a JSON object; a user looks like {\"email\": \"ada@example.com\"}".into()
            );
        };
        let kind = match body.remove("type") {
            None | Some(Value::Null) => Some(Kind::User),
            Some(name) => name.as_str().and_then(|name| Kind::named(Some(name))),
        };
        let kind = kind.ok_or("type must be account, signIn or user")?;
        if !self.trusts_sign_ins
            && let Some(what) = counts_everywhere(kind, &body)
        {
            let why = "affects every account, but --one-account imports into one";
            let help = "if you trust the source of this file, add --trust-sign-ins";
            return Err(format!("{what} {why}; {help}"));
        }
        match kind {
            // The account that keeps it elsewhere is not here.
            Kind::SignIn if self.all => drop(body.remove("keptBy")),
            Kind::Account | Kind::SignIn => {}
            Kind::User => self.make_request(&mut body),
        }
        Ok((kind, body))
    }

    /// Makes the request for a user of what a line says.
    fn make_request(&self, body: &mut Map<String, Value>) {
        let is_said = |name: &str| {
            body.get(name).is_some_and(|value| !value.is_null() && *value != Value::Bool(false))
        };
        // As whom somebody has joined stays that person's, bound or not.
        let keeps_joined = is_said("identity") || is_said("revoked");
        // Until when an invite is open elsewhere says nothing of the one that is sent here.
        let is_told = body.contains_key("inviteSent") && !is_said("sendInvite");
        if is_told {
            body.remove("inviteExpires");
        }
        for name in self.read_only.iter().filter(|name| !(keeps_joined && **name == "joined")) {
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
        let named = body.get("accountId").filter(|account| !account.is_null());
        let (is_named, is_here) = (named.is_some(), named == Some(&self.account));
        if self.all && is_named && !is_here {
            // Users of several accounts have the same numbers.
            body.remove("number");
        }
        if self.all || !is_named {
            body.insert("accountId".to_owned(), self.account.clone());
        }
    }
}

/// What of a line has consequences beyond the account that it goes into: signing in by it leads into all accounts that
/// have the email.
fn counts_everywhere(kind: Kind, body: &Map<String, Value>) -> Option<&'static str> {
    match kind {
        Kind::Account => None,
        Kind::SignIn => Some("a line of type signIn"),
        Kind::User if body.get("emailVerified").is_some_and(|it| *it == true) => {
            Some("emailVerified")
        }
        Kind::User => {
            let issuer = body.get("identity").and_then(|identity| identity.get("issuer"));
            let is_ours = issuer.is_some_and(|issuer| *issuer == ISSUER);
            is_ours.then_some("an identity of the issuer guestlist")
        }
    }
}

/// Whether the same line may be taken another time.
fn is_temporary(error: &Error) -> bool {
    matches!(error.code(), Code::Unavailable | Code::Internal)
}
