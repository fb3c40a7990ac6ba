//! Security events: one line of the log each, under a stable name, and a count of refusals by their code.
//!
//! No password, token or code gets here, nor an email as it was typed: of what somebody types into that field only
//! a keyed digest is logged, since it may be a password by mistake.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    caller::Caller,
    clock::Clock,
    error::{Code, Error},
    metrics::Refusals,
    model::{email::Email, sign_in::ISSUER, user::IdentityKey},
    network::network_of,
    secret::Secrets,
};

/// The target of the log lines, for filters.
pub(crate) const TARGET: &str = "guestlist::security";
/// How many lines of one event a network gets in a minute. Further ones are only counted.
const BURST: u32 = 10;
/// How many lines of one event there are in a minute, however many networks they come from.
const CEILING: u32 = 100;
/// How long lines are counted together.
const WINDOW_SECONDS: u64 = 60;
/// How many bytes of the HMAC stand for an email.
const DIGEST_BYTES: usize = 16;

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident $name:literal;)*) => {
        /// What has happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Event { $($(#[$doc])* $variant,)* }

        impl Event {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in the log, which does not change.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

events! {
    /// A password, a code of the second factor or one for confirming was wrong.
    WrongCredentials "wrong_credentials";
    /// The password was right, and no code of the second factor came with it.
    SecondFactorAsked "second_factor_asked";
    /// Somebody whom a provider has told is to show a credential first.
    CredentialAsked "credential_asked";
    /// A sign-in with a provider was not finished: it was too old, denied, or proved nothing.
    ProviderRefused "provider_refused";
    /// An invite's code, or one from an email, opens nothing.
    UnknownCode "unknown_code";
    /// There was no token, API key or refresh token, or it proves nothing.
    TokenRefused "token_refused";
    /// A call takes a more recent sign-in.
    StaleSignIn "stale_sign_in";
    /// The caller may not do that.
    Forbidden "forbidden";
    /// A limit on guesses or on emails stood in the way.
    Limited "limited";
    /// A limit is reached: from now on it stands in the way.
    LockedOut "locked_out";
    /// Somebody has signed in with a password or a provider.
    SignedIn "signed_in";
    /// A recovery code was used up.
    RecoveryCodeUsed "recovery_code_used";
    /// A refresh token was shown that was void: two had it, and the session has ended.
    RefreshTokenReused "refresh_token_reused";
    /// A password was set.
    PasswordChanged "password_changed";
    /// The email of a sign-in was changed.
    EmailChanged "email_changed";
    /// A second factor was turned on.
    SecondFactorOn "second_factor_on";
    /// A second factor was turned off.
    SecondFactorOff "second_factor_off";
    /// Somebody has ended all own sessions but one.
    SessionsEnded "sessions_ended";
    /// Somebody has deleted the own sign-in.
    SignInRemoved "sign_in_removed";
    /// An identity at a provider was linked to a sign-in.
    ProviderLinked "provider_linked";
    /// An identity at a provider was taken off a sign-in.
    ProviderRemoved "provider_removed";
    /// An identity was taken off a user.
    IdentityUnbound "identity_unbound";
    /// An API key was made.
    KeyCreated "key_created";
    /// An API key was removed.
    KeyRemoved "key_removed";
    /// The role of a user was changed.
    RoleChanged "role_changed";
    /// A user was suspended, activated, removed or restored.
    StateChanged "state_changed";
    /// The first root user has come in: the setup code has ended.
    SetUp "set_up";
}

impl Event {
    /// What a refused call amounts to; `None` where its error is no matter of security.
    fn of(error: &Error, takes_code: bool) -> Option<Self> {
        let code = error.code();
        let unknown_code = matches!(code, Code::NotFound | Code::InviteUsed);
        match code.status() {
            _ if code == Code::InvalidCredentials || error.is_wrong_guess() => {
                Some(Self::WrongCredentials)
            }
            _ if code == Code::TotpRequired => Some(Self::SecondFactorAsked),
            _ if code == Code::LinkRequired => Some(Self::CredentialAsked),
            _ if matches!(
                code,
                Code::InvalidState | Code::ProviderDenied | Code::ProviderRefused
            ) =>
            {
                Some(Self::ProviderRefused)
            }
            _ if code == Code::ReauthenticationRequired => Some(Self::StaleSignIn),
            401 => Some(Self::TokenRefused),
            403 => Some(Self::Forbidden),
            429 => Some(Self::Limited),
            _ if takes_code && unknown_code => Some(Self::UnknownCode),
            _ => None,
        }
    }

    /// Whether strangers can bring it about as often as they like, so that lines of it are limited. Every other event
    /// took a change of the table to cause, and is never left out.
    const fn is_free(self) -> bool {
        match self {
            Self::WrongCredentials
            | Self::SecondFactorAsked
            | Self::CredentialAsked
            | Self::ProviderRefused
            | Self::UnknownCode
            | Self::TokenRefused
            | Self::StaleSignIn
            | Self::Forbidden
            | Self::Limited
            | Self::LockedOut => true,
            Self::SignedIn
            | Self::RecoveryCodeUsed
            | Self::RefreshTokenReused
            | Self::PasswordChanged
            | Self::EmailChanged
            | Self::SecondFactorOn
            | Self::SecondFactorOff
            | Self::SessionsEnded
            | Self::SignInRemoved
            | Self::ProviderLinked
            | Self::ProviderRemoved
            | Self::IdentityUnbound
            | Self::KeyCreated
            | Self::KeyRemoved
            | Self::RoleChanged
            | Self::StateChanged
            | Self::SetUp => false,
        }
    }
}

/// An event and what is known of it. What is not known is left out of the line.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) event: Event,
    /// The call that brought it about.
    pub(crate) call: Option<&'static str>,
    /// Who called.
    pub(crate) caller: Option<String>,
    /// Whom or what it is about: the id of a user, a sign-in, a session or a key.
    pub(crate) subject: Option<String>,
    /// The keyed digest of an email.
    pub(crate) email: Option<String>,
    /// Where the call came from.
    pub(crate) address: Option<IpAddr>,
    /// The error's code.
    pub(crate) code: Option<&'static str>,
    /// The limit that stood in the way, or why it was refused.
    pub(crate) rule: Option<String>,
}

impl Note {
    pub(crate) const fn new(event: Event) -> Self {
        Self {
            event,
            call: None,
            caller: None,
            subject: None,
            email: None,
            address: None,
            code: None,
            rule: None,
        }
    }
}

/// What is known of a call that may be refused.
#[derive(Default)]
pub(crate) struct Asked {
    /// Where it came from.
    pub(crate) address: Option<IpAddr>,
    /// What stands in the field for an email, whatever that is.
    pub(crate) email: Option<String>,
    /// Whether it shows a code from an email or an invite.
    pub(crate) takes_code: bool,
}

/// Logs and counts what happens.
pub struct Notes {
    /// Used for the log alone, so that the log and a copy of the table cannot be joined.
    key: hmac::Key,
    clock: Clock,
    refusals: Refusals,
    lines: Mutex<Lines>,
}

/// The lines of one minute.
#[derive(Default)]
struct Lines {
    window: u64,
    of_event: HashMap<Event, u32>,
    of_network: HashMap<(Event, String), u32>,
    left_out: HashMap<Event, u64>,
}

impl Notes {
    /// Nothing noted yet.
    pub(crate) fn new(secrets: &Secrets, clock: Clock, refusals: Refusals) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secrets.current.derive("log digest").expose());
        Self { key, clock, refusals, lines: Mutex::default() }
    }

    /// What stands in the log for an email, or for whatever was typed in its place.
    pub(crate) fn digest(&self, typed: &str) -> String {
        let email = Email::parse(typed).ok();
        let text = email.as_ref().map_or(typed, Email::as_str);
        let tag = hmac::sign(&self.key, text.as_bytes());
        URL_SAFE_NO_PAD.encode(tag.as_ref().get(..DIGEST_BYTES).unwrap_or_default())
    }

    /// Notes that a call was refused, if that is a matter of security.
    pub(crate) fn refused(
        &self,
        call: &'static str,
        caller: Option<&Caller>,
        asked: &Asked,
        error: &Error,
    ) {
        let Some(event) = Event::of(error, asked.takes_code) else { return };
        self.refusals.count(error.code());
        // These texts are the program's own, and repeat nothing of what was sent.
        let why = || matches!(error.code().status(), 401 | 403).then(|| error.detail().to_owned());
        self.note(Note {
            call: Some(call),
            caller: caller.map(|caller| self.name_of(caller)),
            email: asked.email.as_deref().map(|typed| self.digest(typed)),
            address: asked.address,
            code: Some(error.code().name()),
            rule: error.rule().map(str::to_owned).or_else(why),
            ..Note::new(event)
        });
    }

    /// Logs an event, unless there are too many lines of its kind.
    pub(crate) fn note(&self, note: Note) {
        let network = note.address.map(network_of);
        if note.event.is_free() && !self.may_log(note.event, network.as_deref()) {
            return;
        }
        let Note { event, call, caller, subject, email, address: _, code, rule } = note;
        tracing::info!(target: TARGET, event = event.name(), call, caller, subject, email, network, code, rule,
            "security");
    }

    /// Logs how many lines were left out in minutes that have passed.
    pub(crate) fn sum_up(&self) {
        let window = self.window();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.turn(window);
    }

    /// The same, with this minute: nothing is noted any more.
    pub(crate) fn end(&self) {
        let window = self.window() + 1;
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.turn(window);
    }

    fn may_log(&self, event: Event, network: Option<&str>) -> bool {
        let window = self.window();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.turn(window);
        lines.take(event, network.unwrap_or_default())
    }

    fn window(&self) -> u64 {
        self.clock.now().seconds() / WINDOW_SECONDS
    }

    /// The caller's name; of somebody who is no user yet, what tells the identity from others.
    fn name_of(&self, caller: &Caller) -> String {
        let Caller::Identity(identity) = caller else { return caller.to_string() };
        let IdentityKey { issuer, subject } = &identity.key;
        if issuer == ISSUER {
            return format!("sign-in:{subject}");
        }
        format!("identity:{}", self.digest(&format!("{}#{issuer}#{subject}", issuer.len())))
    }
}

impl Lines {
    /// Begins a new minute, if it has come, and tells of what the last one left out.
    fn turn(&mut self, window: u64) {
        if self.window == window {
            return;
        }
        for (event, count) in std::mem::take(self).left_out {
            let event = event.name();
            tracing::info!(target: TARGET, event = "lines_left_out", of = event, count, "security");
        }
        self.window = window;
    }

    /// Whether there is room for one more line.
    fn take(&mut self, event: Event, network: &str) -> bool {
        let of_event = self.of_event.entry(event).or_default();
        let has_room = *of_event < CEILING && {
            let of_network = self.of_network.entry((event, network.to_owned())).or_default();
            *of_network += 1;
            *of_network <= BURST
        };
        if has_room {
            *of_event += 1;
        } else {
            *self.left_out.entry(event).or_default() += 1;
        }
        has_room
    }
}
