//! `include=servers`: holds of the kind `server`.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;
use serde_json::{
    json,
    value::{RawValue, to_raw_value},
};

use super::{
    Code, Native, Result, User,
    record::{Reply, Servers},
};
use crate::error::{self, Error};

/// The kind of hold that the panel knows.
const KIND: &str = "server";
/// How many users' holds are asked for at once.
const AT_ONCE: usize = 8;
/// How many holds are asked for at once; as many as may be.
const PAGE: &str = "100";

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
    let each = users.into_iter().map(|user| one(native, user));
    Ok(stream::iter(each).buffered(AT_ONCE).try_collect().await?)
}

async fn one(native: Native<'_>, user: User) -> error::Result<Reply> {
    // Most have none, which their records say.
    let servers = if user.holds > 0 { all(native, &user.id).await? } else { Vec::new() };
    Ok(Reply::of(user).with(Servers::seen(servers)))
}

/// The attributes of a user's servers, in the order in which the holds were placed.
async fn all(native: Native<'_>, id: &str) -> error::Result<Vec<Box<RawValue>>> {
    let (mut servers, mut next) = (Vec::new(), None);
    loop {
        let page: Holds = holds(native, id, PAGE, next).await?;
        for hold in page.data {
            let none = || to_raw_value(&json!({})).map_err(Error::internal);
            servers.push(hold.data.map_or_else(none, Ok)?);
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
