//! The native interface as façades call it.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::Request;
use crate::{
    api::{self, Client, Credentials},
    clock::Timestamp,
    error::{Code, Error, Result},
};

/// The native interface, called on behalf of the client that has sent a request.
#[derive(Clone, Copy)]
pub(super) struct Native<'a> {
    client: &'a Client<'a>,
    request: &'a Request,
}

/// A user's record, as far as its caller may see it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) email: String,
    pub(super) role: Role,
    pub(super) state: State,
    /// What a user in the trash goes back to.
    pub(super) former_state: Option<State>,
    pub(super) first: Option<String>,
    pub(super) last: Option<String>,
    pub(super) username: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) language: Option<String>,
    #[serde(default)]
    pub(super) preferences: Map<String, Value>,
    #[serde(default)]
    pub(super) two_factor: bool,
    /// How many holds stand.
    #[serde(default)]
    pub(super) holds: u64,
    /// The issuer of the identity, once there is one.
    pub(super) issuer: Option<String>,
    /// The first login.
    pub(super) joined: Option<Timestamp>,
    /// The last login.
    pub(super) activity: Option<Timestamp>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) version: u64,
}

/// A user's role on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Role {
    User,
    Admin,
    Root,
}

/// A user's state on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Invited,
    Active,
    Suspended,
    Trashed,
}

/// Some of the users that fit, and how many do.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) data: Vec<User>,
    pub(super) total: u64,
}

/// Which of the users that fit are wanted, in which order.
pub(super) struct Slice {
    pub(super) offset: u64,
    pub(super) limit: u64,
    /// As `user/list` takes it.
    pub(super) order: String,
}

impl<'a> Native<'a> {
    pub(super) const fn new(client: &'a Client<'a>, request: &'a Request) -> Self {
        Self { client, request }
    }

    /// A client that shows these, for [`Native::of`].
    pub(super) const fn showing(self, credentials: &'a Credentials) -> Client<'a> {
        self.client.showing(credentials)
    }

    /// The same on behalf of that client.
    pub(super) const fn of(self, client: &'a Client<'a>) -> Self {
        Self { client, ..self }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// Those of the call.
    pub(super) async fn call<T: DeserializeOwned>(&self, name: &str, body: Value) -> Result<T> {
        self.call_with(name, Vec::new(), body).await
    }

    /// Makes a call with parameters of the query string.
    ///
    /// # Errors
    /// Those of the call.
    pub(super) async fn call_with<T: DeserializeOwned>(
        &self,
        name: &str,
        query: Vec<(String, String)>,
        body: Value,
    ) -> Result<T> {
        let Value::Object(body) = body else {
            return Err(Error::internal("a call's body must be an object"));
        };
        let request = api::Request { query, body, ..self.request() };
        let reply = api::call_by(self.client, name, request).await?;
        reply.read().map_err(Error::internal)
    }

    /// Whether the caller may make the call at all.
    ///
    /// # Errors
    /// Why not, as the call itself would say.
    pub(super) async fn admitted(&self, name: &str) -> Result<()> {
        api::admitted(self.client, name).await
    }

    /// Notes that the caller may not make the call `name` for a while, because of a façade's own rule.
    pub(super) async fn throttled(&self, name: &str, rule: &'static str) {
        api::throttled(self.client, name, rule, self.request.address).await;
    }

    /// Ends the session that the caller's token is of, whether or not it is a user's.
    ///
    /// # Errors
    /// `unauthenticated`; `forbidden` or `validation_failed` for what is of no session.
    pub(super) async fn sign_out(&self) -> Result<()> {
        api::sign_out(self.client, self.request()).await.map(drop)
    }

    /// A native request that comes from where this one comes from, and says nothing yet.
    fn request(&self) -> api::Request {
        let Request { address, agent, .. } = self.request;
        api::Request { address: Some(*address), agent: agent.clone(), ..api::Request::default() }
    }

    /// The live user of that number in the caller's account. Who may not look for others finds at
    /// least the own record.
    ///
    /// # Errors
    /// `not_found`; `forbidden` where it may be somebody else.
    pub(super) async fn user(&self, number: u64) -> Result<User> {
        let refused = match self.call::<User>("user/get", json!({"number": number})).await {
            Err(error) if error.code() == Code::ForbiddenField => error,
            found => return found,
        };
        match self.call::<User>("user/get", json!({})).await {
            Ok(own) if own.number == number => Ok(own),
            Ok(_) | Err(_) => Err(refused),
        }
    }

    /// Users by offset: `name` is `user/list` or `trash/list`.
    ///
    /// # Errors
    /// Those of the call.
    pub(super) async fn list(&self, name: &str, slice: &Slice, body: Value) -> Result<Listed> {
        let Slice { offset, limit, order } = slice;
        let text = [("offset", offset.to_string()), ("limit", limit.to_string())];
        let query = text.into_iter().chain([("order", order.clone())]);
        let query = query.map(|(name, value)| (name.to_owned(), value)).collect();
        self.call_with(name, query, body).await
    }
}
