//! The invites of an account that are out.

use crate::{
    model::{
        id::{AccountId, UserId},
        invite::{Invite, Inviter},
        user::{State, User},
    },
    store::{
        Result, Store,
        ledger::{
            layout,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
        },
    },
    table::{Index, Item},
};

/// An invite that is out.
pub(crate) struct OpenInvite {
    /// The user who is invited.
    pub(crate) user: User,
    /// The name of the user who invites, while there is such a user.
    pub(crate) inviter: Option<String>,
}

/// An invite as a list finds it: the digest of its code in a key, the user, and who invites.
struct Listed {
    partition: String,
    user: UserId,
    inviter: Option<Inviter>,
}

impl Store {
    /// A page of the invites that are out, the last one sent first. Those whose users have joined or gone in the
    /// meantime are left out, so a page may be short.
    pub(crate) async fn open_invites(
        &self,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<OpenInvite>> {
        let pick = |item: &Item| {
            let Invite { invitee, inviter, .. } = record::decode(item)?;
            let partition = item.key.partition.clone();
            Ok(invitee.map(|invitee| Listed { partition, user: invitee.user_id, inviter }))
        };
        let walk = Walk {
            index: Index::Gs1,
            partitions: &[layout::open_invites(account)],
            order: Order::Falling,
            span: Span::Prefix(""),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        let Page { data: listed, next, prev } = self.page(page, &walk).await?;
        let mut keys = Vec::with_capacity(2 * listed.len());
        for Listed { user, inviter, .. } in &listed {
            keys.push((account, *user));
            keys.extend(inviter.map(|inviter| (inviter.account_id, inviter.user_id)));
        }
        keys.sort_unstable();
        keys.dedup();
        let keys = keys.into_iter().map(|(account, user)| layout::live_user(account, user));
        let users: Vec<User> = self.load_all(keys).await?;
        let by_id = |id: UserId| users.iter().find(|user| user.id == id);
        let open = listed.iter().filter_map(|listed| {
            let user = by_id(listed.user).filter(|user| is_out(user, &listed.partition))?;
            let inviter = listed.inviter.and_then(|inviter| by_id(inviter.user_id));
            let inviter = inviter.and_then(|inviter| inviter.display_name_in(account));
            Some(OpenInvite { user: user.clone(), inviter })
        });
        Ok(Page { data: open.collect(), next, prev })
    }
}

/// Whether the invite in that partition is the one that the user can accept.
fn is_out(user: &User, partition: &str) -> bool {
    let open = user.invite.as_ref().map(|open| layout::invite(&open.digest));
    user.state == State::Invited && open.is_some_and(|key| key.partition == partition)
}
