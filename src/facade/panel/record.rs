//! Users and lists as the panel's clients get them.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    clock::Timestamp,
    facade::native::{Role, User},
};

/// The language of users who have none.
pub(super) const DEFAULT_LANGUAGE: &str = "en";

/// A thing, and what it is.
#[derive(Serialize)]
pub(super) struct Item<T> {
    object: &'static str,
    attributes: T,
}

/// A thing that has just been made, and where it is found.
#[derive(Serialize)]
pub(super) struct NewItem<T> {
    object: &'static str,
    attributes: T,
    meta: Resource,
}

#[derive(Serialize)]
struct Resource {
    resource: String,
}

/// Things, without or with the place of their page among the others.
#[derive(Serialize)]
pub(super) struct List<T> {
    object: &'static str,
    data: Vec<Item<T>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
}

#[derive(Serialize)]
struct Meta {
    pagination: Pagination,
}

/// A page's place.
#[derive(Serialize)]
pub(super) struct Pagination {
    pub(super) total: u64,
    pub(super) count: usize,
    pub(super) per_page: u64,
    pub(super) current_page: u64,
    pub(super) total_pages: u64,
    pub(super) links: Links,
}

/// The pages beside a page.
#[derive(Default, Serialize)]
pub(super) struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// A user's attributes.
#[derive(Serialize)]
pub(super) struct Reply {
    id: u64,
    external_id: Option<String>,
    uuid: String,
    username: String,
    email: String,
    first_name: String,
    last_name: String,
    language: String,
    root_admin: bool,
    #[serde(rename = "2fa")]
    two_factor: bool,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<Relationships>,
}

#[derive(Serialize)]
struct Relationships {
    servers: Servers,
}

/// A user's servers.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Servers {
    Seen(List<Box<RawValue>>),
    /// There may be some, but not for the caller.
    Hidden(Item<()>),
}

impl<T> Item<T> {
    fn new(object: &'static str, attributes: T) -> Self {
        Self { object, attributes }
    }
}

impl Item<Reply> {
    pub(super) fn of(user: Reply) -> Self {
        Self::new("user", user)
    }
}

impl NewItem<Reply> {
    /// A new user, who is found at `resource`.
    pub(super) fn of(user: Reply, resource: String) -> Self {
        Self { object: "user", attributes: user, meta: Resource { resource } }
    }
}

impl<T> List<T> {
    /// A page of things of the kind `object`.
    pub(super) fn page(object: &'static str, things: Vec<T>, pagination: Pagination) -> Self {
        Self { meta: Some(Meta { pagination }), ..Self::whole(object, things) }
    }

    fn whole(object: &'static str, things: Vec<T>) -> Self {
        let data = things.into_iter().map(|thing| Item::new(object, thing)).collect();
        Self { object: "list", data, meta: None }
    }
}

impl Servers {
    pub(super) fn seen(servers: Vec<Box<RawValue>>) -> Self {
        Self::Seen(List::whole("server", servers))
    }

    pub(super) fn hidden() -> Self {
        Self::Hidden(Item::new("null_resource", ()))
    }
}

impl Reply {
    pub(super) fn of(user: User) -> Self {
        Self {
            root_admin: is_admin(&user),
            language: language(&user).to_owned(),
            id: user.number,
            external_id: user.external_id,
            uuid: user.id,
            username: user.username.unwrap_or_default(),
            email: user.email,
            first_name: user.first.unwrap_or_default(),
            last_name: user.last.unwrap_or_default(),
            two_factor: user.two_factor,
            created_at: time(user.created),
            updated_at: time(user.updated),
            relationships: None,
        }
    }

    pub(super) fn with(self, servers: Servers) -> Self {
        Self { relationships: Some(Relationships { servers }), ..self }
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }
}

pub(super) fn is_admin(user: &User) -> bool {
    user.role > Role::User
}

/// A user's language, as clients see it.
pub(super) fn language(user: &User) -> &str {
    user.language.as_deref().unwrap_or(DEFAULT_LANGUAGE)
}

/// A time to the second, in the one form of UTC that all clients read.
fn time(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{}+00:00", text.get(.."2022-09-15T17:33:34".len()).unwrap_or(&text))
}
