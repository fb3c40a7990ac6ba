//! The claims of a token (RFC 7519), and what they must say before they prove anything.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    auth::{
        identity::{Identity, Presence, is_subject},
        rejected::Rejected,
    },
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, SessionId, SignInId, UserId},
        session::Method,
        sign_in::ISSUER,
        user::IdentityKey,
    },
};

/// How far the clocks of an issuer and of this machine may be apart.
pub(crate) const LEEWAY: Duration = Duration::from_secs(30);
/// The end of the year 9999, the last second that RFC 3339 can write.
const LAST_MILLIS: f64 = 253_402_300_799_000.0;
/// The longest first or last name that is taken over, in characters.
const MAX_NAME_CHARS: usize = 191;

/// The claims that matter here (RFC 7519, section 4.1; OIDC Core 1.0, section 5.1).
///
/// Those that a token stands or falls with are typed; the others are read leniently, because issuers
/// write odd things there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Claims {
    pub(crate) iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    exp: Option<f64>,
    nbf: Option<f64>,
    iat: Option<f64>,
    auth_time: Option<f64>,
    email: Value,
    email_verified: Value,
    given_name: Value,
    family_name: Value,
    sid: Value,
    amr: Value,
    account_id: Value,
    user_id: Value,
}

/// One recipient or several (RFC 7519, section 4.1.3).
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What the settings say about an issuer's tokens, apart from its keys.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// The exact `iss`.
    pub(crate) issuer: String,
    /// `aud` must name one of these.
    pub(crate) audiences: Vec<String>,
    /// What [`Identity::trusted`] becomes.
    pub(crate) trusted: bool,
}

impl Expected {
    /// Sessions are the built-in issuer's; what others mean by `sid` is theirs.
    fn session(&self, sid: &Value) -> Option<SessionId> {
        (self.issuer == ISSUER).then(|| SessionId::parse(sid.as_str()?)).flatten()
    }

    /// What others call the ways to sign in is theirs, too.
    fn methods(&self, amr: &Value) -> Vec<Method> {
        let own = amr.as_array().filter(|_| self.issuer == ISSUER);
        own.into_iter().flatten().filter_map(|it| Method::deserialize(it).ok()).collect()
    }

    /// The same goes for accounts and users.
    fn member(&self, account: &Value, user: &Value) -> Option<(AccountId, UserId)> {
        if self.issuer != ISSUER {
            return None;
        }
        Some((AccountId::parse(account.as_str()?)?, UserId::parse(user.as_str()?)?))
    }
}

impl Claims {
    /// What the claims prove at `now`, once their signature is known to be `expected.issuer`'s.
    pub(crate) fn prove(self, expected: &Expected, now: Timestamp) -> Result<Identity, Rejected> {
        if !self.is_for(&expected.audiences) {
            return Err(Rejected::WrongAudience);
        }
        let expires = moment(self.exp.ok_or(Rejected::MissingExpiry)?);
        if expired(expires, now) {
            return Err(Rejected::Expired);
        }
        if self.nbf.is_some_and(|start| moment(start) > now.plus(LEEWAY)) {
            return Err(Rejected::NotYetValid);
        }
        let presence = self.presence();
        if presence.since > now.plus(LEEWAY) {
            // It would outlast being signed out.
            return Err(Rejected::IssuedAhead);
        }
        let subject = self.sub.ok_or(Rejected::MissingSubject)?;
        if !is_subject(&subject) {
            return Err(Rejected::InvalidSubject);
        }
        let session = expected.session(&self.sid);
        if session.is_none() && expected.issuer == ISSUER && SignInId::parse(&subject).is_some() {
            // What a person's sign-in proves is measured by its session.
            return Err(Rejected::MissingSession);
        }
        let email = self.email.as_str().and_then(|text| Email::of_claim(text).ok());
        Ok(Identity {
            key: IdentityKey { issuer: expected.issuer.clone(), subject },
            email_verified: email.is_some() && is_true(&self.email_verified),
            email,
            trusted: expected.trusted,
            session,
            first: name(&self.given_name),
            last: name(&self.family_name),
            member: expected.member(&self.account_id, &self.user_id),
            auth_time: self.auth_time.map(moment),
            amr: expected.methods(&self.amr),
            token: [0; 32],
            presence,
            expires,
        })
    }

    fn presence(&self) -> Presence {
        let since = self.auth_time.or(self.iat).map(moment).unwrap_or_default();
        Presence { since, barred: Vec::new() }
    }

    fn is_for(&self, audiences: &[String]) -> bool {
        match &self.aud {
            None => false,
            Some(Audience::One(name)) => audiences.contains(name),
            Some(Audience::Several(names)) => names.iter().any(|name| audiences.contains(name)),
        }
    }
}

/// Whether a token that ends at `expires` has ended, the clocks' difference allowed for.
pub(crate) fn expired(expires: Timestamp, now: Timestamp) -> bool {
    now >= expires.plus(LEEWAY)
}

/// A `NumericDate`, which may have a fraction (RFC 7519, section 2), cut to what can be written.
pub(super) fn moment(seconds: f64) -> Timestamp {
    let millis = (seconds * 1000.0).clamp(0.0, LAST_MILLIS);
    #[expect(clippy::cast_possible_truncation, reason = "the line above keeps it in range")]
    Timestamp::from_millis(millis as i64)
}

/// Amazon Cognito writes booleans as text.
fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}

fn name(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    let fits = (1..=MAX_NAME_CHARS).contains(&text.chars().count());
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn prove(claims: &str) -> Result<Identity, Rejected> {
        let claims: Claims = serde_json::from_str(claims).unwrap();
        let audiences = vec!["app".into(), "other".into()];
        claims.prove(&Expected { issuer: "iss".into(), audiences, trusted: true }, NOW)
    }

    fn check(claims: &str, expected: Result<(), Rejected>) {
        assert_eq!(prove(claims).map(drop), expected, "{claims}");
    }

    #[test]
    fn the_times_have_a_leeway_of_30_seconds() {
        let at = |exp: f64| format!(r#"{{"aud":"app","sub":"s","exp":{exp}}}"#);
        check(&at(1_799_999_970.001), Ok(()));
        check(&at(1_799_999_970.0), Err(Rejected::Expired));
        check(&at(-1.0), Err(Rejected::Expired));
        check(&at(1e300), Ok(()));
        check(r#"{"aud":"app","sub":"s"}"#, Err(Rejected::MissingExpiry));
        let from = |nbf: f64| format!(r#"{{"aud":"app","sub":"s","exp":2e9,"nbf":{nbf}}}"#);
        check(&from(1_800_000_030.0), Ok(()));
        check(&from(1_800_000_030.001), Err(Rejected::NotYetValid));
    }

    #[test]
    fn an_expiry_in_the_far_future_can_still_be_written() {
        let identity = prove(r#"{"aud":"app","sub":"s","exp":1e18}"#).unwrap();
        assert_eq!(identity.expires.to_string(), "9999-12-31T23:59:59.000Z");
    }

    #[test]
    fn one_of_the_audiences_must_be_meant() {
        let to = |aud: &str| format!(r#"{{"aud":{aud},"sub":"s","exp":2e9}}"#);
        check(&to(r#""app""#), Ok(()));
        check(&to(r#"["nobody","other"]"#), Ok(()));
        for aud in [r#""apple""#, r#""""#, "[]", r#"["App"]"#, "null"] {
            check(&to(aud), Err(Rejected::WrongAudience));
        }
    }

    #[test]
    fn what_is_said_about_the_person_is_read_leniently() {
        let with =
            |more: &str| prove(&format!(r#"{{"aud":"app","sub":"s","exp":2e9,{more}}}"#)).unwrap();
        let ada = with(
            r#""email":"Ada@b.c","email_verified":"true","given_name":" Ada ","family_name":"L""#,
        );
        assert_eq!(ada.email.as_ref().map(Email::as_str), Some("ada@b.c"));
        assert_eq!((ada.email_verified, ada.trusted), (true, true));
        assert_eq!((ada.first.as_deref(), ada.last.as_deref()), (Some("Ada"), Some("L")));
        for odd in
            [r#""email_verified":1"#, r#""email_verified":"yes""#, r#""email_verified":false"#]
        {
            assert!(!with(&format!(r#""email":"a@b.c",{odd}"#)).email_verified, "{odd}");
        }
        // What another program states is not corrected: it may be another mailbox there.
        for other in [r"\u212aelvin@b.c", r" kelvin@b.c", r"kel\u200bvin@b.c", r"kelvin@b.c\n"] {
            let odd = with(&format!(r#""email":"{other}","email_verified":true"#));
            assert_eq!((odd.email, odd.email_verified), (None, false), "{other}");
        }
        let nobody = with(r#""email":"ada","email_verified":true,"given_name":7,"family_name":"""#);
        assert_eq!((nobody.email, nobody.email_verified), (None, false));
        assert_eq!((nobody.first, nobody.last), (None, None));
    }

    #[test]
    fn a_subject_is_needed_and_checked() {
        check(r#"{"aud":"app","exp":2e9}"#, Err(Rejected::MissingSubject));
        check(r#"{"aud":"app","exp":2e9,"sub":""}"#, Err(Rejected::InvalidSubject));
        check(r#"{"aud":"app","exp":2e9,"sub":"a\u0000"}"#, Err(Rejected::InvalidSubject));
    }
}
