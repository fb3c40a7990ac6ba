//! Name pointers: what makes searching by the beginning of a name or email a walk of an index.
//!
//! Each live user has a pointer for each of its terms in the account's `names#` partition. Several
//! terms of one user may match a search; the pointer of the first of them in index order speaks for
//! the user, and since each pointer carries all the terms, it can be told without looking around.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        fold::fold,
        id::UserId,
        text::Name,
        user::{State, User},
    },
    role::Role,
    store::{
        Result,
        ledger::{layout, record::Stored},
    },
    table::{Item, Key},
};

/// What a pointer leads to, what searches filter by, and all that the user can be found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct Pointer {
    pub(in crate::store) user_id: UserId,
    pub(in crate::store) role: Role,
    pub(in crate::store) state: State,
    terms: Vec<String>,
}

impl Stored for Pointer {}

impl Pointer {
    /// Whether the pointer at `sort` is the one that shows the user in a search for `prefix`.
    pub(in crate::store) fn speaks_for_user(&self, sort: &str, prefix: &str) -> bool {
        let first = self.terms.iter().filter(|term| term.starts_with(prefix)).min();
        first.is_some_and(|term| sort == sort_key(term, self.user_id))
    }
}

/// The pointers that the user should have.
pub(in crate::store) fn pointers_of(user: &User) -> Result<Vec<Item>> {
    if user.state == State::Trashed {
        return Ok(Vec::new());
    }
    let terms = terms_of(user);
    let partition = layout::names_partition(user.account_id);
    let &User { id: user_id, role, state, .. } = user;
    let pointer = Pointer { user_id, role, state, terms: terms.clone() };
    let item =
        |term: &String| layout::item(Key::new(&partition, sort_key(term, user.id)), 1, &pointer);
    terms.iter().map(item).collect()
}

fn sort_key(term: &str, user: UserId) -> String {
    format!("{term}#{user}")
}

/// Whether a search for `prefix` finds the user.
pub(in crate::store) fn finds(user: &User, prefix: &str) -> bool {
    terms_of(user).iter().any(|term| term.starts_with(prefix))
}

/// Whether the user has the text, folded, anywhere in its email, names, user name or external id; or whether
/// it is the user's id or number.
pub(in crate::store) fn has(user: &User, part: &str) -> bool {
    let username = user.username.as_ref().is_some_and(|name| name.as_str().contains(part));
    let external_id = user.external_id.as_ref().map(|id| fold(id.as_str()));
    terms_of(user).iter().any(|term| term.contains(part))
        || username
        || external_id.is_some_and(|id| id.contains(part))
        || user.id.to_string() == part
        || user.number.to_string() == part
}

fn terms_of(user: &User) -> Vec<String> {
    let folded = |name: &Option<Name>| name.as_ref().map(|name| fold(name.as_str()));
    // The domain as DNS has it, and as people write it.
    let mut terms = vec![fold(user.email.as_str()), fold(&user.email.as_written())];
    match (folded(&user.first), folded(&user.last)) {
        (Some(first), Some(last)) => {
            terms.extend([format!("{first} {last}"), format!("{last} {first}")]);
        }
        (Some(name), None) | (None, Some(name)) => terms.push(name),
        (None, None) => {}
    }
    terms.retain(|term| !term.is_empty());
    terms.sort_unstable();
    terms.dedup();
    terms
}
