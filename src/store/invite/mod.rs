//! Invites: sending one, looking at one, voiding one; `open` lists those that are out.

pub(crate) mod open;

use std::time::Duration;

use crate::{
    admit::reaches_everywhere,
    caller::Caller,
    clock::Timestamp,
    error::Fault,
    model::{
        code::{Code, InviteCode, InviteCodes, OpenCode, Purpose},
        email::Email,
        id::AccountId,
        invite::{Invite, Invitee, Inviter},
        letter::Content,
        logo::LogoMark,
        text::Name,
        user::User,
    },
    role::Role,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        counts::limits::{Bucket, LETTERS_OF_ACCOUNT, UNKNOWN_CODE},
        find::select::Selector,
        ledger::{layout, step::Step},
    },
    table::Item,
};

/// What the page behind an invite's link shows.
#[derive(Clone, Debug)]
pub(crate) struct InviteSummary {
    /// Whom it was sent to; nobody in particular for the setup code.
    pub(crate) email: Option<Email>,
    /// The user's first name, which accepting may change.
    pub(crate) first: Option<Name>,
    /// The user's last name.
    pub(crate) last: Option<Name>,
    /// The account that it leads to, if that exists yet.
    pub(crate) account_name: Option<String>,
    /// Its logo.
    pub(crate) account_logo: Option<LogoMark>,
    /// The name of the user who invites, while there is such a user.
    pub(crate) inviter: Option<String>,
    /// The role that it gives.
    pub(crate) role: Role,
    /// When it ceases to work; never for the setup code.
    pub(crate) expires: Option<Timestamp>,
}

/// What is asked of an invite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InviteTerms {
    /// When it is to cease to work; if nothing is said, after the usual time.
    pub(crate) expires: Option<Timestamp>,
}

/// The longest time for which an invite can be asked to work.
const LONGEST_LIFETIME: Duration = Duration::from_hours(365 * 24);

impl Store {
    /// What an invite offers.
    ///
    /// # Errors
    /// `NotFound` if there is none (any more), `InviteUsed`, `Login` if its account is not open,
    /// `Limited`.
    pub(crate) async fn check_invite(&self, by: &By, code: &InviteCode) -> Result<InviteSummary> {
        let invite = self.shown_invite(by, code).await?;
        let account = match &invite.invitee {
            Some(invitee) => Some(invitee.account_id),
            None => self.home().await?.map(|home| home.account_id),
        };
        let account = match account {
            Some(account) => Some(self.open_account(account).await?),
            None => None,
        };
        let inviter = match &account {
            Some(account) => self.inviter_in(account.id, invite.inviter).await?,
            None => None,
        };
        // The user's role may have changed since the invite was sent.
        let (role, first, last) = match &invite.invitee {
            Some(Invitee { account_id, user_id, .. }) => {
                let who = Selector::by_id(*user_id);
                let user = self.user(Reach::Account(*account_id), &who).await?;
                (user.role, user.first, user.last)
            }
            None => (invite.role, None, None),
        };
        Ok(InviteSummary {
            inviter,
            first,
            last,
            email: invite.invitee.map(|invitee| invitee.email),
            account_logo: account.as_ref().and_then(|account| account.logo.clone()),
            account_name: account.map(|account| account.name.to_string()),
            role,
            expires: invite.expires.map(Timestamp::of_seconds),
        })
    }

    /// The codes of the invites that are open now, for records shown to those who may see them.
    pub(crate) fn invite_codes(&self) -> InviteCodes {
        InviteCodes::new(&self.codes, self.now())
    }

    /// The invite that can be accepted with a code which somebody shows; who shows many that are not
    /// known has to wait.
    pub(in crate::store) async fn shown_invite(
        &self,
        by: &By,
        code: &InviteCode,
    ) -> Result<Invite> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let invite = self.open_invite(code).await;
        if let Err(Error::NotFound(_)) = invite {
            self.miss(&guesses).await?;
        }
        invite
    }

    /// An invite that can still be accepted.
    async fn open_invite(&self, shown: &InviteCode) -> Result<Invite> {
        let invite: Option<Invite> = self.load(layout::invite(&shown.code.digest())).await?;
        let proof = shown.proof.as_ref().map(Code::digest);
        match invite.filter(|invite| proof.is_none() || invite.used || invite.proof == proof) {
            None => Err(Error::NotFound("invite")),
            Some(invite) if invite.used => Err(Error::Conflict(Conflict::InviteUsed)),
            // The setup code: the first root user may have come another way.
            Some(invite) if invite.invitee.is_none() && self.is_set_up().await? => {
                Err(Error::Conflict(Conflict::InviteUsed))
            }
            Some(invite) => Ok(invite),
        }
    }

    /// Gives the user a fresh code and writes the letter that carries it.
    pub(in crate::store) async fn send_invite(
        &self,
        step: &mut Step,
        by: &By,
        user: &mut User,
        terms: InviteTerms,
    ) -> Result<()> {
        let expires = self.expiry(terms)?;
        let account = self.lasting_account(user.account_id).await?;
        let inviter = match &by.caller {
            Caller::User(caller) => {
                Some(Inviter { account_id: caller.account, user_id: caller.id })
            }
            Caller::Anonymous
            | Caller::Identity(_)
            | Caller::Key(_)
            | Caller::Operator
            | Caller::Service(_) => None,
        };
        let name = self.inviter_in(user.account_id, inviter).await?;
        let invite = OpenCode::new(Purpose::Invite(user.id), &self.codes, &self.random, expires);
        let proof = invite.code(Purpose::InviteProof(user.id), &self.codes);
        let proof = proof.map(|proof| proof.digest());
        let now = self.now();
        step.insert(invite_item(&invite, inviter, user, (proof, now))?);
        let content = Content::Invite {
            account_name: account.name.to_string(),
            inviter: name,
            user_id: user.id,
            role: user.role,
            invite: invite.clone(),
            counts_for: (!reaches_everywhere(by.role())).then_some(user.account_id),
        };
        let letter = self.new_letter(&user.email, user.language.clone(), Some(user.id), content);
        let letter = letter.of_account(&account);
        Self::post(step, &letter)?;
        user.invite = Some(invite);
        user.was_invited = true;
        user.invite_sent = Some(now);
        user.revoked = false;
        Ok(())
    }

    /// Takes back the invite that is out for a user, if one is.
    pub(in crate::store) fn void_invite(step: &mut Step, user: &mut User) {
        if let Some(open) = user.invite.take() {
            step.clear(layout::invite(&open.digest));
        }
    }

    /// Counts an invite that a call sends, for the account that it is made in; operators are free.
    pub(in crate::store) async fn count_invite(&self, by: &By) -> Result<()> {
        let Some(account) = by.caller.account() else { return Ok(()) };
        if reaches_everywhere(by.role()) {
            return Ok(());
        }
        let sent = [Bucket::of(&LETTERS_OF_ACCOUNT, &account.to_string())];
        self.check_limits(&sent).await?;
        self.miss(&sent).await?;
        Ok(())
    }

    /// When an invite of these terms ceases to work.
    fn expiry(&self, terms: InviteTerms) -> Result<Timestamp> {
        let now = self.now();
        match terms.expires {
            None => Ok(now.plus(self.rules.invite_lifetime)),
            Some(expires) if now < expires && expires <= now.plus(LONGEST_LIFETIME) => Ok(expires),
            Some(_) => {
                let why = "inviteExpires must be in the future and at most 365 days ahead";
                Err(Error::Field(Fault::new("inviteExpires", "range", why)))
            }
        }
    }

    /// What the user is called who has made the invite that is open for somebody, while there is such a user.
    pub(in crate::store) async fn inviter_of(&self, user: &User) -> Result<Option<String>> {
        let Some(open) = &user.invite else { return Ok(None) };
        let invite: Option<Invite> = self.load(layout::invite(&open.digest)).await?;
        let inviter = invite.and_then(|invite| invite.inviter);
        self.inviter_in(user.account_id, inviter).await
    }

    /// What a user who invites is called in an account, while there is such a user.
    async fn inviter_in(
        &self,
        account: AccountId,
        inviter: Option<Inviter>,
    ) -> Result<Option<String>> {
        let Some(inviter) = inviter else { return Ok(None) };
        let user = layout::live_user(inviter.account_id, inviter.user_id);
        let user: Option<User> = self.load(user).await?;
        Ok(user.and_then(|user| user.display_name_in(account)))
    }
}

fn invite_item(
    open: &OpenCode,
    by: Option<Inviter>,
    user: &User,
    (proof, sent): (Option<String>, Timestamp),
) -> Result<Item> {
    let invitee =
        Invitee { account_id: user.account_id, user_id: user.id, email: user.email.clone() };
    let invite = Invite {
        invitee: Some(invitee),
        inviter: by,
        role: user.role,
        proof,
        used: false,
        expires: None,
        version: 0,
    };
    let item = layout::item(layout::invite(&open.digest), 1, &invite)?;
    let gs1 = Some(layout::open_invite(user, sent));
    Ok(Item { gs1, expires: Some(open.expires.seconds()), ..item })
}
