//! `GET users` and `users/trash`: users by offset.

use serde::Serialize;

use super::{Native, Request, Response, record::Record};
use crate::{
    error::{Code, Error, Fault, Result},
    facade::{
        native::{Listed, Slice},
        request::number,
    },
};

const DEFAULT_LIMIT: u64 = 20;
const MAX_LIMIT: u64 = 500;
/// What users can be ordered by, and the native orders.
const ORDERS: &[(&str, &str)] = &[
    ("id", "number"),
    ("name", "name"),
    ("email", "email"),
    ("role_id", "role"),
    ("disabled", "suspended"),
    ("first_login", "joined"),
    ("last_login", "activity"),
    ("created", "created"),
    ("modified", "updated"),
];

/// Which users are wanted.
#[derive(Clone, Copy, Serialize)]
struct Selection {
    limit: u64,
    offset: Option<u64>,
    order_by: &'static str,
    order_dir: Direction,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum Direction {
    Asc,
    Desc,
}

#[derive(Serialize)]
struct UserList {
    users: Vec<Record>,
    selection_settings: Selection,
}

pub(super) async fn users(native: Native<'_>, request: &Request) -> Result<Response> {
    list(native, "user/list", request).await
}

pub(super) async fn trashed(native: Native<'_>, request: &Request) -> Result<Response> {
    list(native, "trash/list", request).await
}

async fn list(native: Native<'_>, name: &str, request: &Request) -> Result<Response> {
    native.admitted(name).await?;
    let selection = Selection::of(request)?;
    let Listed { data, .. } = native.list(name, &selection.slice(), serde_json::json!({})).await?;
    let users = data.into_iter().map(Record::from).collect();
    Ok(Response::json(200, &UserList { users, selection_settings: selection }))
}

/// Reads what a query says of a list.
pub(super) fn read(request: &Request) -> Result<()> {
    Selection::of(request).map(|selection| drop(selection.slice()))
}

impl Selection {
    /// # Errors
    /// `validation_failed`, naming what is allowed.
    fn of(request: &Request) -> Result<Self> {
        let mut parameters = Parameters { request, faults: Vec::new() };
        let selection = Self {
            limit: parameters.read("limit", limit).unwrap_or(DEFAULT_LIMIT),
            offset: parameters.read("offset", offset),
            order_by: parameters.read("order_by", order_by).unwrap_or("id"),
            order_dir: parameters.read("order_dir", order_dir).unwrap_or(Direction::Asc),
        };
        match parameters.faults {
            faults if faults.is_empty() => Ok(selection),
            faults => Err(Error::faults(Code::ValidationFailed, faults)),
        }
    }

    /// The same for the native call.
    fn slice(&self) -> Slice {
        let native = ORDERS.iter().find(|(name, _)| *name == self.order_by);
        let order = native.map_or(self.order_by, |(_, native)| native);
        let falling = if self.order_dir == Direction::Desc { "-" } else { "" };
        Slice {
            offset: self.offset.unwrap_or(0),
            limit: self.limit,
            order: format!("{falling}{order}"),
        }
    }
}

/// The parameters of a request, and what is wrong with them.
struct Parameters<'a> {
    request: &'a Request,
    faults: Vec<Fault>,
}

impl Parameters<'_> {
    /// A parameter, if it is there and not empty; `read` says what it must be if it is not that.
    fn read<T>(&mut self, name: &str, read: fn(&str) -> Result<T, String>) -> Option<T> {
        let text = self.request.parameter(name).filter(|text| !text.is_empty())?;
        match read(text) {
            Ok(value) => Some(value),
            Err(allowed) => {
                let why = format!("{name} must be {allowed}");
                self.faults.push(Fault::new(name, "in", why));
                None
            }
        }
    }
}

fn limit(text: &str) -> Result<u64, String> {
    let limit = number(text).filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("a whole number from 1 to {MAX_LIMIT}"))
}

fn offset(text: &str) -> Result<u64, String> {
    number(text).ok_or_else(|| format!("a whole number from 0 to {}", u64::MAX))
}

fn order_by(text: &str) -> Result<&'static str, String> {
    let names = ORDERS.iter().map(|(name, _)| *name);
    let mut all = names.clone();
    all.find(|name| *name == text).ok_or_else(|| {
        let names: Vec<_> = names.collect();
        format!("one of {}", names.join(", "))
    })
}

fn order_dir(text: &str) -> Result<Direction, String> {
    let is = |name: &str| text.eq_ignore_ascii_case(name);
    if is("ASC") {
        Ok(Direction::Asc)
    } else if is("DESC") {
        Ok(Direction::Desc)
    } else {
        Err("ASC or DESC".to_owned())
    }
}
