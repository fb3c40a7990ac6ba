//! `provider/*`: signing in with a provider, and what of that one can sign in with.

use super::{
    ALWAYS, Admission, Call, CookieUse, Effect, Endpoint, RequestField, Rule, anyone,
    kind::Kind,
    records::{PROVIDER_BEGUN, PROVIDER_CODE_SENT, PROVIDER_FINISHED, WAYS_IN},
    row,
    rule::set,
    send,
};
use crate::{error::Code, role::Role::Public};

/// What has come back from a provider, as a page finds it in its URL.
const BACK: [RequestField; 6] = [
    send("state", Public).is(Kind::Opaque).required(),
    send("key", Public).is(Kind::PageKey).required(),
    send("code", Public).is(Kind::Opaque),
    send("error", Public).is(Kind::Opaque),
    send("iss", Public).is(Kind::Opaque),
    send("provider", Public).is(Kind::Provider),
];

/// The same, and whether the refresh token is to be in the cookie.
const BACK_TO_SIGN_IN: [RequestField; 7] = {
    let [state, key, code, error, iss, provider] = BACK;
    [state, key, code, error, iss, provider, send("cookie", Public)]
};

/// A code, or why there is none.
const ONE_ANSWER: &[Rule] =
    &[Rule::OneOf(&[&["code"], &["error"]]), Rule::Apart(set("code"), set("error"))];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("provider/begin", Call::ProviderBegin)
        .does("Start signing in with a provider")
        .unrepeatable()
        .takes(&[
            send("provider", Public).is(Kind::Provider).required(),
            send("invite", Public).is(Kind::InviteCode),
            send("accountId", Public),
            send("language", Public),
            send("account", Public),
        ])
        .rules(&[Rule::Needs(set("account"), &[set("invite")])])
        .replies(PROVIDER_BEGUN)
        .fails(&[Code::ProviderUnavailable]),
    row("provider/beginLink", Call::ProviderBeginLink, Admission::Identity, Effect::Change)
        .does("Start linking an identity at a provider to the caller's sign-in")
        .fresh(ALWAYS)
        .unrepeatable()
        .takes(&[send("provider", Public).is(Kind::Provider).required()])
        .replies(PROVIDER_BEGUN)
        .fails(&[Code::EmailUnverified, Code::Forbidden, Code::ProviderUnavailable]),
    anyone("provider/code", Call::ProviderCode)
        .does("Send another code for provider/link")
        .unrepeatable()
        .takes(&[
            send("link", Public).is(Kind::Opaque).required(),
            send("key", Public).is(Kind::PageKey).required(),
        ])
        .replies(PROVIDER_CODE_SENT)
        .fails(&[Code::InvalidState, Code::TooManyRequests]),
    row("provider/find", Call::ProviderFind, Admission::Identity, Effect::Read)
        .does("The caller's sign-in methods")
        .replies(WAYS_IN)
        .fails(&[Code::Forbidden]),
    anyone("provider/finish", Call::ProviderFinish)
        .does("Finish signing in with a provider's reply")
        .cookie(CookieUse::Gives)
        .unrepeatable()
        .takes(&BACK_TO_SIGN_IN)
        .rules(ONE_ANSWER)
        .replies(PROVIDER_FINISHED)
        .fails(&[
            Code::InvalidState,
            Code::ProviderDenied,
            Code::ProviderRefused,
            Code::LinkRequired,
            Code::TotpRequired,
            Code::Forbidden,
            Code::NotRegistered,
            Code::Suspended,
            Code::InviteEmail,
            Code::EmailUnverified,
            Code::EmailRequired,
            Code::InviteUsed,
            Code::AlreadyRegistered,
            Code::ProviderTaken,
            Code::TooManyRequests,
            Code::ProviderUnavailable,
        ]),
    row("provider/finishLink", Call::ProviderFinishLink, Admission::Identity, Effect::Change)
        .does("Link the identity in a provider's reply to the caller's sign-in")
        .unrepeatable()
        .takes(&BACK)
        .rules(ONE_ANSWER)
        .replies(WAYS_IN)
        .fails(&[
            Code::InvalidState,
            Code::ProviderDenied,
            Code::ProviderRefused,
            Code::EmailUnverified,
            Code::Forbidden,
            Code::ProviderTaken,
            Code::TooManyProviders,
            Code::TooManyRequests,
            Code::ProviderUnavailable,
        ]),
    anyone("provider/link", Call::ProviderLink)
        .does("Provide the credential that a sign-in with a provider asks for, and sign in")
        .cookie(CookieUse::Gives)
        .unrepeatable()
        .takes(&[
            send("link", Public).is(Kind::Opaque).required(),
            send("key", Public).is(Kind::PageKey).required(),
            send("currentPassword", Public),
            send("emailCode", Public),
            send("totp", Public),
            send("cookie", Public),
        ])
        .rules(&[
            Rule::OneOf(&[&["emailCode"], &["currentPassword"], &["totp"]]),
            Rule::Apart(set("currentPassword"), set("emailCode")),
        ])
        .replies(PROVIDER_FINISHED)
        .fails(&[
            Code::InvalidState,
            Code::InvalidCredentials,
            Code::TotpRequired,
            Code::Forbidden,
            Code::NotRegistered,
            Code::Suspended,
            Code::InviteEmail,
            Code::EmailUnverified,
            Code::InviteUsed,
            Code::AlreadyRegistered,
            Code::ProviderTaken,
            Code::TooManyProviders,
            Code::TooManyRequests,
        ]),
    row("provider/remove", Call::ProviderRemove, Admission::Identity, Effect::Change)
        .does("Unlink an identity at a provider from the caller's sign-in")
        .fresh(ALWAYS)
        .unrepeatable()
        .takes(&[
            send("issuer", Public).is(Kind::Opaque).required(),
            send("subject", Public).is(Kind::Subject).required(),
        ])
        .replies(WAYS_IN)
        .fails(&[Code::LastCredential, Code::Forbidden, Code::TooManyRequests]),
];
