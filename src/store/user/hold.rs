//! Holds: what users own elsewhere. A user record counts its holds, so that its version decides
//! between a hold that is placed and a removal at the same moment.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    error::Fault,
    model::{
        audit::Target,
        fields::Change,
        hold::{Hold, HoldName},
        id::{AccountId, HoldId, UserId},
        text::{Document, HoldKind},
        user::User,
    },
    store::{
        By, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{
            document::unfit,
            guard::{expect_version, may_change},
            layout::{self},
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Index, Item},
};

/// The most holds that stand on one user.
const MAX_HOLDS: u32 = 1000;

/// What is to be held.
#[derive(Clone, Debug)]
pub(crate) struct NewHold {
    /// What it is on.
    pub(crate) name: HoldName,
    /// What is to be kept about it; where it stands already, only a change of that.
    pub(crate) data: Change<Map<String, Value>>,
    /// The version that the caller has seen, if it stands already.
    pub(crate) version: Option<u64>,
}

/// Which of a user's holds is meant; what is there must all fit the same one.
#[derive(Clone, Debug)]
pub(crate) struct HoldSelector {
    /// The one of that id.
    pub(crate) id: Option<HoldId>,
    /// The one on that.
    pub(crate) name: Option<HoldName>,
}

/// Which hold has a name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HoldClaim {
    hold_id: HoldId,
}

impl Stored for HoldClaim {}

impl Store {
    /// Places a hold on a user; one that stands already stays, with its data replaced.
    pub(crate) async fn place_hold(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        new: &NewHold,
    ) -> Result<Hold> {
        let data = checked(new.data.clone())?;
        self.attempt(|| async {
            let user = self.user(reach, who).await?;
            may_change(by, &user, None)?;
            let before = self.hold_named(user.id, &new.name).await?;
            expect_version(new.version, before.as_ref().map_or(0, |hold| hold.version))?;
            let mut step = Step::default();
            let mut hold = if let Some(hold) = &before {
                hold.clone()
            } else {
                self.require_account(by, user.account_id).await?;
                self.add_hold(&mut step, &user, &new.name)?
            };
            data.clone().apply(&mut hold.data);
            if before.as_ref() == Some(&hold) {
                return Ok(Some(hold));
            }
            hold.version += 1;
            let item = layout::hold_item(&hold, hold.version)?;
            match &before {
                Some(before) => step.replace(item, before.version),
                None => step.insert(item),
            }
            let fields: &[_] = if before.is_some() { &["data"] } else { &[] };
            self.audit(&mut step, by, user.account_id, Target::Hold(hold.id, user.id), fields)?;
            Ok(self.commit(step).await?.then(hold))
        })
        .await
    }

    /// Releases a hold.
    pub(crate) async fn release_hold(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        which: &HoldSelector,
        version: Option<u64>,
    ) -> Result<Hold> {
        self.attempt(|| async {
            let user = self.holder(reach, who).await?;
            may_change(by, &user, None)?;
            let hold = self.hold(user.id, which).await?;
            expect_version(version, hold.version)?;
            let mut step = Step::default();
            count_holds(&mut step, &user, user.holds.saturating_sub(1))?;
            step.remove(layout::hold(user.id, hold.id), hold.version);
            step.clear(layout::hold_claim(user.id, &hold.name));
            self.audit(&mut step, by, user.account_id, Target::Hold(hold.id, user.id), &[])?;
            Ok(self.commit(step).await?.then(hold))
        })
        .await
    }

    /// A page of the holds on a user within reach.
    pub(crate) async fn holds_of_user(
        &self,
        reach: Reach,
        who: &Selector,
        kind: Option<&HoldKind>,
        page: &PageRequest,
    ) -> Result<Page<Hold>> {
        match self.holder(reach, who).await {
            Ok(user) => {
                let partition = layout::hold_partition(user.id);
                self.holds(Index::Primary, partition, kind, page).await
            }
            Err(Error::NotFound(_)) => Ok(Page::whole(Vec::new())),
            Err(error) => Err(error),
        }
    }

    /// A user on whom holds may stand: a live one, or one who has left and lies in the trash.
    async fn holder(&self, reach: Reach, who: &Selector) -> Result<User> {
        match self.user(reach, who).await {
            Err(Error::NotFound(_)) => self.trashed_user(reach, who).await,
            found => found,
        }
    }

    /// A page of the holds on all users of an account.
    pub(crate) async fn holds_in_account(
        &self,
        account: AccountId,
        kind: Option<&HoldKind>,
        page: &PageRequest,
    ) -> Result<Page<Hold>> {
        self.holds(Index::Gs1, layout::holds_partition(account), kind, page).await
    }

    async fn holds(
        &self,
        index: Index,
        partition: String,
        kind: Option<&HoldKind>,
        page: &PageRequest,
    ) -> Result<Page<Hold>> {
        let pick = |item: &Item| {
            let hold: Hold = record::decode(item)?;
            let fits = kind.is_none_or(|kind| *kind == hold.name.kind);
            Ok(fits.then_some(hold))
        };
        let walk = Walk {
            index,
            partitions: &[partition],
            order: Order::Rising,
            span: Span::Prefix("hold#"),
            filters: &kind.map(|kind| format!("kind={kind} ")).unwrap_or_default(),
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// The hold on the user that fits the whole selector.
    async fn hold(&self, user: UserId, which: &HoldSelector) -> Result<Hold> {
        let hold = match (&which.name, which.id) {
            (Some(name), _) => self.hold_named(user, name).await?,
            (None, Some(id)) => self.load(layout::hold(user, id)).await?,
            (None, None) => None,
        };
        let fits = |hold: &Hold| which.id.is_none_or(|id| id == hold.id);
        hold.filter(fits).ok_or(Error::NotFound("hold"))
    }

    async fn hold_named(&self, user: UserId, name: &HoldName) -> Result<Option<Hold>> {
        match self.load::<HoldClaim>(layout::hold_claim(user, name)).await? {
            Some(claim) => self.load(layout::hold(user, claim.hold_id)).await,
            None => Ok(None),
        }
    }

    /// A hold of which nothing is stored yet; adds to `step` its claim, and that the user has it.
    fn add_hold(&self, step: &mut Step, user: &User, name: &HoldName) -> Result<Hold> {
        if user.holds >= MAX_HOLDS {
            let why =
                format!("the user has {MAX_HOLDS} holds, which is the maximum; release one first");
            return Err(Error::Field(Fault::new("ref", "limit", why)));
        }
        count_holds(step, user, user.holds + 1)?;
        let now = self.now();
        let id = HoldId::new(now, &self.random);
        let claim = HoldClaim { hold_id: id };
        step.insert(layout::item(layout::hold_claim(user.id, name), 1, &claim)?);
        Ok(Hold {
            id,
            user_id: user.id,
            account_id: user.account_id,
            name: name.clone(),
            data: None,
            created: now,
            version: 0,
        })
    }
}

/// Adds to `step` that the user has so many holds.
fn count_holds(step: &mut Step, user: &User, holds: u32) -> Result<()> {
    let after = User { holds, ..user.clone() };
    step.replace(layout::user_item(&after, user.version + 1)?, user.version);
    Ok(())
}

/// The change to a document of just these members.
fn checked(data: Change<Map<String, Value>>) -> Result<Change<Document>> {
    Ok(match data {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(members) => {
            Change::Set(Document::new(members).map_err(|error| unfit("data", error))?)
        }
    })
}
