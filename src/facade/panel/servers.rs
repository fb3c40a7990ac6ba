//! `include=servers`: holds of the kind `server`.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{
    Code, Native, Refusal, Result, User,
    record::{Reply, Servers},
};
use crate::error::{self, Error};

/// The kind of hold that the panel knows.
const KIND: &str = "server";
/// How many users' holds are asked for at once.
const AT_ONCE: usize = 8;
/// How many holds are asked for at once; as many as may be.
const PAGE: &str = "100";
/// The most bytes of servers in one answer.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// What a server takes in an answer besides its attributes, about.
const FRAME_BYTES: usize = 40;

/// How many bytes of servers an answer has so far.
#[derive(Default)]
struct Filled(AtomicUsize);

impl Filled {
    /// # Errors
    /// That it is full.
    fn add(&self, bytes: usize) -> Result<()> {
        if self.0.fetch_add(bytes, Ordering::Relaxed) + bytes <= MAX_BYTES {
            return Ok(());
        }
        let why = "These users have more servers than fit into one answer; ask for fewer users \
                   with per_page, or leave out include=servers.";
        Err(Refusal::query("BadRequestHttpException", why))
    }
}

/// A page of holds.
#[derive(Deserialize)]
struct Holds {
    data: Vec<Hold>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Hold {
    data: Option<Box<RawValue>>,
}

/// Users with their servers, in the same order.
pub(super) async fn with_servers(native: Native<'_>, users: Vec<User>) -> Result<Vec<Reply>> {
    match native.admitted("hold/find").await {
        Ok(()) => {}
        Err(error) if error.code() == Code::Forbidden => {
            let hidden = |user| Reply::of(user).with(Servers::hidden());
            return Ok(users.into_iter().map(hidden).collect());
        }
        Err(error) => return Err(error.into()),
    }
    let filled = Filled::default();
    let each = users.into_iter().map(|user| one(native, user, &filled));
    stream::iter(each).buffered(AT_ONCE).try_collect().await
}

async fn one(native: Native<'_>, user: User, filled: &Filled) -> Result<Reply> {
    // Most have none, which their records say.
    let servers = if user.holds > 0 { all(native, &user.id, filled).await? } else { Vec::new() };
    Ok(Reply::of(user).with(Servers::seen(servers)))
}

/// The attributes of a user's servers, in the order in which the holds were placed.
async fn all(native: Native<'_>, id: &str, filled: &Filled) -> Result<Vec<Box<RawValue>>> {
    let (mut servers, mut next) = (Vec::new(), None);
    loop {
        let page: Holds = holds(native, id, PAGE, next).await?;
        for hold in page.data {
            let none = || to_raw_value(&json!({})).map_err(Error::internal);
            let attributes = hold.data.map_or_else(none, Ok)?;
            filled.add(attributes.get().len() + FRAME_BYTES)?;
            servers.push(attributes);
        }
        next = page.next;
        if next.is_none() {
            return Ok(servers);
        }
    }
}

/// Whether a user has a server.
pub(super) async fn has_any(native: Native<'_>, id: &str) -> Result<bool> {
    Ok(!holds(native, id, "1", None).await?.data.is_empty())
}

async fn holds(
    native: Native<'_>,
    id: &str,
    limit: &str,
    next: Option<String>,
) -> error::Result<Holds> {
    let next = next.map(|next| ("next".to_owned(), next));
    let query = std::iter::once(("limit".to_owned(), limit.to_owned())).chain(next).collect();
    native.call_with("hold/find", query, json!({"id": id, "kind": KIND})).await
}
