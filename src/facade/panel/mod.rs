//! The panel's users: `api/application/users`.
//!
//! `routes` knows the paths, `list` reads the query of a list, `fields` and `languages` what is sent,
//! `record` and `servers` make what is replied, `change` does what changes somebody, `errors` says what is refused,
//! `quota` counts requests.

mod change;
mod errors;
mod fields;
mod languages;
mod list;
mod quota;
mod record;
mod routes;
mod servers;

pub(super) use self::errors::refusal;
pub(super) use self::quota::Quota;
use self::{errors::Refusal, fields::Form, quota::Standing, record::Reply, routes::Route};
use super::{
    Method, Request, Response,
    native::{Native, User},
};
use crate::{
    api::{Client, Credentials},
    app::App,
    error::{Code, Error},
};

/// Where the façade lies.
pub(super) const ROOT: &str = "api/application";

/// What keys of the panel itself begin with.
const PREFIX: &str = "ptla_";

/// A key as it is here, which may be shown with the panel's own beginning.
pub(super) fn own_token(shown: &str) -> &str {
    shown.strip_prefix(PREFIX).unwrap_or(shown)
}

/// What a request comes to.
type Result<T, E = Refusal> = std::result::Result<T, E>;

/// A request that is being answered.
#[derive(Clone, Copy)]
struct Cx<'a> {
    native: Native<'a>,
    request: &'a Request,
}

/// Whether the caller may do what is asked for; to be told only when it is clear what that is.
type Right = std::result::Result<(), Error>;

/// Answers a request below [`ROOT`].
pub(super) async fn answer(app: &App, quota: &Quota, request: &Request) -> Response {
    let client = Client::new(app, &request.credentials);
    let cx = Cx { native: Native::new(&client, request), request };
    let route = Route::of(request);
    let right = cx.native.admitted(route.call()).await;
    let shown = match (&right, &request.credentials) {
        (Err(error), _) if !is_about_rights(error) => return refused(error),
        (_, Credentials::Token { token, .. }) => token.as_str(),
        (_, Credentials::None | Credentials::Operator) => "",
    };
    let standing = quota.count(shown);
    let response = match &standing {
        Some(Standing { wait: Some(seconds), .. }) => {
            cx.native.throttled(route.call(), "panel_requests_per_minute").await;
            Refusal::throttled(*seconds).response()
        }
        Some(_) | None => match route.carry_out(cx, right).await {
            Ok(response) => response,
            Err(refusal) => refusal.response(),
        },
    };
    with_standing(quota, standing.as_ref(), response)
}

/// The response with what its client may still do. Also a limit that is not the key's own, such as that of invites, is
/// told in the header fields that clients steer by.
fn with_standing(quota: &Quota, standing: Option<&Standing>, response: Response) -> Response {
    let is_over = response.status == 429;
    let reset = response.seconds_to_wait().filter(|_| is_over);
    let limited = match standing {
        Some(Standing { limit, remaining, .. }) => response
            .with("x-ratelimit-limit", limit.to_string())
            .with("x-ratelimit-remaining", if is_over { 0 } else { *remaining }.to_string()),
        None if is_over => response.with("x-ratelimit-remaining", "0"),
        None => response,
    };
    match reset {
        Some(seconds) => limited.with("x-ratelimit-reset", quota.reset_in(seconds).to_string()),
        None => limited,
    }
}

/// Reads all that a request may say.
pub(super) fn read(request: &Request) {
    let _ = (Route::of(request).call(), list::read(request));
    if let Ok(fields) = request.body.fields() {
        let _ = Form::read(fields);
    }
}

/// Whether it is known who calls, and only not allowed.
fn is_about_rights(error: &Error) -> bool {
    error.code().status() == 403
}

fn refused(error: &Error) -> Response {
    error.log();
    refusal(error)
}

impl Cx<'_> {
    /// The URL of a path below [`ROOT`].
    fn url(&self, path: &str) -> String {
        format!("{}/{ROOT}/{path}", self.request.base_url)
    }

    /// The live user whose id here is `id`.
    async fn user(&self, id: Option<u64>) -> Result<User> {
        let Some(number) = id else { return Err(Refusal::not_found()) };
        Ok(self.native.user(number).await?)
    }

    /// Users as they are replied, with what the query asks to be included.
    async fn shown(self, users: Vec<User>) -> Result<Vec<Reply>> {
        if list::includes_servers(self.request) {
            return servers::with_servers(self.native, users).await;
        }
        Ok(users.into_iter().map(Reply::of).collect())
    }

    /// One user as it is replied.
    async fn shown_one(self, user: User) -> Result<Reply> {
        let mut users = self.shown(vec![user]).await?;
        users.pop().ok_or_else(Refusal::not_found)
    }
}
