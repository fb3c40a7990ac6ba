//! The panel's users: `api/application/users`.

use serde_json::json;

use super::{Request, Response};
use crate::{
    app::App,
    error::{Code, Error},
};

/// Where the façade lies.
pub(super) const ROOT: &str = "api/application";

/// Answers a request below [`ROOT`].
pub(super) async fn answer(_app: &App, _request: &Request) -> Response {
    refusal(&Error::new(Code::NotFound, "There is nothing here."))
}

/// The error as clients of the panel expect it.
pub(super) fn refusal(error: &Error) -> Response {
    let status = error.code().status();
    let errors = json!([{"code": error.code().name(), "status": status.to_string(), "detail": error.detail()}]);
    Response::json(status, &json!({"errors": errors}))
}
