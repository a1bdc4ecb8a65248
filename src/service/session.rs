//! A signed-in stay: the one door for one person.
//!
//! **Invariant:** nothing is answered or done here without the rule's permission, and every refused try of a right is
//! on the record before the refusal is handed back.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::actor::{Actor, Keys};
use super::backoff::{Account, Backoff};
use super::cases::{CaseAction, CaseQuery};
use super::desk::Desk;
use super::door::{Action, Done, Query, View};
use super::present::{Listener, Stay};
use super::refusal::{FactorProblem, Held, Over, Refusal};
use super::rules::{Code, Rule, Tried};
use super::told::{Told, told};
use super::view::{AlertKind, CaseView, Seen, Target};
use super::{
    alerts, audit_view, automation, backups, bulk_change, cadences, cases, consents, contacts, customers, deals,
    duplicates, erase, export, factor, fields, find, flaws, follow_ups, identify, import, keys, links, loss_reasons,
    merge, people, pool, protection, quality, query, rehearsal, reveal, rotation, rules, saved_views, seen, settings,
    staff_keys, stays, tags, templates, today, undo, uses,
};
use crate::domain::audit::{NewEntry, Object, Outcome};
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::domain::staff::StaffState;
use crate::vault::book;
use crate::vault::store::Get;

mod memory;

pub(super) use memory::Memory;
use memory::Taken;

/// Milliseconds by which the door bears with a limit that a screen keeps.
const GRACE: i64 = 60_000;

/// One person's stay.
#[derive(Debug)]
pub struct Session {
    pub(super) desk: Arc<Desk>,
    pub(super) keys: Arc<Keys>,
    pub(super) who: StaffId,
    pub(super) stay: Arc<Stay>,
    pub(super) account: Account,
    pub(super) backoff: Arc<Backoff>,
    pub(super) memory: Mutex<Memory>,
}

/// Who has gone is told nothing more.
impl Drop for Session {
    fn drop(&mut self) {
        self.desk.present.leave(&self.stay);
    }
}

impl Session {
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose stay it is.
    pub fn staff(&self) -> StaffId {
        self.who
    }

    /// Who acts, as the tables stand now.
    pub(super) fn actor(&self) -> Result<Actor, Refusal> {
        self.stay.over().map_or_else(|| self.acting(), |over| Err(over.into()))
    }

    /// Who acts, whether or not somebody else ended the session: a draft is kept all the same.
    fn acting(&self) -> Result<Actor, Refusal> {
        if self.desk.retired.load(Ordering::Acquire) {
            return Err(Refusal::SessionEnded);
        }
        let from = self.desk.tables.read()?;
        let staff = book::staff::get(&from, self.who)?.ok_or(Refusal::SessionEnded)?;
        if staff.state == StaffState::Disabled {
            return Err(self.over(Over::ShutOut));
        }
        let factor = book::staff::factor(&from, self.who)?.map(|factor| factor.since);
        let actor = Actor {
            factor,
            until: self.stay.began.plus_seconds(i64::from(book::settings::policy(&from)?.session_limit_seconds)),
            desk: Arc::clone(&self.desk),
            keys: Arc::clone(&self.keys),
            everybody: Arc::new(book::staff::all(&from)?),
            role: book::staff::role(&from, staff.role)?,
            policy: book::settings::policy(&from)?,
            schema: Arc::new(book::settings::schema(&from)?),
            losses: Arc::new(book::losses::reasons(&from)?),
            changing: Arc::new(book::settings::field_changes(&from)?),
            session: self.stay.id,
            origin: self.stay.origin,
            now: self.desk.now(),
            staff,
        };
        let Some(over) = self.past_a_limit(&actor) else { return Ok(actor) };
        let of_actor = actor.clone();
        let entry = NewEntry { object: Object::None, ..actor.entry("session.end") };
        // That it is over does not wait for a record that cannot be written.
        let _ = actor.commit(move |to| Ok(of_actor.record(to, &entry).map(|_| ())?));
        Err(self.over(over))
    }

    fn over(&self, over: Over) -> Refusal {
        self.stay.end(over).into()
    }

    /// Whether the session is past one of its limits. Each has a minute of grace, in which a screen that locks by itself
    /// can keep what was being typed.
    fn past_a_limit(&self, actor: &Actor) -> Option<Over> {
        if actor.now.since(actor.until) >= GRACE {
            return Some(Over::Limit);
        }
        let idle = i64::from(actor.policy.idle_lock_seconds) * 1000;
        let active = self.stay.active()?;
        (actor.now.since(active) >= idle + GRACE).then_some(Over::Idle)
    }

    /// Says that a person is there: a key came. From the first time on the session ends when none comes for as long as
    /// the policy says.
    pub fn active(&self) {
        // Somebody who was away for too long is not brought back by a key.
        if self.actor().is_ok() {
            self.stay.is_active(self.desk.now());
        }
    }

    /// Says which customer the person has in sight, so that whoever has the same one in sight is told. Counts only for a
    /// customer who was opened here.
    pub fn at(&self, customer: Option<CustomerId>) {
        let opened = customer.filter(|id| self.memory().opened.contains(id));
        self.desk.present.move_to(&self.stay, opened);
    }

    pub(super) fn code_was_given(&self) {
        self.memory().code_at = Some(self.desk.now());
    }

    /// Refuses what the second factor stands before: whoever has none where the policy demands one, and whoever has one
    /// and gave no code lately. The action comes back with the refusal, to be done once the code was given.
    fn second_factor(&self, actor: &Actor, rule: &Rule, action: Action) -> Result<Action, Refusal> {
        if actor.factor.is_none() {
            let owed =
                actor.policy.demands_factor(actor.staff.role) && !matches!(rule.code, Code::Never | Code::Replacing);
            return if owed { Err(Refusal::Factor(FactorProblem::Owed)) } else { Ok(action) };
        }
        let lately = 0..=i64::from(actor.policy.fresh_code_seconds) * 1000;
        let given = self.memory().code_at.is_some_and(|at| lately.contains(&actor.now.since(at)));
        let fresh = matches!(rule.code, Code::Fresh | Code::Replacing);
        if fresh && !given { Err(Refusal::FreshCode(Held::new(action))) } else { Ok(action) }
    }

    fn give_code(&self, actor: &Actor, typed: &str) -> Result<Done, Refusal> {
        let giver = factor::Giver { who: actor.staff.id, session: self.stay.id, origin: self.stay.origin };
        factor::give(&actor.desk, giver, &actor.keys.user, typed, (&self.backoff, &self.account))?;
        self.code_was_given();
        Ok(Done::Done)
    }

    /// Calls `listener` after each change that somebody else made, until this stay ends.
    pub fn on_change(&self, listener: Listener) {
        self.desk.present.listen(&self.stay, listener);
    }

    /// Answers a question, masked.
    pub fn query(&self, query: Query) -> Result<View, Refusal> {
        let actor = self.actor()?;
        let tried = rules::asked(&query);
        let owed = actor.factor.is_none() && actor.policy.demands_factor(actor.staff.role);
        if owed && !rules::before_enrolling(&query) {
            return Err(Refusal::Factor(FactorProblem::Owed));
        }
        let result = self.answer(&actor, query);
        if let (Err(refusal), Some((verb, tried))) = (&result, tried)
            && refusal.is_of_right()
        {
            record_refusal(&actor, refused(&actor, verb, tried), None)?;
        }
        result
    }

    fn answer(&self, actor: &Actor, query: Query) -> Result<View, Refusal> {
        let from = actor.desk.tables.read()?;
        match query {
            Query::Me => people::me(actor, &from).map(View::Me),
            Query::Schema => Ok(View::Schema((*actor.schema).clone())),
            Query::FieldChanges => Ok(View::FieldChanges(protection::progress(actor))),
            Query::FieldUses(key) => uses::of(actor, &from, &key).map(View::FieldUses),
            Query::Today => today::today(actor, &from).map(View::Today),
            Query::Customers(request) => find::list(self, actor, &from, &request).map(View::Customers),
            Query::Vocabulary => {
                query::full_vocabulary(actor, &from).map(|words| View::Vocabulary(actor.desk.shared(words)))
            }
            Query::BulkPreview(target, bulk) => {
                let report = bulk_change::preview(actor, &from, &target, &bulk)?;
                if let Target::Query(text) = &target {
                    find::note(self, actor, &from, text)?;
                }
                Ok(View::BulkPreview(report))
            }
            Query::ExportPreview(order) => {
                let report = export::preview(actor, &from, &order)?;
                if let Target::Query(text) = &order.target {
                    find::note(self, actor, &from, text)?;
                }
                Ok(View::ExportPreview(report))
            }
            Query::Quality(query) => flaws::answer(actor, &from, query).map(View::Quality),
            Query::Tags => tags::list(actor, &from).map(View::Tags),
            Query::LossList => Ok(View::LossList((*actor.losses).clone())),
            Query::LossReasons => loss_reasons::list(actor, &from).map(View::LossReasons),
            Query::Templates(query) => templates::answer(self, actor, &from, query).map(View::Templates),
            Query::Cadences(query) => cadences::answer(actor, &from, query).map(View::Cadences),
            Query::Pool(query) => pool::answer(self, actor, &from, &query).map(View::Pool),
            Query::SavedViews => saved_views::list(actor, &from).map(View::SavedViews),
            Query::Refresh(id) => {
                if !self.memory().opened.contains(&id) {
                    return Err(Refusal::OutOfScope);
                }
                customers::detail(actor, &from, id).map(|detail| View::Customer(Box::new(detail)))
            }
            Query::RevealPrompt(id, field) => reveal::prompt(self, actor, &from, id, &field).map(View::RevealPrompt),
            Query::Cases(CaseQuery::Again(id)) => {
                let detail = cases::detail(actor, &from, id)?;
                if !self.memory().opened.contains(&detail.row.case.customer) {
                    return Err(Refusal::OutOfScope);
                }
                Ok(View::Cases(CaseView::Again(Box::new(detail))))
            }
            Query::Cases(query) => cases::answer(actor, &from, query).map(View::Cases),
            Query::Purposes => consents::purposes(actor, &from).map(View::Purposes),
            Query::Deals(query) => deals::answer(actor, &from, query).map(View::Deals),
            Query::WorkingDays => Ok(View::WorkingDays(book::settings::working_days(&from)?)),
            Query::FollowUps(request) => today::follow_ups(actor, &from, request).map(View::FollowUps),
            Query::Reminders => today::reminders(actor, &from).map(View::Reminders),
            Query::Audit(request) => audit_view::page(actor, &from, &request).map(View::Audit),
            Query::AuditEntry(seq) => audit_view::entry(actor, &from, seq).map(|row| View::AuditEntry(Box::new(row))),
            Query::Chain => Ok(View::Chain(actor.desk.recorder.state(&from)?)),
            Query::Staff => people::list(actor, &from).map(View::Staff),
            Query::Sessions => stays::list(actor).map(View::Sessions),
            Query::Rules => automation::list(actor, &from).map(View::Rules),
            Query::Roles => people::roles(&from).map(View::Roles),
            Query::Policy => Ok(View::Policy(actor.policy.clone())),
            Query::Imports => import::list(actor, &from).map(View::Imports),
            Query::UndoNext => undo::next(actor, &from, &self.memory().lately).map(View::UndoNext),
            Query::Keys => keys::state(actor, &from).map(View::Keys),
            Query::Draft => settings::draft(actor, &from).map(View::Draft),
            Query::BackupHealth => backups::door::health(actor, &from).map(View::BackupHealth),
            Query::Backups => backups::door::view(actor).map(|view| View::Backups(Box::new(view))),
        }
    }

    /// Does something, if the rules allow it, together with its entry in the record.
    pub fn perform(&self, action: Action) -> Result<Done, Refusal> {
        let put_out = matches!(self.stay.over(), Some(Over::Ended | Over::Sealed));
        let keeps = matches!(action, Action::KeepDraft(_));
        let actor = if put_out && keeps { self.acting()? } else { self.actor()? };
        self.flush_listing(&actor)?;
        let (rule, told) = (rules::of(&action), told(&action));
        let tried = rules::tried(&action);
        let allowed = rule.permission.map_or(Ok(()), |permission| actor.require(permission));
        let allowed = allowed.and_then(|()| self.second_factor(&actor, &rule, action));
        let result = allowed.and_then(|action| self.carry_out(&actor, action));
        match told {
            Told::Others if result.is_ok() => self.desk.present.tell(self.stay.id),
            Told::Beside(customer) if result.is_ok() => self.desk.present.tell_beside(self.stay.id, customer),
            _ => {}
        }
        if result.is_ok() {
            self.memory().lately.note(&rule, told);
        }
        if let Err(refusal) = &result
            && refusal.is_of_right()
        {
            record_refusal(&actor, refused(&actor, rule.verb, tried), alert_of(rule.verb, refusal))?;
        }
        result
    }

    fn carry_out(&self, actor: &Actor, action: Action) -> Result<Done, Refusal> {
        match action {
            Action::OpenCustomer(id) => {
                // Whoever was merged into another is found there.
                let id = book::merged::kept(&actor.desk.tables.read()?, id)?;
                let done = customers::open(actor, id)?;
                self.memory().open(id);
                Ok(done)
            }
            Action::FindByIdentifier(identifier) => identify::by_identifier(actor, identifier),
            Action::CheckDuplicate(field, text) => identify::duplicates(actor, &field, &text),
            Action::AddCustomer(changes) => {
                let (id, version) = customers::add(actor, changes)?;
                self.memory().open(id);
                Ok(Done::Saved(id, version))
            }
            Action::EditCustomer(id, version, changes) => match customers::edit(actor, id, version, changes) {
                // How it stands is shown to whoever opened it, on record and within the reading limit.
                Err(Refusal::Conflict(Some(_))) if !self.memory().opened.contains(&id) => Err(Refusal::Conflict(None)),
                edited => edited,
            },
            Action::LogInteraction(customer, mut contact) => {
                if let Some((case, ticket)) = self.memory().at_hand(customer) {
                    contact.case = contact.case.or(Some(case));
                    contact.ticket = contact.ticket.or(Some(ticket));
                }
                if let Some(ticket) = &contact.ticket {
                    self.memory().ticket = Some((customer, ticket.clone()));
                }
                contacts::log(actor, customer, contact)
            }
            Action::AddFollowUp(customer, step) => follow_ups::add(actor, customer, step),
            Action::SnoozeFollowUp(id, version, due) => follow_ups::snooze(actor, id, version, due),
            Action::FinishFollowUp(id, version, next) => follow_ups::finish(actor, id, version, next),
            Action::EditFollowUp(id, version, new) => follow_ups::edit(actor, id, version, new),
            Action::AssignFollowUp(id, version, who) => follow_ups::assign(actor, id, version, who),
            Action::DropFollowUp(id, version) => follow_ups::drop_follow_up(actor, id, version),
            Action::Reveal(id, field, reason) => {
                reveal::reveal(self, actor, id, field, reason, reveal::Way::Show).map(Done::Revealed)
            }
            Action::Copy(id, field, reason) => {
                reveal::reveal(self, actor, id, field, reason, reveal::Way::Copy).map(Done::Revealed)
            }
            Action::Verify(id, field, text) => reveal::verify(actor, id, field, &text).map(Done::Verified),
            Action::EraseCustomer(id, reason) => {
                let done = erase::customer(actor, id, reason)?;
                self.memory().forget(id);
                Ok(done)
            }
            Action::Bulk(target, bulk) => bulk_change::carry_out(actor, &target, &bulk),
            Action::ExportCustomers(order, reason, file) => export::carry_out(actor, order, reason, &file),
            Action::SaveView(draft) => saved_views::save(actor, draft),
            Action::RemoveView(id) => saved_views::remove(actor, id),
            Action::FindDuplicates => duplicates::hunt(actor, &self.stay),
            Action::Quality(action) => quality::carry_out(actor, &self.stay, action),
            Action::Tags(action) => tags::carry_out(actor, action),
            Action::Link(action) => links::carry_out(actor, action),
            Action::Template(action) => templates::carry_out(self, actor, action),
            Action::LossReason(change) => loss_reasons::set(actor, change),
            Action::Cadence(action) => cadences::carry_out(actor, action),
            Action::Merge { keep, other, take } => merge::merge(actor, keep, other, take),
            Action::Case(CaseAction::Look(id)) => {
                let detail = cases::look(actor, id)?;
                self.memory().opened.insert(detail.row.case.customer);
                Ok(Done::CaseOpened(Box::new(detail)))
            }
            Action::Case(action) => {
                let taken = match action {
                    CaseAction::Open(..) | CaseAction::Take(..) => Taken::Yes,
                    _ => Taken::No,
                };
                let case = cases::carry_out(actor, action)?;
                self.memory().case_now(&case, taken, self.who);
                Ok(Done::Case(case.id, case.version, case.ticket))
            }
            Action::Consent(action) => consents::carry_out(actor, action),
            Action::Rule(action) => automation::carry_out(actor, action),
            Action::Pool(action) => pool::carry_out(actor, action),
            Action::Deal(action) => deals::carry_out(actor, action),
            Action::Undo => undo::undo(actor),
            Action::KeepDraft(draft) => settings::keep_draft(actor, &draft),
            Action::BeginImport { file, source, basis, duplicates } => {
                import::begin(actor, file, source, basis, duplicates)
            }
            Action::RehearseRows(rows) => rehearsal::rows(actor, rows),
            Action::ImportRows(job, rows) => import::rows(actor, job, rows),
            Action::FinishImport(job) => import::finish(actor, job),
            Action::CancelImport(job) => import::cancel(actor, job),
            Action::AddStaff(name, role) => people::add(actor, name, role),
            Action::DisableStaff(id) => people::disable(actor, id),
            Action::SetTeam(id, team) => people::set_team(actor, id, &team),
            Action::EndSession(id) => stays::end(actor, id),
            Action::EndSessionsOf(who) => stays::end_all_of(actor, who),
            Action::Seal => stays::seal(actor),
            Action::AddStaffKey(id, key) => staff_keys::add(actor, id, key),
            Action::RemoveStaffKey(id, key) => staff_keys::remove(actor, id, key),
            Action::ConfirmGrant(id, class) => people::confirm_grant(actor, id, class),
            Action::ChangePassphrase(current, next) => people::change_passphrase(actor, &current, &next),
            Action::OfferFactor => factor::offer(self, actor),
            Action::ConfirmFactor(code) => factor::confirm(self, actor, &code),
            Action::RenewFactorCodes => factor::renew_codes(actor),
            Action::RemoveFactor => factor::remove(actor),
            Action::ResetFactor(id) => factor::reset(actor, id),
            Action::GiveCode(code) => self.give_code(actor, &code),
            Action::Recalibrate => keys::recalibrate(actor),
            Action::OfferRecovery => keys::offer(self, actor),
            Action::ConfirmRecovery(answers) => keys::confirm(self, actor, &answers),
            Action::SplitRecovery { typed, threshold, count } => keys::split(actor, &typed, threshold, count),
            Action::RotateKeys => rotation::prepare(actor),
            Action::DiscardRotation => rotation::discard(actor),
            Action::SetFieldInUse(field, state, purpose) => settings::set_field(actor, field, state, purpose),
            Action::SetWorkingDays(days) => settings::set_working_days(actor, days),
            Action::Field(action) => fields::carry_out(actor, action),
            Action::SetPolicy(key, value) => settings::set_policy(actor, key, value),
            Action::SettleAlert(id) => alerts::settle(actor, id),
            Action::VerifyRecord => audit_view::verify(actor).map(Done::Verdict),
            Action::Checkpoint => audit_view::checkpoint(actor).map(Done::Checkpoint),
            Action::ExportRecord => audit_view::export(actor).map(Done::Export),
            Action::SetPreferences(preferences) => settings::set_preferences(actor, preferences),
            Action::SetBackups(change) => backups::door::change(actor, change),
            Action::OrderBackup(order) => backups::door::order(actor, order),
        }
    }

    /// Puts a refused try of what is no [`Action`] on record.
    pub(super) fn refuse_on_record(&self, actor: &Actor, verb: &str) -> Result<(), Refusal> {
        let tried = Tried { object: Object::None, field: None, reason: None };
        record_refusal(actor, refused(actor, verb, tried), None)
    }

    /// For quiet moments, about every two seconds: puts what was listed on record, readies the file for a crash, and has
    /// rules that wait for a time, and the pool, look a little further.
    pub fn settle(&self) {
        if let Ok(actor) = self.actor() {
            let quiet = self.memory().listing.as_ref().is_some_and(|l| actor.now.since(l.last) >= find::QUIET_MILLIS);
            if quiet {
                // A listing that cannot be recorded stays pending, and the next list is refused for it.
                let _ = self.flush_listing(&actor);
            }
            seen::keep_sometimes(&actor.desk);
            automation::PASS.quiet(&actor, &actor.desk.sweep);
            pool::quiet(&actor);
            protection::quiet(&actor);
            // Last, since what the others changed waits for it too. Where it fails, the next change fails and says so.
            let _ = actor.desk.tables.rest();
        }
    }

    /// Puts what was listed so far on the record.
    pub(super) fn flush_listing(&self, actor: &Actor) -> Result<(), Refusal> {
        let pending = self.memory().listing.take();
        let Some(listing) = pending else { return Ok(()) };
        let committed = listing.commit(actor);
        if committed.is_err() {
            self.memory().listing = Some(listing);
        }
        committed
    }

    /// Signs out, on record.
    pub fn end(&self) {
        if let Ok(actor) = self.actor() {
            let _ = self.flush_listing(&actor);
            let (of_actor, entry) = (actor.clone(), NewEntry { object: Object::None, ..actor.entry("session.end") });
            // A record that cannot be written is said at the next sign-in, which checks the file; here nobody is left.
            let _ = actor.commit(move |to| {
                of_actor.record(to, &entry)?;
                Ok(of_actor.desk.recorder.checkpoint(to, of_actor.now)?)
            });
            seen::keep(&actor.desk);
        }
        self.stay.end(Over::Left);
        self.desk.present.leave(&self.stay);
        self.memory().factor = None;
    }

    /// Whether the person may do what takes this permission; for callers that start long work.
    pub fn may(&self, permission: Permission) -> bool {
        self.actor().is_ok_and(|actor| actor.role.may(permission))
    }

    /// How the file differs from what was last seen of it, where it does.
    pub fn seen(&self) -> Option<Seen> {
        self.desk.watch.found()
    }

    /// Where something lay that should have said what was last seen of the vault, and was not this vault's own note.
    pub fn unread_note(&self) -> Option<std::path::PathBuf> {
        self.desk.watch.unread()
    }

    /// What the check at opening found wrong, in words, where policy asks for one.
    pub fn fault(&self) -> Option<String> {
        self.desk.watch.fault()
    }

    /// Keeps what is seen of the vault now outside its file; says why that failed.
    pub fn remember(&self) -> std::io::Result<()> {
        seen::try_keep(&self.desk)
    }

    /// How many customers there are in all, for measurements.
    pub fn size(&self) -> Result<u64, Refusal> {
        let from: &dyn Get = &self.desk.tables.read()?;
        Ok(book::customers::count_all(from)?)
    }
}

fn refused(actor: &Actor, verb: &str, tried: Tried) -> NewEntry {
    NewEntry {
        object: tried.object,
        field: tried.field,
        reason: tried.reason,
        outcome: Outcome::Refused,
        ..actor.entry(verb)
    }
}

fn alert_of(verb: &str, refusal: &Refusal) -> Option<(AlertKind, u64)> {
    match refusal {
        Refusal::ReadingLimit { limit, .. } if verb == "customer.open" => {
            Some((AlertKind::OpensLimit, u64::from(*limit)))
        }
        Refusal::ReadingLimit { limit, .. } if matches!(verb, "customer.search" | "customer.duplicates") => {
            Some((AlertKind::SearchesLimit, u64::from(*limit)))
        }
        Refusal::ReadingLimit { limit, .. } if verb == export::VERB => Some((AlertKind::RowsLimit, u64::from(*limit))),
        Refusal::QuotaSpent { quota, .. } => Some((AlertKind::QuotaSpent, u64::from(*quota))),
        Refusal::NoTriesLeft { .. } => Some((AlertKind::VerifyTries, 0)),
        _ => None,
    }
}

/// Puts a refused try on record, with an alert where a limit was reached. If that fails, this is what is said.
pub(super) fn record_refusal(actor: &Actor, entry: NewEntry, alert: Option<(AlertKind, u64)>) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        of_actor.record(to, &entry)?;
        if let Some((kind, count)) = alert {
            alerts::raise(&of_actor, to, kind, count)?;
        }
        Ok(())
    })
}
