//! What a token proves about the person who sent it.

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, SessionId, UserId},
        session::Method,
        user::IdentityKey,
    },
};

/// The longest subject, in characters (OIDC Core 1.0, section 2, `sub`).
pub(crate) const MAX_SUBJECT_CHARS: usize = 255;

/// What a verified token proves. Issuer and subject together name one person for good; nothing else
/// here does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who says so (`iss`), and its name for the person (`sub`): 1 to 255 characters, none of them a
    /// control character.
    pub key: IdentityKey,
    /// The email address, if the token has a valid one.
    pub email: Option<Email>,
    /// Whether the issuer has made sure that the address is the person's; never without an address.
    pub email_verified: bool,
    /// Whether the settings trust this issuer's word on email (`trust_email`).
    pub trusted: bool,
    /// The first name (`given_name`).
    pub first: Option<String>,
    /// The last name (`family_name`).
    pub last: Option<String>,
    /// The session that the token belongs to (`sid`), if it is one of the built-in issuer's.
    pub session: Option<SessionId>,
    /// The account that the token is for (`account_id`), and the user there (`user_id`), if it is one of the
    /// built-in issuer's and says so.
    pub member: Option<(AccountId, UserId)>,
    /// When the person last showed a credential (`auth_time`), if the token says so.
    pub auth_time: Option<Timestamp>,
    /// Which ones (`amr`), if it is one of the built-in issuer's.
    pub amr: Vec<Method>,
    /// The SHA-256 of the token.
    pub token: [u8; 32],
    /// Since when the person is signed in.
    pub presence: Presence,
    /// When the token ends (`exp`).
    pub expires: Timestamp,
}

/// Since when a person is signed in, and where not any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// When a session of ours began; of other tokens `auth_time`, else `iat`, and where they say neither, 1970.
    pub since: Timestamp,
    /// The accounts whose admins have ended the session for their part.
    pub barred: Vec<AccountId>,
}

impl Presence {
    /// Of somebody who signs in at this very moment, and so later than anything else.
    pub(crate) const NEW: Self =
        Self { since: Timestamp::from_millis(i64::MAX), barred: Vec::new() };

    /// Whether the person has signed in after it was signed out of an account.
    pub(crate) fn is_in(&self, account: AccountId, signed_out: Option<Timestamp>) -> bool {
        let is_later = signed_out.is_none_or(|signed_out| signed_out < self.since);
        is_later && !self.barred.contains(&account)
    }
}

impl Identity {
    /// The email, if it is verified by an issuer whose word on that is believed.
    pub fn trusted_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified && self.trusted)
    }
}

/// Whether a text can be a subject.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=MAX_SUBJECT_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_1_to_255_characters_and_no_control_characters() {
        assert!(is_subject("a"));
        assert!(is_subject(&"ü".repeat(255)));
        assert!(!is_subject(""));
        assert!(!is_subject(&"a".repeat(256)));
        assert!(!is_subject("a\u{7f}"));
    }
}
