//! Calls of the interface, made as the operator: what the commands for users, accounts and keys consist of.

use std::{process::ExitCode, sync::Arc};

use clap::{Arg, ArgMatches};
use serde_json::{Map, Value};

use super::{Failure, listing::Listing, usage::Misuse};
use crate::{
    api::{self, Credentials},
    app::App,
    config::Settings,
    error::{Code, Error, OR_HIDDEN, Result},
    mail::courier::Courier,
    model::id::AccountId,
    service::Service,
    store::{By, Store},
};

/// What to do before a removed account can be changed.
const RESTORE_FIRST: &str = "The account has been removed; restore it first with guestlist account update ID --state active";
/// The most records on a page.
const PAGE: &str = "100";

/// The operator who runs the program, and may make every call.
#[derive(Clone)]
pub(super) struct Operator {
    app: Arc<App>,
    /// The table, as the settings name it.
    table: String,
}

impl Operator {
    /// Opens the table that the settings name, to add something to it: an SQLite one is made if there is none.
    pub(super) async fn to_add(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open(settings).await?.app;
        app.store.ensure_format().await?;
        Ok(Self { app, table: settings.table.to_string() })
    }

    /// Opens the table to change something that is in it. There must be a table.
    pub(super) async fn to_change(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open_existing(settings).await?.app;
        app.store.ensure_format().await?;
        Ok(Self { app, table: settings.table.to_string() })
    }

    /// As [`Operator::to_change`], for a table that may have been made of another one's backup.
    pub(super) async fn to_change_restored(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open_existing(settings).await?.app;
        app.store.ensure_restored_format().await?;
        Ok(Self { app, table: settings.table.to_string() })
    }

    /// Opens the table to read what is in it: nothing is written, not even what a table says of itself. There must be a
    /// table.
    pub(super) async fn to_read(settings: &Settings) -> Result<Self, Failure> {
        let app = Service::open_existing(settings).await?.app;
        app.store.check_table().await?;
        Ok(Self { app, table: settings.table.to_string() })
    }

    /// The table, as the settings name it: who finds nothing may have named another one.
    pub(super) fn table(&self) -> &str {
        &self.table
    }

    /// Where a find call looks: who finds nothing may have meant another account, too.
    pub(super) fn place(&self, name: &str, body: &Map<String, Value>) -> String {
        let table = &self.table;
        match body.get("accountId").and_then(Value::as_str) {
            Some(id) => format!("account {id} of {table}"),
            None if is_at_home(name, body) => {
                format!("the home account of {table}; --account names another")
            }
            None => table.clone(),
        }
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
        self.call(name, body).await.map_err(|error| failed(&error))
    }

    /// The field by which a request names the account of the flag `--account`; none without it.
    ///
    /// # Errors
    /// That there is no such account.
    pub(super) async fn account_of(
        &self,
        flags: &ArgMatches,
    ) -> Result<Map<String, Value>, Failure> {
        let named = fields(flags, &[("accountId", "account")]);
        if !named.is_empty() {
            self.asked("account/get", named.clone()).await?;
        }
        Ok(named)
    }

    /// The id of the account of the flag `--account`, or of the home account, which is made if there
    /// is none.
    ///
    /// # Errors
    /// That there is no such account.
    pub(super) async fn account_to_add_to(&self, flags: &ArgMatches) -> Result<Value, Failure> {
        if let Some(named) = self.account_of(flags).await?.remove("accountId") {
            return Ok(named);
        }
        let home = self.store().ensure_home(&By::operator("account/create")).await?;
        Ok(Value::String(home.to_string()))
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

    /// The records of all pages, where there are few.
    pub(super) async fn all(
        &self,
        name: &str,
        body: Map<String, Value>,
    ) -> Result<Vec<Value>, Failure> {
        let mut all = Vec::new();
        let each = async |records: Vec<Value>| {
            all.extend(records);
            Ok(())
        };
        self.pages(name, body, each).await?;
        Ok(all)
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
        if is_at_home(name, &body) && self.store().home_account().await?.is_none() {
            return Ok(());
        }
        let mut next = None;
        loop {
            let query =
                [("limit", Some(PAGE.to_owned())), ("names", names.clone()), ("next", next)];
            let query = query.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
            let query = query.collect();
            let request = api::Request { query, body: body.clone(), ..api::Request::default() };
            let mut page = self.request(name, request).await.map_err(|error| failed(&error))?;
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
        let place = self.place(name, &body);
        self.pages(name, body, async |records| listing.print(records)).await?;
        let noun = match name.split('/').next() {
            Some("trash") => "removed user",
            noun => noun.unwrap_or(name),
        };
        listing.end(noun, &place);
        Ok(ExitCode::SUCCESS)
    }
}

/// Whether a find call is about the home account, since nothing says otherwise.
fn is_at_home(name: &str, body: &Map<String, Value>) -> bool {
    let is_everywhere = match name {
        "account/find" => true,
        "user/get" => body.contains_key("id"),
        _ => body.contains_key("everywhere"),
    };
    !is_everywhere && !body.contains_key("accountId")
}

/// What a person needs to know of a failed call. Where the call's own text names what comes next by other calls, it names
/// commands.
pub(super) fn told(error: &Error) -> String {
    if let Some(reason) = error.reason() {
        return reason;
    }
    if error.code() == Code::AccountRemoved {
        return RESTORE_FIRST.to_owned();
    }
    match error.fields() {
        [] => of_operator(error.detail()),
        faults => faults.iter().map(|it| it.detail.as_str()).collect::<Vec<_>>().join("; "),
    }
}

/// As [`told`], as the failure of a command: its arguments are wrong if the request is not valid.
pub(super) fn failed(error: &Error) -> Failure {
    let why = told(error);
    if error.code() == Code::ValidationFailed { Misuse(why).into() } else { why.into() }
}

/// From the operator, nothing is hidden.
fn of_operator(detail: &str) -> String {
    let Some(what) = detail.strip_suffix(OR_HIDDEN) else { return detail.to_owned() };
    match what.strip_prefix("The ").and_then(|what| what.strip_suffix(" was not found")) {
        Some(noun @ ("account" | "key" | "user")) => {
            format!("{what}; look it up with guestlist {noun} find")
        }
        Some("user in the trash") => {
            format!("{what}; look it up with guestlist user find --removed --account ID")
        }
        Some(_) | None => format!("{what}."),
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

/// Reads an account's ID, as text, since that is what the calls take.
pub(super) fn account_id(text: &str) -> Result<String, &'static str> {
    AccountId::parse(text)
        .map(|id| id.to_string())
        .ok_or("the ID of an account is a UUID; guestlist account find lists accounts")
}
