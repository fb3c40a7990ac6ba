//! Why no letters leave: the mail server takes none. Noted in the table, so that other processes can tell.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    store::{
        Result, Store,
        ledger::{layout, record::Stored},
    },
};

/// What a node has last noted of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MailTrouble {
    /// Since when no letter was taken.
    pub(crate) since: Timestamp,
    /// What the last try came to.
    pub(crate) why: String,
}

impl Stored for MailTrouble {}

impl Store {
    /// Why no letters leave, if it is so.
    pub(crate) async fn mail_trouble(&self) -> Result<Option<MailTrouble>> {
        self.load(layout::mail_trouble()).await
    }

    /// Notes that no letters leave; the note is forgotten at `until`, in case its node dies.
    pub(crate) async fn note_mail_trouble(
        &self,
        trouble: &MailTrouble,
        until: Timestamp,
    ) -> Result<()> {
        self.put_note(layout::mail_trouble(), trouble, Some(until)).await
    }

    /// Strikes off what was noted.
    pub(crate) async fn forget_mail_trouble(&self) -> Result<()> {
        self.strike_note(layout::mail_trouble()).await
    }
}
