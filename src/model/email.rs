//! An email address, in the one spelling that the service compares and stores.

use std::{borrow::Cow, fmt};

use email_address::{EmailAddress, Options};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript, skeleton};

use crate::model::unseen::{self, Unseen};

/// The longest address, in characters.
pub const MAX_CHARS: usize = 191;
/// The longest part before the `@`, in bytes (RFC 5321, section 4.5.3.1.1).
pub const MAX_LOCAL_BYTES: usize = 64;

/// A bare address such as `ada@example.com`, in one spelling, so that two spellings of one address are
/// equal: lower-cased, the part before the `@` composed (Unicode NFC), the domain as DNS has it
/// (A-labels, UTS 46), which is `xn--bcher-kva.example` for `bücher.example`.
///
/// What is stored is not parsed again: an address that is not taken any more can still be read and
/// removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// Why a text is no [`Email`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing, or nothing on one side of the `@`.
    #[error("must be an email address such as ada@example.com")]
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
    /// A character that cannot be seen.
    #[error("must not contain the invisible character U+{:04X}", u32::from(*.0))]
    Unseen(char),
    /// A character before the `@` that some programs take for another one.
    #[error(
        "must not contain the character U+{:04X} before the @: some programs confuse it with a plain one; type the \
         plain one",
        u32::from(*.0)
    )]
    LookAlike(char),
    /// `"ada lovelace"@example.com`.
    #[error("must not contain quotes before the @")]
    Quoted,
    /// `ada@[192.0.2.1]`.
    #[error("must have a domain name after the @, not an IP address in brackets")]
    DomainLiteral,
    /// No domain name after the `@`.
    #[error("must have a domain name such as example.com after the @")]
    Domain,
    /// A character that has no place in an address.
    #[error("has a character or a dot in a place where it is not allowed")]
    Syntax,
}

impl Email {
    /// Reads an address (RFC 5321, RFC 6531) without display name, quotes or IP address, as somebody
    /// types it: white space around it is dropped.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        Self::of_claim(text.trim())
    }

    /// The same of an address that another program states, which therefore counts to the letter.
    pub fn of_claim(text: &str) -> Result<Self, EmailError> {
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(EmailError::Blank);
        }
        // Longer than any valid address in any spelling: not worth the work of composing it.
        if text.len() > 16 * MAX_CHARS {
            return Err(EmailError::TooLong);
        }
        // Before anything is mapped: there are characters that become an `@`.
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Incomplete)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailError::Incomplete);
        }
        let local = local_part(local)?;
        let address = format!("{local}@{}", ascii_domain(domain)?);
        if address.chars().count() > MAX_CHARS {
            return Err(EmailError::TooLong);
        }
        check_syntax(&address)?;
        Ok(Self(address))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its domain, in A-labels.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The address as people write it, `ada@bücher.example`, to be found by; not for showing it, since it
    /// may look like another one.
    pub fn as_written(&self) -> Cow<'_, str> {
        written(&self.0)
    }

    /// The address as it is shown to people: the labels of its domain as they are written, but for those
    /// that mix scripts or can be taken for others.
    pub fn shown(&self) -> Cow<'_, str> {
        let is_plain =
            |label: &str| label.is_single_script() && !skeleton(label).all(|c| c.is_ascii());
        with_labels(&self.0, is_plain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An address as people write it, as [`Email::as_written`] does of one that is stored.
pub fn written(address: &str) -> Cow<'_, str> {
    with_labels(address, |_| true)
}

/// The address with those labels of its domain in Unicode that are to be written so.
fn with_labels(address: &str, is_written: impl Fn(&str) -> bool) -> Cow<'_, str> {
    let parts = address.rsplit_once('@').filter(|(_, domain)| domain.contains("xn--"));
    let Some((local, domain)) = parts else { return Cow::Borrowed(address) };
    let is_written = |label: &[char], _: &[char], _: bool| is_written(&String::from_iter(label));
    let (written, valid) = Uts46::new().to_user_interface(
        domain.as_bytes(),
        AsciiDenyList::STD3,
        Hyphens::CheckFirstLast,
        is_written,
    );
    match valid {
        Ok(()) => Cow::Owned(format!("{local}@{written}")),
        Err(_) => Cow::Borrowed(address),
    }
}

/// The part before the `@`, lower-cased and composed. It belongs to its mail server, which may tell a
/// mailbox `K` (U+212A, the sign of kelvins) from `k`: what would become a plain character on the way is
/// refused, not mapped.
fn local_part(text: &str) -> Result<String, EmailError> {
    if text.contains('"') {
        return Err(EmailError::Quoted);
    }
    if let Some(c) = text.chars().find(|c| becomes_plain(*c)) {
        return Err(EmailError::LookAlike(c));
    }
    let local = if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        text.nfc().flat_map(char::to_lowercase).nfc().collect()
    };
    match unseen::find(&local) {
        None => {}
        Some(Unseen::Character(c)) => return Err(EmailError::Unseen(c)),
        Some(Unseen::Marks | Unseen::Loose(_) | Unseen::Empty) => return Err(EmailError::Syntax),
    }
    if local.len() > MAX_LOCAL_BYTES {
        return Err(EmailError::LocalPartTooLong);
    }
    Ok(local)
}

/// Whether a character outside of ASCII has one of ASCII in it, composed, lower-cased or as Unicode says
/// that it is read (NFKC).
fn becomes_plain(c: char) -> bool {
    let once = || std::iter::once(c);
    !c.is_ascii()
        && (once().nfc().any(|c| c.is_ascii())
            || c.to_lowercase().any(|c| c.is_ascii())
            || once().nfkc().flat_map(char::to_lowercase).any(|c| c.is_ascii()))
}

/// The domain as DNS has it.
fn ascii_domain(text: &str) -> Result<Cow<'_, str>, EmailError> {
    if text.starts_with('[') {
        return Err(EmailError::DomainLiteral);
    }
    // Joiners are looked at along with the letters around them.
    let unseen = |c: &char| unseen::is_unseen(*c) && !matches!(c, '\u{200c}' | '\u{200d}');
    if let Some(c) = text.chars().find(unseen) {
        return Err(EmailError::Unseen(c));
    }
    Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| if text.contains('@') { EmailError::Syntax } else { EmailError::Domain })
}

fn check_syntax(address: &str) -> Result<(), EmailError> {
    let options = Options::default().without_display_text().without_domain_literal();
    EmailAddress::parse_with_options(address, options).map(drop).map_err(|_| EmailError::Syntax)
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
        check(" ada@example.com\r\n", Ok("ada@example.com"));
        check("\u{3000}ada@example.com\u{a0}", Ok("ada@example.com"));
    }

    #[test]
    fn domains_are_as_dns_has_them() {
        let ada = Ok("ada@xn--bcher-kva.example");
        for domain in [
            "b\u{fc}cher.example",
            "B\u{dc}CHER.Example",
            "bu\u{308}cher.example",
            "xn--bcher-kva.example",
            "XN--BCHER-KVA.example",
            "b\u{fc}cher\u{3002}example",
            "\u{ff42}\u{fc}\u{ff43}\u{ff48}\u{ff45}\u{ff52}.example",
        ] {
            check(&format!("ada@{domain}"), ada);
        }
        check("ada@\u{ff45}xample.com", Ok("ada@example.com"));
        // Not the older rules, by which these were one.
        check("ada@fa\u{df}.example", Ok("ada@xn--fa-hia.example"));
        check("ada@ab--cd.example", Ok("ada@ab--cd.example"));
        for domain in [
            "xn--a.example",
            "xn--example",
            "-a.example",
            "a-.example",
            "example.",
            "a..b",
            "a_b.c",
        ] {
            check(&format!("ada@{domain}"), Err(EmailError::Domain));
        }
        for (domain, c) in [("ex\u{ad}ample.com", '\u{ad}'), ("example\u{200b}.com", '\u{200b}')] {
            check(&format!("ada@{domain}"), Err(EmailError::Unseen(c)));
        }
        check("ada@evil\u{ff20}example.com", Err(EmailError::Domain));
        let long = format!("ada@{}.example", "\u{fc}".repeat(60));
        check(&long, Err(EmailError::Domain));
    }

    #[test]
    fn what_would_become_a_plain_character_is_another_mailbox() {
        for c in [
            '\u{212a}',
            '\u{ff4b}',
            '\u{130}',
            '\u{fb01}',
            '\u{1d550}',
            '\u{37e}',
            '\u{1fef}',
            '\u{aa}',
            '\u{ff20}',
            '\u{2024}',
        ] {
            check(&format!("a{c}b@example.com"), Err(EmailError::LookAlike(c)));
        }
        check("a\u{200b}b@example.com", Err(EmailError::Unseen('\u{200b}')));
        check("a\u{202e}b@example.com", Err(EmailError::Unseen('\u{202e}')));
        check("\u{441}\u{430}\u{434}@example.com", Ok("\u{441}\u{430}\u{434}@example.com"));
        check("STRA\u{df}E@example.com", Ok("stra\u{df}e@example.com"));
    }

    #[test]
    fn no_local_part_turns_into_a_plain_one_and_all_are_read_as_they_were() {
        for c in ('\u{80}'..='\u{1ffff}').filter(|c| !c.is_whitespace()) {
            let Ok(email) = Email::parse(&format!("a{c}b@example.com")) else { continue };
            assert!(!email.as_str().is_ascii(), "U+{:04X}", u32::from(c));
            assert_eq!(Email::parse(email.as_str()), Ok(email), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn what_another_program_states_counts_to_the_letter() {
        assert!(Email::of_claim("Ada@B\u{fc}cher.example").is_ok());
        assert_eq!(Email::of_claim(" ada@example.com"), Err(EmailError::Blank));
    }

    #[test]
    fn people_are_shown_domains_that_look_like_no_other() {
        let shown = |text: &str, expected: &str| {
            let email = Email::parse(text).unwrap();
            assert_eq!(email.shown(), expected, "{text}");
        };
        shown("ada@b\u{fc}cher.example", "ada@b\u{fc}cher.example");
        shown("ada@example.com", "ada@example.com");
        shown("ada@\u{4f8b}\u{3048}.jp", "ada@\u{4f8b}\u{3048}.jp");
        // Cyrillic letters that look like Latin ones, all of them or some.
        shown("ada@\u{430}\u{440}\u{440}\u{435}.com", "ada@xn--80ak6aa.com");
        shown("ada@p\u{430}ypal.com", "ada@xn--pypal-4ve.com");
        shown("ada@examp\u{131}e.com", "ada@xn--exampe-t9a.com");
        let email = Email::parse("ada@\u{430}\u{440}\u{440}\u{435}.com").unwrap();
        assert_eq!(email.as_written(), "ada@\u{430}\u{440}\u{440}\u{435}.com");
    }

    #[test]
    fn what_is_no_bare_address_is_refused() {
        for text in ["", "ada", "@example.com", "ada@"] {
            check(text, Err(EmailError::Incomplete));
        }
        let blank = ["ada @example.com", "ada@example\n.com", "a\u{0}a@example.com", "Ada <a@b.c>"];
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
        for text in ["a@b@c.com", ".ada@example.com", "a..b@example.com"] {
            check(text, Err(EmailError::Syntax));
        }
        check("ada(comment)@example.com", Err(EmailError::Syntax));
        check("<ada@example.com>", Err(EmailError::Domain));
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
