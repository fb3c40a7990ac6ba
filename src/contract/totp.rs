//! `totp/*`: the second factor.

use super::{
    ALWAYS, Call, Endpoint, change,
    kind::Kind,
    own_id_or,
    records::{ENROLMENT, RECOVERY, USER},
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Root, User},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("totp/confirm", Call::TotpConfirm, User)
        .does("Turn the second factor on")
        .fresh(ALWAYS)
        .takes(&[send("code", User).is(Kind::TotpCode).required()])
        .replies(RECOVERY)
        .fails(&[
            Code::InvalidCredentials,
            Code::NoPassword,
            Code::TotpEnrolled,
            Code::TooManyRequests,
        ]),
    change("totp/enroll", Call::TotpEnroll, User)
        .does("A secret for an authenticator app")
        .fresh(ALWAYS)
        .takes(&[send("currentPassword", User)])
        .replies(ENROLMENT)
        .fails(&[Code::NoPassword, Code::TotpEnrolled, Code::TooManyRequests]),
    change("totp/remove", Call::TotpRemove, User)
        .does("Turn a user's second factor off")
        .fresh(ALWAYS)
        .takes(&[
            send("accountId", Root),
            own_id_or("id", Admin),
            send("email", Admin),
            send("currentPassword", User),
            send("version", User),
        ])
        .replies(USER)
        .fails(&[Code::OwnSignIn, Code::NoPassword, Code::TooManyRequests]),
];
