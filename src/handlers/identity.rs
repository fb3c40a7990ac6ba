//! `identity/*`: signing up with an email and a password, and taking all that back.

use super::{
    Cx, Replied,
    records::LoginRecord,
    session::{Tokens, begun, read_cookie},
    user::{NamedAccount, logged_in},
};
use crate::{
    auth::identity::Identity,
    cookie::CookieChange,
    error::Result,
    model::{
        code::{Code, InviteCode},
        email::Email,
        fields::{Fields, FromFields},
        password::Password,
        sign_in::sign_in_of,
    },
    redact::{Record, Value, Viewer},
    store::{
        entry::{enrol::Invitation, guest::LoggedIn, sign_up::NewIdentity},
        sign_in::session::Grant,
    },
};

/// `identity/create`
pub(crate) struct CreateIdentity {
    email: Option<Email>,
    new: NewIdentity,
    invitation: Option<Invitation>,
}

impl FromFields for CreateIdentity {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let invited = fields.has_any(&["invite"]);
        if !invited && fields.has_any(&["account"]) {
            let why = "account is only for the setup code; to create an account, sign in and call user/login with \
                       register";
            fields.fault("account", "unexpected", why);
        }
        if !invited && !fields.has_any(&["email"]) {
            fields.fault("email", "required", "email is required");
        }
        let email = fields.optional("email");
        let password = fields.required("password");
        read_cookie(fields);
        let code = fields.optional::<InviteCode>("invite");
        let account_name = fields.optional("account").and_then(|NamedAccount(name)| name);
        let (first, last) = (fields.optional("first"), fields.optional("last"));
        let language = fields.optional("language");
        Some(Self {
            email,
            new: NewIdentity { password: password?, first, last, language },
            invitation: code.map(|code| Invitation { code, account_name }),
        })
    }
}

/// Signs somebody up: at once with an invite, else once the address is proved. Also who sees the reply.
pub(crate) async fn create(cx: &Cx, call: CreateIdentity) -> Result<(Viewer, SignedUp)> {
    let CreateIdentity { email, new, invitation } = call;
    let by = cx.by();
    if let Some(invitation) = invitation {
        let signed_up = cx.store.sign_up_invited(&by, email.as_ref(), &new, invitation).await?;
        if let Some((grant, done)) = signed_up {
            return verified(cx, grant, Some(done)).await;
        }
    } else if let Some(email) = &email {
        cx.store.sign_up(&by, email, &new).await?;
    }
    Ok((nobody(cx), SignedUp { tokens: None, login: None }))
}

/// `identity/verify`
pub(crate) struct VerifyIdentity {
    code: Code,
    password: Password,
}

impl FromFields for VerifyIdentity {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        read_cookie(fields);
        let (code, password) = (fields.required("code"), fields.required("password"));
        Some(Self { code: code?, password: password? })
    }
}

/// Proves the address of a sign-up, and signs in. Also who sees the reply.
pub(crate) async fn verify(cx: &Cx, call: VerifyIdentity) -> Result<(Viewer, SignedUp)> {
    let (grant, done) = cx.store.verify_sign_up(&cx.by(), &call.code, &call.password).await?;
    verified(cx, grant, done).await
}

/// The tokens of somebody who has proved the address, and where the person has come in by that.
pub(super) async fn verified(
    cx: &Cx,
    grant: Grant,
    done: Option<LoggedIn>,
) -> Result<(Viewer, SignedUp)> {
    let tokens = Some(begun(cx, &grant).await?);
    let Some(done) = done else { return Ok((nobody(cx), SignedUp { tokens, login: None })) };
    let (viewer, login) = logged_in(cx, done).await?;
    Ok((viewer, SignedUp { tokens, login: Some(login) }))
}

/// Who sees a reply that has no records.
pub(super) fn nobody(cx: &Cx) -> Viewer {
    Viewer::person(cx.caller.role(), None)
}

/// `identity/remove`
pub(crate) struct RemoveIdentity {
    /// Whose sign-in the caller takes it for.
    email: Option<Email>,
}

impl FromFields for RemoveIdentity {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { email: fields.optional("email") })
    }
}

/// Takes the person out of all accounts, and deletes the own sign-in.
pub(crate) async fn remove(cx: &Cx, identity: &Identity, call: RemoveIdentity) -> Replied {
    Box::pin(cx.store.leave_for_good(&cx.by(), identity, call.email.as_ref())).await?;
    let own = sign_in_of(&identity.key);
    let clears = cx.held().is_some_and(|token| Some(token.sign_in_id) == own);
    Ok(Box::new(Removed { clears }))
}

/// That somebody is gone.
struct Removed {
    /// Whether the cookie's session is, too.
    clears: bool,
}

impl Record for Removed {
    fn field(&self, _: &str) -> Option<Value<'_>> {
        None
    }

    fn cookie(&self) -> Option<CookieChange> {
        self.clears.then_some(CookieChange::Clear)
    }
}

/// How far a sign-up has come.
pub(crate) struct SignedUp {
    /// For a person who has proved the address.
    tokens: Option<Tokens>,
    /// For a person who has joined, too.
    login: Option<LoginRecord>,
}

impl Record for SignedUp {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "state" => {
                Some(Value::Text(if self.tokens.is_some() { "verified" } else { "pending" }))
            }
            "account" | "user" => self.login.as_ref()?.field(name),
            _ => self.tokens.as_ref()?.field(name),
        }
    }

    fn cookie(&self) -> Option<CookieChange> {
        self.tokens.as_ref()?.cookie()
    }
}
