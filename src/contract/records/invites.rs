//! The records of invites: what one offers, and which are out.

use super::{Admin, Public, Shape, always, list, see, see_within_reach};

pub(in crate::contract) const INVITE: Shape = Shape {
    name: "Invite",
    fields: &[
        see("email", Public),
        see("first", Public),
        see("last", Public),
        see("accountName", Public),
        see("accountLogo", Public),
        see("inviter", Public),
        always("role", Public),
        see("expires", Public),
    ],
};

const INVITATION: Shape = Shape {
    name: "Invitation",
    fields: &[
        always("userId", Admin),
        always("email", Admin),
        see("first", Admin),
        see("last", Admin),
        always("role", Admin),
        see("inviter", Admin),
        see("sent", Admin),
        always("expires", Admin),
        // As in the user's own record.
        see_within_reach("invite", Admin).opens(),
        always("version", Admin),
    ],
};

pub(in crate::contract) const INVITATIONS: Shape = Shape {
    name: "InvitationPage",
    fields: &[list("data", INVITATION), see("next", Admin), see("prev", Admin)],
};
