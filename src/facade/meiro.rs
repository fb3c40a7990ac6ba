//! Meiro's users: `users`.

use serde_json::json;

use super::{Request, Response};
use crate::{
    app::App,
    error::{Code, Error},
};

/// Where the façade lies.
pub(super) const ROOT: &str = "users";

/// Answers a request below [`ROOT`].
pub(super) async fn answer(_app: &App, _request: &Request) -> Response {
    refusal(&Error::new(Code::NotFound, "There is nothing here."))
}

/// The error as clients of Meiro expect it.
pub(super) fn refusal(error: &Error) -> Response {
    Response::json(error.code().status(), &json!({"message": error.detail()}))
}
