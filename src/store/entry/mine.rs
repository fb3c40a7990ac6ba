//! The accounts that a person is in, and those in which it is expected; saying no to one of these.

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{account::Account, email::Email, id::AccountId, user::User},
    role::Role,
    store::{
        By, LoginRefusal, Result, Store,
        find::memberships::MAX_ACCOUNTS,
        ledger::{
            claim::Claim,
            guard::{let_in, signed_in_since},
            layout,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item},
};

/// The accounts of a person.
pub(crate) struct Mine {
    /// Those that it is in, the one with the latest activity first.
    pub(crate) accounts: Vec<Membership>,
    /// A page of those in which it is expected, the newest first.
    pub(crate) expected: Page<Expectation>,
}

/// That a person is in an account.
pub(crate) struct Membership {
    /// The account.
    pub(crate) account: Account,
    /// The user as whom it is there.
    pub(crate) user: User,
    /// Whether all that keeps it out is that it was signed out since it signed in.
    pub(crate) signed_out: bool,
}

/// That an account expects a person.
pub(crate) struct Expectation {
    /// The account.
    pub(crate) account: Account,
    /// The name of the user who invites, while there is such a user.
    pub(crate) inviter: Option<String>,
    /// The role that waits.
    pub(crate) role: Role,
    /// When the invite ceases to work, if there is one.
    pub(crate) expires: Option<Timestamp>,
}

impl Store {
    /// The accounts that an identity is in, all of them on every page, and a page of those that expect it.
    /// These are shown only to somebody whose email is verified by an issuer that is believed.
    pub(crate) async fn mine(&self, identity: &Identity, page: &PageRequest) -> Result<Mine> {
        let identity = self.current_identity(identity).await?;
        let claims = self.memberships(&identity.key, MAX_ACCOUNTS).await?;
        let mut users = self.claimed_users_with_accounts(&claims).await?;
        users.sort_by_key(|(user, _)| std::cmp::Reverse(user.activity));
        let membership = |(user, account): (User, Option<Account>)| {
            let account = account?;
            let refusal = let_in(&identity.presence, &user, Some(&account)).err();
            let signed_out = refusal == Some(LoginRefusal::SignedOut);
            Some(Membership { account, user, signed_out })
        };
        let accounts = users.into_iter().filter_map(membership).collect();
        let expected = if let Some(email) = identity.trusted_email() {
            self.expectations(email, &claims, page).await?
        } else {
            page.is_first()?;
            Page::whole(Vec::new())
        };
        Ok(Mine { accounts, expected })
    }

    /// A page of the accounts that expect somebody of that email, but for those that the person is in.
    async fn expectations(
        &self,
        email: &Email,
        own: &[Claim],
        page: &PageRequest,
    ) -> Result<Page<Expectation>> {
        let is_own = |claim: &Claim| own.iter().any(|own| own.account_id == claim.account_id);
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::email_partition(email)],
            order: Order::Falling,
            span: Span::Prefix(layout::CLAIMS),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &|item: &Item| record::decode::<Claim>(item).map(Some),
        };
        let Page { data: mut claims, next, prev } = self.page(page, &walk).await?;
        claims.retain(|claim| !is_own(claim));
        let mut data = Vec::new();
        for (account, user) in self.expected_users(&claims).await? {
            let inviter = self.inviter_of(&user).await?;
            let expires = user.invite.map(|open| open.expires);
            data.push(Expectation { account, inviter, role: user.role, expires });
        }
        Ok(Page { data, next, prev })
    }

    /// Says no to an account that expects the person: it takes another invite to join. Nobody learns from
    /// the answer whether it does.
    pub(crate) async fn decline(
        &self,
        by: &By,
        identity: &Identity,
        account: AccountId,
    ) -> Result<()> {
        let identity = self.current_identity(identity).await?;
        let Some(email) = identity.trusted_email() else { return Ok(()) };
        self.attempt(|| async {
            let Some((account, before)) = self.expected_user(account, email).await? else {
                return Ok(Some(()));
            };
            let signed_out = [self.last_signed_out(&before).await?, account.signed_out];
            if signed_in_since(&identity.presence, account.id, signed_out).is_err() {
                return Ok(Some(()));
            }
            let mut after = User { revoked: true, updated: self.now(), ..before.clone() };
            let mut step = Step::default();
            Self::void_invite(&mut step, &mut after);
            Ok(self.commit_user(step, by, Some(&before), after).await?.map(drop))
        })
        .await
    }
}
