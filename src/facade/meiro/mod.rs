//! Meiro's users: `users`.
//!
//! `routes` knows the paths, `token` and `login` who calls, `fields` and `user` what is sent, `record`
//! what is replied, `create`, `change`, `trash` and `list` what is done, `refusal` what errors look like.

mod change;
mod create;
mod fields;
mod list;
mod login;
mod preferences;
mod record;
mod refusal;
mod routes;
mod token;
mod trash;
mod user;

pub(super) use self::refusal::refusal;
use self::{fields::Fields, routes::Route, token::Shown};
use super::{Method, Request, Response, native::Native};
use crate::{
    api::Client,
    app::App,
    error::{Code, Error, Result},
    model::id::AccountId,
};

/// Where the façade lies.
pub(super) const ROOT: &str = "users";

/// Answers a request below [`ROOT`]; people sign in to the account that is the `site`'s, if there is one.
pub(super) async fn answer(app: &App, site: Option<AccountId>, request: &Request) -> Response {
    let shown = Shown::by(request);
    let client = Client::new(app, &shown.access);
    let native = Native::new(&client, request);
    reply(native, site, request, &shown).await.unwrap_or_else(|error| {
        error.log();
        refusal(&error)
    })
}

/// Reads all that a request may say.
pub(super) fn read(request: &Request) {
    let _ = (Shown::by(request), Route::at(&request.parts()), list::read(request));
    let _ = (create::read(request), change::read(request));
}

async fn reply(
    native: Native<'_>,
    site: Option<AccountId>,
    request: &Request,
    shown: &Shown,
) -> Result<Response> {
    let route = Route::at(&request.parts());
    if route != Some(Route::Login) {
        shown.anything()?;
        native.admitted("user/get").await?;
        shown.one_account()?;
    }
    let route = route.ok_or_else(|| {
        let why = "There is nothing here; users have numbers, as in /users/7.";
        Error::new(Code::NotFound, why)
    })?;
    match (route, request.method) {
        (Route::User(number), Method::Get) => change::get(native, number).await,
        (Route::User(number), Method::Patch) => change::modify(native, number, request).await,
        (Route::User(number), Method::Delete) => change::remove(native, number).await,
        (Route::ChangePassword(number), Method::Post) => {
            change::change_password(native, number, request).await
        }
        (Route::Users, Method::Get) => list::users(native, request).await,
        (Route::Users, Method::Post) => create::create(native, request).await,
        (Route::CreateOrRestore, Method::Post) => create::create_or_restore(native, request).await,
        (Route::Trash, Method::Get) => list::trashed(native, request).await,
        (Route::Trashed(number), Method::Patch) => trash::restore(native, number).await,
        (Route::Login, Method::Post) => login::log_in(native, site, request).await,
        (Route::Login, Method::Patch) => login::renew(native, shown).await,
        (Route::Login, Method::Delete) => login::log_out(native, shown).await,
        (route, _) => Ok(not_allowed(route)),
    }
}

fn not_allowed(route: Route) -> Response {
    let allowed = route.methods();
    let why = format!("This path takes only {allowed}.");
    refusal(&Error::new(Code::MethodNotAllowed, why)).with("allow", allowed)
}
