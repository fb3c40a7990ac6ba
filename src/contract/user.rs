//! `user/*`: the members of an account.

use super::{
    ALWAYS, Admission, Call, Effect, Endpoint, Fresh, ID_OR_EMAIL, RequestField, Rule, Term,
    anyone, change,
    kind::Kind,
    own_email_or, own_id_or, read,
    records::{ADDRESS, EXPORT, LOGIN, USER, USERS, USERS_BY_NUMBER},
    row,
    rule::set,
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public, Root, User},
};

const NEW_USER: &[RequestField] = &[
    send("accountId", Root),
    send("email", Admin).required(),
    send("first", Admin),
    send("last", Admin).clears(),
    send("role", Admin),
    send("username", Admin),
    send("externalId", Admin).clears(),
    send("language", Admin),
    send("preferences", Admin),
    send("password", Admin).is(Kind::NewPassword),
    send("passwordHash", Root),
    send("sendInvite", Admin),
    send("inviteExpires", Admin),
    send("state", Admin).is(Kind::SettableState),
];

/// The same, with the number that an operator gives a user who comes from elsewhere.
const NUMBERED_USER: &[RequestField] =
    &numbered::<{ NEW_USER.len() + 1 }>(NEW_USER, send("number", Root).is(Kind::UserNumber));

#[expect(clippy::indexing_slicing, reason = "only the compiler runs it")]
const fn numbered<const COUNT: usize>(
    fields: &[RequestField],
    number: RequestField,
) -> [RequestField; COUNT] {
    let mut numbered = [number; COUNT];
    let mut at = 0;
    while at < fields.len() {
        numbered[at] = fields[at];
        at += 1;
    }
    numbered
}

const ACTIVE: Term = Term("state", Some("active"));
const SUSPENDED: Term = Term("state", Some("suspended"));

/// Either somebody is invited, or comes in with a password, or is kept out.
const NEW_USER_RULES: &[Rule] = &[
    Rule::Apart(set("password"), set("passwordHash")),
    Rule::Apart(set("password"), set("sendInvite")),
    Rule::Apart(set("passwordHash"), set("sendInvite")),
    Rule::Apart(SUSPENDED, set("sendInvite")),
    Rule::Needs(ACTIVE, &[set("password"), set("passwordHash")]),
    INVITE_EXPIRES,
];
/// Keys end where a role falls.
const KEEP_KEYS: Rule = Rule::Needs(set("keepKeys"), &[set("role")]);
const INVITE_EXPIRES: Rule = Rule::Needs(set("inviteExpires"), &[set("sendInvite")]);

/// Calls that choose how a person signs in, or make a person an admin of the account.
const NEW_USER_FRESH: &[Fresh] = &[
    Fresh::Sent("password"),
    Fresh::Sent("passwordHash"),
    Fresh::Is("role", &["admin", "root"]),
    Fresh::LetsInAdmin("sendInvite"),
];
/// The same, and what `trash/restore` does.
const RESTORED_USER_FRESH: &[Fresh] = &[
    Fresh::Sent("password"),
    Fresh::Sent("passwordHash"),
    Fresh::Is("role", &["admin", "root"]),
    Fresh::LetsInAdmin("sendInvite"),
    Fresh::Restores,
];

const NEW_USER_FAILS: &[Code] = &[
    Code::EmailTaken,
    Code::UsernameTaken,
    Code::ExternalIdTaken,
    Code::NumberTaken,
    Code::OwnSignIn,
    Code::AccountRemoved,
    Code::AlreadyRegistered,
    Code::TooManyRequests,
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("user/changePassword", Call::UserChangePassword, User)
        .does("Set a user's password")
        .fresh(ALWAYS)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            own_id_or("id", Admin),
            send("currentPassword", User),
            send("newPassword", User).required(),
            send("version", User),
        ])
        .replies(USER)
        .fails(&[Code::OwnSignIn, Code::NoPassword, Code::TooManyRequests]),
    change("user/confirmEmail", Call::UserConfirmEmail, User)
        .does("Change the caller's email to the address that the code was sent to")
        .fresh(ALWAYS)
        .takes(&[send("code", User).required()])
        .replies(USER)
        .fails(&[Code::EmailTaken, Code::TooManyRequests]),
    change("user/create", Call::UserCreate, Admin)
        .does("Create a user, and optionally invite the person")
        .fresh(NEW_USER_FRESH)
        .takes(NUMBERED_USER)
        .rules(NEW_USER_RULES)
        .replies(USER)
        .fails(NEW_USER_FAILS),
    change("user/createOrRestore", Call::UserCreateOrRestore, Admin)
        .does("Create a user, or restore the user with that email from the trash")
        .fresh(RESTORED_USER_FRESH)
        .takes(NEW_USER)
        .rules(NEW_USER_RULES)
        .replies(USER)
        .fails(NEW_USER_FAILS),
    read("user/export", Call::UserExport, User)
        .does("Everything stored about a user, as one document")
        .takes(&[send("accountId", Root), own_id_or("id", Admin)])
        .replies(EXPORT),
    read("user/find", Call::UserFind, User)
        .does("A page of the account's users")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("role", Admin),
            send("state", Admin).is(Kind::UsualState),
            send("inviteState", Admin),
            send("search", Admin),
            send("anywhere", Admin),
            send("everywhere", Root),
        ])
        .rules(&[
            Rule::Needs(set("anywhere"), &[set("search")]),
            Rule::Needs(set("everywhere"), &[set("email")]),
            Rule::Apart(set("everywhere"), set("accountId")),
            Rule::Apart(set("everywhere"), set("id")),
            Rule::Apart(set("everywhere"), set("role")),
            Rule::Apart(set("everywhere"), set("state")),
            Rule::Apart(set("everywhere"), set("inviteState")),
            Rule::Apart(set("everywhere"), set("search")),
        ])
        .pages()
        .replies(USERS),
    read("user/get", Call::UserGet, User)
        .does("One user; without a selector, the caller")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            own_id_or("id", Admin),
            send("username", Admin).selects(),
            send("externalId", Admin).selects(),
            send("number", Admin),
        ])
        .replies(USER),
    change("user/leave", Call::UserLeave, User)
        .does("Leave the account; returning takes an invite")
        .takes(&[send("version", User)])
        .replies(USER)
        .fails(&[Code::LastAdmin, Code::LastRoot]),
    read("user/list", Call::UserList, Admin)
        .does("A page of the account's users by its number")
        .takes(&[
            send("accountId", Root),
            send("contains", Admin),
            send("role", Admin),
            send("state", Admin).is(Kind::UsualState),
        ])
        .pages_by_number()
        .replies(USERS_BY_NUMBER),
    row("user/login", Call::UserLogin, Admission::Identity, Effect::Change)
        .does("Get the user of an identity: sign in, join by an invite, or register")
        .takes(&[
            send("invite", Public).is(Kind::InviteCode),
            send("accountId", Public),
            send("register", Public),
            send("account", Public),
            send("first", Public),
            send("last", Public),
            send("language", Public),
        ])
        .rules(&[
            Rule::Apart(set("accountId"), set("invite")),
            Rule::Apart(set("accountId"), set("register")),
        ])
        .replies(LOGIN)
        .fails(&[
            Code::InviteEmail,
            Code::EmailUnverified,
            Code::TooManyAccounts,
            Code::InviteUsed,
            Code::AlreadyRegistered,
            Code::TooManyRequests,
        ]),
    change("user/remove", Call::UserRemove, Admin)
        .does("Move a user to the trash")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("keepKeys", Admin),
            send("version", Admin),
        ])
        .fresh(&[Fresh::Set("keepKeys")])
        .rules(&[ID_OR_EMAIL])
        .replies(USER)
        .fails(&[Code::LastAdmin, Code::LastRoot, Code::Held, Code::TooManyKeys]),
    anyone("user/undoEmail", Call::UserUndoEmail)
        .does(
            "Restore the old address of a sign-in with the code from an email, and set a new password",
        )
        .takes(&[send("code", Public).required(), send("newPassword", Public).required()])
        .replies(ADDRESS)
        .fails(&[Code::EmailTaken, Code::TooManyRequests]),
    change("user/update", Call::UserUpdate, User)
        .does("Change a user")
        .fresh(&[
            Fresh::Sent("newEmail"),
            Fresh::Sent("newPassword"),
            Fresh::Sent("role"),
            Fresh::Sent("identity"),
            Fresh::LetsInAdmin("state"),
        ])
        .takes(&[
            send("accountId", Root),
            own_email_or("email", Admin),
            own_id_or("id", Admin),
            send("first", User).clears(),
            send("last", User).clears(),
            send("preferences", User).clears(),
            send("language", User).clears(),
            send("username", User).clears(),
            send("newEmail", User),
            send("newPassword", Admin),
            send("currentPassword", User),
            send("externalId", Admin).clears(),
            send("role", Admin),
            send("state", Admin).is(Kind::SettableState),
            send("identity", Admin).clears(),
            send("keepKeys", Admin),
            send("version", User),
        ])
        .rules(&[KEEP_KEYS])
        .replies(USER)
        .fails(&[
            Code::TooManyKeys,
            Code::OwnSignIn,
            Code::EmailUnverified,
            Code::EmailTaken,
            Code::UsernameTaken,
            Code::ExternalIdTaken,
            Code::LastAdmin,
            Code::LastRoot,
            Code::AlreadyRegistered,
            Code::NoPassword,
            Code::TooManyRequests,
        ]),
    change("user/updateRole", Call::UserUpdateRole, Admin)
        .does("Change a user's role, send a new invite, or both")
        .fresh(&[Fresh::Sent("role"), Fresh::Sent("sendInvite")])
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("role", Admin),
            send("sendInvite", Admin),
            send("inviteExpires", Admin),
            send("keepKeys", Admin),
            send("version", Admin),
        ])
        .rules(&[
            ID_OR_EMAIL,
            Rule::OneOf(&[&["role"], &["sendInvite"]]),
            INVITE_EXPIRES,
            KEEP_KEYS,
        ])
        .replies(USER)
        .fails(&[
            Code::TooManyKeys,
            Code::LastAdmin,
            Code::LastRoot,
            Code::AlreadyRegistered,
            Code::TooManyRequests,
        ]),
];
