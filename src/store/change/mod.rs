//! A change of one user, and all that must change with it in the same transaction: the record, its
//! claims, its name pointers, the account's totals, its days and its count of admins.

pub(crate) mod heads;

use crate::{
    clock::Timestamp,
    model::user::{State, User},
    store::{
        By, Result, Store,
        change::heads::{Heads, is_active_root},
        counts::{days, totals},
        find::search,
        ledger::{
            chores, claim,
            commit::Committed,
            guard::{spare_maker, standing_of},
            layout,
            memory::Touched,
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
        if let Some(before) = before {
            if before.role != after.role || loses_identity(before, &after) {
                spare_maker(by, before)?;
            }
            take_back(before, &mut after, self.now());
        }
        if lets_in_admin(before, &after) {
            self.require_caller(&mut step, by, before).await?;
        }
        self.change_user(&mut step, by, before, &after).await?;
        self.audit_user(&mut step, by, before, &after)?;
        let version = before.map_or(0, |before| before.version) + 1;
        let done = self.commit(step).await? == Committed::Done;
        Ok(done.then_some(User { version, ..after }))
    }

    /// Adds to `step` that a user is taken off its person, with an audit entry. Nothing of the account stands in the
    /// way: it may lose its last admin.
    pub(in crate::store) async fn change_regardless(
        &self,
        step: &mut Step,
        by: &By,
        before: &User,
        mut after: User,
    ) -> Result<()> {
        after.sign_out(self.now());
        change_user_only(step, Some(before), &after)?;
        let gained = Heads::gained(Some(before), &after);
        if !gained.is_nothing() {
            let account = self.account(before.account_id).await?;
            let after = self.with_heads(&account, gained).await?;
            step.replace(layout::account_item(&after, account.version + 1)?, account.version);
        }
        self.audit_user(step, by, Some(before), &after)
    }

    /// Adds to `step` what leads from `before` to `after`; none before is a new user.
    async fn change_user(
        &self,
        step: &mut Step,
        by: &By,
        before: Option<&User>,
        after: &User,
    ) -> Result<()> {
        change_user_only(step, before, after)?;
        if is_active_root(after) && !before.is_some_and(is_active_root) {
            self.end_setup(step, after.account_id).await?;
        }
        let gained = Heads::gained(before, after);
        let account = match (step.account.take(), gained.is_nothing()) {
            (None, true) => return Ok(()),
            (Some(account), true) => {
                step.check(layout::account(account.id), account.version);
                return Ok(());
            }
            (Some(account), false) => account,
            (None, false) => self.account(after.account_id).await?,
        };
        self.require_heads(step, by, (before, gained), &account).await?;
        let led = self.with_heads(&account, gained).await?;
        step.replace(layout::account_item(&led, account.version + 1)?, account.version);
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

fn loses_identity(before: &User, after: &User) -> bool {
    before.identity.is_some() && after.identity.is_none()
}

/// Signs out the person who was the user before, if the change keeps that one out or makes the user nobody's; ends
/// the user's keys also if it takes a part of the role.
fn take_back(before: &User, after: &mut User, now: Timestamp) {
    let is_closed = before.state != after.state && standing_of(after.state).is_err();
    if before.identity.is_some() && (is_closed || before.identity != after.identity) {
        after.sign_out(now);
    } else if after.role < before.role {
        after.end_keys();
    }
}

/// Whether a change gives somebody a say over others: makes, restores or invites one who has it, or gives it.
pub(in crate::store) fn lets_in_admin(before: Option<&User>, after: &User) -> bool {
    let is_same = |before: &User| {
        let was_out = matches!(before.state, State::Trashed | State::Suspended);
        let is_out = matches!(after.state, State::Trashed | State::Suspended);
        let same_invite = after.invite.is_none() || before.invite == after.invite;
        before.role == after.role && (is_out || !was_out) && same_invite
    };
    after.is_admin() && !before.is_some_and(is_same)
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
