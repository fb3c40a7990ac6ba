//! Heads and bodies of requests.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value};

use super::parts;
use crate::{
    cookie::CookieRules,
    dispatch, handlers,
    model::fields::{Fields, FromFields},
    proxy::{Proxies, range},
    public_url::PublicUrl,
};

/// Only addresses that a trusted proxy has appended are taken for the client's.
pub(super) fn forwarded(bytes: &[u8]) {
    let trusted = ["10.0.0.0/8", "fd00::/8"].iter().filter_map(|text| range(text)).collect();
    let proxies = Proxies { trusted, header: "x-forwarded-for".to_owned() };
    let lines: Vec<&[u8]> = parts(bytes).collect();
    let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 5));
    assert_eq!(proxies.client(stranger, lines.iter().copied()), stranger, "a stranger is believed");
    let _ = proxies.client(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1)), lines.iter().copied());
}

/// Each part is a line of the head: `name: value`.
pub(super) fn head(bytes: &[u8]) {
    let Some(url) = PublicUrl::parse("http://localhost:8080") else { return };
    let rules = CookieRules::new(&url, &["https://app.example".to_owned()]);
    dispatch::read_head(parts(bytes), &rules);
}

/// The body of any call, as JSON.
pub(super) fn body(bytes: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    for read in BODIES {
        read(body.clone());
    }
}

/// The requests with the most in them.
const BODIES: &[fn(Map<String, Value>)] = &[
    read::<handlers::account::CreateAccount>,
    read::<handlers::account::UpdateAccount>,
    read::<handlers::audit::FindAudit>,
    read::<handlers::hold::PlaceHold>,
    read::<handlers::identity::CreateIdentity>,
    read::<handlers::key::CreateKey>,
    read::<handlers::list::ListUsers>,
    read::<handlers::mail::RetryLetters>,
    read::<handlers::password::ResetPassword>,
    read::<handlers::session::CreateSession>,
    read::<handlers::session::RefreshSession>,
    read::<handlers::session::RemoveSession>,
    read::<handlers::trash::RestoreUser>,
    read::<handlers::user::CreateUser>,
    read::<handlers::user::FindUsers>,
    read::<handlers::user::LoginUser>,
    read::<handlers::user::UpdateUser>,
];

fn read<T: FromFields>(body: Map<String, Value>) {
    let _ = Fields::read::<T>(body);
}
