//! Requests to the façades: a path, a query string and a body, in that order.

use std::net::{IpAddr, Ipv4Addr};

use super::parts;
use crate::{
    api::Credentials,
    facade::{self, Body, Facade, Method, Request},
};

/// A request to the panel's interface.
pub(super) fn panel(bytes: &[u8]) {
    facade::read(Facade::Panel, &request(bytes));
}

/// A request to Meiro's interface.
pub(super) fn meiro(bytes: &[u8]) {
    facade::read(Facade::Meiro, &request(bytes));
}

fn request(bytes: &[u8]) -> Request {
    let mut parts = parts(bytes);
    let mut next = || parts.next().unwrap_or_default();
    let (path, query, body) = (next(), next(), next());
    let path = String::from_utf8_lossy(path).split('/').map(str::to_owned).collect();
    let query = form_urlencoded::parse(query).into_owned().collect();
    // JSON, unless it cannot be that.
    let is_json = matches!(body.first(), None | Some(b'{' | b'[' | b'"'));
    let body = if is_json { Body::Json(body.into()) } else { Body::Form(body.into()) };
    Request {
        method: Method::Post,
        path,
        query,
        credentials: Credentials::None,
        base_url: "https://guestlist.example".to_owned(),
        body,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        agent: None,
    }
}
