//! Imports: rows in chunks under a job that nobody sees until its last commit; cancelled, crashed or undone as one.
//!
//! **Invariant:** an imported customer is visible only while its job is published; a job's ids belong to it alone.

mod publish;
pub(super) mod said;
mod take_back;

use std::ops::ControlFlow;

use super::actor::Actor;
use super::contradictions::Written;
use super::customers::{LONGEST_SOURCE, apply, blank};
use super::door::{Done, ImportRecord, OnDuplicate};
use super::identify::{Given, with_open};
use super::refusal::{Fault, Refusal};
use super::sealing::Sealing;
use super::view::{ChunkReport, ImportRow, ImportState};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::{Basis, Provenance};
use crate::domain::field::FieldKind;
use crate::domain::id::{CustomerId, JobId};
use crate::domain::role::Permission;
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::privacy::seal::TokenKind;
use crate::text::Printable;
use crate::vault::book::{customers, work};
use crate::vault::records::{Customer, Job, Record, Stored};
use crate::vault::store::{Get, Put, StoreError, Table, Way, key};

pub(super) use self::take_back::is_unfinished;

pub(super) use publish::finish;
pub(super) use take_back::{cancel, carry_over, hide_unfinished, resume, undo};

/// Rows in one transaction, so that nobody else waits long for the writer.
const CHUNK: usize = 400;

/// The imports, newest first.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<ImportRow>, Refusal> {
    if !actor.role.may(Permission::ManagePolicy) {
        actor.require(Permission::Import)?;
    }
    Ok(work::jobs(from, 50)?.iter().map(|job| row(actor, job)).collect())
}

fn row(actor: &Actor, job: &Job) -> ImportRow {
    ImportRow {
        id: job.id,
        file: Printable::line(&job.file),
        at: job.at,
        by: actor.name_of(job.by),
        added: job.added,
        merged: job.merged,
        skipped: job.skipped,
        state: ImportState::from_place(job.state).unwrap_or(ImportState::Staging),
    }
}

/// A job in one of the states, of the actor.
fn job_in(from: &dyn Get, actor: &Actor, id: JobId, states: &[ImportState]) -> Result<Job, Refusal> {
    let job = work::job(from, id)?.filter(|job| job.by == actor.staff.id).ok_or(Refusal::NotFound("import"))?;
    let state = ImportState::from_place(job.state).ok_or(Refusal::ImportState)?;
    if states.contains(&state) { Ok(job) } else { Err(Refusal::ImportState) }
}

/// Begins an import.
pub(super) fn begin(
    actor: &Actor,
    file: Printable,
    source: Printable,
    basis: Basis,
    duplicates: OnDuplicate,
) -> Result<Done, Refusal> {
    if source.is_empty() {
        return Err(Refusal::invalid("source", Fault::Missing));
    }
    for (part, text) in [("file", &file), ("source", &source)] {
        if text.as_str().chars().count() > LONGEST_SOURCE {
            return Err(Refusal::invalid(part, Fault::TooLong));
        }
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let id = JobId(to.next("next import")?);
        let job = Job {
            id,
            by: actor.staff.id,
            at: actor.now,
            file: file.as_str().to_owned(),
            source: source.as_str().to_owned(),
            basis,
            duplicates: duplicates.place(),
            state: ImportState::Staging.place(),
            added: 0,
            merged: 0,
            skipped: 0,
            ranges: Vec::new(),
            owners: Vec::new(),
        };
        work::put_job(to, &job)?;
        let texts = Texts { after: Some(format!("{} · {}", file, source)), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Job(id.0), texts, ..actor.entry("import.begin") })?;
        Ok(Done::ImportBegun(id))
    })
}

/// Brings rows in, a part of them in each transaction.
pub(super) fn rows(actor: &Actor, id: JobId, rows: Vec<ImportRecord>) -> Result<Done, Refusal> {
    said::allowed(actor, &rows)?;
    let mut report = ChunkReport::default();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<ImportRecord> = rows.by_ref().take(CHUNK).collect();
        let of_actor = actor.clone();
        let part = actor.commit(move |to| chunk_in(&of_actor, to, id, &chunk));
        if part.is_err() {
            hide_as_stored(actor, id);
        }
        let part = part?;
        report.added += part.added;
        report.merged += part.merged;
        report.skipped += part.skipped;
        report.without_owner += part.without_owner;
        report.consents += part.consents;
        report.rejected.extend(part.rejected);
    }
    Ok(Done::Imported(report))
}

/// Hides what the tables say, after a change that did not come about: the ids that it drew go to others.
fn hide_as_stored(actor: &Actor, id: JobId) {
    // Where the tables cannot be read, nothing of them is seen either.
    let Ok(from) = actor.desk.tables.read() else { return };
    if let Ok(Some(job)) = work::job(&from, id) {
        let ranges = if is_unfinished(&job) { job.ranges } else { Vec::new() };
        actor.desk.hide(id, ranges);
    }
}

fn chunk_in(actor: &Actor, to: &mut dyn Put, id: JobId, rows: &[ImportRecord]) -> Result<ChunkReport, Refusal> {
    let mut job = job_in(to, actor, id, &[ImportState::Staging])?;
    let mut sealing = Sealing::default();
    let mut report = ChunkReport::default();
    for row in rows {
        match row_in(actor, to, &mut job, &mut sealing, row) {
            Ok(Taken::Added(owner, consents)) => {
                report.added += 1;
                report.without_owner += u64::from(owner == Named::Passed);
                report.consents += consents;
            }
            Ok(Taken::Merged(consents)) => {
                report.merged += 1;
                report.consents += consents;
            }
            Ok(Taken::Skipped) => report.skipped += 1,
            Err(Refusal::Invalid(faults)) => report.rejected.push((row.row, faults)),
            Err(other) => return Err(other),
        }
    }
    job.added += report.added;
    job.merged += report.merged;
    job.skipped += report.skipped;
    work::put_job(to, &job)?;
    Ok(report)
}

/// Whether the owner whom a row names became the customer's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Yes, or none is named.
    Heeded,
    /// No: nobody who works here is called so, or the importer may not assign customers.
    Passed,
}

/// What became of a row, with how many consents.
enum Taken {
    Added(Named, u64),
    Merged(u64),
    Skipped,
}

fn row_in(
    actor: &Actor,
    to: &mut dyn Put,
    job: &mut Job,
    sealing: &mut Sealing,
    row: &ImportRecord,
) -> Result<Taken, Refusal> {
    let next = CustomerId(to.number("next customer")?.saturating_add(1));
    let (mut customer, named) = drafted(actor, sealing, next, row)?;
    customer.profile.provenance = Provenance { source: job.source.clone(), basis: job.basis };
    if let Some(known) = known(actor, to, &customer)? {
        match OnDuplicate::from_place(job.duplicates).unwrap_or(OnDuplicate::Skip) {
            OnDuplicate::Skip => return Ok(Taken::Skipped),
            OnDuplicate::Merge => return merge(actor, to, job, known, (customer, row)),
            OnDuplicate::Keep => {}
        }
    }
    let id = customers::next_id(to)?.0;
    match job.ranges.last_mut().filter(|(_, last)| *last + 1 == id) {
        Some((_, last)) => *last = id,
        None => job.ranges.push((id, id)),
    }
    // Hidden before the commit that makes it exist.
    actor.desk.hide(job.id, job.ranges.clone());
    let owner = customer.profile.owner.map_or(0, |o| o.0);
    match job.owners.iter_mut().find(|(o, _)| *o == owner) {
        Some((_, count)) => *count += 1,
        None => job.owners.push((owner, 1)),
    }
    customers::stage(to, None, &customer, &actor.schema)?;
    let consents = said::keep(to, job.id, customer.profile.id, &row.consents)?;
    Ok(Taken::Added(named, consents))
}

/// The customer that a row describes.
pub(super) fn drafted(
    actor: &Actor,
    sealing: &mut Sealing,
    id: CustomerId,
    row: &ImportRecord,
) -> Result<(Customer, Named), Refusal> {
    let mut customer = blank(actor);
    customer.profile.id = id;
    customer.profile.created = row.created.unwrap_or(actor.now).min(actor.now);
    let mut named = Named::Heeded;
    if let Some(owner) = row.owner.as_deref().and_then(LoginName::new) {
        let here = |s: &&Staff| s.state != StaffState::Disabled && s.name.folded() == owner.folded();
        let found = actor.everybody.iter().find(here).map(|s| s.id);
        match found.filter(|id| *id == actor.staff.id || actor.role.may(Permission::Reassign)) {
            Some(id) => customer.profile.belongs_to(Some(id), actor.now),
            None => named = Named::Passed,
        }
    }
    apply(actor, sealing, &mut customer, row.changes.clone())?;
    Ok((customer, named))
}

/// A customer who has the same phone, email or identity number.
pub(super) fn known(actor: &Actor, from: &dyn Get, customer: &Customer) -> Result<Option<CustomerId>, Refusal> {
    for (key, stored) in &customer.fields {
        if let Stored::Open(value) = stored
            && let Some(def) = actor.schema.get(key.as_str()).filter(|def| names_somebody(def.kind))
            && let Ok(checked) = actor.check(def, value.as_str())
            && let Some(id) = with_open(actor, from, def.kind, (Given::Whole, &checked.normal))?.first()
        {
            return Ok(Some(*id));
        }
        let Stored::Sealed { class, tokens, .. } = stored else { continue };
        for token in tokens {
            if matches!(token.kind, TokenKind::Phone | TokenKind::Email | TokenKind::Identity) {
                let found = customers::by_token(from, *class, token.kind, token.token, 2)?;
                if let Some((id, _)) = found.first() {
                    return Ok(Some(*id));
                }
            }
        }
    }
    Ok(None)
}

fn names_somebody(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Phone | FieldKind::Email | FieldKind::ResidentId | FieldKind::Passport)
}

/// Fills what a customer lacks. One of this job is filled in place; one who was there before is staged, so that nobody
/// sees it before the job is published.
fn merge(
    actor: &Actor,
    to: &mut dyn Put,
    job: &Job,
    id: CustomerId,
    (from, row): (Customer, &ImportRecord),
) -> Result<Taken, Refusal> {
    let of_job = job.ranges.iter().any(|(first, last)| (*first..=*last).contains(&id.0));
    let staged = key(&[&job.id.0.to_be_bytes(), &id.0.to_be_bytes()]);
    let earlier = to.get(Table::JobStaged, &staged)?;
    let stored = customers::bytes(to, id)?.ok_or(Refusal::NotFound("customer"))?;
    let before = Customer::from_bytes(&stored)?;
    if !of_job && (!actor.in_scope(&before.profile) || before.profile.restricted) {
        return Ok(Taken::Skipped);
    }
    let mut filled = Customer::from_bytes(earlier.as_ref().unwrap_or(&stored))?;
    let (mut changed, mut moved) = (false, Vec::new());
    for (field, value) in from.fields {
        if filled.field(&field).is_none() {
            moved.push(field.clone());
            filled.set(field, Some(value));
            changed = true;
        }
    }
    Written::by(actor, &row.changes).only(&moved).note(actor, &mut filled);
    for tag in from.profile.tags {
        if !filled.profile.tags.contains(&tag) {
            filled.profile.tags.push(tag);
            filled.profile.tags.sort();
            changed = true;
        }
    }
    let consents = said::keep(to, job.id, id, &row.consents)?;
    if !changed {
        return Ok(if consents == 0 { Taken::Skipped } else { Taken::Merged(consents) });
    }
    if of_job {
        customers::stage(to, Some(&before), &filled, &actor.schema)?;
    } else {
        to.put(Table::JobStaged, &staged, &filled.to_bytes())?;
    }
    Ok(Taken::Merged(consents))
}

type Pair = (Vec<u8>, Vec<u8>);

/// The keys of a job's rows in one of its tables, at most a chunk of them.
fn keys_of(from: &dyn Get, table: Table, id: JobId) -> Result<Vec<Pair>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(table, &id.0.to_be_bytes(), Way::Up, &mut |key, value| {
        out.push((key.to_vec(), value.to_vec()));
        if out.len() >= CHUNK { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(out)
}
