//! `totp/*`: the second factor.

use super::{
    Call, Endpoint, change, own_id_or,
    records::{ENROLMENT, RECOVERY, USER},
    send,
};
use crate::role::Role::{Admin, Root, User};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("totp/confirm", Call::TotpConfirm, User).takes(&[send("code", User)]).replies(RECOVERY),
    change("totp/enroll", Call::TotpEnroll, User)
        .takes(&[send("currentPassword", User)])
        .replies(ENROLMENT),
    change("totp/remove", Call::TotpRemove, User)
        .takes(&[
            send("accountId", Root),
            own_id_or("id", Admin),
            send("email", Admin),
            send("currentPassword", User),
            send("version", User),
        ])
        .replies(USER),
];
