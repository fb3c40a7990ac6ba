//! Everything that is stored about one user, as one document.

use crate::{
    admit::reaches_everywhere,
    model::{
        audit::{Entry, Target},
        hold::Hold,
        letter::Letter,
        session::Session,
        sign_in::{ProviderCredential, SignIn},
        user::User,
    },
    store::{
        By, Error, Reach, Result, Store,
        find::select::{Section, Selector},
        ledger::{guard::reaches, layout, queue::Queued, record},
    },
    table::{Direction, Index, MAX_PAGE, Page, Query, Range},
};

/// The most entries of the trail, letters, and holds that an export has.
const MAX_ENTRIES: usize = 1000;
const _: () = assert!(MAX_ENTRIES <= MAX_PAGE, "they are read at once");

/// What is stored about a user. What else a user comes to have goes here, too.
#[derive(Clone, Debug)]
pub(crate) struct Export {
    /// The user.
    pub(crate) user: User,
    /// The entries about the user, the newest first.
    pub(crate) trail: Vec<Entry>,
    /// Whether there are older entries than those.
    pub(crate) truncated: bool,
    /// The letters about the user that wait or were put aside.
    pub(crate) letters: Vec<Queued<Letter>>,
    /// The holds on the user; there are at most 1,000.
    pub(crate) holds: Vec<Hold>,
    /// The user's sign-in, for those who may know of it.
    pub(crate) sign_in: Option<ExportedSignIn>,
}

/// What is stored about a person's own sign-in.
#[derive(Clone, Debug)]
pub(crate) struct ExportedSignIn {
    /// The sign-in.
    pub(crate) sign_in: SignIn,
    /// The identities at providers that open it.
    pub(crate) linked: Vec<ProviderCredential>,
    /// Its sessions.
    pub(crate) sessions: Vec<Session>,
    /// The newest entries of its person's own trail, the newest first.
    pub(crate) trail: Vec<Entry>,
}

impl Store {
    /// What is stored about a user, live or in the trash. Of where calls came from it tells only what
    /// is the user's own.
    pub(crate) async fn export_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
    ) -> Result<Export> {
        let user = match self.selected(reach, who, Section::Account).await? {
            Some(user) => Some(user),
            None => self.selected(reach, who, Section::Trash).await?,
        };
        let user: User = user.ok_or(Error::NotFound("user"))?;
        reaches(by.role(), user.role)?;
        let entries = self.newest(Index::Gs1, layout::audit_partition(user.id), "").await?;
        let letters = self.newest(Index::Gs1, layout::letters_of_user(user.id), "").await?;
        let holds = self.newest(Index::Primary, layout::hold_partition(user.id), "hold#").await?;
        let mut trail = Vec::with_capacity(entries.items.len());
        let own = Target::User(user.id).to_string();
        for item in &entries.items {
            let entry: Entry = record::decode(item)?;
            let address = entry.address.filter(|_| entry.actor == own);
            trail.push(Entry { address, ..entry });
        }
        let letters = letters.items.iter().map(record::decode).collect::<Result<_>>()?;
        let holds = holds.items.iter().map(record::decode).collect::<Result<_>>()?;
        let truncated = entries.more;
        let sign_in = self.exported_sign_in(by, &user).await?;
        Ok(Export { user, trail, truncated, letters, holds, sign_in })
    }

    /// What is stored about a user's sign-in: for its person and for operators, and for nobody else.
    async fn exported_sign_in(&self, by: &By, user: &User) -> Result<Option<ExportedSignIn>> {
        if by.caller.user() != Some(user.id) && !reaches_everywhere(by.role()) {
            return Ok(None);
        }
        let Some(sign_in) = self.sign_in_of_user(user).await? else { return Ok(None) };
        let entries = self.newest(Index::Primary, layout::audit_partition(sign_in.id), "").await?;
        let trail = entries.items.iter().map(record::decode).collect::<Result<_>>()?;
        let sessions = self.some_sessions(sign_in.id).await?;
        let linked = self.own_providers(&sign_in).await?;
        Ok(Some(ExportedSignIn { sign_in, linked, sessions, trail }))
    }

    async fn newest(&self, index: Index, partition: String, prefix: &str) -> Result<Page> {
        let range = Range::Prefix(prefix.to_owned());
        let first = Query::first(index, partition, range, MAX_ENTRIES);
        let query = Query { direction: Direction::Backward, ..first };
        Ok(self.table.query(&query).await?)
    }
}
