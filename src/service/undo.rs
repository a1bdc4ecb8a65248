//! Undo: a stack per person, across restarts, refused where somebody changed the record since.
//!
//! **Invariant:** an undo moves sealed values as they are; it never opens one.

mod row;

use std::ops::ControlFlow;

use super::actor::{Actor, shown};
use super::customers::record_parts;
use super::door::Done;
use super::refusal::Refusal;
use super::rules::{Rule, Undoable};
use super::told::Told;
use super::view::{Shown, UndoAsks, UndoLabel};
use super::{automation, cadences, consents, import, merge, pairs, pool, protection, record, templates};
use crate::domain::audit::{NewEntry, Object, Outcome, Texts};
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, EntrySeq, FollowUpId, JobId};
use crate::domain::interaction::InteractionKind;
use crate::domain::role::Permission;
use crate::vault::book::{
    cases, consents as book_consents, customers, deals as book_deals, follow_ups, pairs as book_pairs, work,
};
use crate::vault::records::{Bond, Customer, Record, Restore, UndoStep};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

pub(super) use row::{changing, whoever_changed};

/// Steps kept for one person.
const DEPTH: u64 = 100;

/// Remembers how to take a change back.
pub(super) fn push(
    actor: &Actor,
    to: &mut dyn Put,
    action: &str,
    customer: Option<CustomerId>,
    restores: Vec<Restore>,
) -> Result<(), StoreError> {
    keep(actor, to, UndoStep { action: action.to_owned(), customer, restores, group: None })
}

/// Remembers how to take a part of something back that is done to many at once.
pub(super) fn push_part(
    actor: &Actor,
    to: &mut dyn Put,
    action: &str,
    group: u64,
    restores: Vec<Restore>,
) -> Result<(), StoreError> {
    keep(actor, to, UndoStep { action: action.to_owned(), customer: None, restores, group: Some(group) })
}

fn keep(actor: &Actor, to: &mut dyn Put, step: UndoStep) -> Result<(), StoreError> {
    let who = actor.staff.id.0.to_be_bytes();
    let number = top(to, &who)?.map_or(1, |(number, _)| number + 1);
    to.put(Table::Undo, &key(&[&who, &number.to_be_bytes()]), &step.to_bytes())?;
    if let Some(old) = number.checked_sub(DEPTH) {
        to.remove(Table::Undo, &key(&[&who, &old.to_be_bytes()]))?;
    }
    Ok(())
}

fn top(from: &dyn Get, who: &[u8]) -> Result<Option<(u64, UndoStep)>, StoreError> {
    let mut found = None;
    from.visit_prefix(Table::Undo, who, Way::Down, &mut |key, value| {
        found = Some((KeyReader(key).last_u64(), UndoStep::from_bytes(value)));
        ControlFlow::Break(())
    })?;
    found.map(|(number, step)| Ok((number?, step?))).transpose()
}

/// To how many something was done at once that would be taken back now.
fn parts_of(actor: &Actor, from: &dyn Get, group: Option<u64>) -> Result<usize, StoreError> {
    let mut count = Ok(0);
    from.visit_prefix(Table::Undo, &actor.staff.id.0.to_be_bytes(), Way::Down, &mut |_, value| {
        match (UndoStep::from_bytes(value), &mut count) {
            (Ok(step), Ok(count)) if step.group == group => {
                // What rules did with a change is taken back with it, and is none of the customers changed.
                let customers = step.restores.iter().filter(|r| matches!(r, Restore::Customer(..))).count();
                let rules = step.restores.iter().filter(|r| matches!(r, Restore::Rule(..))).count();
                *count += if customers > 0 { customers } else { step.restores.len() - rules };
            }
            (Err(error), _) => count = Err(error),
            _ => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    })?;
    count
}

fn label(actor: &Actor, from: &dyn Get, step: &UndoStep) -> Result<UndoLabel, StoreError> {
    let customer = step.customer.map(|id| customers::get(from, id)).transpose()?.flatten();
    let visible = customer.filter(|c| actor.in_scope(&c.profile));
    let about = match (visible, step.restores.as_slice()) {
        (None, _) if step.group.is_some() => parts_of(actor, from, step.group)?.to_string(),
        (Some(customer), _) => actor.name_shown(&customer).text().to_owned(),
        (None, [Restore::Row(row)]) => row::about(row)?,
        (None, [Restore::Job(id)]) => work::job(from, JobId(*id))?.map(|job| job.file).unwrap_or_default(),
        (None, _) => String::new(),
    };
    Ok(UndoLabel { action: step.action.clone(), about, asks: None })
}

/// What an undo would take back; `lately` is what this session did.
pub(super) fn next(actor: &Actor, from: &dyn Get, lately: &Lately) -> Result<Option<UndoLabel>, Refusal> {
    let Some((_, step)) = top(from, &actor.staff.id.0.to_be_bytes())? else { return Ok(None) };
    let asks = match step.restores.as_slice() {
        _ if lately.lasting.is_some() => lately.lasting.map(|verb| UndoAsks::Behind(verb.to_owned())),
        [Restore::Job(_)] => Some(UndoAsks::Import),
        _ => (lately.steps == 0).then_some(UndoAsks::Earlier),
    };
    Ok(Some(UndoLabel { asks, ..label(actor, from, &step)? }))
}

/// What a session did lately, as far as it tells what somebody means by an undo.
#[derive(Debug, Default)]
pub(super) struct Lately {
    /// How much of what it did can be taken back.
    steps: u32,
    /// The verb of what it did after that and cannot be taken back.
    lasting: Option<&'static str>,
}

impl Lately {
    /// An action was carried out.
    pub(super) fn note(&mut self, rule: &Rule, told: Told) {
        match (rule.verb, rule.undo, told) {
            (UNDO, ..) => *self = Self { steps: self.steps.saturating_sub(1), lasting: None },
            (_, Undoable::Yes, _) => *self = Self { steps: self.steps.saturating_add(1), lasting: None },
            (verb, Undoable::No, Told::Others) => self.lasting = Some(verb),
            _ => {}
        }
    }
}

/// The verb of an undo.
pub(super) const UNDO: &str = "undo";

/// What it takes to take something back: the same as to do it.
fn needed(action: &str) -> Option<Permission> {
    match action.split_once('.')?.0 {
        "customer" | "tag" => Some(Permission::EditCustomers),
        "interaction" => Some(Permission::LogInteractions),
        "follow_up" => Some(Permission::FollowUps),
        "import" => Some(Permission::Import),
        "deal" => Some(Permission::Deals),
        "pipeline" => Some(Permission::ManagePolicy),
        "alert" => Some(Permission::ReadAudit),
        "case" => Some(Permission::LogInteractions),
        "consent" => Some(Permission::Consents),
        "template" => Some(Permission::ManagePolicy),
        "cadence" if matches!(action, "cadence.start" | "cadence.stop") => Some(Permission::FollowUps),
        "cadence" => Some(Permission::ManagePolicy),
        "loss_reason" => Some(Permission::ManagePolicy),
        "field" => Some(Permission::ManageFields),
        "working_days" => Some(Permission::ManagePolicy),
        "view" => Some(Permission::ViewCustomers),
        "rule" => Some(Permission::ManageRules),
        "touch" => Some(Permission::FollowUps),
        "pool" => Some(Permission::Claim),
        _ => None,
    }
}

/// Takes back the actor's last change.
pub(super) fn undo(actor: &Actor) -> Result<Done, Refusal> {
    let from = actor.desk.tables.read()?;
    let (_, step) = top(&from, &actor.staff.id.0.to_be_bytes())?.ok_or(Refusal::NothingToUndo)?;
    if let Some(group) = step.group {
        check_all(actor, &from, group)?;
    }
    drop(from);
    if let Some(permission) = needed(&step.action) {
        actor.require(permission)?;
    }
    if let [Restore::Job(job)] = step.restores.as_slice() {
        import::undo(actor, JobId(*job))?;
    }
    let group = step.group;
    let done = take_back(actor, step)?;
    // What was done to many goes back part by part, so that nobody waits long for the writer.
    while let Some(group) = group {
        let from = actor.desk.tables.read()?;
        let next = top(&from, &actor.staff.id.0.to_be_bytes())?.map(|(_, step)| step);
        drop(from);
        match next.filter(|step| step.group == Some(group)) {
            Some(step) => take_back(actor, step)?,
            None => break,
        };
    }
    Ok(done)
}

/// Refuses to take something back that was done to many, if somebody changed one of them since: all of it or nothing.
fn check_all(actor: &Actor, from: &dyn Get, group: u64) -> Result<(), Refusal> {
    let mut steps = Vec::new();
    from.visit_prefix(Table::Undo, &actor.staff.id.0.to_be_bytes(), Way::Down, &mut |_, value| {
        let step = UndoStep::from_bytes(value);
        let more = step.as_ref().is_ok_and(|step| step.group == Some(group));
        steps.push(step);
        if more { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    for step in steps {
        let step = step?;
        for restore in step.restores.iter().filter(|_| step.group == Some(group)) {
            match restore {
                Restore::Customer(id, version, _) => {
                    let now = actor.customer_to_change(from, CustomerId(*id))?;
                    if now.profile.version != *version {
                        return Err(stale(actor, from, CustomerId(*id))?);
                    }
                }
                Restore::FollowUp(id, version, _) => {
                    let now = follow_ups::get(from, FollowUpId(*id))?.ok_or(Refusal::NothingToUndo)?;
                    if now.version != *version {
                        return Err(stale(actor, from, now.customer)?);
                    }
                }
                // Nothing is done to many deals, cases or rows at once.
                Restore::Interaction(_)
                | Restore::Job(_)
                | Restore::Merge(_)
                | Restore::Pairs(..)
                | Restore::Deal(..)
                | Restore::Case(..)
                | Restore::Template(..)
                | Restore::Cadence(..)
                | Restore::Rule(..)
                | Restore::Marks(_)
                | Restore::Consent(..)
                | Restore::Row(_) => {}
            }
        }
    }
    Ok(())
}

fn take_back(actor: &Actor, step: UndoStep) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let who = actor.staff.id.0.to_be_bytes();
        let (number, current) = top(to, &who)?.ok_or(Refusal::NothingToUndo)?;
        if current != step {
            return Err(Refusal::UndoStale(actor.staff.name.as_str().to_owned()));
        }
        let label = label(actor, to, &step)?;
        to.remove(Table::Undo, &key(&[&who, &number.to_be_bytes()]))?;
        let mut carried = Vec::new();
        for restore in &step.restores {
            if let Restore::Merge(merge) = restore {
                let stood = merge::take_back(actor, to, merge)?;
                carried.extend(stood.into_iter().map(|(what, old, new)| (what, (old, new))));
                continue;
            }
            if let Restore::Row(row) = restore {
                row::put_back(actor, to, &step.action, row)?;
                continue;
            }
            carried.extend(put_back(actor, to, restore)?.map(|versions| (restore.clone(), versions)));
        }
        carry_over(to, &who, &carried)?;
        let object = step.customer.map_or(Object::None, |id| Object::Customer(id.0));
        let texts = Texts { after: Some(step.action.clone()), ..Texts::default() };
        actor.record(to, &NewEntry { object, texts, ..actor.entry(UNDO) })?;
        Ok(Done::Undone(label))
    })
}

/// The version that was restored, and the one under which it stands now.
type Versions = Option<(u64, u64)>;

/// What stood at the first version stands at the second now, so that earlier steps of the same person still fit.
fn carry_over(to: &mut dyn Put, who: &[u8], restored: &[(Restore, (u64, u64))]) -> Result<(), StoreError> {
    if restored.is_empty() {
        return Ok(());
    }
    let mut steps = Vec::new();
    to.visit_prefix(Table::Undo, who, Way::Down, &mut |key, value| {
        steps.push((key.to_vec(), UndoStep::from_bytes(value)));
        ControlFlow::Continue(())
    })?;
    for (key, step) in steps {
        let mut step = step?;
        let mut changed = false;
        for restore in &mut step.restores {
            for (restored, (old, new)) in restored {
                if let (Restore::Job(job), Restore::Customer(id, ..)) = (&*restore, restored) {
                    import::carry_over(to, JobId(*job), CustomerId(*id), *old, *new)?;
                }
                let same = match (&mut *restore, restored) {
                    (Restore::Customer(id, version, _), Restore::Customer(other, ..))
                    | (Restore::FollowUp(id, version, _), Restore::FollowUp(other, ..))
                    | (Restore::Deal(id, version, _), Restore::Deal(other, ..))
                    | (Restore::Case(id, version, _), Restore::Case(other, ..))
                    | (Restore::Rule(id, version, _), Restore::Rule(other, ..))
                    | (Restore::Template(id, version, _), Restore::Template(other, ..))
                    | (Restore::Cadence(id, version, _), Restore::Cadence(other, ..)) => {
                        (id == other).then_some(version)
                    }
                    (Restore::Merge(merge), Restore::Customer(other, ..)) => {
                        (merge.keep == *other).then_some(&mut merge.version)
                    }
                    _ => None,
                };
                if let Some(version) = same.filter(|version| **version == *old) {
                    *version = *new;
                    changed = true;
                    break;
                }
            }
        }
        if changed {
            to.put(Table::Undo, &key, &step.to_bytes())?;
        }
    }
    Ok(())
}

fn put_back(actor: &Actor, to: &mut dyn Put, restore: &Restore) -> Result<Versions, Refusal> {
    match restore {
        Restore::Customer(id, version, before) => put_back_customer(actor, to, *id, *version, before.as_deref()),
        Restore::FollowUp(id, version, before) => {
            let now = follow_ups::get(to, FollowUpId(*id))?.ok_or(Refusal::NothingToUndo)?;
            actor.customer_to_change(to, now.customer)?;
            if now.version != *version {
                return Err(stale(actor, to, now.customer)?);
            }
            let versions = match before {
                None => {
                    follow_ups::remove(to, &now)?;
                    None
                }
                Some(bytes) => {
                    let mut before = FollowUp::from_bytes(bytes)?;
                    let stood = std::mem::replace(&mut before.version, version + 1);
                    follow_ups::put(to, Some(&now), &before)?;
                    // A merge gave it to another; it goes back to whose it was.
                    follow_ups::refresh_next(to, before.customer, &actor.schema)?;
                    Some((stood, version + 1))
                }
            };
            follow_ups::refresh_next(to, now.customer, &actor.schema)?;
            Ok(versions)
        }
        Restore::Interaction(key) => {
            let id = CustomerId(KeyReader(key).u64()?);
            actor.customer_to_change(to, id)?;
            to.remove(Table::Interactions, key)?;
            let newest = work::interactions(to, id, 50)?;
            let contact = newest.iter().find(|i| i.kind != InteractionKind::Note).map(|i| i.at);
            let Some(mut customer) = customers::get(to, id)? else { return Ok(None) };
            let before = Customer::from_bytes(&customer.to_bytes())?;
            customer.profile.last_contact = contact;
            customers::put(to, Some(&before), &customer, &actor.schema)?;
            Ok(None)
        }
        Restore::Case(id, version, before) => super::cases::put_back(actor, to, *id, *version, before.as_deref()),
        Restore::Template(id, version, before) => templates::put_back(actor, to, *id, *version, before.as_deref()),
        Restore::Cadence(id, version, before) => cadences::put_back(actor, to, *id, *version, before.as_deref()),
        Restore::Deal(id, version, before) => super::deals::put_back(actor, to, *id, *version, before.as_deref()),
        Restore::Rule(id, version, before) => automation::put_back(actor, to, *id, *version, before.as_deref()),
        Restore::Marks(marks) => automation::put_marks_back(actor, to, marks).map(|()| None),
        Restore::Consent(id, now, before) => consents::put_back(actor, to, (*id, *now, *before)).map(|()| None),
        // The import was taken back before this transaction, chunk by chunk. Of a merge both customers were given back
        // before, with what each of their versions became, and a row as well.
        Restore::Job(_) | Restore::Merge(_) | Restore::Row(_) => Ok(None),
        Restore::Pairs(bond, pairs) => pairs::take_back(actor, to, *bond, pairs).map(|()| None),
    }
}

fn put_back_customer(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Versions, Refusal> {
    let id = CustomerId(id);
    let now = pool::to_put_back(actor, to, id)?;
    if now.profile.version != version {
        return Err(stale(actor, to, id)?);
    }
    let Some(bytes) = before else {
        let busy = !follow_ups::of(to, id, 1)?.is_empty()
            || !work::interactions(to, id, 1)?.is_empty()
            || !book_deals::of(to, id, 1)?.is_empty()
            || !cases::of(to, id, 1)?.is_empty()
            || book_consents::has_any(to, id)?
            || !book_pairs::of(to, Bond::Linked, id)?.is_empty();
        if busy {
            return Err(stale(actor, to, id)?);
        }
        customers::remove(to, &now, &actor.schema)?;
        return Ok(None);
    };
    let mut old = Customer::from_bytes(bytes)?;
    protection::admit(actor, &mut old)?;
    let stood = std::mem::replace(&mut old.profile.version, version + 1);
    old.profile.updated = actor.now;
    old.profile.last_contact = now.profile.last_contact;
    old.profile.next_follow_up = now.profile.next_follow_up;
    // Somebody else than who takes it back has the customer again without having asked: as if given anew.
    let given = old.profile.owner.filter(|owner| now.profile.owner != Some(*owner) && *owner != actor.staff.id);
    if given.is_some() {
        old.profile.owned_since = actor.now;
    }
    let parts = differences(actor, &now, &old);
    customers::put(to, Some(&now), &old, &actor.schema)?;
    record_parts(actor, to, "customer.edit", id, &parts)?;
    Ok(Some((stood, version + 1)))
}

/// The parts in which two states differ, masked. A sealed value that was replaced by one with the same mask counts.
fn differences(actor: &Actor, now: &Customer, old: &Customer) -> Vec<(String, Shown, Shown)> {
    let mut out = Vec::new();
    let mut note = |part: &str, before: Shown, after: Shown| {
        if before != after {
            out.push((part.to_owned(), before, after));
        }
    };
    note("name", shown(Some(&now.name)), shown(Some(&old.name)));
    let open = |text: String| Shown::Open(crate::text::Printable::line(&text));
    note("stage", open(now.profile.stage.code().into()), open(old.profile.stage.code().into()));
    note("tags", open(now.profile.tags.join(", ")), open(old.profile.tags.join(", ")));
    let owner = |c: &Customer| open(c.profile.owner.map(|o| format!("staff {o}")).unwrap_or_default());
    note("owner", owner(now), owner(old));
    let mut keys: Vec<_> = now.fields.iter().chain(&old.fields).map(|(k, _)| k).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let seen = |customer: &Customer| actor.shown_of(customer.profile.id, key, customer.field(key));
        note(key.as_str(), seen(now), seen(old));
    }
    out
}

/// The refusal that names who changed the record last.
pub(super) fn stale(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<Refusal, StoreError> {
    for seq in record::places_of(from, id, 50)? {
        let entry = record::entry(from, EntrySeq(seq.0))?;
        let changing = entry.filter(|e| {
            let verb = e.what.action.as_str();
            let parts = [
                "customer.edit",
                "customer.merge",
                "customer.combine",
                "customer.unmerge",
                "customer.apart",
                "customer.link",
                "customer.unlink",
                "follow_up.",
                "interaction.",
                "deal.",
                "case.",
                "pool.",
                "consent.",
            ];
            e.what.outcome == Outcome::Done && parts.iter().any(|part| verb.starts_with(part))
        });
        if let Some(who) = changing.and_then(|e| e.what.actor) {
            return Ok(Refusal::UndoStale(actor.name_of(who)));
        }
    }
    Ok(Refusal::UndoStale(actor.staff.name.as_str().to_owned()))
}
