//! A change of one user, and all that must change with it in the same transaction: the record, its
//! claims, its name pointers, the account's totals, its days and its count of admins.

use crate::{
    admit::reaches_everywhere,
    model::user::{State, User},
    store::{
        By, Conflict, Error, Result, Store,
        counts::{days, totals},
        find::search,
        ledger::{
            chores, claim, commit::Committed, guard::standing_of, layout, memory::Touched,
            step::Step,
        },
    },
    table::Item,
};

impl Store {
    /// Commits `step` with what leads from `before` to `after` and its audit entry; none before is a
    /// new user. Returns the user as stored, or `None` if a race was lost.
    pub(in crate::store) async fn commit_user(
        &self,
        mut step: Step,
        by: &By,
        before: Option<&User>,
        mut after: User,
    ) -> Result<Option<User>> {
        if before.is_some_and(|before| signs_out(before, &after)) {
            after.sign_out(self.now());
        }
        self.change_user(&mut step, before, &after).await?;
        self.audit_user(&mut step, by, before, &after)?;
        let version = before.map_or(0, |before| before.version) + 1;
        let done = self.commit(step).await? == Committed::Done;
        Ok(done.then_some(User { version, ..after }))
    }

    /// Adds to `step` what leads from `before` to `after`; none before is a new user.
    async fn change_user(
        &self,
        step: &mut Step,
        before: Option<&User>,
        after: &User,
    ) -> Result<()> {
        change_user_only(step, before, after)?;
        if is_active_root(after) && !before.is_some_and(is_active_root) {
            self.end_setup(step, after.account_id).await?;
        }
        let gained = admins(Some(after)) - admins(before);
        let mut account = match (step.account.take(), gained) {
            (None, 0) => return Ok(()),
            (Some(account), 0) => {
                step.check(layout::account(account.id), account.version);
                return Ok(());
            }
            (Some(account), _) => account,
            (None, _) => self.account(after.account_id).await?,
        };
        if gained < 0 && !account.spares_an_admin() {
            return Err(Error::Conflict(Conflict::LastAdmin));
        }
        account.admins = account.admins.saturating_add_signed(gained);
        step.replace(layout::account_item(&account, account.version + 1)?, account.version);
        Ok(())
    }
}

/// As [`Store::change_user`], for a step that writes the account and its admins itself.
pub(in crate::store) fn change_user_only(
    step: &mut Step,
    before: Option<&User>,
    after: &User,
) -> Result<()> {
    move_record(step, before, after)?;
    move_claims(step, before, after)?;
    move_pointers(step, before, after)?;
    move_totals(step, before, after);
    days::count(step, before, after);
    chores::move_user_purge(step, before, Some(after))?;
    step.touched.push(Touched::User(after.id));
    Ok(())
}

/// Adds to `step` that the user is deleted for good, with all that is its own. The account's admins
/// are not counted: they are without trashed users, and an account that goes needs none.
pub(in crate::store) fn delete_user(step: &mut Step, user: &User) -> Result<()> {
    step.remove(layout::user(user), user.version);
    for (key, _) in claim::claims_of(user) {
        step.clear(key);
    }
    for pointer in search::pointers_of(user)? {
        step.clear(pointer.key);
    }
    if let Some(open) = &user.invite {
        step.clear(layout::invite(&open.digest));
    }
    chores::move_user_purge(step, Some(user), None)?;
    step.count(layout::totals(user.account_id, user.id), totals::without(user));
    step.touched.push(Touched::User(user.id));
    Ok(())
}

/// Whether a change keeps out the person who was the user before, or makes it nobody's.
fn signs_out(before: &User, after: &User) -> bool {
    let is_closed = before.state != after.state && standing_of(after.state).is_err();
    before.identity.is_some() && (is_closed || before.identity != after.identity)
}

pub(in crate::store) fn admins(user: Option<&User>) -> i64 {
    i64::from(user.is_some_and(User::is_active_admin))
}

fn is_active_root(user: &User) -> bool {
    user.state == State::Active && reaches_everywhere(user.role)
}

fn move_record(step: &mut Step, before: Option<&User>, after: &User) -> Result<()> {
    let Some(before) = before else {
        step.insert(layout::user_item(after, 1)?);
        return Ok(());
    };
    let item = layout::user_item(after, before.version + 1)?;
    let old = layout::user(before);
    if old == item.key {
        step.replace(item, before.version);
    } else {
        step.remove(old, before.version);
        step.insert(item);
    }
    Ok(())
}

fn move_claims(step: &mut Step, before: Option<&User>, after: &User) -> Result<()> {
    let old = before.map(claim::claims_of).unwrap_or_default();
    let new = claim::claims_of(after);
    for (key, _) in old.iter().filter(|claim| !new.contains(claim)) {
        step.clear(key.clone());
    }
    for (key, taken) in new.into_iter().filter(|claim| !old.contains(claim)) {
        step.claim(claim::claim_item(key, after)?, taken);
    }
    Ok(())
}

fn move_pointers(step: &mut Step, before: Option<&User>, after: &User) -> Result<()> {
    let old = before.map(search::pointers_of).transpose()?.unwrap_or_default();
    let new = search::pointers_of(after)?;
    if old == new {
        return Ok(());
    }
    let stays = |item: &&Item| new.iter().any(|new| new.key == item.key);
    for gone in old.iter().filter(|item| !stays(item)) {
        step.clear(gone.key.clone());
    }
    for item in new {
        step.overwrite(item);
    }
    Ok(())
}

fn move_totals(step: &mut Step, before: Option<&User>, after: &User) {
    let amounts = totals::moved(before, after);
    if !amounts.is_empty() {
        step.count(layout::totals(after.account_id, after.id), amounts);
    }
}
