//! Which paths there are, and what is done at each.

use serde_json::json;

use super::{
    Code, Cx, Method, Refusal, Request, Response, Result, Right, User, change, list, record::Item,
};
use crate::facade::request::number;

/// What a request asks for.
pub(super) enum Route<'a> {
    Create,
    Delete(Option<u64>),
    External(&'a str),
    Get(Option<u64>),
    List,
    Servers,
    Update(Option<u64>),
    /// The path takes only other methods, these.
    OtherMethod(&'static str),
    Unknown,
}

const USERS: &str = "GET, HEAD, POST";
const USER: &str = "GET, HEAD, PATCH, DELETE";
const READ: &str = "GET, HEAD";

impl<'a> Route<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        let parts = request.parts();
        let Some(path) = parts.get(2..) else { return Self::Unknown };
        match (path, request.method) {
            (["users"], Method::Get) => Self::List,
            (["users"], Method::Post) => Self::Create,
            (["users"], _) => Self::OtherMethod(USERS),
            (["users", id], Method::Get) => Self::Get(number(id)),
            (["users", id], Method::Patch) => Self::Update(number(id)),
            (["users", id], Method::Delete) => Self::Delete(number(id)),
            (["users", _], _) => Self::OtherMethod(USER),
            (["users", "external", _], Method::Get) => Self::External(last(request)),
            (["servers"], Method::Get) => Self::Servers,
            (["users", "external", _] | ["servers"], _) => Self::OtherMethod(READ),
            _ => Self::Unknown,
        }
    }

    /// The native call that the caller must be allowed to make.
    pub(super) const fn call(&self) -> &'static str {
        match self {
            Self::Create => "user/create",
            Self::Delete(_) => "user/remove",
            Self::List => "user/list",
            Self::Servers => "hold/find",
            Self::Update(_) => "user/update",
            Self::External(_) | Self::Get(_) | Self::OtherMethod(_) | Self::Unknown => "user/get",
        }
    }

    /// Answers the request of somebody who is known.
    pub(super) async fn carry_out(self, cx: Cx<'_>, right: Right) -> Result<Response> {
        match self {
            Self::Create => change::create(cx, right).await,
            Self::Delete(id) => change::delete(cx, id, right).await,
            Self::External(id) => external(cx, id, right).await,
            Self::Get(id) => {
                let user = cx.user(id).await?;
                right?;
                shown(cx, user).await
            }
            Self::List => {
                right?;
                list::users(cx).await
            }
            Self::Servers => {
                right?;
                Ok(list::servers(cx))
            }
            Self::Update(id) => change::update(cx, id, right).await,
            Self::OtherMethod(allowed) => Err(Refusal::other_method(cx.request.method, allowed)),
            Self::Unknown => Err(Refusal::not_found()),
        }
    }
}

async fn external(cx: Cx<'_>, id: &str, right: Right) -> Result<Response> {
    right?;
    let found = cx.native.call::<User>("user/get", json!({"externalId": id})).await;
    match found {
        // The native call is not particular about spaces around it.
        Ok(user) if user.external_id.as_deref() == Some(id) => shown(cx, user).await,
        Ok(_) => Err(Refusal::not_found()),
        // What no external id can be like is nobody's.
        Err(error) if error.code() == Code::ValidationFailed => Err(Refusal::not_found()),
        Err(error) => Err(error.into()),
    }
}

async fn shown(cx: Cx<'_>, user: User) -> Result<Response> {
    let user = cx.shown_one(user).await?;
    Ok(Response::json(200, &Item::of(user)))
}

fn last(request: &Request) -> &str {
    request.path.last().map_or("", String::as_str)
}
