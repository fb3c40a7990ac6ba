//! API keys: making, finding, removing.

use std::collections::BTreeSet;

use crate::{
    admit::reaches_everywhere,
    caller::{Caller, CallingUser},
    error::Fault,
    model::{
        audit::Target,
        id::{AccountId, KeyId},
        key::{Key, Maker, NewKey},
        letter::Content,
        user::User,
    },
    role::Role,
    security::Event,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        counts::limits::{Bucket, LETTERS_ABOUT_KEYS},
        find::caller::is_backed_by,
        ledger::{
            audit::log_event,
            guard::{expect_version, reaches},
            layout,
            memory::Touched,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item, Query, Range},
};

/// How many keys of an account are looked at where some are to be kept, and how many of them can be.
const MAX_KEYS: usize = 500;
const MAX_KEPT: usize = 50;

impl Store {
    /// Makes a key for an account; returns it and the token that shows it, which is not stored.
    pub(crate) async fn create_key(
        &self,
        by: &By,
        account: AccountId,
        new: &NewKey,
    ) -> Result<(Key, String)> {
        reaches(by.role(), new.role)?;
        self.require_account(by, account).await?;
        self.require_home(by, account, new.role).await?;
        if new.expires.is_some_and(|expires| expires <= self.now()) {
            let why = "expires must be in the future";
            return Err(Error::Field(Fault::new("expires", "range", why)));
        }
        if let Caller::Key(maker) = &by.caller {
            self.check_successor(maker.id, new).await?;
        }
        let told = self.may_be_told(by).await?;
        self.attempt(|| async {
            let mut step = Step::default();
            self.require_caller(&mut step, by, None).await?;
            let maker = Self::maker_for(by).ok_or(Error::CallerChanged)?;
            let made_by = (by.caller.to_string(), maker);
            let (mut key, token) =
                Key::make(new.clone(), account, made_by, self.now(), &self.random);
            key.version = 1;
            if told {
                self.tell_of_key(&mut step, by, &key).await?;
            }
            step.insert(layout::api_key_item(&key, key.version)?);
            log_event(&mut step, by, Event::KeyCreated, (Target::Key(key.id), None));
            self.audit(&mut step, by, account, Target::Key(key.id), &[])?;
            Ok(self.commit(step).await?.then((key, token)))
        })
        .await
    }

    /// Whose a key is that the caller makes.
    fn maker_for(by: &By) -> Option<Maker> {
        match &by.caller {
            Caller::User(CallingUser { id, account, epoch, .. }) => {
                Some(Maker::User { account_id: *account, user_id: *id, epoch: *epoch })
            }
            Caller::Key(key) => key.maker,
            Caller::Operator => Some(Maker::Operator),
            Caller::Anonymous | Caller::Identity(_) | Caller::Service(_) => None,
        }
    }

    /// Whether a user is told of a key that is made in its name: a script that makes many is not to fill the mailbox.
    async fn may_be_told(&self, by: &By) -> Result<bool> {
        let Some(Maker::User { user_id, .. }) = Self::maker_for(by) else { return Ok(false) };
        let letters = [Bucket::of(&LETTERS_ABOUT_KEYS, &user_id.to_string())];
        match self.check_limits(&letters).await {
            Ok(()) => {
                self.miss(&letters).await?;
                Ok(true)
            }
            Err(Error::Limited { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Adds to `step` a letter to the user whose a new key is.
    async fn tell_of_key(&self, step: &mut Step, by: &By, key: &Key) -> Result<()> {
        let Some((account, user)) = key.maker.and_then(Maker::user) else { return Ok(()) };
        let user: Option<User> = self.load(layout::live_user(account, user)).await?;
        let Some(user) = user else { return Ok(()) };
        let is_own = by.caller.user() == Some(user.id);
        let content = Content::KeyCreated {
            at: key.created,
            name: key.name.to_string(),
            role: key.role,
            address: by.address.filter(|_| is_own).map(|address| address.to_string()),
        };
        let language = user.language.clone();
        Self::post(step, &self.new_letter(&user.email, language, Some(user.id), content))
    }

    /// Adds to `step` that the keys of a user who is about to be removed become the remover's, as far as
    /// they are good and within reach.
    ///
    /// # Errors
    /// `Field` where the user is the caller, or the one behind it; `Conflict` if there are too many.
    pub(in crate::store) async fn take_over_keys(
        &self,
        step: &mut Step,
        by: &By,
        user: &User,
    ) -> Result<()> {
        let maker = Self::maker_for(by).ok_or(Error::CallerChanged)?;
        if maker.user() == Some((user.account_id, user.id)) {
            let why = "keepKeys is for the keys of other users, not for your own";
            return Err(Error::Field(Fault::new("keepKeys", "unexpected", why)));
        }
        self.require_caller(step, by, Some(user)).await?;
        self.pass_keys(step, user, (by.role(), maker)).await
    }

    /// Adds to `step` that of the keys of a user whose role is about to fall those go on that the lower one may have.
    ///
    /// # Errors
    /// `Conflict` if there are too many.
    pub(in crate::store) async fn leave_keys(
        &self,
        step: &mut Step,
        by: &By,
        user: &User,
        role: Role,
    ) -> Result<()> {
        self.require_caller(step, by, Some(user)).await?;
        let epoch = user.key_epoch + 1;
        let maker = Maker::User { account_id: user.account_id, user_id: user.id, epoch };
        self.pass_keys(step, user, (role, maker)).await
    }

    async fn pass_keys(
        &self,
        step: &mut Step,
        user: &User,
        (up_to, maker): (Role, Maker),
    ) -> Result<()> {
        let account = layout::account_partition(user.account_id);
        let query = Query::first(Index::Gs1, account, Range::Prefix("key#".to_owned()), MAX_KEYS);
        let page = self.table.query(&query).await?;
        let listed: Vec<Key> = page.items.iter().map(record::decode).collect::<Result<_>>()?;
        // As they are now: the list lags.
        let keys = listed.iter().map(|key| layout::api_key(key.id));
        let mut keys: Vec<Key> = self.load_all(keys).await?;
        keys.retain(|key| key.role <= up_to && is_backed_by(key, user));
        if page.more || keys.len() > MAX_KEPT {
            return Err(Error::Conflict(Conflict::TooManyKeys));
        }
        for key in keys {
            let (id, version) = (key.id, key.version);
            let kept = key.of(maker);
            step.replace(layout::api_key_item(&kept, version + 1)?, version);
            step.touched.push(Touched::Key(id));
        }
        step.changed.push("keys");
        Ok(())
    }

    /// Of keys those that are good: not over, and with somebody behind them who still stands; and the users whose
    /// they are.
    ///
    /// # Errors
    /// `Table`
    pub(crate) async fn good_keys(&self, keys: &[Key]) -> Result<(Vec<KeyId>, Vec<User>)> {
        let now = self.now();
        let makers = keys.iter().filter_map(|key| key.maker.and_then(Maker::user));
        let makers: BTreeSet<_> = makers.collect();
        let makers = makers.into_iter().map(|(account, user)| layout::live_user(account, user));
        let makers: Vec<User> = self.load_all(makers).await?;
        let is_backed = |key: &Key| match key.maker {
            Some(Maker::Operator) => true,
            Some(Maker::User { .. }) => makers.iter().any(|user| is_backed_by(key, user)),
            None => false,
        };
        let is_over = |key: &Key| key.expires.is_some_and(|expires| expires <= now);
        let good = keys.iter().filter(|key| !is_over(key) && is_backed(key));
        let good = good.map(|key| key.id).collect();
        Ok((good, makers))
    }

    /// A key that ends makes none that outlives it.
    async fn check_successor(&self, maker: KeyId, new: &NewKey) -> Result<()> {
        let maker: Option<Key> = self.load(layout::api_key(maker)).await?;
        let Some(end) = maker.and_then(|maker| maker.expires) else { return Ok(()) };
        if new.expires.is_some_and(|expires| expires <= end) {
            return Ok(());
        }
        let why = format!("expires must not be after {end}, when the calling key expires");
        Err(Error::Field(Fault::new("expires", "range", why)))
    }

    /// A page of an account's keys, in order of creation.
    pub(crate) async fn keys(&self, account: AccountId, page: &PageRequest) -> Result<Page<Key>> {
        let pick = |item: &Item| record::decode(item).map(Some);
        let walk = Walk {
            index: Index::Gs1,
            partitions: &[layout::account_partition(account)],
            order: Order::Rising,
            span: Span::Prefix("key#"),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// Requires of an account that has no admin but keys, and loses one, that the calling key stays.
    async fn require_another_head(&self, step: &mut Step, by: &By, key: &Key) -> Result<()> {
        let Caller::Key(caller) = &by.caller else { return Ok(()) };
        let account = self.account(key.account_id).await?;
        if account.admins > 0 || reaches_everywhere(caller.role) {
            return Ok(());
        }
        if caller.id == key.id {
            return Err(Error::Conflict(Conflict::LastAdmin));
        }
        self.require_caller(step, by, None).await
    }

    /// Removes a key for good.
    pub(crate) async fn remove_key(
        &self,
        by: &By,
        reach: Reach,
        id: KeyId,
        version: Option<u64>,
    ) -> Result<Key> {
        self.attempt(|| async {
            let key: Option<Key> = self.load(layout::api_key(id)).await?;
            let key = key.filter(|key| reach.includes(key.account_id));
            let key = key.ok_or(Error::NotFound("key"))?;
            reaches(by.role(), key.role)?;
            expect_version(version, key.version)?;
            let mut step = Step::default();
            step.remove(layout::api_key(id), key.version);
            step.touched.push(Touched::Key(id));
            self.require_another_head(&mut step, by, &key).await?;
            log_event(&mut step, by, Event::KeyRemoved, (Target::Key(id), None));
            self.audit(&mut step, by, key.account_id, Target::Key(id), &[])?;
            Ok(self.commit(step).await?.then(key))
        })
        .await
    }
}
