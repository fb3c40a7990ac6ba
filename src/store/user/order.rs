//! What lists of users are ordered and filtered by, where no index does it: read from the stored text
//! as far as needed, and no further.

use std::{borrow::Cow, cmp::Ordering, fmt};

use serde::Deserialize;

use crate::{
    clock::Timestamp,
    model::{
        email::written,
        fold::{caseless, fold},
        id::UserId,
        text::Part,
        user::State,
    },
    role::Role,
    store::Result,
};

/// What users can be ordered by. An order that a list has already is of values that no two users
/// share; an id begins with the time at which its user was made.
const ORDERS: &[SortKey] = &[
    SortKey { listed: Some(Listed::Number), ..by("number", |user| Value::Number(user.number)) },
    SortKey { listed: Some(Listed::Id), ..by("id", |user| Value::Id(user.id)) },
    SortKey {
        listed: Some(Listed::Email),
        ..by("email", |user| Value::Text(user.email.to_string()))
    },
    by("name", |user| Value::Text(user.name())),
    by("role", |user| Value::Role(user.role)),
    by("suspended", |user| Value::Flag(user.is_suspended())),
    SortKey { listed: Some(Listed::Id), ..by("created", |user| Value::Id(user.id)) },
    by("updated", |user| Value::Time(Some(user.updated))),
    by("activity", |user| Value::Time(user.activity)),
    by("joined", |user| Value::Time(user.joined)),
];

/// One of the orders.
struct SortKey {
    name: &'static str,
    value: fn(&SortFields<'_>) -> Value,
    listed: Option<Listed>,
}

const fn by(name: &'static str, value: fn(&SortFields<'_>) -> Value) -> SortKey {
    SortKey { name, value, listed: None }
}

/// The lists that an index keeps in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    /// By number.
    Number,
    /// By id.
    Id,
    /// By email.
    Email,
}

/// How a list is ordered: by one thing, where that is the same by the next; by number in the end.
#[derive(Clone)]
pub(crate) struct Orders(Vec<Term>);

#[derive(Clone, Copy)]
struct Term {
    by: &'static SortKey,
    falling: bool,
}

impl Orders {
    /// Reads names with commas between them; a `-` before a name has it fall.
    ///
    /// # Errors
    /// What is wrong, and what would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut terms: Vec<Term> = Vec::new();
        for word in text.split(',') {
            let (name, falling) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
            let Some(by) = ORDERS.iter().find(|by| by.name == name) else {
                let names: Vec<_> = ORDERS.iter().map(|by| by.name).collect();
                return Err(format!(
                    "must be a comma-separated list of {}; a - before a name reverses its order",
                    names.join(", ")
                ));
            };
            // What no two users share leaves nothing to the orders after it.
            let decided = |term: &Term| term.by.listed.is_some() || term.by.name == name;
            if !terms.iter().any(decided) {
                terms.push(Term { by, falling });
            }
        }
        Ok(Self(terms))
    }

    /// The list that is in this order already, and whether it is read from its end.
    pub(super) fn listed(&self) -> Option<(Listed, bool)> {
        let first = self.0.first()?;
        Some((first.by.listed?, first.falling))
    }

    /// What decides about a user's place.
    pub(super) fn rank(&self, user: &SortFields<'_>) -> Rank {
        let values = self.0.iter().map(|term| (term.by.value)(user)).collect();
        Rank { values, number: user.number, id: user.id }
    }

    /// Which of two users comes first.
    pub(super) fn compare(&self, one: &Rank, other: &Rank) -> Ordering {
        let values = self.0.iter().zip(one.values.iter().zip(&other.values));
        let mut each = values.map(
            |(term, (one, other))| {
                if term.falling { other.cmp(one) } else { one.cmp(other) }
            },
        );
        let first = each.find(|order| order.is_ne());
        first.unwrap_or_else(|| one.number.cmp(&other.number))
    }
}

impl Default for Orders {
    fn default() -> Self {
        Self(ORDERS.iter().take(1).map(|by| Term { by, falling: false }).collect())
    }
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|term| (term.by.name, term.falling))).finish()
    }
}

/// A user's place in an order.
pub(super) struct Rank {
    values: Box<[Value]>,
    number: u64,
    /// Whose it is.
    pub(in crate::store) id: UserId,
}

/// Something to order by. Of each order all values are of one kind; none comes before some.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Flag(bool),
    Id(UserId),
    Number(u64),
    Role(Role),
    Text(String),
    Time(Option<Timestamp>),
}

/// As much of a stored user as lists need.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SortFields<'a> {
    id: UserId,
    number: u64,
    #[serde(borrow)]
    email: Cow<'a, str>,
    role: Role,
    state: State,
    #[serde(default)]
    first: Option<String>,
    #[serde(default)]
    last: Option<String>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    external_id: Option<String>,
    updated: Timestamp,
    #[serde(default)]
    activity: Option<Timestamp>,
    #[serde(default)]
    joined: Option<Timestamp>,
    #[serde(default)]
    trashed: Option<TrashedFrom>,
}

#[derive(Deserialize)]
struct TrashedFrom {
    from: State,
}

impl SortFields<'_> {
    /// Whether the user has that role and that state, as far as these are asked for.
    pub(super) fn has(&self, role: Option<Role>, state: Option<State>) -> bool {
        role.is_none_or(|role| role == self.role) && state.is_none_or(|state| state == self.state)
    }

    /// First and last name as people would sort them; empty where neither is known.
    fn name(&self) -> String {
        match (&self.first, &self.last) {
            (Some(first), Some(last)) => fold(&format!("{first} {last}")),
            (Some(name), None) | (None, Some(name)) => fold(name),
            (None, None) => String::new(),
        }
    }

    /// Whether the user is kept out, or would be, were it not in the trash.
    fn is_suspended(&self) -> bool {
        let from = self.trashed.as_ref().map_or(self.state, |trashed| trashed.from);
        from == State::Suspended
    }
}

/// Which users are looked for: those who have, in each field that is given, one of its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Contains {
    email: Vec<String>,
    id: Vec<String>,
    username: Vec<String>,
    external_id: Vec<String>,
}

/// The texts to look for; in a field without any is nothing to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) email: Vec<Part>,
    pub(crate) id: Vec<Part>,
    pub(crate) username: Vec<Part>,
    pub(crate) external_id: Vec<Part>,
}

impl From<Parts> for Contains {
    fn from(parts: Parts) -> Self {
        let fold = |part: Part| caseless(part.as_str()).into_owned();
        let fold = |parts: Vec<Part>| parts.into_iter().map(fold).collect();
        Self {
            email: fold(parts.email),
            id: fold(parts.id),
            username: fold(parts.username),
            external_id: fold(parts.external_id),
        }
    }
}

impl Contains {
    /// Whether everybody is looked for.
    pub(in crate::store) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the user is one of those. The domain of an email is looked at as DNS has it, and as people
    /// write it; ids and user names have no upper case.
    pub(super) fn fits(&self, user: &SortFields<'_>) -> bool {
        let any = |parts: &[String], text: &str| parts.iter().any(|part| text.contains(part));
        let username = || user.username.as_deref();
        let external_id = || user.external_id.as_deref().map(caseless);
        let email = |email: &str| {
            any(&self.email, &caseless(email)) || any(&self.email, &caseless(&written(email)))
        };
        (self.email.is_empty() || email(&user.email))
            && (self.id.is_empty() || any(&self.id, &user.id.to_string()))
            && (self.username.is_empty() || username().is_some_and(|it| any(&self.username, it)))
            && (self.external_id.is_empty()
                || external_id().is_some_and(|it| any(&self.external_id, &it)))
    }
}
