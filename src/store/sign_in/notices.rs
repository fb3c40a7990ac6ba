//! Letters that tell people what has become of their sign-ins.

use crate::{
    model::{id::SignInId, letter::Content, sign_in::SignIn},
    store::{
        By, Error, Result, Store,
        counts::limits::{Bucket, LETTERS_OF_CHANGES},
        ledger::step::Step,
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
