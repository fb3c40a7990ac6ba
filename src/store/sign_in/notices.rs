//! Letters that tell people what has become of their sign-ins.

use crate::{
    admit::reaches_everywhere,
    model::{id::SignInId, letter::Content, sign_in::SignIn, user::User},
    store::{
        By, Error, Result, Store,
        counts::limits::{Bucket, CHANGES_OF_ACCOUNT, CHANGES_TO_MAILBOX, LETTERS_OF_CHANGES},
        ledger::step::Step,
        outbox::held::mailbox,
    },
};

/// Whether a letter tells of what somebody changes about the own sign-in, and where it is counted once it has
/// changed.
#[must_use]
pub(super) struct Notice(Option<[Bucket; 1]>);

impl Store {
    /// Adds to `step` a letter about a sign-in, to its address and in its own language.
    pub(in crate::store) fn tell_person(
        &self,
        step: &mut Step,
        sign_in: &SignIn,
        content: Content,
    ) -> Result<()> {
        let letter = self.new_letter(&sign_in.email, sign_in.language.clone(), None, content);
        Self::post(step, &letter)
    }

    /// A notice of what somebody can do again and again. No mailbox is to be filled by it: beyond the limit it is done
    /// and not told; by then its person has been told often enough.
    pub(super) async fn notice(&self, sign_in: SignInId) -> Result<Notice> {
        let bucket = [Bucket::of(&LETTERS_OF_CHANGES, &sign_in.to_string())];
        match self.check_limits(&bucket).await {
            Ok(()) => Ok(Notice(Some(bucket))),
            Err(Error::Limited { .. }) => Ok(Notice(None)),
            Err(error) => Err(error),
        }
    }

    /// Adds the letter to `step`, if there is to be one.
    pub(super) fn tell_if_noticed(
        &self,
        step: &mut Step,
        notice: &Notice,
        sign_in: &SignIn,
        content: Content,
    ) -> Result<()> {
        if notice.0.is_none() {
            return Ok(());
        }
        self.tell_person(step, sign_in, content)
    }

    /// Where it is counted that a call changes how a user signs in, of which the person hears; the caller counts it before
    /// the change. What a mailbox would hear too much of is not done, rather than done and not told.
    ///
    /// # Errors
    /// `Limited`, before anything is worked at.
    pub(in crate::store) async fn begin_change(&self, by: &By, user: &User) -> Result<Vec<Bucket>> {
        let changes = if by.caller.user() == Some(user.id) {
            let whose = user.sign_in_id().map_or_else(|| user.id.to_string(), |id| id.to_string());
            vec![Bucket::of(&CHANGES_TO_MAILBOX, &format!("own {whose}"))]
        } else {
            match by.caller.account().filter(|_| !reaches_everywhere(by.role())) {
                // Nobody hears of whom nobody is yet.
                Some(account) if user.identity.is_some() => {
                    let mailbox = mailbox(&user.email);
                    vec![
                        Bucket::of(&CHANGES_OF_ACCOUNT, &account.to_string()),
                        Bucket::of(&CHANGES_TO_MAILBOX, &format!("{mailbox} {account}")),
                    ]
                }
                Some(_) | None => Vec::new(),
            }
        };
        self.check_limits(&changes).await?;
        Ok(changes)
    }

    /// Counts a letter whose step is committed.
    pub(super) async fn count_notice(&self, notice: &Notice) {
        if let Notice(Some(bucket)) = notice {
            // What it tells of has happened.
            let _logged = self.miss(bucket).await;
        }
    }
}

/// Where the call comes from, as a letter says it.
pub(super) fn address_of(by: &By) -> Option<String> {
    by.address.map(|address| address.to_string())
}
