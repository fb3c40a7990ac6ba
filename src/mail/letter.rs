//! Letters as text: pure functions from what a letter says to what a person reads.

use super::{
    names::{device, harmless},
    templates::{Templates, Texts, Values},
};
use crate::{
    clock::Timestamp,
    model::{
        code::Code,
        email::Email,
        id::LetterId,
        letter::{Content, Letter},
    },
};

/// A letter written out, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The letter's id.
    pub id: LetterId,
    /// Where it goes.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text, for people who read plain text.
    pub text: String,
    /// Its text as HTML.
    pub html: String,
    /// The link that it is about.
    pub link: String,
    /// The picture that the HTML shows, a PNG.
    pub logo: Option<Vec<u8>>,
}

/// What the HTML calls the picture by (RFC 2392).
pub(super) const LOGO_ID: &str = "logo";

/// Writes a letter out, with the code that it carries and the logo that it shows, a PNG; the link leads to
/// `app_url`.
///
/// # Errors
/// What its template does not cope with.
pub fn write(
    templates: &Templates,
    letter: &Letter,
    code: Option<&Code>,
    logo: Option<Vec<u8>>,
    app_url: &str,
) -> Result<Written, String> {
    let link = link(&letter.content, code, app_url);
    let mut values = values(&letter.content);
    let app = app_url.split_once("://").map_or(app_url, |(_, rest)| rest);
    values.insert("app", Some(app.trim_end_matches('/').to_owned()));
    values.insert("app_url", Some(app_url.to_owned()));
    values.insert("link", Some(link.clone()));
    values.insert("logo", logo.as_ref().map(|_| format!("cid:{LOGO_ID}")));
    values.insert("to", Some(letter.to.shown().into_owned()));
    if let Some(code) = code {
        values.insert("code", Some(code.reveal().to_owned()));
    }
    let kind = letter.content.kind();
    let texts = templates.render(kind, letter.language.as_ref(), values)?;
    let Texts { subject, plain, html } = texts;
    Ok(Written { id: letter.id, to: letter.to.clone(), subject, text: plain, html, link, logo })
}

/// The page of the single-page app that a letter leads to. The code goes into the fragment, which
/// browsers keep to themselves: it appears in no server's log and in no `Referer`.
fn link(content: &Content, code: Option<&Code>, app_url: &str) -> String {
    let action = match content {
        Content::Invite { .. } => "invite",
        Content::Verify { .. } => "verify",
        Content::Reset { .. } => "reset",
        Content::ConfirmEmail { .. } => "confirm-email",
        // Once the secret of its code is retired, it only tells of the change.
        Content::EmailChanged { undo: Some(_), .. } if code.is_some() => "undo-email",
        Content::AlreadySignedUp
        | Content::EmailInUse
        | Content::ConfirmCode { .. }
        | Content::ProviderCode { .. }
        | Content::ProviderLinked { .. }
        | Content::ProviderRemoved { .. }
        | Content::PasswordChanged { .. }
        | Content::EmailChanged { .. }
        | Content::SecondFactorRemoved { .. }
        | Content::SecondFactorOn { .. }
        | Content::SecondFactorOff { .. }
        | Content::SessionsEnded { .. }
        | Content::SignInRemoved { .. }
        | Content::Unbound { .. }
        | Content::KeyCreated { .. }
        | Content::RecoveryCodeUsed { .. }
        | Content::RoleGranted { .. }
        | Content::NewSignIn { .. }
        | Content::Test { .. } => {
            return app_url.to_owned();
        }
    };
    let code = code.map(Code::reveal).unwrap_or_default();
    link_to(app_url, action, code)
}

/// The page of the single-page app that does `action` with a code.
pub fn link_to(app_url: &str, action: &str, code: &str) -> String {
    format!("{}/#{action}={code}", app_url.trim_end_matches('/'))
}

/// The values that this kind of letter has and others have not.
#[expect(clippy::too_many_lines, reason = "a line for each kind")]
fn values(content: &Content) -> Values {
    match content {
        Content::Invite { account_name, inviter, role, invite, .. } => Values::from([
            ("account", Some(harmless(account_name))),
            ("inviter", inviter.as_deref().map(harmless)),
            ("role", Some(role.to_string())),
            ("expires", Some(minute(invite.expires))),
        ]),
        Content::Verify { code, taken, .. } => Values::from([
            ("expires", Some(minute(code.expires))),
            ("taken", taken.then(|| "yes".to_owned())),
        ]),
        Content::Reset { code, made_by, .. } => Values::from([
            ("expires", Some(minute(code.expires))),
            ("account", made_by.as_deref().map(harmless)),
        ]),
        Content::ConfirmEmail { code, .. } | Content::ConfirmCode { code, .. } => {
            Values::from([("expires", Some(minute(code.expires)))])
        }
        Content::ProviderCode { code, provider, known, taken, .. } => Values::from([
            ("expires", Some(minute(code.expires))),
            ("provider", Some(harmless(provider))),
            ("known", known.then(|| "yes".to_owned())),
            ("taken", taken.then(|| "yes".to_owned())),
        ]),
        Content::ProviderLinked { provider, email, at, address }
        | Content::ProviderRemoved { provider, email, at, address } => Values::from([
            ("provider", Some(harmless(provider))),
            // The provider's word, for which its user may have chosen it.
            ("email", email.as_ref().map(|email| harmless(&email.shown()))),
            ("at", Some(minute(*at))),
            ("address", address.clone()),
        ]),
        Content::AlreadySignedUp | Content::EmailInUse => Values::new(),
        Content::PasswordChanged { at, address }
        | Content::SecondFactorOn { at, address }
        | Content::SecondFactorOff { at, address }
        | Content::SessionsEnded { at, address }
        | Content::SignInRemoved { at, address } => {
            Values::from([("at", Some(minute(*at))), ("address", address.clone())])
        }
        Content::EmailChanged { at, address, undo } => Values::from([
            ("at", Some(minute(*at))),
            ("address", address.clone()),
            ("code", None),
            ("expires", undo.as_ref().map(|undo| minute(undo.code.expires))),
        ]),
        Content::SecondFactorRemoved { at } | Content::Test { at } => {
            Values::from([("at", Some(minute(*at)))])
        }
        Content::Unbound { at, account_name } => {
            Values::from([("at", Some(minute(*at))), ("account", Some(harmless(account_name)))])
        }
        Content::KeyCreated { at, name, role, address } => Values::from([
            ("at", Some(minute(*at))),
            ("name", Some(harmless(name))),
            ("role", Some(role.to_string())),
            ("address", address.clone()),
        ]),
        Content::RecoveryCodeUsed { at, address, left } => Values::from([
            ("at", Some(minute(*at))),
            ("address", address.clone()),
            ("left", (*left > 0).then(|| left.to_string())),
        ]),
        Content::RoleGranted { at, account_name, role } => Values::from([
            ("at", Some(minute(*at))),
            ("account", Some(harmless(account_name))),
            ("role", Some(role.to_string())),
        ]),
        Content::NewSignIn { at, address, agent } => Values::from([
            ("at", Some(minute(*at))),
            ("address", address.clone()),
            ("agent", agent.as_deref().and_then(device)),
        ]),
    }
}

/// The moment to the minute, in a form that is read alike in every language; templates may have one of their own.
fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    let (day, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{day} {} UTC", time.get(..5).unwrap_or_default())
}
