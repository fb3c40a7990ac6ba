//! The second factor: codes that an app counts out from a shared secret (RFC 6238), and the codes for
//! the day on which the app is lost.

use std::fmt;

use base32::Alphabet;
use serde_json::Value;
use totp_rs::{Builder, Totp};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        email::Email,
        fields::{Flaw, FromField},
    },
    random::Random,
    secret::{digest_of, same},
};

/// RFC 4226, section 4, recommends 160 bits.
const SECRET_BYTES: usize = 20;
/// How long a code is shown, and how many digits it has: what every app assumes.
const STEP_SECONDS: u64 = 30;
const DIGITS: usize = 6;
/// How many steps the clocks may differ, either way (RFC 6238, section 5.2).
const TOLERANCE: u64 = 1;
/// 128 bits: they cannot be guessed, even by an attacker who has a copy of the table and tries them against a fast
/// hash.
const RECOVERY_BYTES: usize = 16;
const RECOVERY_CHARS: usize = (RECOVERY_BYTES * 8).div_ceil(5);
/// How many letters are printed between two hyphens.
const GROUP_CHARS: usize = 4;

/// What the service and a person's app share; never printed, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TotpSecret([u8; SECRET_BYTES]);

/// The longest name of an issuer in what an app scans, encoded, in bytes; it is there twice.
const MAX_ISSUER_BYTES: usize = 96;
/// The longest address there.
const MAX_EMAIL_BYTES: usize = 256;

impl TotpSecret {
    /// A fresh secret.
    pub fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// The secret of these 20 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, for sealing.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as people type it into an app that cannot scan: 32 letters and digits.
    pub fn base32(&self) -> String {
        base32::encode(Alphabet::Rfc4648 { padding: false }, &self.0)
    }

    /// The secret that [`TotpSecret::base32`] gives.
    pub(crate) fn from_base32(text: &str) -> Option<Self> {
        let mut bytes = base32::decode(Alphabet::Rfc4648 { padding: false }, text)?;
        let secret = Self::from_bytes(&bytes);
        bytes.zeroize();
        secret
    }

    /// The address that an app scans (github.com/google/google-authenticator/wiki/Key-Uri-Format).
    pub fn url(&self, issuer: &str, email: &Email) -> String {
        // A colon ends the issuer, however it is written.
        let issuer = cut(&issuer.replace(':', " "), MAX_ISSUER_BYTES);
        let (email, secret) = (cut(email.as_str(), MAX_EMAIL_BYTES), self.base32());
        format!(
            "otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}\
             &algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
        )
    }

    /// The step that the code belongs to, if that is one of those around `now` and later than
    /// `after`, the last one that was used: a code works once.
    pub fn step_of(&self, code: &TotpCode, now: Timestamp, after: Option<u64>) -> Option<u64> {
        let totp = self.totp();
        let current = now.seconds() / STEP_SECONDS;
        // The latest first, so that a code which belongs to two steps does not work for each.
        (current.saturating_sub(TOLERANCE)..=current.saturating_add(TOLERANCE))
            .rev()
            .filter(|step| after.is_none_or(|after| *step > after))
            .find(|step| {
                let shown = totp.generate(step * STEP_SECONDS).to_string();
                same(shown.as_bytes(), code.0.as_bytes())
            })
    }

    /// The code that the app shows at `now`.
    pub fn code(&self, now: Timestamp) -> TotpCode {
        TotpCode(self.totp().generate(now.seconds()).to_string())
    }

    fn totp(&self) -> Totp {
        // "Noncompliant" builds whatever it is given; this is just what RFC 6238 says.
        Builder::new().with_step_duration(STEP_SECONDS).with_secret(self.0).build_noncompliant()
    }
}

/// Percent-encodes text for a query or a path; some apps show a `+` as it stands.
/// As much of a text as fits, encoded: what is too long fits into no picture that an app can scan.
fn cut(text: &str, most: usize) -> String {
    let mut cut = String::new();
    for letter in text.chars() {
        let letter = encode(letter.encode_utf8(&mut [0; 4]));
        if cut.len() + letter.len() > most {
            break;
        }
        cut.push_str(&letter);
    }
    cut
}

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Six digits from an app; spaces in between do not count.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode(String);

impl TotpCode {
    /// Reads a code; its form only.
    pub fn parse(text: &str) -> Option<Self> {
        let code = without_blanks(text, DIGITS)?;
        let form = code.len() == DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
        form.then_some(Self(code))
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromField for TotpCode {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let why = "must be the 6 digits that the app shows";
        Self::parse(&String::from_field(value)?).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// A code that stands in for the app once, such as `abcd-efgh-ijkl-mnop-qrst-uvwx-yz`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A fresh code.
    pub fn new(random: &Random) -> Self {
        let bytes = random.bytes::<RECOVERY_BYTES>();
        Self(base32::encode(Alphabet::Rfc4648Lower { padding: false }, &bytes))
    }

    /// Reads a code, in capitals or not, with or without hyphens and spaces; its form only.
    pub fn parse(text: &str) -> Option<Self> {
        let code = without_blanks(&text.replace('-', " "), RECOVERY_CHARS)?.to_ascii_lowercase();
        let form = |byte: u8| matches!(byte, b'a'..=b'z' | b'2'..=b'7');
        (code.len() == RECOVERY_CHARS && code.bytes().all(form)).then_some(Self(code))
    }

    /// The code as it is shown to its owner.
    pub fn reveal(&self) -> String {
        let mut shown = String::with_capacity(RECOVERY_CHARS + RECOVERY_CHARS / GROUP_CHARS);
        for (place, letter) in self.0.chars().enumerate() {
            if place > 0 && place % GROUP_CHARS == 0 {
                shown.push('-');
            }
            shown.push(letter);
        }
        shown
    }

    /// What the table knows the code by: SHA-256 in base64url. A code is too random to be guessed
    /// from it, so it needs no slow hash.
    pub fn digest(&self) -> String {
        digest_of(&self.0)
    }
}

impl FromField for RecoveryCode {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let why = "must be a recovery code such as abcd-efgh-ijkl-mnop-qrst-uvwx-yz";
        Self::parse(&String::from_field(value)?).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// What somebody shows besides the password.
#[derive(Clone, PartialEq, Eq)]
pub enum SecondFactor {
    /// The app's code.
    Totp(TotpCode),
    /// One of the codes for when the app is lost.
    Recovery(RecoveryCode),
}

impl FromField for SecondFactor {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let totp = TotpCode::parse(&text).map(Self::Totp);
        totp.or_else(|| RecoveryCode::parse(&text).map(Self::Recovery)).ok_or_else(|| {
            let why = "must be the 6 digits that the app shows, \
                       or a recovery code such as abcd-efgh-ijkl-mnop-qrst-uvwx-yz";
            Flaw::Value("format", why.into())
        })
    }
}

/// The text without white space; `None` as soon as it is longer than `most` characters.
fn without_blanks(text: &str, most: usize) -> Option<String> {
    let code: String = text.chars().filter(|c| !c.is_whitespace()).take(most + 1).collect();
    (code.chars().count() <= most).then_some(code)
}

macro_rules! unprinted {
    ($($name:ident)*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

unprinted! { TotpSecret TotpCode RecoveryCode SecondFactor }

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn code(text: &str) -> TotpCode {
        TotpCode::parse(text).unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, cut to the last six digits.
        let check = |seconds, expected| {
            assert_eq!(secret().code(at(seconds)).reveal(), expected, "{seconds}");
            let step = u64::try_from(seconds).unwrap() / STEP_SECONDS;
            assert_eq!(secret().step_of(&code(expected), at(seconds), None), Some(step));
        };
        check(59, "287082");
        check(1_111_111_109, "081804");
        check(1_111_111_111, "050471");
        check(1_234_567_890, "005924");
        check(2_000_000_000, "279037");
        check(20_000_000_000, "353130");
    }

    #[test]
    fn clocks_may_differ_by_one_step_either_way() {
        // This code is shown from 1_111_111_080 up to, but not including, 1_111_111_110.
        let step = Some(37_037_036);
        let check = |seconds, expected| {
            assert_eq!(secret().step_of(&code("081804"), at(seconds), None), expected, "{seconds}");
        };
        check(1_111_111_049, None);
        check(1_111_111_050, step);
        check(1_111_111_080, step);
        check(1_111_111_109, step);
        check(1_111_111_139, step);
        check(1_111_111_140, None);
    }

    #[test]
    fn a_code_works_once_and_none_before_it_afterwards() {
        let now = at(1_111_111_109);
        let check = |after, expected| {
            assert_eq!(secret().step_of(&code("081804"), now, Some(after)), expected, "{after}");
        };
        check(37_037_035, Some(37_037_036));
        check(37_037_036, None);
        check(37_037_037, None);
        assert_eq!(secret().step_of(&code("081805"), now, None), None);
    }

    #[test]
    fn time_has_a_beginning_and_an_end() {
        let secret = secret();
        let first = code("755224");
        assert_eq!(secret.step_of(&first, at(0), None), Some(0), "RFC 4226, appendix D, count 0");
        assert_eq!(secret.step_of(&first, Timestamp::from_millis(-1), None), Some(0));
        assert_eq!(secret.step_of(&first, Timestamp::from_millis(i64::MAX), None), None);
    }

    #[test]
    fn an_app_scans_or_is_told() {
        assert_eq!(secret().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let email = Email::parse("ada+news@example.com").unwrap();
        let expected = "otpauth://totp/Tea%20%26%20Co%20%20Ltd:ada%2Bnews%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Tea%20%26%20Co%20%20Ltd&algorithm=SHA1&digits=6&period=30";
        assert_eq!(secret().url("Tea & Co: Ltd", &email), expected);
    }

    #[test]
    fn what_an_app_scans_fits_into_a_picture() {
        let email = Email::parse(&format!("{}@example.com", "a".repeat(64))).unwrap();
        let url = secret().url(&"🐎".repeat(191), &email);
        assert!(url.len() < 600, "{}", url.len());
        assert!(url.contains(&format!("issuer={}&", "%F0%9F%90%8E".repeat(8))), "{url}");
    }

    #[test]
    fn a_secret_has_20_bytes_and_is_not_printed() {
        let new = TotpSecret::new(&Random::seeded(1));
        assert_eq!(TotpSecret::from_bytes(new.bytes()).unwrap().bytes(), new.bytes());
        assert_eq!(TotpSecret::from_base32(&new.base32()).unwrap().bytes(), new.bytes());
        assert!(TotpSecret::from_base32("GEZDGNBVGY3TQOJQ").is_none(), "too short");
        assert!(TotpSecret::from_base32("1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").is_none());
        assert!(TotpSecret::from_bytes(&[0; 19]).is_none());
        assert!(TotpSecret::from_bytes(&[0; 21]).is_none());
        assert_eq!(format!("{new:?}"), "TotpSecret(…)");
    }

    #[test]
    fn recovery_codes_are_read_as_people_type_them() {
        let code = RecoveryCode::new(&Random::seeded(1));
        let shown = code.reveal();
        assert_eq!(
            shown.split('-').map(str::len).collect::<Vec<_>>(),
            [4, 4, 4, 4, 4, 4, 2],
            "{shown}"
        );
        let bare = shown.replace('-', "");
        for typed in
            [&shown, &bare, &shown.to_uppercase(), &format!(" {bare}\n"), &shown.replace('-', " ")]
        {
            let read = RecoveryCode::parse(typed).unwrap();
            assert_eq!(read.digest(), code.digest(), "{typed}");
        }
        let other = RecoveryCode::new(&Random::seeded(2));
        assert_ne!(other.digest(), code.digest());
        // SHA-256 of the letters alone, by Python's hashlib.
        let known = RecoveryCode::parse("ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ").unwrap();
        assert_eq!(known.digest(), "ccSA35PWri8e-tFEfGbJUl4xYhjPUfyNntgy8trxi3M");
    }

    #[test]
    fn the_two_factors_are_told_apart() {
        let check = |value: Value, expected: Option<&str>| {
            let read = SecondFactor::from_field(value.clone()).ok().map(|factor| match factor {
                SecondFactor::Totp(code) => code.reveal().to_owned(),
                SecondFactor::Recovery(code) => code.reveal(),
            });
            assert_eq!(read.as_deref(), expected, "{value}");
        };
        check(json!("287082"), Some("287082"));
        check(json!(" 287 082 "), Some("287082"));
        let long = "abcd-efgh-ijkl-mnop-qrst-uvwx-yz";
        check(json!(long), Some(long));
        check(json!("ABCDEFGH23456777ABCDEFGH23"), Some("abcd-efgh-2345-6777-abcd-efgh-23"));
        check(json!("28708"), None);
        check(json!("2870820"), None);
        check(json!("28708a"), None);
        check(json!("٢٨٧٠٨٢"), None);
        check(json!("abcd-efgh-ijkl-mnop"), None);
        check(json!("abcd-efgh-ijkl-mnop-qrst-uvwx-y"), None);
        check(json!("abcd-efgh-ijkl-mnop-qrst-uvwx-yzz"), None);
        check(json!("abcd-efgh-ijkl-mnop-qrst-uvwx-y1"), None);
        check(json!("ábcd-efgh-ijkl-mnop-qrst-uvwx-yz"), None);
        check(json!(""), None);
        check(json!(287_082), None);
    }
}
