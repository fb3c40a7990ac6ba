//! What pages are told before anybody has signed in.

use crate::{
    auth::Verifier, config::Settings, cookie::CookieRules, mail::courier::Courier,
    model::offer::Offer, public_url::PublicUrl,
};

/// What a service of these parts offers.
pub(super) fn of(
    settings: &Settings,
    verifier: &Verifier,
    (public_url, cookies): (&PublicUrl, &CookieRules),
    courier: &Courier,
) -> Offer {
    Offer {
        ways_in: ways_in(verifier),
        cookie_origin: cookies.name.is_some().then(|| public_url.origin()),
        languages: courier.templates.languages(),
        body_bytes: settings.limits.body_bytes,
    }
}

/// What people can show to come in.
fn ways_in(verifier: &Verifier) -> Vec<String> {
    let tokens = verifier.issuers().next().map(|_| "token");
    std::iter::once("password").chain(tokens).map(str::to_owned).collect()
}
