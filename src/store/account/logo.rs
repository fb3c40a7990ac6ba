//! Logos: each an item of its own, found by its digest, which comes and goes with the change of its account.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        account::Account,
        id::AccountId,
        logo::{Logo, LogoDigest, LogoKind},
    },
    store::{
        Result, Store,
        ledger::{layout, record::Stored, step::Step},
    },
};

/// A logo as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredLogo {
    account_id: AccountId,
    kind: LogoKind,
    /// In base64.
    data: String,
}

impl Stored for StoredLogo {}

impl Store {
    /// The picture of that digest, while an account has it.
    pub(crate) async fn logo(&self, digest: &LogoDigest) -> Result<Option<Logo>> {
        let stored: Option<StoredLogo> = self.load(layout::logo(digest)).await?;
        Ok(stored.and_then(|stored| Logo::from_base64(stored.kind, &stored.data)))
    }

    /// The picture that an account has.
    pub(crate) async fn logo_of(&self, account: &Account) -> Result<Option<Logo>> {
        match &account.logo {
            Some(mark) => self.logo(&mark.digest).await,
            None => Ok(None),
        }
    }

    /// The picture that emails show of an account: a PNG, since hardly any mail program shows an SVG.
    pub(crate) async fn logo_for_emails(&self, account: AccountId) -> Result<Option<Vec<u8>>> {
        let account: Option<Account> = self.load(layout::account(account)).await?;
        let mark = account.and_then(|account| account.logo);
        let Some(mark) = mark.filter(|mark| mark.kind == LogoKind::Png) else { return Ok(None) };
        Ok(self.logo(&mark.digest).await?.map(|logo| logo.bytes))
    }

    /// Adds to `step` that the logo of an account, as it is after a change, takes the place of the one before.
    pub(in crate::store) fn move_logo(
        step: &mut Step,
        before: Option<&Account>,
        after: &Account,
        picture: Option<&Logo>,
    ) -> Result<()> {
        let before = before.and_then(|before| before.logo.as_ref());
        if before == after.logo.as_ref() {
            return Ok(());
        }
        if let Some(before) = before {
            step.clear(layout::logo(&before.digest));
        }
        if let (Some(mark), Some(picture)) = (&after.logo, picture) {
            let stored =
                StoredLogo { account_id: after.id, kind: mark.kind, data: picture.to_base64() };
            step.overwrite(layout::item(layout::logo(&mark.digest), 1, &stored)?);
        }
        Ok(())
    }
}
