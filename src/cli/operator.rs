//! Calls of the interface, made as the operator: what the commands for users, accounts and keys consist of.

use std::{process::ExitCode, sync::Arc};

use clap::{Arg, ArgMatches};
use serde_json::{Map, Value};

use super::{Failure, listing::Listing};
use crate::{
    api::{self, Credentials},
    app::App,
    config::Settings,
    error::{Error, Result},
    mail::courier::Courier,
    model::id::AccountId,
    service::Service,
    store::Store,
};

/// The most records on a page.
const PAGE: &str = "100";

/// The operator who runs the program, and may make every call.
#[derive(Clone)]
pub(super) struct Operator {
    app: Arc<App>,
}

impl Operator {
    /// Opens the table that the settings name.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open(settings).await?.app;
        app.store.ensure_format().await?;
        Ok(Self { app })
    }

    /// As [`Operator::open`], for a table that may have been made of another one's backup.
    pub(super) async fn open_restored(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open(settings).await?.app;
        app.store.ensure_restored_format().await?;
        Ok(Self { app })
    }

    /// The store, for what no call does.
    pub(super) fn store(&self) -> &Store {
        &self.app.store
    }

    /// What takes emails to the mail server.
    pub(super) fn courier(&self) -> &Courier {
        &self.app.courier
    }

    /// Makes a call; the reply as JSON.
    pub(super) async fn call(&self, name: &str, body: Map<String, Value>) -> Result<Value> {
        self.request(name, api::Request { body, ..api::Request::default() }).await
    }

    async fn request(&self, name: &str, request: api::Request) -> Result<Value> {
        let reply = api::call(&self.app, &Credentials::Operator, name, request).await?;
        reply.read().map_err(Error::internal)
    }

    /// As [`Operator::call`], for the person who typed the command.
    pub(super) async fn asked(
        &self,
        name: &str,
        body: Map<String, Value>,
    ) -> Result<Value, Failure> {
        Ok(self.call(name, body).await.map_err(|error| told(&error))?)
    }

    /// The id of the account of the flag `--account`, or of the home account, which is made if there
    /// is none.
    ///
    /// # Errors
    /// That there is no such account.
    pub(super) async fn account(&self, flags: &ArgMatches) -> Result<Value, Failure> {
        let account = self.call("account/get", fields(flags, &[("accountId", "account")])).await;
        let mut account = account.map_err(|error| told(&error))?;
        Ok(account.get_mut("id").map(Value::take).ok_or("the reply has no id")?)
    }

    /// Calls for page after page, and hands each one's records to `each`.
    pub(super) async fn pages(
        &self,
        name: &str,
        body: Map<String, Value>,
        mut each: impl AsyncFnMut(Vec<Value>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.all_pages(name, body, None, async |records, _| each(records).await).await
    }

    /// As [`Operator::pages`], with what the ids of each page's records stand for.
    pub(super) async fn named_pages(
        &self,
        name: &str,
        body: Map<String, Value>,
        each: impl AsyncFnMut(Vec<Value>, Vec<Value>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.all_pages(name, body, Some("true".to_owned()), each).await
    }

    async fn all_pages(
        &self,
        name: &str,
        body: Map<String, Value>,
        names: Option<String>,
        mut each: impl AsyncFnMut(Vec<Value>, Vec<Value>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut next = None;
        loop {
            let query =
                [("limit", Some(PAGE.to_owned())), ("names", names.clone()), ("next", next)];
            let query = query.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
            let query = query.collect();
            let request = api::Request { query, body: body.clone(), ..api::Request::default() };
            let mut page = self.request(name, request).await.map_err(|error| told(&error))?;
            let mut list = |name: &str| match page.get_mut(name).map(Value::take) {
                Some(Value::Array(records)) => records,
                Some(_) | None => Vec::new(),
            };
            let (records, shown) = (list("data"), list("names"));
            if !records.is_empty() {
                each(records, shown).await?;
            }
            match page.get("next").and_then(Value::as_str) {
                Some(cursor) => next = Some(cursor.to_owned()),
                None => return Ok(()),
            }
        }
    }

    /// Prints all that a find call finds.
    pub(super) async fn list(
        &self,
        name: &str,
        body: Map<String, Value>,
        mut listing: Listing,
    ) -> Result<ExitCode, Failure> {
        self.pages(name, body, async |records| listing.print(&records)).await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What a person needs to know of a failed call.
pub(super) fn told(error: &Error) -> String {
    if let Some(cause) = error.cause() {
        return cause;
    }
    match error.fields() {
        [] => error.detail().to_owned(),
        faults => faults.iter().map(|it| it.detail.as_str()).collect::<Vec<_>>().join("; "),
    }
}

/// The fields of a request whose flags are given: `(field, flag)`.
pub(super) fn fields(flags: &ArgMatches, names: &[(&str, &str)]) -> Map<String, Value> {
    let text = |flag: &str| flags.get_one::<String>(flag).cloned().map(Value::String);
    names.iter().filter_map(|(field, flag)| Some(((*field).to_owned(), text(flag)?))).collect()
}

/// The flag that names an account.
pub(super) fn account_flag(help: &'static str) -> Arg {
    Arg::new("account").long("account").value_name("ID").value_parser(account_id).help(help)
}

/// Reads an account's id, as text, since that is what the calls take.
pub(super) fn account_id(text: &str) -> Result<String, &'static str> {
    AccountId::parse(text).map(|id| id.to_string()).ok_or("an account's id is a UUID")
}
