//! Which requests take a fresh sign-in: that their person has shown a credential just now.

use serde_json::{Value, json};

/// One thing about a request that takes a fresh sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fresh {
    /// The call itself, whatever is sent.
    Always,
    /// The field is there, whatever its value; null and false, too.
    Sent(&'static str),
    /// The field is there and neither null nor false.
    Set(&'static str),
    /// The same, unless it is the id of the session that the call is made in: signing out takes no credential.
    SetButOwnSession(&'static str),
    /// The field has one of these values.
    Is(&'static str, &'static [&'static str]),
    /// The field is there, and by the call an admin who is there gets in, or gets another invite. That shows only in the
    /// step.
    LetsInAdmin(&'static str),
    /// The call brings somebody back from the trash. That shows only in the step.
    Restores,
}

impl Fresh {
    /// The same as the OpenAPI document says it.
    pub fn schema(&self) -> Value {
        match self {
            Self::Always => json!({"when": "always"}),
            Self::Sent(field) => json!({"when": "sent", "field": field}),
            Self::Set(field) => json!({"when": "set", "field": field}),
            Self::SetButOwnSession(field) => {
                json!({"when": "set", "field": field, "unless": "ownSession"})
            }
            Self::Is(field, values) => json!({"when": "is", "field": field, "values": values}),
            Self::LetsInAdmin(field) => json!({"when": "letsInAdmin", "field": field}),
            Self::Restores => json!({"when": "restores"}),
        }
    }
}
