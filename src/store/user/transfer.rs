//! Moving between services: what the operator's export has of users beyond what calls reply, and accounts and
//! sign-ins that come in as they were elsewhere. For the command line alone; no call leads here.

use crate::{
    error::Fault,
    model::{
        account::{Account, AccountState},
        audit::Target,
        email::Email,
        id::{AccountId, SignInId, UserId},
        password_hash::PasswordHash,
        sign_in::{Kept, ProviderCredential, SignIn, TotpCredential},
        text::{Document, Language, Name},
        totp::TotpSecret,
        user::{IdentityKey, SettableState, User},
    },
    store::{
        By, Conflict, Error, Result, Store,
        account::{home::Home, manage::NewAccount},
        ledger::{document::merged, layout, step::Step},
    },
    table,
};

/// What an export has of a user beyond what calls reply.
pub(crate) struct MovedUser {
    pub(crate) id: UserId,
    /// Who the user is to an issuer.
    pub(crate) identity: Option<IdentityKey>,
    /// Whether it takes another invite to join.
    pub(crate) revoked: bool,
    /// The sign-in, if the user has one of ours.
    pub(crate) sign_in: Option<MovedSignIn>,
}

/// A person's own sign-in between two services.
#[derive(Clone)]
pub(crate) struct MovedSignIn {
    pub(crate) id: SignInId,
    pub(crate) email: Email,
    pub(crate) verified: bool,
    pub(crate) first: Option<Name>,
    pub(crate) last: Option<Name>,
    pub(crate) language: Option<Language>,
    pub(crate) password: Option<PasswordHash>,
    pub(crate) totp: Option<MovedTotp>,
    /// The identities at providers that open it.
    pub(crate) linked: Vec<ProviderCredential>,
    pub(crate) kept_by: Option<AccountId>,
}

/// A second factor between two services, each of which seals it with a secret of its own.
#[derive(Clone)]
pub(crate) struct MovedTotp {
    pub(crate) secret: TotpSecret,
    /// Digests of the recovery codes that have not been used.
    pub(crate) recovery: Vec<String>,
}

/// An account between two services.
#[derive(Clone)]
pub(crate) struct MovedAccount {
    pub(crate) id: AccountId,
    pub(crate) new: NewAccount,
    pub(crate) state: Option<SettableState>,
    /// Whether it is the operator's own, and then whether somebody has set the service up.
    pub(crate) home: Option<bool>,
}

/// What has become of something that comes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrival<T> {
    /// It is there from now on.
    Made(T),
    /// It was there, and stays as it is.
    There(T),
}

impl Store {
    /// The home account, if there is one, and whether somebody has set the service up.
    pub(crate) async fn home_account(&self) -> Result<Option<(AccountId, bool)>> {
        Ok(self.home().await?.map(|home| (home.account_id, home.is_set_up)))
    }

    /// Those of an account's users that are live, each with its identity and its own sign-in.
    ///
    /// # Errors
    /// `Table`, also if a sign-in has something that cannot be moved.
    pub(crate) async fn moved_users(
        &self,
        account: AccountId,
        users: &[UserId],
    ) -> Result<Vec<MovedUser>> {
        let account = self.account(account).await?;
        let keys = users.iter().map(|id| layout::live_user(account.id, *id));
        let users: Vec<User> = self.load_all(keys).await?;
        let keys = users.iter().filter_map(User::sign_in_id).map(layout::sign_in);
        let sign_ins: Vec<SignIn> = self.load_all(keys).await?;
        users.into_iter().map(|user| self.moved_user(&account, user, &sign_ins)).collect()
    }

    fn moved_user(&self, account: &Account, user: User, sign_ins: &[SignIn]) -> Result<MovedUser> {
        let id = user.sign_in_id();
        let sign_in = sign_ins.iter().find(|sign_in| Some(sign_in.id) == id && !sign_in.trashed);
        let lapsed = user.invite.as_ref().is_none_or(|open| open.expires <= self.now());
        Ok(MovedUser {
            id: user.id,
            // What leads to a sign-in that is gone leads nowhere.
            identity: user.identity.filter(|_| id.is_none() || sign_in.is_some()),
            revoked: user.revoked || (user.was_invited && lapsed),
            sign_in: sign_in.map(|sign_in| self.moved_sign_in(account, sign_in)).transpose()?,
        })
    }

    fn moved_sign_in(&self, account: &Account, sign_in: &SignIn) -> Result<MovedSignIn> {
        let stuck = |why: &str| {
            let key = layout::sign_in(sign_in.id);
            Error::Table(table::Error::Corrupt { key, why: why.to_owned() })
        };
        if !sign_in.credentials.are_known() {
            // Without it somebody might get in who has not got it.
            return Err(stuck("it has a credential of a kind that this program does not know"));
        }
        let totp = sign_in.second_factor().map(|totp| {
            let secret = self.open_totp(sign_in, totp).map_err(|_| {
                stuck(
                    "its second factor was sealed with another secret: name that as a previous one",
                )
            })?;
            Ok::<_, Error>(MovedTotp { secret, recovery: totp.recovery.clone() })
        });
        Ok(MovedSignIn {
            id: sign_in.id,
            email: sign_in.email.clone(),
            verified: sign_in.verified,
            first: sign_in.first.clone(),
            last: sign_in.last.clone(),
            language: sign_in.language.clone(),
            password: sign_in.password().cloned(),
            totp: totp.transpose()?,
            linked: sign_in.providers().cloned().collect(),
            kept_by: sign_in.is_kept_by(account).then_some(account.id),
        })
    }

    /// Makes an account of that id, unless there is one. The operator's own is that here, too, if there is
    /// none yet.
    pub(crate) async fn import_account(
        &self,
        by: &By,
        moved: &MovedAccount,
    ) -> Result<Arrival<Account>> {
        let NewAccount { name, settings, managed, logo } = &moved.new;
        let settings = match settings {
            Some(patch) => Some(merged("settings", &Document::default(), patch.clone())?),
            None => None,
        };
        self.attempt(|| async {
            if let Some(there) = self.load(layout::account(moved.id)).await? {
                return Ok(Some(Arrival::There(there)));
            }
            let mut step = Step::default();
            let mut account = Account {
                id: moved.id,
                settings: settings.clone(),
                managed: *managed,
                logo: logo.as_ref().map(|logo| logo.mark(moved.id)),
                version: 1,
                ..self.new_account(name.clone())
            };
            if moved.state == Some(SettableState::Suspended) {
                account.state = AccountState::Suspended;
            }
            if let (Some(is_set_up), None) = (moved.home, self.home().await?) {
                let home = Home { account_id: account.id, is_set_up, version: 0 };
                step.insert(layout::item(layout::home(), 1, &home)?);
                account = Account { managed: true, state: AccountState::Active, ..account };
            }
            step.insert(layout::account_item(&account, account.version)?);
            Self::move_logo(&mut step, None, &account, logo.as_ref())?;
            self.audit(&mut step, by, account.id, Target::Account(account.id), &[])?;
            Ok(self.commit(step).await?.then(Arrival::Made(account)))
        })
        .await
    }

    /// Makes a sign-in of that id, unless there is one. Until a user is bound to it, it waits as any that
    /// nobody uses.
    ///
    /// # Errors
    /// `Conflict` if the address has another one, or an identity at a provider opens another one; `Field`.
    pub(crate) async fn import_sign_in(&self, by: &By, moved: &MovedSignIn) -> Result<Arrival<()>> {
        self.attempt(|| async {
            if self.sign_in_record(moved.id).await?.is_some() {
                return Ok(Some(Arrival::There(())));
            }
            let mut step = Step::default();
            let kept = match moved.kept_by {
                Some(account) => self.keeper(&mut step, account).await?,
                None => None,
            };
            let sign_in = self.arriving(moved, kept)?;
            Self::add_sign_in(&mut step, &sign_in, Conflict::SignedUp)?;
            self.audit_person(&mut step, by, (sign_in.id, false), &[])?;
            Ok(self.commit(step).await?.then(Arrival::Made(())))
        })
        .await
    }

    /// The first of the identities that comes in with a sign-in and opens another one here, and which one that is.
    pub(crate) async fn linked_elsewhere<'a>(
        &self,
        moved: &'a MovedSignIn,
    ) -> Result<Option<(&'a ProviderCredential, SignIn)>> {
        for linked in &moved.linked {
            let opens = self.sign_in_by_provider(&linked.identity()).await?;
            if let Some(other) = opens.filter(|other| other.id != moved.id) {
                return Ok(Some((linked, other)));
            }
        }
        Ok(None)
    }

    /// The mark of the account that keeps a sign-in, if it is managed here, too, as `step` then requires.
    async fn keeper(&self, step: &mut Step, account: AccountId) -> Result<Option<Kept>> {
        let account: Option<Account> = self.load(layout::account(account)).await?;
        let account = account.ok_or_else(|| {
            let why = "keptBy names an account that does not exist; import its line first";
            Error::Field(Fault::new("keptBy", "unknown", why))
        })?;
        if !account.managed {
            return Ok(None);
        }
        let kept = Kept::by(&account);
        step.account = Some(account);
        Ok(Some(kept))
    }

    fn arriving(&self, moved: &MovedSignIn, kept: Option<Kept>) -> Result<SignIn> {
        let MovedSignIn { id, email, verified, first, last, language, .. } = moved.clone();
        let MovedSignIn { password, totp, linked, .. } = moved.clone();
        let now = self.now();
        let mut sign_in = SignIn {
            verified,
            first,
            last,
            language,
            kept,
            unbound_until: Some(now.plus(self.rules.trash_lifetime)),
            ..SignIn::new(id, email, now)
        };
        if let Some(hash) = password {
            sign_in = sign_in.with_password(hash);
        }
        sign_in = linked.into_iter().fold(sign_in, SignIn::with_provider);
        if let Some(MovedTotp { secret, recovery }) = totp {
            let secret = self.seal_totp(&sign_in, &secret)?;
            sign_in = sign_in.with_totp(TotpCredential {
                secret,
                confirmed: true,
                last_step: None,
                recovery,
            });
        }
        Ok(sign_in)
    }
}
