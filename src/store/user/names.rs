//! What the ids in a page of an account's trail stand for, as far as the account knows.

use std::collections::BTreeSet;

use crate::{
    model::{
        audit::Entry,
        email::Email,
        id::{AccountId, KeyId, UserId},
        key::Key,
        user::User,
    },
    store::{Result, Store, find::select::Section, ledger::layout},
};

/// What an id stands for.
pub(crate) struct Named {
    /// It.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) name: String,
    /// Where it is a user, its email.
    pub(crate) email: Option<Email>,
}

impl Store {
    /// The users and keys of the account that the entries name, the removed ones included. Of other accounts,
    /// such as the operator's, and of who is gone for good, nothing is told.
    pub(crate) async fn names_in(
        &self,
        account: AccountId,
        entries: &[Entry],
    ) -> Result<Vec<Named>> {
        let told = |entry: &Entry| [Some(entry.actor.clone()), entry.target.clone()];
        let told: Vec<String> = entries.iter().flat_map(told).flatten().collect();
        let of = |kind: &'static str| {
            told.iter().filter_map(move |text| text.split_once(':').filter(|(it, _)| *it == kind))
        };
        let users = of("user").filter_map(|(_, id)| UserId::parse(id));
        let users: BTreeSet<UserId> =
            users.chain(entries.iter().filter_map(|entry| entry.user_id)).collect();
        let keys: BTreeSet<KeyId> = of("key").filter_map(|(_, id)| KeyId::parse(id)).collect();
        let places = users.iter().flat_map(|id| {
            [Section::Account, Section::Trash].map(|section| section.key(account, *id))
        });
        let keys = keys.into_iter().map(layout::api_key);
        let (users, keys) =
            tokio::try_join!(self.load_all::<User>(places), self.load_all::<Key>(keys))?;
        let users = users.into_iter().map(|user| Named {
            id: user.id.to_string(),
            name: user.display_name(),
            email: Some(user.email),
        });
        let own = keys.into_iter().filter(|key| key.account_id == account);
        let keys = own.map(|key| Named {
            id: key.id.to_string(),
            name: key.name.to_string(),
            email: None,
        });
        Ok(users.chain(keys).collect())
    }
}
