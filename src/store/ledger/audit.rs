//! The audit trail: who changed what, when and from where; written with the change itself.

use std::{fmt::Write as _, time::Duration};

use crate::{
    caller::Caller,
    clock::Timestamp,
    model::{
        audit::{Actor, Entry, Standing, Target, id_at},
        id::{AccountId, AuditId, SessionId, SignInId, UserId},
        user::{State, User, changed_fields},
    },
    security::{Event, Note},
    store::{
        By, Result, Store,
        ledger::{
            layout::{self},
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Index, Item},
};

/// Which entries are looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TrailFilter {
    /// Those that concern this user.
    pub(crate) user: Option<UserId>,
    /// What this one has done.
    pub(crate) actor: Option<Actor>,
    /// What was done by this call.
    pub(crate) action: Option<&'static str>,
    /// What was done then or later.
    pub(crate) from: Option<Timestamp>,
    /// What was done before.
    pub(crate) to: Option<Timestamp>,
}

impl Stored for Entry {}

/// Who acts in a person's own trail, unless it is somebody else.
const PERSON: &str = "person";
/// How long a person's own trail tells of what was done.
const PERSONAL_LIFETIME: Duration = Duration::from_hours(365 * 24);

impl Store {
    /// A page of an account's trail, the newest entry first.
    pub(crate) async fn trail(
        &self,
        account: AccountId,
        filter: &TrailFilter,
        page: &PageRequest,
    ) -> Result<Page<Entry>> {
        let (index, partition) = match filter.user {
            Some(user) => (Index::Gs1, layout::audit_partition(user)),
            None => (Index::Primary, layout::audit_partition(account)),
        };
        let pick = |item: &Item| {
            let entry: Entry = record::decode(item)?;
            Ok(Some(entry).filter(|entry| entry.account_id == Some(account) && filter.fits(entry)))
        };
        let (first, last) = filter.ids();
        let walk = Walk {
            index,
            partitions: &[partition],
            order: Order::Falling,
            span: Span::Between(&first, &last),
            filters: &filter.words(account),
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        self.page(page, &walk).await
    }

    /// Notes a change of a user.
    pub(in crate::store) fn audit_user(
        &self,
        step: &mut Step,
        by: &By,
        before: Option<&User>,
        after: &User,
    ) -> Result<()> {
        let mut changed = before.map(|before| changed_fields(before, after)).unwrap_or_default();
        changed.append(&mut step.changed);
        log_user(step, by, before, after);
        step.standing = Standing::turned(before, after);
        self.audit(step, by, after.account_id, Target::User(after.id), &changed)
    }

    /// Notes what was done in an account to `target`, and that the call is carried out by it.
    pub(in crate::store) fn audit(
        &self,
        step: &mut Step,
        by: &By,
        account: AccountId,
        target: Target,
        changed: &[&str],
    ) -> Result<()> {
        // A caller who joins and is not a user yet is the user that the entry is about.
        let actor = match (&by.caller, target.user()) {
            (Caller::Anonymous | Caller::Identity(_), Some(user)) => Target::User(user).to_string(),
            (caller, _) => caller.to_string(),
        };
        let entry = self.entry(by, actor, target, changed);
        let [before, after] = std::mem::take(&mut step.standing);
        let entry = Entry { account_id: Some(account), before, after, ..entry };
        let item = layout::item(layout::audit(account, entry.id), 1, &entry)?;
        let gs1 = target.user().map(|user| layout::audit(user, entry.id));
        self.mark(step, by)?;
        step.insert(Item { gs1, ..item });
        Ok(())
    }

    /// Notes in a person's own trail what was done with the sign-in, by the person (`own`) or somebody else,
    /// and that the call is carried out by it.
    pub(in crate::store) fn audit_person(
        &self,
        step: &mut Step,
        by: &By,
        (sign_in, own): (SignInId, bool),
        changed: &[&str],
    ) -> Result<()> {
        self.audit_sign_in(step, by, (sign_in, own), Target::SignIn(sign_in), changed)
    }

    /// The same of one of the person's sessions.
    pub(in crate::store) fn audit_session(
        &self,
        step: &mut Step,
        by: &By,
        (sign_in, own): (SignInId, bool),
        session: SessionId,
    ) -> Result<()> {
        self.audit_sign_in(step, by, (sign_in, own), Target::Session(session), &[])
    }

    fn audit_sign_in(
        &self,
        step: &mut Step,
        by: &By,
        (sign_in, own): (SignInId, bool),
        target: Target,
        changed: &[&str],
    ) -> Result<()> {
        let actor = if own { PERSON.to_owned() } else { by.caller.to_string() };
        let entry = self.entry(by, actor, target, changed);
        // Where others call from is theirs.
        let entry = Entry { address: entry.address.filter(|_| own), ..entry };
        let item = layout::item(layout::audit(sign_in, entry.id), 1, &entry)?;
        let expires = Some(entry.at.plus(PERSONAL_LIFETIME).seconds());
        self.mark(step, by)?;
        step.insert(Item { expires, ..item });
        Ok(())
    }

    fn entry(&self, by: &By, actor: String, target: Target, changed: &[&str]) -> Entry {
        let at = self.now();
        Entry {
            id: AuditId::new(at, &self.random),
            at,
            account_id: None,
            actor,
            action: by.action.to_owned(),
            target: Some(target.to_string()),
            user_id: target.user(),
            changed: changed.iter().map(ToString::to_string).collect(),
            before: Standing::default(),
            after: Standing::default(),
            address: by.address.map(|address| address.to_string()),
        }
    }
}

/// Has the log tell, once `step` is committed, what was done to `subject`, and what it has become.
pub(in crate::store) fn log_event(
    step: &mut Step,
    by: &By,
    event: Event,
    (subject, to): (Target, Option<String>),
) {
    step.notes.push(Note {
        call: Some(by.action),
        caller: Some(by.caller.to_string()),
        subject: Some(subject.to_string()),
        address: by.address,
        rule: to,
        ..Note::new(event)
    });
}

/// Has the log tell of what somebody has gained or lost as a user.
fn log_user(step: &mut Step, by: &By, before: Option<&User>, after: &User) {
    let about = |to: Option<String>| (Target::User(after.id), to);
    let has_role = before.map_or(after.is_admin(), |before| before.role != after.role);
    if has_role {
        log_event(step, by, Event::RoleChanged, about(Some(after.role.to_string())));
    }
    let Some(before) = before else { return };
    if before.state != after.state {
        log_event(step, by, Event::StateChanged, about(Some(after.state.name().to_owned())));
    }
    if before.identity.is_some() && after.identity.is_none() && after.state != State::Trashed {
        log_event(step, by, Event::IdentityUnbound, about(None));
    }
}

impl TrailFilter {
    fn fits(&self, entry: &Entry) -> bool {
        self.user.is_none_or(|user| entry.user_id == Some(user))
            && self.actor.is_none_or(|actor| actor.is(&entry.actor))
            && self.action.is_none_or(|action| action == entry.action)
    }

    /// Between which ids the entries are, both included: ids are hexadecimal, and sort by their time.
    fn ids(&self) -> (String, String) {
        let first = self.from.map_or_else(|| "0".to_owned(), id_at);
        let last = self.to.map(|to| id_at(Timestamp::from_millis(to.millis() - 1)));
        (first, format!("{}~", last.unwrap_or_default()))
    }

    /// The filters in words; empty if there are none. Of a user's entries the account is one, too.
    fn words(&self, account: AccountId) -> String {
        let mut words = String::new();
        if self.user.is_some() {
            let _ = write!(words, "account={account} ");
        }
        if let Some(actor) = self.actor {
            let _ = write!(words, "actor={actor:?} ");
        }
        if let Some(action) = self.action {
            let _ = write!(words, "action={action} ");
        }
        words
    }
}
