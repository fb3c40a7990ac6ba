//! The claims of a token (RFC 7519), and what they must say before they prove anything.

use std::{collections::HashMap, fmt, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use serde_json::Value;

use crate::{
    auth::{
        claim_names::{ClaimNames, EMAIL_VERIFIED, EmailVerified, TrustEmail},
        identity::{Identity, Presence, is_subject},
        known,
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
/// The claim in which Google says which of its customers runs somebody's account.
const ORGANISATION: &str = "hd";

/// The claims of a token, whichever they are (RFC 7519, section 4).
///
/// Those that a token stands or falls with must be of the right type; the others are read leniently, because issuers
/// write odd things there.
#[derive(Debug, Default)]
pub(crate) struct Claims(HashMap<String, Value>);

/// What the settings say about an issuer's tokens, apart from its keys.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    /// What identities are stored under: the first spelling of the issuer's name.
    pub(crate) issuer: String,
    /// One of these must be named as the token's audience.
    pub(crate) audiences: Vec<String>,
    /// Which claims say what.
    pub(crate) claims: ClaimNames,
    /// Which addresses are believed.
    pub(crate) trust: TrustEmail,
}

/// What a token says about a person, as far as other people may read it.
pub(super) struct Person {
    /// The address.
    pub(super) email: Option<Email>,
    /// Whether the issuer says that the address is the person's.
    pub(super) verified: bool,
    /// The domain of the organisation that the person's account belongs to (Google).
    pub(super) organisation: Option<String>,
    /// The first name.
    pub(super) first: Option<String>,
    /// The last name.
    pub(super) last: Option<String>,
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
    /// The issuer, as the token spells it.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.text("iss").ok().flatten()
    }

    /// Whether it is a notice of what has happened, for which others look like tokens of people (RFC 8417,
    /// section 2.2): `sub`, `aud` and `exp` may all be there.
    pub(crate) fn is_notice(&self) -> bool {
        self.0.contains_key("events")
    }

    /// What the claims prove at `now`, once their signature is known to be `expected.issuer`'s.
    pub(crate) fn prove(&self, expected: &Expected, now: Timestamp) -> Result<Identity, Rejected> {
        let names = &expected.claims;
        if !self.is_for(&names.audience, &expected.audiences) {
            return Err(Rejected::WrongAudience);
        }
        let expires = moment(self.number("exp")?.ok_or(Rejected::MissingExpiry)?);
        if expired(expires, now) {
            return Err(Rejected::Expired);
        }
        if self.number("nbf")?.is_some_and(|start| moment(start) > now.plus(LEEWAY)) {
            return Err(Rejected::NotYetValid);
        }
        let auth_time = self.number("auth_time")?;
        let presence = self.presence(auth_time)?;
        if presence.since > now.plus(LEEWAY) {
            // It would outlast being signed out.
            return Err(Rejected::IssuedAhead);
        }
        let subject = self.text(&names.subject)?.ok_or(Rejected::MissingSubject)?;
        if !is_subject(subject) {
            return Err(Rejected::InvalidSubject);
        }
        let session = expected.session(self.get("sid"));
        if session.is_none() && expected.issuer == ISSUER && SignInId::parse(subject).is_some() {
            // What a person's sign-in proves is measured by its session.
            return Err(Rejected::MissingSession);
        }
        let Person { email, verified, organisation, first, last } = self.person(names);
        let believed = (expected.issuer.as_str(), &expected.trust);
        Ok(Identity {
            key: IdentityKey { issuer: expected.issuer.clone(), subject: subject.to_owned() },
            email_verified: verified,
            trusted: known::believes(believed, email.as_ref(), organisation.as_deref()),
            email,
            session,
            first,
            last,
            member: expected.member(self.get("account_id"), self.get("user_id")),
            auth_time: auth_time.map(moment),
            amr: expected.methods(self.get("amr")),
            token: [0; 32],
            presence,
            expires,
        })
    }

    /// What they say about a person, by the claims of these names.
    pub(super) fn person(&self, names: &ClaimNames) -> Person {
        let email = email(self.get(&names.email));
        let (first, last) = self.names(names);
        let verified = email.is_some() && self.vouches(&names.email_verified);
        let organisation = self.get(ORGANISATION).as_str().map(str::to_owned);
        Person { email, verified, organisation, first, last }
    }

    fn presence(&self, auth_time: Option<f64>) -> Result<Presence, Rejected> {
        let since = auth_time.or(self.number("iat")?).map(moment).unwrap_or_default();
        Ok(Presence { since, barred: Vec::new() })
    }

    /// Of the claims that may name the audience, the first that is there counts.
    fn is_for(&self, claims: &[String], audiences: &[String]) -> bool {
        let is_meant =
            |name: &Value| name.as_str().is_some_and(|it| audiences.iter().any(|own| own == it));
        match claims.iter().map(|claim| self.get(claim)).find(|value| !value.is_null()) {
            Some(Value::Array(names)) => names.iter().any(is_meant),
            Some(name) => is_meant(name),
            None => false,
        }
    }

    /// Whether nobody else is named as the audience (`OpenID` Connect Core 1.0, section 3.1.3.7).
    pub(super) fn is_for_alone(&self, client: &str) -> bool {
        let is_client = |name: &Value| name.as_str() == Some(client);
        let audience = self.get("aud");
        match audience.as_array() {
            Some(names) => !names.is_empty() && names.iter().all(is_client),
            None => is_client(audience),
        }
    }

    /// Whether the issuer says that the address is the person's.
    fn vouches(&self, verified: &EmailVerified) -> bool {
        match verified {
            EmailVerified::Always => true,
            EmailVerified::Claim(claim) => is_true(self.get(claim), claim != EMAIL_VERIFIED),
        }
    }

    /// The first and the last name; a whole one only where neither is there.
    fn names(&self, names: &ClaimNames) -> (Option<String>, Option<String>) {
        match (name(self.get(&names.first)), name(self.get(&names.last))) {
            (None, None) => name(self.get(&names.name)).map_or((None, None), |whole| split(&whole)),
            both => both,
        }
    }

    fn get(&self, claim: &str) -> &Value {
        self.0.get(claim).unwrap_or(&Value::Null)
    }

    /// A claim that must be a text, if it is there.
    pub(super) fn text(&self, claim: &str) -> Result<Option<&str>, Rejected> {
        match self.get(claim) {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(Rejected::Malformed)
            }
        }
    }

    /// A claim that must be a number, if it is there.
    pub(super) fn number(&self, claim: &str) -> Result<Option<f64>, Rejected> {
        let value = self.get(claim);
        if value.is_null() {
            return Ok(None);
        }
        value.as_f64().map(Some).ok_or(Rejected::Malformed)
    }

    /// Whether the claims that a token stands or falls with are of the types that they must have.
    fn has_types(&self) -> bool {
        let is_text = |value: &Value| value.is_string() || value.is_null();
        let is_number = |value: &Value| value.is_number() || value.is_null();
        let audience = self.get("aud");
        let several = audience.as_array().is_some_and(|all| all.iter().all(Value::is_string));
        ["iss", "sub"].iter().all(|claim| is_text(self.get(claim)))
            && ["exp", "nbf", "iat", "auth_time"].iter().all(|claim| is_number(self.get(claim)))
            && (is_text(audience) || several)
    }
}

/// No claim may be there twice: programs differ in which one they take (RFC 7519, section 4).
impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the claims of a token")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Claims, A::Error> {
                let mut claims = HashMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if claims.insert(name, value).is_some() {
                        return Err(de::Error::custom("a claim is there twice"));
                    }
                }
                Ok(Claims(claims))
            }
        }

        let claims = deserializer.deserialize_map(Reader)?;
        if claims.has_types() {
            Ok(claims)
        } else {
            Err(de::Error::custom("a claim of a wrong type"))
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

/// Amazon Cognito writes booleans as text. Under names of their own, issuers write them as numbers, too, such as
/// Microsoft's `xms_edov`.
fn is_true(value: &Value, is_own_claim: bool) -> bool {
    let text = value.as_str();
    let says_so = value.as_bool() == Some(true) || text == Some("true");
    says_so || (is_own_claim && (value.as_u64() == Some(1) || text == Some("1")))
}

/// The address, or the first one of a list.
fn email(value: &Value) -> Option<Email> {
    let first = value.as_array().and_then(|all| all.first());
    let text = first.unwrap_or(value).as_str()?;
    Email::of_claim(text).ok()
}

/// A whole name in two, where it is plain how: `Ada Lovelace`, or `Lovelace, Ada`. All others stay whole, as the
/// first name: which of three words are the last name differs, and where the last name comes first, too.
pub(super) fn split(whole: &str) -> (Option<String>, Option<String>) {
    let both = |first: &str, last: &str| (name(&first.into()), name(&last.into()));
    let parts: Vec<&str> = whole.split(',').collect();
    let words: Vec<&str> = whole.split_whitespace().collect();
    match (parts.as_slice(), words.as_slice()) {
        ([last, first], _) if last.split_whitespace().count() == 1 => both(first, last),
        ([_], [first, last]) if is_written_first_to_last(whole) => both(first, last),
        _ => (Some(whole.to_owned()), None),
    }
}

/// Whether all its letters are of scripts in which given names come first: Latin, Greek, Cyrillic.
fn is_written_first_to_last(name: &str) -> bool {
    name.chars().all(|c| c < '\u{530}' || ('\u{1e00}'..'\u{2030}').contains(&c))
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
        prove_by(claims, ClaimNames::default(), TrustEmail::Always)
    }

    fn prove_by(text: &str, claims: ClaimNames, trust: TrustEmail) -> Result<Identity, Rejected> {
        let audiences = vec!["app".into(), "other".into()];
        let expected = Expected { issuer: "iss".into(), audiences, claims, trust };
        serde_json::from_str::<Claims>(text).unwrap().prove(&expected, NOW)
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

    #[test]
    fn a_whole_name_is_split_where_it_is_plain_how() {
        let check = |whole: &str, expected: (&str, &str)| {
            let token = format!(r#"{{"aud":"app","sub":"s","exp":2e9,"name":"{whole}"}}"#);
            let Identity { first, last, .. } = prove(&token).unwrap();
            assert_eq!(
                (first.as_deref(), last.as_deref().unwrap_or_default()),
                (Some(expected.0), expected.1)
            );
        };
        check("Ada Lovelace", ("Ada", "Lovelace"));
        check("Lovelace, Ada", ("Ada", "Lovelace"));
        check(" Zoë  Müller-Lüdenscheidt ", ("Zoë", "Müller-Lüdenscheidt"));
        check("Анна Каренина", ("Анна", "Каренина"));
        for whole in
            ["Ada", "Ludwig van Beethoven", "Lovelace, Ada, Countess", "山田 太郎", "김 민준"]
        {
            check(whole, (whole, ""));
        }
        let both =
            r#"{"aud":"app","sub":"s","exp":2e9,"name":"Ada Lovelace","given_name":"Countess"}"#;
        let Identity { first, last, .. } = prove(both).unwrap();
        assert_eq!((first.as_deref(), last), (Some("Countess"), None));
    }

    #[test]
    fn the_settings_say_which_claim_counts() {
        let names = ClaimNames {
            audience: vec!["azp".into(), "client_id".into()],
            subject: "oid".into(),
            email: "emails".into(),
            email_verified: EmailVerified::Claim("xms_edov".into()),
            ..ClaimNames::default()
        };
        let prove = |more: &str| {
            let text = format!(r#"{{"exp":2e9,"sub":"s","emails":["a@b.c","d@b.c"],{more}}}"#);
            prove_by(&text, names.clone(), TrustEmail::Always)
        };
        let identity = prove(r#""client_id":"app","oid":"o","xms_edov":"1""#).unwrap();
        assert_eq!(identity.key.subject, "o");
        assert_eq!(identity.email.as_ref().map(Email::as_str), Some("a@b.c"));
        assert!(identity.email_verified);
        assert!(!prove(r#""azp":"app","oid":"o","email_verified":true"#).unwrap().email_verified);
        let elsewhere = r#""azp":"elsewhere","client_id":"app","oid":"o""#;
        assert_eq!(prove(elsewhere), Err(Rejected::WrongAudience));
        assert_eq!(prove(r#""aud":"app","oid":"o""#), Err(Rejected::WrongAudience));
        assert_eq!(prove(r#""azp":"app""#), Err(Rejected::MissingSubject));
        assert_eq!(prove(r#""azp":"app","oid":7"#), Err(Rejected::Malformed));
    }

    /// Facebook's tokens have an email that it has confirmed, and do not say so.
    #[test]
    fn an_issuer_may_vouch_for_all_of_its_emails() {
        let vouched = ClaimNames { email_verified: EmailVerified::Always, ..ClaimNames::default() };
        let believed = |names: &ClaimNames, email: &str| {
            let text =
                format!(r#"{{"aud":"app","sub":"10229","exp":2e9,"name":"Ada Lovelace"{email}}}"#);
            let identity = prove_by(&text, names.clone(), TrustEmail::Always).unwrap();
            identity.trusted_email().map(ToString::to_string)
        };
        let email = r#","email":"ada@example.com""#;
        assert_eq!(believed(&vouched, email).as_deref(), Some("ada@example.com"));
        assert_eq!(believed(&vouched, ""), None);
        assert_eq!(believed(&ClaimNames::default(), email), None);
    }

    #[test]
    fn whole_domains_are_trusted() {
        let domains = TrustEmail::Domains(vec!["b.c".into(), "xn--bcher-kva.example".into()]);
        let trusted = |email: &str| {
            let text = format!(
                r#"{{"aud":"app","sub":"s","exp":2e9,"email":"{email}","email_verified":true}}"#
            );
            prove_by(&text, ClaimNames::default(), domains.clone())
                .unwrap()
                .trusted_email()
                .is_some()
        };
        for email in ["a@b.c", "A@B.C", "a@bücher.example"] {
            assert!(trusted(email), "{email}");
        }
        for email in ["a@x.b.c", "a@xb.c", "b.c@d.e", "a@b.c.d"] {
            assert!(!trusted(email), "{email}");
        }
    }
}
