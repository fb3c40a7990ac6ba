//! With which codes a call can fail.

use super::{Admission, Effect, Endpoint, kind::Kind};
use crate::{error::Code, role::Role};

/// For every call and every caller.
const ANY: &[Code] = &[
    Code::MalformedJson,
    Code::UnknownField,
    Code::NotFound,
    Code::RequestTimeout,
    Code::TooLarge,
    Code::UnsupportedMediaType,
    Code::ValidationFailed,
    Code::Internal,
    Code::Unavailable,
];

impl Endpoint {
    /// The codes that the call can fail with, in the order of [`Code::ALL`].
    pub fn codes(&self) -> Vec<Code> {
        let takes = |name: &str| self.request.iter().any(|field| field.name == name);
        let asks = |name: &str| self.query.iter().any(|parameter| parameter.name == name);
        let knows_callers = self.admission != Admission::Anyone;
        let groups: [(bool, &[Code]); 11] = [
            (true, ANY),
            (true, self.fails),
            (asks("next"), &[Code::InvalidCursor]),
            (asks("offset"), &[Code::OffsetTooLarge, Code::TooManyUsers]),
            (knows_callers, &[Code::Unauthenticated, Code::ReauthenticationRequired]),
            (knows_callers, &[Code::NotRegistered, Code::Suspended]),
            (self.is_in_account(), &[Code::AccountRequired, Code::AccountMismatch]),
            (self.refuses_some(), &[Code::Forbidden]),
            (self.has_forbidden_fields(), &[Code::ForbiddenField]),
            (takes("version"), &[Code::VersionMismatch]),
            (self.repeatable, &[Code::IdempotencyMismatch, Code::ReplyLost]),
        ];
        let can = |code: &&Code| groups.iter().any(|(so, codes)| *so && codes.contains(code));
        Code::ALL.iter().filter(can).copied().collect()
    }

    /// Whether the call is about an account, which the caller may have to name.
    pub fn is_in_account(&self) -> bool {
        matches!(self.admission, Admission::Role(role) if role > Role::Public)
    }

    /// Whether there are callers with too low a role, keys that may only read, or users out of reach.
    fn refuses_some(&self) -> bool {
        let names_users = self.request.iter().any(|field| matches!(field.kind, Kind::Id));
        match self.admission {
            Admission::Anyone => false,
            Admission::Identity => true,
            Admission::Role(role) => {
                role > Role::User || self.effect == Effect::Change || names_users
            }
        }
    }

    fn has_forbidden_fields(&self) -> bool {
        let Admission::Role(lowest) = self.admission else { return false };
        self.request.iter().any(|field| field.sender.role() > lowest)
    }
}
