//! Invites: sending one, looking at one, voiding one.

use super::{By, Conflict, Error, Reach, Result, Store, layout, select::Selector, step::Step};
use crate::{
    caller::Caller,
    clock::Timestamp,
    model::{
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::LetterId,
        invite::{Invite, Invitee},
        letter::{Content, Letter},
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
    /// `NotFound` if there is none (any more), `InviteUsed`, `Login` if its account is not open.
    pub async fn check_invite(&self, code: &Code) -> Result<InviteSummary> {
        let invite = self.open_invite(code).await?;
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

    /// Whether the invite in a letter still opens something, so that the letter is worth sending.
    pub async fn letter_code(&self, letter: &Letter) -> Result<Option<Code>> {
        let Content::Invite { user_id, invite, .. } = &letter.content;
        let Some(code) = invite.code(Purpose::Invite(*user_id), &self.codes) else {
            return Ok(None);
        };
        match self.open_invite(&code).await {
            Ok(_) => Ok(Some(code)),
            Err(Error::NotFound(_) | Error::Conflict(Conflict::InviteUsed)) => Ok(None),
            Err(error) => Err(error),
        }
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
        let now = self.now();
        let expires = now.plus(self.rules.invite_lifetime);
        let invite = OpenCode::new(Purpose::Invite(user.id), &self.codes, &self.random, expires);
        step.insert(invite_item(&invite, user)?);
        let letter = Letter {
            id: LetterId::new(now, &self.random),
            to: user.email.clone(),
            language: user.language.clone(),
            content: Content::Invite {
                account_name: account.name.to_string(),
                inviter: self.inviter(by).await?,
                user_id: user.id,
                role: user.role,
                invite: invite.clone(),
            },
            created: now,
            attempts: 0,
            last_error: None,
        };
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
