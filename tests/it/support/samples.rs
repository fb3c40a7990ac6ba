//! A request for each endpoint, which a caller with the right role may send.

use serde_json::{Value, json};

use super::scene::{PASSWORD, Target};

/// An endpoint's sample.
pub(crate) struct Sample {
    pub(crate) endpoint: &'static str,
    /// Whether the target must be in the trash.
    pub(crate) trashed: bool,
    /// What must be there besides.
    pub(crate) needs: Needs,
    /// The body.
    pub(crate) body: fn(&Target) -> Value,
}

/// What a sample acts on, if not on the target itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing else.
    Nothing,
    /// An account of its own, which nobody is in.
    Account,
    /// A hold on the target.
    Hold,
    /// A key of the target's account.
    Key,
    /// A session of the target's, which then has a password.
    Session,
}

const fn sample(endpoint: &'static str, body: fn(&Target) -> Value) -> Sample {
    Sample { endpoint, trashed: false, needs: Needs::Nothing, body }
}

/// Every endpoint's.
pub(crate) const SAMPLES: &[Sample] = &[
    sample("account/create", |_| json!({"name": "Difference Engines", "settings": {"seats": 5}})),
    sample("account/find", |_| json!({})),
    sample("account/get", |_| json!({})),
    sample("account/overview", |_| json!({})),
    sample(
        "batch/run",
        |target| json!({"calls": [{"call": "user/remove", "body": {"id": target.id}}]}),
    ),
    Sample {
        needs: Needs::Account,
        ..sample("account/remove", |target| json!({"accountId": target.thing}))
    },
    sample("account/update", |_| json!({"name": "Analytical Engines"})),
    sample(
        "identity/create",
        |target| json!({"email": format!("new-{}", target.email), "password": PASSWORD}),
    ),
    // The address of somebody else, so that it goes no further.
    sample("identity/remove", |target| json!({"email": target.email})),
    sample("identity/verify", |_| json!({"code": "A".repeat(24), "password": PASSWORD})),
    sample("invite/check", |target| json!({"invite": target.invite})),
    sample("invite/find", |_| json!({})),
    sample("invite/revoke", |target| json!({"id": target.id})),
    sample("key/create", |_| json!({"name": "backup", "role": "user"})),
    sample("password/check", |_| json!({"code": "A".repeat(24)})),
    sample("password/forgot", |target| json!({"email": target.email})),
    sample("password/reset", |_| json!({"code": "A".repeat(24), "newPassword": PASSWORD})),
    // Nobody is sent to a provider that is none.
    sample("provider/begin", |_| json!({"provider": "acme"})),
    sample("provider/beginLink", |_| json!({"provider": "acme"})),
    sample("provider/code", |_| json!({"link": "A", "key": "A".repeat(43)})),
    sample("provider/find", |_| json!({})),
    sample("provider/finish", |_| json!({"state": "A", "key": "A".repeat(43), "code": "A"})),
    sample("provider/finishLink", |_| json!({"state": "A", "key": "A".repeat(43), "code": "A"})),
    sample(
        "provider/link",
        |_| json!({"link": "A", "key": "A".repeat(43), "currentPassword": PASSWORD}),
    ),
    sample("provider/remove", |_| json!({"issuer": "https://id.example.com", "subject": "1"})),
    sample("service/about", |_| json!({})),
    Sample {
        needs: Needs::Session,
        ..sample("session/create", |target| json!({"email": target.email, "password": PASSWORD}))
    },
    sample("session/find", |_| json!({})),
    Sample {
        needs: Needs::Session,
        ..sample("session/refresh", |target| json!({"refreshToken": target.thing}))
    },
    sample("session/remove", |_| json!({"others": true})),
    sample("session/code", |_| json!({})),
    sample("session/confirm", |_| json!({"currentPassword": PASSWORD})),
    sample("session/token", |_| json!({})),
    sample("totp/confirm", |_| json!({"code": "123456"})),
    sample("totp/enroll", |_| json!({"currentPassword": PASSWORD})),
    sample("totp/remove", |_| json!({"currentPassword": PASSWORD})),
    sample("audit/find", |target| json!({"userId": target.id})),
    Sample { needs: Needs::Hold, ..sample("hold/find", |target| json!({"id": target.id})) },
    sample(
        "hold/place",
        |target| json!({"id": target.id, "kind": "project", "ref": "P-7", "data": {"title": "Loom"}}),
    ),
    Sample {
        needs: Needs::Hold,
        ..sample("hold/release", |target| json!({"id": target.id, "hold": target.thing}))
    },
    sample("key/find", |_| json!({})),
    Sample { needs: Needs::Key, ..sample("key/remove", |target| json!({"id": target.thing})) },
    sample("mail/find", |_| json!({})),
    sample("mail/retry", |_| json!({})),
    sample("mail/state", |_| json!({})),
    sample("mail/test", |_| json!({})),
    sample("trash/find", |_| json!({})),
    Sample {
        trashed: true,
        ..sample("trash/list", |target| json!({"contains": {"email": [target.email]}}))
    },
    Sample { trashed: true, ..sample("trash/purge", |target| json!({"id": target.id})) },
    Sample { trashed: true, ..sample("trash/restore", |target| json!({"id": target.id})) },
    sample("user/changePassword", |target| json!({"id": target.id, "newPassword": PASSWORD})),
    sample("user/create", |target| json!({"email": format!("new-{}", target.email)})),
    Sample {
        trashed: true,
        ..sample("user/createOrRestore", |target| json!({"email": target.email}))
    },
    sample("user/export", |target| json!({"id": target.id})),
    sample("user/find", |_| json!({})),
    sample("user/get", |_| json!({})),
    sample("user/list", |target| json!({"contains": {"email": [target.email]}})),
    sample("user/login", |_| json!({})),
    sample("user/remove", |target| json!({"email": target.email})),
    sample("user/update", |_| json!({"preferences": {"theme": "dark"}})),
    sample("user/updateRole", |target| json!({"id": target.id, "sendInvite": true})),
    sample("account/mine", |_| json!({})),
    sample("account/decline", |_| json!({"accountId": NOBODY})),
    // Nobody leaves who is still to call.
    sample("user/leave", |_| json!({"version": 9_999_999})),
    sample("user/confirmEmail", |_| json!({"code": "A".repeat(24)})),
    sample("user/undoEmail", |_| json!({"code": "A".repeat(24), "newPassword": PASSWORD})),
    // The last of them, because the caller is in one account more from then on.
    sample("account/register", |_| json!({"name": "Difference Engines"})),
];

/// An id that nothing has.
const NOBODY: &str = "0190aaaa-0000-7000-8000-00000000dead";
