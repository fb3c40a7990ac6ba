//! Lines of the operator's import: accounts, sign-ins and users as they were elsewhere. Only the command line
//! makes these; of the interface no call does.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::{InAccount, missing, user::CreateUser};
use crate::{
    admit::admit,
    auth::{identity::is_subject, provider::is_provider_name},
    caller::Caller,
    contract,
    error::{Code, Error, Fault, Result},
    model::{
        account::Account,
        fields::{Fields, Flaw, FromField},
        id::AccountId,
        sign_in::{MAX_PROVIDERS, ProviderCredential},
        text::Patch,
        totp::TotpSecret,
        user::IdentityKey,
    },
    store::{
        By, Conflict, Error as StoreError, Store,
        account::manage::NewAccount,
        user::{
            create::{IfTrashed, NewUser, Vouched},
            transfer::{Arrival, MovedAccount, MovedSignIn, MovedTotp},
        },
    },
};

/// What a user's line may have beside the fields of `user/create`.
const VOUCHED: [&str; 4] = ["identity", "joined", "revoked", "emailVerified"];
/// The most recovery codes that a sign-in has.
const MAX_RECOVERY: usize = 10;
/// The size of a recovery code's digest, in bytes.
const DIGEST_BYTES: usize = 32;

/// Makes an account of a line.
///
/// # Errors
/// What is wrong with the line.
pub(crate) async fn account(store: &Store, line: Map<String, Value>) -> Result<Arrival<Account>> {
    Ok(store.import_account(&By::operator("account/create"), &read_account(line)?).await?)
}

/// Reads an account's line.
///
/// # Errors
/// What is wrong with the line.
pub(crate) fn read_account(line: Map<String, Value>) -> Result<MovedAccount> {
    let known = ["id", "name", "settings", "managed", "logo", "state", "home", "setUp"];
    read_line(line, &known, |fields| {
        let (id, name) = (fields.required("id"), fields.required("name"));
        let settings = fields.optional("settings").map(|Patch(map)| map);
        let managed = fields.optional("managed").unwrap_or(false);
        let home = fields.optional("home").unwrap_or(false);
        let is_set_up = fields.optional("setUp").unwrap_or(false);
        let (state, home) = (fields.optional("state"), home.then_some(is_set_up));
        let logo = fields.optional("logo");
        let new = NewAccount { name: name?, settings, managed, logo };
        Some(MovedAccount { id: id?, new, state, home })
    })
}

/// Makes a sign-in of a line.
///
/// # Errors
/// What is wrong with the line, or that the address has another sign-in, or an identity opens another one.
pub(crate) async fn sign_in(store: &Store, line: Map<String, Value>) -> Result<Arrival<()>> {
    let moved = read_sign_in(line)?;
    match store.import_sign_in(&By::operator("identity/create"), &moved).await {
        Err(StoreError::Conflict(Conflict::ProviderTaken)) => {
            Err(linked_elsewhere(store, &moved).await?)
        }
        done => Ok(done?),
    }
}

/// Why a sign-in with such identities does not come in; for the operator, who may know whose they are.
async fn linked_elsewhere(store: &Store, moved: &MovedSignIn) -> Result<Error> {
    let Some((linked, other)) = store.linked_elsewhere(moved).await? else {
        // It was, a moment ago.
        return Ok(StoreError::Conflict(Conflict::ProviderTaken).into());
    };
    let ProviderCredential { provider, issuer, subject, .. } = linked;
    let why = format!(
        "linked contains an identity that already signs in {email} (sign-in {id}): {subject} at {provider} \
         ({issuer}). An identity can belong to one sign-in only: remove it from this line, or have {email} unlink \
         it, then import the line again",
        email = other.email,
        id = other.id,
    );
    Ok(Error::faults(
        Code::ProviderTaken,
        vec![Fault::new("linked", Code::ProviderTaken.name(), why)],
    ))
}

/// Reads a sign-in's line.
///
/// # Errors
/// What is wrong with the line.
pub(crate) fn read_sign_in(line: Map<String, Value>) -> Result<MovedSignIn> {
    let known = [
        "id",
        "email",
        "verified",
        "first",
        "last",
        "language",
        "passwordHash",
        "totp",
        "recovery",
        "linked",
        "keptBy",
    ];
    read_line(line, &known, |fields| {
        let (id, email) = (fields.required("id"), fields.required("email"));
        let totp = fields.optional("totp");
        let recovery = fields.optional("recovery").map(|Digests(digests)| digests);
        if recovery.is_some() && totp.is_none() {
            fields.fault("recovery", "unexpected", "recovery needs totp");
        }
        let recovery = recovery.unwrap_or_default();
        let verified = fields.optional("verified").unwrap_or(false);
        let linked = fields.optional("linked").map(|Linked(linked)| linked).unwrap_or_default();
        if !verified && !linked.is_empty() {
            // Who proves the address later is somebody else than who has linked them.
            fields.fault("linked", "unexpected", "linked needs verified: true");
        }
        Some(MovedSignIn {
            verified,
            first: fields.optional("first"),
            last: fields.optional("last"),
            language: fields.optional("language"),
            password: fields.optional("passwordHash"),
            totp: totp.map(|secret| MovedTotp { secret, recovery }),
            linked,
            kept_by: fields.optional("keptBy"),
            id: id?,
            email: email?,
        })
    })
}

/// Whether a user's line says something that only the operator vouches for.
pub(crate) fn is_vouched(line: &Map<String, Value>) -> bool {
    VOUCHED.iter().any(|name| line.get(*name).is_some_and(|value| !value.is_null()))
}

/// Makes a user of a line, with what the operator vouches for.
///
/// # Errors
/// What is wrong with the line, and those of `user/create`.
pub(crate) async fn user(store: &Store, line: Map<String, Value>) -> Result<()> {
    let (account, new) = read_user(line)?;
    store.create_user(&By::operator("user/create"), account, &new, IfTrashed::Keep).await?;
    Ok(())
}

/// Reads a user's line: where it goes, and what it is.
///
/// # Errors
/// What is wrong with the line.
pub(crate) fn read_user(mut line: Map<String, Value>) -> Result<(AccountId, NewUser)> {
    let vouched = VOUCHED.iter().filter_map(|name| line.remove_entry(*name)).collect();
    let endpoint = contract::endpoint("user/create")?;
    admit(endpoint, &Caller::Operator, std::iter::empty(), &line)?;
    let has = |name: &str| line.get(name).is_some_and(|value| !value.is_null());
    let has_password = has("password") || has("passwordHash");
    let is_invited = line.get("sendInvite").is_some_and(|value| *value == true);
    let vouched = read_line(vouched, &VOUCHED, |fields| {
        let identity = fields.optional("identity");
        let email_verified = fields.optional("emailVerified").unwrap_or(false);
        if email_verified && !has_password {
            let why = "emailVerified needs passwordHash";
            fields.fault("emailVerified", "unexpected", why);
        }
        if identity.is_some() && (has_password || is_invited) {
            let why = "send one of identity, passwordHash and sendInvite";
            fields.fault("identity", "unexpected", why);
        }
        let joined = fields.optional("joined");
        let revoked = fields.optional("revoked").unwrap_or(false);
        Some(Vouched { identity, joined, revoked, email_verified })
    })?;
    let InAccount { account, request: CreateUser(mut new) } = Fields::read(line)?;
    new.vouched = vouched;
    let account = account.ok_or_else(|| missing("accountId", "name an account"))?;
    Ok((account, new))
}

fn read_line<T>(
    line: Map<String, Value>,
    known: &[&str],
    read: impl FnOnce(&mut Fields) -> Option<T>,
) -> Result<T> {
    let faults = |faults| Error::faults(Code::ValidationFailed, faults);
    match Fields::read_inside(line, known, read) {
        Ok(Some(moved)) => Ok(moved),
        Err(Flaw::Inside(found)) => Err(faults(found)),
        // Whatever cannot be read is a fault.
        Ok(None) | Err(Flaw::Type(_) | Flaw::Value(..)) => Err(faults(Vec::new())),
    }
}

impl FromField for IdentityKey {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let Value::Object(map) = value else {
            return Err(Flaw::Type("an object with issuer and subject"));
        };
        let read = Fields::read_inside(map, &["issuer", "subject"], |fields| {
            let issuer: Option<String> = fields.required("issuer");
            let subject: Option<String> = fields.required("subject");
            for (name, text) in [("issuer", &issuer), ("subject", &subject)] {
                if text.as_ref().is_some_and(|text| !is_subject(text)) {
                    let why = format!("{name} must have 1 to 255 printable characters");
                    fields.fault(name, "length", why);
                }
            }
            issuer.zip(subject).map(|(issuer, subject)| Self { issuer, subject })
        })?;
        read.ok_or(Flaw::Inside(Vec::new()))
    }
}

impl FromField for TotpSecret {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let why = "must be the secret of an authenticator app: 20 bytes in base32";
        let text = String::from_field(value)?;
        Self::from_base32(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// Identities at providers.
struct Linked(Vec<ProviderCredential>);

impl FromField for Linked {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let why = format!("must be a list of at most {MAX_PROVIDERS} identities, each there once");
        let Value::Array(values) = value else { return Err(Flaw::Type("a list")) };
        let mut linked: Vec<ProviderCredential> = Vec::new();
        for value in values {
            let one = ProviderCredential::from_field(value)?;
            let is_there = linked.iter().any(|it| it.identity() == one.identity());
            if is_there || linked.len() == MAX_PROVIDERS {
                return Err(Flaw::Value("format", why));
            }
            linked.push(one);
        }
        Ok(Self(linked))
    }
}

impl FromField for ProviderCredential {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let Value::Object(mut map) = value else {
            return Err(Flaw::Type("an object as provider/find has it in linked"));
        };
        let (issuer, subject) = (map.remove("issuer"), map.remove("subject"));
        let identity = [("issuer", issuer), ("subject", subject)];
        let identity = identity.into_iter().filter_map(|(name, it)| Some((name.to_owned(), it?)));
        let IdentityKey { issuer, subject } =
            IdentityKey::from_field(Value::Object(identity.collect()))?;
        let read = Fields::read_inside(map, &["provider", "label", "email", "since"], |fields| {
            let (provider, label) =
                (fields.required::<String>("provider"), fields.required("label"));
            let (email, linked) = (fields.optional("email"), fields.required("since"));
            let (provider, label): (String, String) = (provider?, label?);
            if !is_provider_name(&provider) || !is_subject(&label) {
                let why =
                    "provider must be 1 to 32 of a to z, 0 to 9 and '-', and label a short text";
                fields.fault("provider", "format", why);
            }
            Some(Self { provider, label, issuer, subject, email, linked: linked? })
        })?;
        read.ok_or(Flaw::Inside(Vec::new()))
    }
}

/// Digests of recovery codes.
struct Digests(Vec<String>);

impl FromField for Digests {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let why = "must be a list of at most 10 SHA-256 digests in base64url";
        let is_digest = |text: &String| {
            URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == DIGEST_BYTES)
        };
        let digests: Option<Vec<String>> = serde_json::from_value(value).ok();
        let digests = digests.filter(|it| it.len() <= MAX_RECOVERY && it.iter().all(is_digest));
        digests.map(Self).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}
