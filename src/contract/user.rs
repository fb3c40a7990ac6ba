//! `user/*`: the members of an account.

use super::{
    Admission, Call, Effect, Endpoint, ONE_USER, RequestField, change, own_id_or, read,
    records::{EXPORT, LOGIN, USER, USERS, USERS_BY_NUMBER},
    row, send,
};
use crate::role::Role::{Admin, Public, Root, User};

const NEW_USER: &[RequestField] = &[
    send("accountId", Root),
    send("email", Admin),
    send("first", Admin),
    send("last", Admin),
    send("role", Admin),
    send("username", Admin),
    send("externalId", Admin),
    send("language", Admin),
    send("preferences", Admin),
    send("password", Admin),
    send("passwordHash", Root),
    send("sendInvite", Admin),
    send("inviteExpires", Admin),
    send("state", Admin),
];

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("user/changePassword", Call::UserChangePassword, User)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            own_id_or("id", Admin),
            send("currentPassword", User),
            send("newPassword", User),
            send("version", User),
        ])
        .replies(USER),
    change("user/create", Call::UserCreate, Admin).takes(NEW_USER).replies(USER),
    change("user/createOrRestore", Call::UserCreateOrRestore, Admin).takes(NEW_USER).replies(USER),
    read("user/export", Call::UserExport, User)
        .takes(&[send("accountId", Root), own_id_or("id", Admin)])
        .replies(EXPORT),
    read("user/find", Call::UserFind, User)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("role", Admin),
            send("state", Admin),
            send("search", Admin),
        ])
        .pages()
        .replies(USERS),
    read("user/get", Call::UserGet, User)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            own_id_or("id", Admin),
            send("username", Admin),
            send("externalId", Admin),
            send("number", Admin),
        ])
        .replies(USER),
    read("user/list", Call::UserList, Admin)
        .takes(&[send("accountId", Root), send("contains", Admin)])
        .pages_by_number()
        .replies(USERS_BY_NUMBER),
    row("user/login", Call::UserLogin, Admission::Identity, Effect::Change)
        .takes(&[
            send("invite", Public),
            send("register", Public),
            send("account", Public),
            send("first", Public),
            send("last", Public),
            send("language", Public),
        ])
        .replies(LOGIN),
    change("user/remove", Call::UserRemove, Admin).takes(ONE_USER).replies(USER),
    change("user/update", Call::UserUpdate, User)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            own_id_or("id", Admin),
            send("first", User),
            send("last", User),
            send("preferences", User),
            send("language", User),
            send("username", User),
            send("newEmail", Admin),
            send("newPassword", Admin),
            send("currentPassword", Admin),
            send("externalId", Admin),
            send("role", Admin),
            send("state", Admin),
            send("version", User),
        ])
        .replies(USER),
    change("user/updateRole", Call::UserUpdateRole, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("role", Admin),
            send("sendInvite", Admin),
            send("inviteExpires", Admin),
            send("version", Admin),
        ])
        .replies(USER),
];
