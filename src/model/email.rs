//! An e-mail address, in the one spelling that the service compares and stores.

use std::fmt;

use email_address::{EmailAddress, Options};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// The longest address, in characters.
pub const MAX_CHARS: usize = 191;
/// The longest part before the `@`, in bytes (RFC 5321, section 4.5.3.1.1).
pub const MAX_LOCAL_BYTES: usize = 64;

/// A bare address such as `ada@example.com`, lower-cased and composed (Unicode NFC), so that two
/// spellings of one address are equal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is no [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing, or nothing on one side of the `@`.
    #[error("must be an e-mail address such as ada@example.com")]
    Incomplete,
    /// More than [`MAX_CHARS`] characters.
    #[error("must have at most {MAX_CHARS} characters")]
    TooLong,
    /// More than [`MAX_LOCAL_BYTES`] bytes before the `@`.
    #[error("must have at most {MAX_LOCAL_BYTES} bytes before the @")]
    LocalPartTooLong,
    /// White space or a control character.
    #[error("must not contain spaces or control characters")]
    Blank,
    /// `"ada lovelace"@example.com`.
    #[error("must not have quotes before the @")]
    Quoted,
    /// `ada@[192.0.2.1]`.
    #[error("must have a domain name after the @, not an IP address in brackets")]
    DomainLiteral,
    /// No domain name after the `@`.
    #[error("must have a domain name such as example.com after the @")]
    Domain,
    /// A character that has no place in an address.
    #[error("has a character or a dot where none may be")]
    Syntax,
}

impl Email {
    /// Reads an address (RFC 5321, RFC 6531) without display name, quotes or IP address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(EmailError::Blank);
        }
        // Longer than any valid address in any spelling: not worth the work of composing it.
        if text.len() > 16 * MAX_CHARS {
            return Err(EmailError::TooLong);
        }
        let address = if text.is_ascii() {
            // Composed as it stands.
            text.to_ascii_lowercase()
        } else {
            text.nfc().collect::<String>().to_lowercase().nfc().collect()
        };
        check(&address)?;
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn check(address: &str) -> Result<(), EmailError> {
    let (local, domain) = address.rsplit_once('@').ok_or(EmailError::Incomplete)?;
    if local.is_empty() || domain.is_empty() {
        return Err(EmailError::Incomplete);
    }
    if local.contains('"') {
        return Err(EmailError::Quoted);
    }
    if domain.starts_with('[') {
        return Err(EmailError::DomainLiteral);
    }
    if local.len() > MAX_LOCAL_BYTES {
        return Err(EmailError::LocalPartTooLong);
    }
    if address.chars().count() > MAX_CHARS {
        return Err(EmailError::TooLong);
    }
    syntax(address, domain)
}

fn syntax(address: &str, domain: &str) -> Result<(), EmailError> {
    use email_address::Error::{
        DomainEmpty, DomainInvalidSeparator, DomainTooFew, DomainTooLong, SubDomainEmpty,
        SubDomainTooLong,
    };
    let options = Options::default().without_display_text().without_domain_literal();
    if let Err(error) = EmailAddress::parse_with_options(address, options) {
        let domain = matches!(
            error,
            DomainEmpty
                | DomainInvalidSeparator
                | DomainTooFew
                | DomainTooLong
                | SubDomainEmpty
                | SubDomainTooLong
        );
        return Err(if domain { EmailError::Domain } else { EmailError::Syntax });
    }
    // The crate lets a domain have every character that the local part may have.
    let named = domain.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    if named { Ok(()) } else { Err(EmailError::Domain) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, EmailError>) {
        let email = Email::parse(text);
        assert_eq!(email.as_ref().map(Email::as_str).map_err(|e| *e), expected, "{text:?}");
    }

    #[test]
    fn addresses_are_read_into_one_spelling() {
        check("ada@example.com", Ok("ada@example.com"));
        check("Ada.Lovelace+News@Example.COM", Ok("ada.lovelace+news@example.com"));
        check("o'neil_x=1#2@my-host.example", Ok("o'neil_x=1#2@my-host.example"));
        check("root@localhost", Ok("root@localhost"));
        check("rene\u{301}@example.com", Ok("ren\u{e9}@example.com"));
        check("ADA@B\u{dc}CHER.example", Ok("ada@b\u{fc}cher.example"));
    }

    #[test]
    fn what_is_no_bare_address_is_refused() {
        for text in ["", "ada", "@example.com", "ada@"] {
            check(text, Err(EmailError::Incomplete));
        }
        let blank = [" ada@example.com", "ada@example.com\n", "a\u{0}a@example.com", "Ada <a@b.c>"];
        for text in blank.into_iter().chain(["a\u{a0}b@example.com", "ada@example.com\r\nBcc:x@y"])
        {
            check(text, Err(EmailError::Blank));
        }
        check("\"ada\"@example.com", Err(EmailError::Quoted));
        check("ada@[192.0.2.1]", Err(EmailError::DomainLiteral));
        for text in ["ada@.example", "ada@example..com", "ada@example.", "ada@ex_ample!.com"] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
        check("ada@ex_ample.com", Err(EmailError::Domain));
        for text in ["<ada@example.com>", "a@b@c.com", ".ada@example.com", "a..b@example.com"] {
            check(text, Err(EmailError::Syntax));
        }
        check("ada(comment)@example.com", Err(EmailError::Syntax));
    }

    #[test]
    fn lengths_are_limited_on_both_sides() {
        let local = "a".repeat(64);
        assert!(Email::parse(&format!("{local}@example.com")).is_ok());
        check(&format!("{local}a@example.com"), Err(EmailError::LocalPartTooLong));
        let label = "b".repeat(61);
        let longest = format!("{local}@{label}.{label}.c");
        assert_eq!(longest.len(), MAX_CHARS - 1);
        assert!(Email::parse(&format!("{longest}c")).is_ok());
        check(&format!("{longest}cc"), Err(EmailError::TooLong));
    }

    #[test]
    fn what_is_stored_is_read_as_it_is() {
        let email = Email::parse("Ada@Example.com").unwrap();
        let stored = serde_json::to_string(&email).unwrap();
        assert_eq!(stored, r#""ada@example.com""#);
        assert_eq!(serde_json::from_str::<Email>(&stored).unwrap(), email);
    }
}
