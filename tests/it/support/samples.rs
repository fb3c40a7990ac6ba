//! A request for each endpoint, which whoever may make the call may send.

use serde_json::{Value, json};

use super::scene::Target;

/// An endpoint's sample.
pub(crate) struct Sample {
    pub(crate) endpoint: &'static str,
    /// Whether the target must be in the trash.
    pub(crate) trashed: bool,
    /// The body.
    pub(crate) body: fn(&Target) -> Value,
}

const fn sample(endpoint: &'static str, body: fn(&Target) -> Value) -> Sample {
    Sample { endpoint, trashed: false, body }
}

/// Every endpoint's.
pub(crate) const SAMPLES: &[Sample] = &[
    sample("account/get", |_| json!({})),
    sample("account/update", |_| json!({"name": "Analytical Engines"})),
    sample("invite/check", |target| json!({"invite": target.invite})),
    sample("key/create", |_| json!({"name": "backup", "role": "user"})),
    sample("mail/find", |_| json!({})),
    sample("mail/retry", |_| json!({})),
    sample("trash/find", |_| json!({})),
    Sample { trashed: true, ..sample("trash/restore", |target| json!({"id": target.id})) },
    sample("user/create", |target| json!({"email": format!("new-{}", target.email)})),
    sample("user/find", |_| json!({})),
    sample("user/get", |_| json!({})),
    sample("user/login", |_| json!({})),
    sample("user/remove", |target| json!({"email": target.email})),
    sample("user/update", |_| json!({"preferences": {"theme": "dark"}})),
    sample("user/updateRole", |target| json!({"id": target.id, "sendInvite": true})),
];
