//! `provider/*`: signing in with a provider, and what of that one can sign in with.

mod records;

use std::sync::Arc;

use self::records::{CodeSent, SentOff, WaysInRecord};
pub(crate) use self::records::{Finished, Linked};
use super::{
    Cx, NoFields, Replied,
    identity::{nobody, verified},
    session::read_cookie,
    user::NamedAccount,
};
use crate::{
    auth::{
        identity::{Identity, is_subject},
        provider::{Provider, ProviderError, is_provider_name},
    },
    error::{Code, Error, Fault, Result},
    metrics::ProviderOutcome,
    model::{
        code::InviteCode,
        fields::{Fields, Flaw, FromField, FromFields},
        id::AccountId,
        page_key::PageKey,
        provider::{Goal, Proven, State, Wish},
        text::Language,
        user::IdentityKey,
    },
    redact::Viewer,
    store::{
        Conflict, Error as StoreError,
        entry::{
            link::{Evidence, FirstFactor},
            provider::Begun,
            ticket::Outcome,
        },
        sign_in::provider::WaysIn,
    },
};

/// The longest text of another service that is looked at.
const MAX_OPAQUE: usize = 4096;

/// A text that this service or another one has made, and that only its maker can read.
struct Opaque(String);

impl FromField for Opaque {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let fits =
            (1..=MAX_OPAQUE).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        let why = "must be 1 to 4096 ASCII characters without spaces, unchanged from the provider's reply";
        fits.then_some(Self(text)).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// The name of a provider.
struct ProviderName(String);

impl FromField for ProviderName {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be one of the providers that service/about names";
        is_provider_name(&text)
            .then_some(Self(text))
            .ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// What an issuer calls somebody.
struct Subject(String);

impl FromField for Subject {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be 1 to 255 characters, none of them a control character";
        is_subject(&text).then_some(Self(text)).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// `provider/begin`
pub(crate) struct BeginWithProvider {
    provider: ProviderName,
    wish: Wish,
}

impl FromFields for BeginWithProvider {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        if !fields.has_any(&["invite"]) && fields.has_any(&["account"]) {
            let why = "account is only for the setup code; to create an account, sign in and call user/login with \
                       register";
            fields.fault("account", "unexpected", why);
        }
        let provider = fields.required("provider");
        let invite = fields.optional::<InviteCode>("invite");
        let account = fields.optional::<AccountId>("accountId");
        let language = fields.optional::<Language>("language");
        let account_name = fields.optional("account").and_then(|NamedAccount(name)| name);
        let invite = invite.map(|code| code.reveal());
        let wish = Wish { invite, account, account_name, language };
        Some(Self { provider: provider?, wish })
    }
}

/// Where to send the browser, and what the page keeps meanwhile.
pub(crate) async fn begin(cx: &Cx, call: BeginWithProvider) -> Replied {
    let provider = named(cx, &call.provider)?;
    let begun = cx.store.begin_with_provider(provider.name(), call.wish)?;
    sent_off(cx, provider, begun).await
}

/// `provider/beginLink`
pub(crate) struct BeginLink(ProviderName);

impl FromFields for BeginLink {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("provider")?))
    }
}

/// The same, to link what comes back to the own sign-in.
pub(crate) async fn begin_link(cx: &Cx, identity: &Identity, call: BeginLink) -> Replied {
    of_a_session(identity)?;
    let provider = named(cx, &call.0)?;
    let begun = cx.store.begin_linking(identity, provider.name()).await?;
    sent_off(cx, provider, begun).await
}

async fn sent_off(cx: &Cx, provider: &Provider, begun: Begun) -> Replied {
    let Begun { state, sealed, key } = begun;
    let url = provider.authorize(&state, &sealed).await;
    let url = url.map_err(|error| failed(cx, provider, error))?;
    Ok(Box::new(SentOff { url, key, expires: state.expires() }))
}

fn named<'a>(cx: &'a Cx, name: &ProviderName) -> Result<&'a Provider> {
    cx.providers.find(&name.0).ok_or_else(|| {
        let known: Vec<_> = cx.providers.iter().map(Provider::name).collect();
        let why = if known.is_empty() {
            "this service has no providers; the operator can set one up (setting providers)"
                .to_owned()
        } else {
            format!("provider must be one of {}", known.join(", "))
        };
        Error::faults(Code::ValidationFailed, vec![Fault::new("provider", "in", why)])
    })
}

/// What has come back from a provider.
pub(crate) struct Back {
    state: Opaque,
    key: PageKey,
    /// A code, or why there is none.
    answer: Result<Opaque, Opaque>,
    iss: Option<Opaque>,
    provider: Option<ProviderName>,
}

impl FromFields for Back {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        read_cookie(fields);
        let (state, key) = (fields.required("state"), fields.required("key"));
        let (code, error) = (fields.optional("code"), fields.optional("error"));
        let (iss, provider) = (fields.optional("iss"), fields.optional("provider"));
        let answer = match (code, error) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => Err(error),
            (None, None) => {
                fields.fault("code", "required", "code is required, or error where there is none");
                return None;
            }
            (Some(_), Some(_)) => {
                fields.fault("error", "unexpected", "send either code or error");
                return None;
            }
        };
        Some(Self { state: state?, key: key?, answer, iss, provider })
    }
}

/// `provider/finish`: signs somebody in. Also who sees the reply.
pub(crate) async fn finish(cx: &Cx, call: Back) -> Result<(Viewer, Finished)> {
    let (state, provider, proven) = Box::pin(proven(cx, &call)).await?;
    let Goal::SignIn(wish) = &state.goal else { return Err(StoreError::InvalidState.into()) };
    let by = cx.by();
    let done = Box::pin(cx.store.enter_by_provider(&by, (wish, &call.key), &proven)).await;
    let outcome = match &done {
        Ok(Outcome::In(..)) => ProviderOutcome::SignedIn,
        Ok(Outcome::Pending { .. }) => ProviderOutcome::Pending,
        Err(StoreError::Show(_)) => ProviderOutcome::MoreAsked,
        Err(_) => ProviderOutcome::Rejected,
    };
    cx.providers.count(provider.name(), outcome);
    finished(cx, done?).await
}

/// `provider/finishLink`: links an identity to the own sign-in.
pub(crate) async fn finish_link(cx: &Cx, identity: &Identity, call: Back) -> Replied {
    of_a_session(identity)?;
    let (state, provider, proven) = Box::pin(proven(cx, &call)).await?;
    let Goal::Link(asked) = &state.goal else { return Err(StoreError::InvalidState.into()) };
    let done = cx.store.link_in_session(&cx.by(), identity, (asked, &proven)).await;
    let outcome = if done.is_ok() { ProviderOutcome::Linked } else { ProviderOutcome::Rejected };
    cx.providers.count(provider.name(), outcome);
    done?;
    ways_in(cx, identity).await
}

/// What a provider says about the person who has come back from it. The state is used up as soon as the provider is
/// asked; nothing is asked of it for a state that is not good.
async fn proven<'a>(cx: &'a Cx, back: &Back) -> Result<(State, &'a Provider, Proven)> {
    let by = cx.by();
    let state = cx.store.open_state(&by, &back.state.0, &back.key).await?;
    let invalid = || Error::from(StoreError::InvalidState);
    // One that the settings have lost.
    let provider = cx.providers.find(&state.provider).ok_or_else(invalid)?;
    let (iss, path) = (back.iss.as_ref().map(|it| it.0.as_str()), back.provider.as_ref());
    let is_named = provider.is_named(iss, path.map(|it| it.0.as_str())).await;
    if !is_named.map_err(|error| failed(cx, provider, error))? {
        return Err(invalid());
    }
    let turn = provider.turn().await.map_err(|error| failed(cx, provider, error))?;
    cx.store.use_up_state(&state).await?;
    let code = match &back.answer {
        Ok(code) => code,
        Err(error) => {
            cx.providers.count(provider.name(), ProviderOutcome::Denied);
            return Err(denied(&error.0));
        }
    };
    match Box::pin(turn.prove(&code.0, &state)).await {
        Ok(proven) => Ok((state, provider, proven)),
        Err(error) => {
            if matches!(error, ProviderError::Code) {
                cx.store.count_refused(&by).await?;
            }
            Err(failed(cx, provider, error))
        }
    }
}

/// Why a provider sends somebody back without a code (RFC 6749, section 4.1.2.1). What it says besides is not passed on:
/// it is a stranger's text.
fn denied(error: &str) -> Error {
    let why = match error {
        "access_denied" => {
            "The sign-in was cancelled or refused at the provider. If you did not mean to cancel it, \
            start again."
        }
        "login_required" | "interaction_required" | "consent_required" => {
            "You are not signed in at the provider; start again."
        }
        "temporarily_unavailable" | "server_error" => {
            "The provider cannot sign people in right now; try again later."
        }
        _ => "The provider rejected this service's request; tell the operator of this service.",
    };
    Error::new(Code::ProviderDenied, why)
}

/// What the caller hears of a provider that has proved nothing; why, the log says.
fn failed(cx: &Cx, provider: &Provider, error: ProviderError) -> Error {
    let name = provider.name();
    match error {
        ProviderError::Unavailable(_) => {
            cx.providers.count(name, ProviderOutcome::Unavailable);
            tracing::warn!(provider = name, %error, "a sign-in with a provider failed");
            let why = "The provider cannot be reached right now; try again shortly, or sign in another way.";
            Error::new(Code::ProviderUnavailable, why)
                .retry_after(ProviderError::RETRY_AFTER)
                .because(error)
        }
        ProviderError::Code | ProviderError::Refused(_) | ProviderError::Stale => {
            cx.providers.count(name, ProviderOutcome::Refused);
            tracing::warn!(provider = name, %error, "a sign-in with a provider failed");
            let why = if matches!(error, ProviderError::Stale) {
                "You signed in at the provider too long ago; sign out there, then start again."
            } else {
                "The provider has not confirmed who you are; start again."
            };
            Error::new(Code::ProviderRefused, why).because(error)
        }
    }
}

/// `provider/code`
pub(crate) struct SendCode {
    link: Opaque,
    key: PageKey,
}

impl FromFields for SendCode {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (link, key) = (fields.required("link"), fields.required("key"));
        Some(Self { link: link?, key: key? })
    }
}

/// Sends a code to the address that a ticket is about.
pub(crate) async fn code(cx: &Cx, call: SendCode) -> Replied {
    let ticket = (call.link.0.as_str(), &call.key);
    let expires = cx.store.send_code_for_ticket(&cx.by(), ticket).await?;
    Ok(Box::new(CodeSent(expires)))
}

/// `provider/link`
pub(crate) struct LinkProvider {
    link: Opaque,
    key: PageKey,
    shown: Evidence,
}

impl FromFields for LinkProvider {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        read_cookie(fields);
        let (link, key) = (fields.required("link"), fields.required("key"));
        let password = fields.optional("currentPassword").map(FirstFactor::Password);
        let mailed = fields.optional("emailCode").map(FirstFactor::Mailed);
        let second = fields.optional("totp");
        if password.is_some() && mailed.is_some() {
            fields.fault("emailCode", "unexpected", "send one of currentPassword and emailCode");
        }
        let first = password.or(mailed);
        if first.is_none() && second.is_none() {
            let why = "emailCode, currentPassword or totp is required";
            fields.fault("emailCode", "required", why);
        }
        Some(Self { link: link?, key: key?, shown: Evidence { first, second } })
    }
}

/// Signs somebody in who shows what was asked for. Also who sees the reply.
pub(crate) async fn link(cx: &Cx, call: LinkProvider) -> Result<(Viewer, Finished)> {
    let LinkProvider { link, key, shown } = call;
    let providers = Arc::clone(&cx.providers);
    let serves = |proven: &Proven| providers.iter().any(|provider| provider.has_said(proven));
    let by = cx.by();
    let done = Box::pin(cx.store.use_ticket(&by, (&link.0, &key), shown, serves)).await;
    let (provider, done) = done?;
    cx.providers.count(&provider, ProviderOutcome::SignedIn);
    finished(cx, done).await
}

/// What somebody can sign in with.
pub(crate) async fn find(cx: &Cx, identity: &Identity, _: NoFields) -> Replied {
    of_a_session(identity)?;
    ways_in(cx, identity).await
}

/// `provider/remove`
pub(crate) struct RemoveProvider(IdentityKey);

impl FromFields for RemoveProvider {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let issuer = fields.required("issuer").map(|Opaque(issuer)| issuer);
        let subject = fields.required("subject").map(|Subject(subject)| subject);
        Some(Self(IdentityKey { issuer: issuer?, subject: subject? }))
    }
}

/// Takes an identity off the own sign-in.
pub(crate) async fn remove(cx: &Cx, identity: &Identity, call: RemoveProvider) -> Replied {
    of_a_session(identity)?;
    Box::pin(cx.store.unlink(&cx.by(), identity, &call.0)).await?;
    ways_in(cx, identity).await
}

async fn ways_in(cx: &Cx, identity: &Identity) -> Replied {
    let WaysIn { password, providers } = cx.store.ways_in(identity).await?;
    let providers = providers.into_iter().map(Linked).collect();
    Ok(Box::new(WaysInRecord { password, providers }))
}

/// Providers belong to sign-ins of this service.
fn of_a_session(identity: &Identity) -> Result<()> {
    if identity.session.is_some() {
        return Ok(());
    }
    Err(StoreError::Conflict(Conflict::NoSession).into())
}

async fn finished(cx: &Cx, done: Outcome) -> Result<(Viewer, Finished)> {
    match done {
        Outcome::In(grant, joined) => {
            let (viewer, signed_up) = verified(cx, *grant, joined.map(|it| *it)).await?;
            Ok((viewer, Finished::In(Box::new(signed_up))))
        }
        Outcome::Pending { ticket, expires } => {
            Ok((nobody(cx), Finished::Pending { link: ticket, expires }))
        }
    }
}
