//! Invites: sending one, looking at one, voiding one.

use super::{
    By, Conflict, Error, Reach, Result, Store, layout,
    limit::{Bucket, UNKNOWN_CODE},
    select::Selector,
    step::Step,
};
use crate::{
    caller::Caller,
    clock::Timestamp,
    model::{
        code::{Code, OpenCode, Purpose},
        email::Email,
        invite::{Invite, Invitee},
        letter::Content,
        user::User,
    },
    role::Role,
    table::Item,
};

/// What the page behind an invite's link shows.
#[derive(Clone, Debug)]
pub struct InviteSummary {
    /// Whom it was sent to; nobody in particular for the set-up code.
    pub email: Option<Email>,
    /// The account that it leads to, if that exists yet.
    pub account_name: Option<String>,
    /// The role that it gives.
    pub role: Role,
    /// When it ceases to work; never for the set-up code.
    pub expires: Option<Timestamp>,
}

impl Store {
    /// What an invite offers.
    ///
    /// # Errors
    /// `NotFound` if there is none (any more), `InviteUsed`, `Login` if its account is not open,
    /// `Limited`.
    pub async fn check_invite(&self, by: &By, code: &Code) -> Result<InviteSummary> {
        let invite = self.shown_invite(by, code).await?;
        let account = match &invite.invitee {
            Some(invitee) => Some(invitee.account_id),
            None => self.home().await?.map(|home| home.account_id),
        };
        let account = match account {
            Some(account) => Some(self.open_account(account).await?),
            None => None,
        };
        // The user's role may have changed since the invite was sent.
        let role = match &invite.invitee {
            Some(Invitee { account_id, user_id, .. }) => {
                let who = Selector::by_id(*user_id);
                self.user(Reach::Account(*account_id), &who).await?.role
            }
            None => invite.role,
        };
        Ok(InviteSummary {
            email: invite.invitee.map(|invitee| invitee.email),
            account_name: account.map(|account| account.name.to_string()),
            role,
            expires: invite.expires.map(|seconds| {
                Timestamp::from_millis(i64::try_from(seconds).unwrap_or(0).saturating_mul(1000))
            }),
        })
    }

    /// The code of the invite that is out for a user, for those who may see it.
    pub fn invite_code(&self, user: &User) -> Option<Code> {
        let invite = user.invite.as_ref().filter(|invite| self.now() < invite.expires)?;
        invite.code(Purpose::Invite(user.id), &self.codes)
    }

    /// The invite that can be accepted with a code which somebody shows; who shows many that are not
    /// known has to wait. On the command line nobody needs to guess.
    pub(super) async fn shown_invite(&self, by: &By, code: &Code) -> Result<Invite> {
        let bucket = by.address.map(|address| Bucket::address(&UNKNOWN_CODE, address));
        self.admit(bucket.as_slice()).await?;
        let invite = self.open_invite(code).await;
        if let Err(Error::NotFound(_)) = invite {
            self.miss(bucket.as_slice()).await;
        }
        invite
    }

    /// An invite that can still be accepted.
    pub(super) async fn open_invite(&self, code: &Code) -> Result<Invite> {
        let invite: Option<Invite> = self.load(layout::invite(&code.digest())).await?;
        match invite {
            None => Err(Error::NotFound("invite")),
            Some(invite) if invite.used => Err(Error::Conflict(Conflict::InviteUsed)),
            Some(invite) => Ok(invite),
        }
    }

    /// Gives the user a fresh code and writes the letter that carries it.
    pub(super) async fn send_invite(
        &self,
        step: &mut Step,
        by: &By,
        user: &mut User,
    ) -> Result<()> {
        let account = self.account(user.account_id).await?;
        let expires = self.now().plus(self.rules.invite_lifetime);
        let invite = OpenCode::new(Purpose::Invite(user.id), &self.codes, &self.random, expires);
        step.insert(invite_item(&invite, user)?);
        let content = Content::Invite {
            account_name: account.name.to_string(),
            inviter: self.inviter(by).await?,
            user_id: user.id,
            role: user.role,
            invite: invite.clone(),
        };
        let letter = self.new_letter(&user.email, user.language.clone(), Some(user.id), content);
        Self::post(step, &letter)?;
        user.invite = Some(invite);
        Ok(())
    }

    /// Takes back the invite that is out for a user, if one is.
    pub(super) fn void_invite(step: &mut Step, user: &mut User) {
        if let Some(open) = user.invite.take() {
            step.clear(layout::invite(&open.digest));
        }
    }

    async fn inviter(&self, by: &By) -> Result<Option<String>> {
        let Caller::User(caller) = &by.caller else { return Ok(None) };
        match self.user(Reach::Account(caller.account), &Selector::by_id(caller.id)).await {
            Ok(user) => Ok(Some(user.display_name())),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn invite_item(open: &OpenCode, user: &User) -> Result<Item> {
    let invitee =
        Invitee { account_id: user.account_id, user_id: user.id, email: user.email.clone() };
    let invite =
        Invite { invitee: Some(invitee), role: user.role, used: false, expires: None, version: 0 };
    let item = layout::item(layout::invite(&open.digest), 1, &invite)?;
    Ok(Item { expires: Some(open.expires.seconds()), ..item })
}
