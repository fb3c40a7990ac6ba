//! `user/*`: the members of an account.

mod gone;

use serde_json::Value;

pub(crate) use self::gone::{leave, remove};
use super::{
    Cx, InAccount, Replied, asks,
    invite::invite_terms,
    optional_selector, page_request,
    records::{AccountRecord, LoginRecord, PageRecord, UserRecord},
    required_selector,
};
use crate::{
    auth::identity::Identity,
    error::{Error, Result},
    model::{
        fields::{Change, Fields, Flaw, FromField, FromFields},
        text::{AccountName, Name, Patch},
        user::{SettableState, State, User},
    },
    redact::Viewer,
    store::{
        entry::guest::{LoggedIn, Login},
        find::select::{Filter, Selector},
        ledger::page::PageRequest,
        sign_in::password::PasswordChange,
        user::create::{IfTrashed, InitialPassword, NewUser, Vouched},
        user::{profile::Profile, update::UserChanges},
    },
};

/// `user/find`
pub(crate) struct FindUsers {
    filter: Filter,
    /// Whether the users of that email in all accounts are meant.
    everywhere: bool,
    page: PageRequest,
    total: bool,
}

impl FromFields for FindUsers {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let narrowing = ["accountId", "id", "role", "state", "inviteState"];
        let narrowed = narrowing.into_iter().find(|name| fields.has_any(&[*name]));
        let filter = Filter {
            id: fields.optional("id"),
            email: fields.optional("email"),
            role: fields.optional("role"),
            state: fields.optional("state"),
            invite: fields.optional("inviteState"),
            search: fields.optional("search"),
            anywhere: fields.optional("anywhere").unwrap_or(false),
        };
        if filter.anywhere && filter.search.is_none() {
            fields.fault("search", "required", "search is required with anywhere");
        }
        let everywhere = fields.optional("everywhere").unwrap_or(false);
        if everywhere && filter.email.is_none() {
            fields.fault("email", "required", "email is required with everywhere");
        }
        let narrowed = narrowed.or(filter.search.as_ref().map(|_| "search"));
        if everywhere && let Some(name) = narrowed {
            let why = format!("everywhere works with email only: leave out everywhere or {name}");
            fields.fault(name, "unexpected", why);
        }
        let total = asks(fields, "?total");
        Some(Self { filter, everywhere, page: page_request(fields), total })
    }
}

/// A page of the account's users.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindUsers>) -> Replied {
    let FindUsers { filter, everywhere, page, total } = call.request;
    let users = if let (true, Some(email)) = (everywhere, &filter.email) {
        cx.store.users_everywhere(email, &page).await?.into()
    } else {
        let account = cx.own_or_home(call.account).await?;
        cx.store.users(account, &filter, &page, total).await?
    };
    Ok(Box::new(PageRecord::of_users(cx, users).await?))
}

/// `user/get`
pub(crate) struct GetUser(Selector);

impl FromFields for GetUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(Selector {
            username: fields.selecting("username"),
            external_id: fields.selecting("externalId"),
            number: fields.optional("number"),
            ..optional_selector(fields)
        }))
    }
}

/// One user; without a selector, the calling one.
pub(crate) async fn get(cx: &Cx, call: InAccount<GetUser>) -> Replied {
    let who = cx.one_or_self(call.request.0)?;
    let user = cx.store.shown_user(cx.reach(call.account, &who).await?, &who).await?;
    Ok(Box::new(UserRecord::new(cx, user).await?))
}

/// `user/create` and `user/createOrRestore`
pub(crate) struct CreateUser(pub(super) NewUser);

impl FromFields for CreateUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let email = fields.required("email");
        let plain = fields.optional("password").map(InitialPassword::Plain);
        let hash = fields.optional("passwordHash").map(InitialPassword::Hash);
        if plain.is_some() && hash.is_some() {
            let why = "send either password or passwordHash";
            fields.fault("passwordHash", "unexpected", why);
        }
        let password = plain.or(hash);
        let state = fields.optional("state");
        if state == Some(SettableState::Active) && password.is_none() {
            let why = "without password or passwordHash, a user stays invited until the person joins; leave state out";
            fields.fault("state", "unexpected", why);
        }
        let send_invite = invite_terms(fields);
        if state == Some(SettableState::Suspended) && send_invite.is_some() {
            let why = "a suspended user cannot join: leave out sendInvite or state";
            fields.fault("sendInvite", "unexpected", why);
        }
        if password.is_some() && send_invite.is_some() {
            let why = "sendInvite is for users who choose their own password: leave out sendInvite or the password";
            fields.fault("sendInvite", "unexpected", why);
        }
        let (first, last) = (Change::from(fields.optional("first")), fields.change("last"));
        let role = fields.optional("role");
        let profile = Profile {
            first,
            last,
            username: fields.optional("username").into(),
            external_id: fields.change("externalId"),
            language: fields.optional("language").into(),
            preferences: Change::from(fields.optional("preferences")).map(|Patch(map)| map),
        };
        let number = fields.optional("number").map(|Numbered(number)| number);
        let vouched = Vouched::default();
        let email = email?;
        let new = NewUser { email, profile, role, number, password, state, send_invite, vouched };
        Some(Self(new))
    }
}

/// A new user, who is invited at once if the call says so.
pub(crate) async fn create(cx: &Cx, call: InAccount<CreateUser>) -> Replied {
    let account = cx.own_or_new_home(call.account).await?;
    let new = &call.request.0;
    let user = cx.store.create_user(&cx.by(), account, new, IfTrashed::Keep).await?;
    changed(cx, &user).await
}

/// A new user, or the one of that email back from the trash, with what the call says of it.
pub(crate) async fn create_or_restore(cx: &Cx, call: InAccount<CreateUser>) -> Replied {
    let account = cx.own_or_new_home(call.account).await?;
    let new = &call.request.0;
    let user = cx.store.create_user(&cx.by(), account, new, IfTrashed::Restore).await?;
    changed(cx, &user).await
}

/// `user/changePassword`
pub(crate) struct ChangePassword {
    who: Selector,
    change: PasswordChange,
}

impl FromFields for ChangePassword {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = optional_selector(fields);
        let current = fields.optional("currentPassword");
        let new = fields.required("newPassword");
        let version = fields.optional("version");
        Some(Self { who, change: PasswordChange { current, new: new?, version } })
    }
}

/// Sets a user's password; without a selector, the calling one's.
pub(crate) async fn change_password(cx: &Cx, call: InAccount<ChangePassword>) -> Replied {
    let ChangePassword { who, change } = call.request;
    let who = cx.one_or_self(who)?;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.change_password(&cx.by(), reach, &who, &change).await?;
    changed(cx, &user).await
}

/// `user/login`
pub(crate) struct LoginUser(Login);

impl FromFields for LoginUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (invite, account) = (fields.optional("invite"), fields.optional("accountId"));
        let register = fields.optional("register").unwrap_or(false);
        if account.is_some() && (invite.is_some() || register) {
            let why = "send one of accountId, invite and register";
            fields.fault("accountId", "unexpected", why);
        }
        Some(Self(Login {
            invite,
            account,
            register,
            account_name: fields.optional("account").and_then(|NamedAccount(name)| name),
            first: fields.optional("first"),
            last: fields.optional("last"),
            language: fields.optional("language"),
        }))
    }
}

/// The account that a login may make: an object with just a name.
pub(super) struct NamedAccount(pub(super) Option<Name>);

impl FromField for NamedAccount {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let Value::Object(map) = value else { return Err(Flaw::Type("an object with a name")) };
        Fields::read_inside(map, &["name"], |fields| {
            Self(fields.optional::<AccountName>("name").map(Into::into))
        })
    }
}

/// The user behind an identity, or a new one; also who sees the reply.
pub(crate) async fn login(
    cx: &Cx,
    identity: &Identity,
    call: LoginUser,
) -> Result<(Viewer, LoginRecord)> {
    logged_in(cx, cx.store.login(&cx.by(), identity, &call.0).await?).await
}

/// What somebody gets who has come in, and who sees it.
pub(super) async fn logged_in(cx: &Cx, done: LoggedIn) -> Result<(Viewer, LoginRecord)> {
    let LoggedIn { account, user } = done;
    let viewer = Viewer::person(user.role, Some(user.id));
    let user = UserRecord::own(cx, user).await?;
    Ok((viewer, LoginRecord { account: AccountRecord(account), user }))
}

/// `user/update`
pub(crate) struct UpdateUser {
    who: Selector,
    changes: UserChanges,
}

impl FromFields for UpdateUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = optional_selector(fields);
        let profile = Profile {
            first: fields.change("first"),
            last: fields.change("last"),
            username: fields.change("username"),
            external_id: fields.change("externalId"),
            language: fields.change("language"),
            preferences: fields.change("preferences").map(|Patch(map)| map),
        };
        let changes = UserChanges {
            profile,
            email: fields.optional("newEmail"),
            password: fields.optional("newPassword"),
            current_password: fields.optional("currentPassword"),
            state: fields.optional("state"),
            keep_keys: keep_keys(fields),
            role: fields.optional("role"),
            unbind: fields.change::<Unset>("identity").is_clear(),
            send_invite: None,
            version: fields.optional("version"),
        };
        Some(Self { who, changes })
    }
}

/// Changes a user's profile; without a selector, the calling one's.
pub(crate) async fn update(cx: &Cx, call: InAccount<UpdateUser>) -> Replied {
    let UpdateUser { who, changes } = call.request;
    let who = cx.one_or_self(who)?;
    let reach = cx.reach(call.account, &who).await?;
    let updated = cx.store.update_user(&cx.by(), reach, &who, &changes).await;
    // Here `email` only selects.
    let user = updated.map_err(|error| Error::from(error).field_as("email", "newEmail"))?;
    changed(cx, &user).await
}

/// Whether the keys go on that a lower role may have.
fn keep_keys(fields: &mut Fields) -> bool {
    let is_kept = fields.optional("keepKeys").unwrap_or(false);
    if is_kept && !fields.has_any(&["role"]) {
        let why = "keepKeys needs role: keys end only when a role is lowered";
        fields.fault("keepKeys", "unexpected", why);
    }
    is_kept
}

/// `user/updateRole`
pub(crate) struct UpdateUserRole {
    who: Selector,
    changes: UserChanges,
}

impl FromFields for UpdateUserRole {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        if !fields.has_any(&["role", "sendInvite"]) {
            fields.fault("role", "required", "role or sendInvite is required");
        }
        let changes = UserChanges {
            keep_keys: keep_keys(fields),
            role: fields.optional("role"),
            send_invite: invite_terms(fields),
            version: fields.optional("version"),
            profile: Profile::default(),
            email: None,
            password: None,
            current_password: None,
            state: None,
            unbind: false,
        };
        Some(Self { who: who?, changes })
    }
}

/// Gives a user another role, or a fresh invite, or both.
pub(crate) async fn update_role(cx: &Cx, call: InAccount<UpdateUserRole>) -> Replied {
    let UpdateUserRole { who, changes } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.update_user(&cx.by(), reach, &who, &changes).await?;
    changed(cx, &user).await
}

/// A user that was changed.
pub(super) async fn changed(cx: &Cx, user: &User) -> Replied {
    Ok(Box::new(UserRecord::of(cx, user).await?))
}

/// A number that the operator chooses.
struct Numbered(u64);

impl FromField for Numbered {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let number = u64::from_field(value)?;
        let most = u64::from(u32::MAX);
        if (1..=most).contains(&number) {
            return Ok(Self(number));
        }
        Err(Flaw::Value("range", format!("must be a whole number from 1 to {most}")))
    }
}

/// The one value of a field that can only be taken away.
struct Unset;

impl FromField for Unset {
    fn from_field(_: Value) -> Result<Self, Flaw> {
        Err(Flaw::Value("in", "must be null, which disconnects the identity from the user".into()))
    }
}

impl FromField for State {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "invited" => Ok(Self::Invited),
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            _ => {
                let why = "must be invited, active or suspended; removed users are in trash/find";
                Err(Flaw::Value("in", why.into()))
            }
        }
    }
}

impl FromField for SettableState {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "active" => Ok(Self::Active),
            "suspended" => Ok(Self::Suspended),
            _ => Err(Flaw::Value("in", "must be active or suspended".into())),
        }
    }
}
