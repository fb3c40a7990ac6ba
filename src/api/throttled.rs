//! What is told of clients that a façade has wait, which the native interface never hears of.

use std::net::IpAddr;

use super::who::Client;
use crate::{
    contract,
    error::{Code, Error},
    security::Asked,
};

/// Notes that the client may not make the call `name` for a while, under a rule that is not the native interface's.
pub async fn throttled(client: &Client<'_>, name: &str, rule: &'static str, address: IpAddr) {
    let Ok(endpoint) = contract::endpoint(name) else { return };
    let caller = client.caller(endpoint.admission).await.ok();
    let asked = Asked { address: Some(address), ..Asked::default() };
    let error = Error::new(Code::TooManyRequests, "too many requests").under(rule);
    client.app().notes.refused(endpoint.name, caller.as_ref(), &asked, &error);
}
