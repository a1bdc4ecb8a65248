//! Imports: rows in chunks under a job that nobody sees until its last commit; cancelled, crashed or undone as one.
//!
//! **Invariant:** an imported customer is visible only while its job is published; a job's ids belong to it alone.

use std::ops::ControlFlow;

use super::actor::Actor;
use super::customers::{LONGEST_SOURCE, apply, blank};
use super::door::{Done, ImportRecord, OnDuplicate};
use super::indexing::{Step, index};
use super::refusal::{Fault, FieldFault, Refusal};
use super::sealing::Sealing;
use super::undo;
use super::view::{ChunkReport, ImportRow, ImportState};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::{Basis, Provenance};
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, JobId};
use crate::domain::role::Permission;
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::privacy::seal::TokenKind;
use crate::text::Printable;
use crate::vault::book::{customers, work};
use crate::vault::records::{Customer, Job, Record, Restore, Stored};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

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
        return Err(Refusal::Invalid(vec![FieldFault { part: "source".into(), fault: Fault::Missing }]));
    }
    for (part, text) in [("file", &file), ("source", &source)] {
        if text.as_str().chars().count() > LONGEST_SOURCE {
            return Err(Refusal::Invalid(vec![FieldFault { part: part.into(), fault: Fault::TooLong }]));
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
            Ok(Taken::Added(owner)) => {
                report.added += 1;
                report.without_owner += u64::from(owner == Named::Passed);
            }
            Ok(Taken::Merged) => report.merged += 1,
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

enum Taken {
    Added(Named),
    Merged,
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
    if let Some(known) = known(to, &customer)? {
        match OnDuplicate::from_place(job.duplicates).unwrap_or(OnDuplicate::Skip) {
            OnDuplicate::Skip => return Ok(Taken::Skipped),
            OnDuplicate::Merge => return merge(actor, to, job, known, customer),
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
    Ok(Taken::Added(named))
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
            Some(id) => customer.profile.owner = Some(id),
            None => named = Named::Passed,
        }
    }
    apply(actor, sealing, &mut customer, row.changes.clone())?;
    Ok((customer, named))
}

/// A customer who has the same phone, email or identity number.
pub(super) fn known(from: &dyn Get, customer: &Customer) -> Result<Option<CustomerId>, Refusal> {
    for (_, stored) in &customer.fields {
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

/// Fills what a customer lacks. One of this job is filled in place; one who was there before is staged, so that nobody
/// sees it before the job is published.
fn merge(actor: &Actor, to: &mut dyn Put, job: &Job, id: CustomerId, from: Customer) -> Result<Taken, Refusal> {
    let of_job = job.ranges.iter().any(|(first, last)| (*first..=*last).contains(&id.0));
    let staged = key(&[&job.id.0.to_be_bytes(), &id.0.to_be_bytes()]);
    let earlier = to.get(Table::JobStaged, &staged)?;
    let stored = customers::bytes(to, id)?.ok_or(Refusal::NotFound("customer"))?;
    let before = Customer::from_bytes(&stored)?;
    if !of_job && (!actor.in_scope(&before.profile) || before.profile.restricted) {
        return Ok(Taken::Skipped);
    }
    let mut filled = Customer::from_bytes(earlier.as_ref().unwrap_or(&stored))?;
    let mut changed = false;
    for (field, value) in from.fields {
        if filled.field(&field).is_none() {
            filled.set(field, Some(value));
            changed = true;
        }
    }
    for tag in from.profile.tags {
        if !filled.profile.tags.contains(&tag) {
            filled.profile.tags.push(tag);
            filled.profile.tags.sort();
            changed = true;
        }
    }
    if !changed {
        return Ok(Taken::Skipped);
    }
    if of_job {
        customers::stage(to, Some(&before), &filled, &actor.schema)?;
    } else {
        to.put(Table::JobStaged, &staged, &filled.to_bytes())?;
    }
    Ok(Taken::Merged)
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

/// Publishes an import.
pub(super) fn finish(actor: &Actor, id: JobId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor
        .commit(move |to| {
            let mut job = job_in(to, &of_actor, id, &[ImportState::Staging, ImportState::Publishing])?;
            job.state = ImportState::Publishing.place();
            work::put_job(to, &job)?;
            Ok(job)
        })
        .and_then(|job| index(actor, &job.ranges, Step::Enter))?;
    while publish_some(actor, id)? {}
    let of_actor = actor.clone();
    let job = actor.commit(move |to| {
        let actor = &of_actor;
        let mut job = job_in(to, actor, id, &[ImportState::Publishing])?;
        job.state = ImportState::Published.place();
        count(to, &job, 1)?;
        work::put_job(to, &job)?;
        let texts = Texts { after: Some(job.file.clone()), ..Texts::default() };
        let count = Some(job.added);
        actor.record(to, &NewEntry { object: Object::Job(id.0), count, texts, ..actor.entry("import.finish") })?;
        undo::push(actor, to, "import.finish", None, vec![Restore::Job(id.0)])?;
        Ok(job)
    })?;
    actor.desk.hide(id, Vec::new());
    Ok(Done::ImportFinished(row(actor, &job)))
}

/// Counts a job's customers for all to see, or no longer.
fn count(to: &mut dyn Put, job: &Job, sign: i64) -> Result<(), StoreError> {
    let mut sum = 0;
    for (owner, n) in &job.owners {
        let n = i64::try_from(*n).unwrap_or(i64::MAX);
        sum += n;
        customers::count(to, (*owner != 0).then_some(crate::domain::id::StaffId(*owner)), sign * n)?;
    }
    if job.basis == Basis::NotKnownYet {
        customers::count_without_basis(to, sign * sum)?;
    }
    Ok(())
}

/// Publishes a chunk of what is staged; says whether more is left.
fn publish_some(actor: &Actor, id: JobId) -> Result<bool, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let staged = keys_of(to, Table::JobStaged, id)?;
        for (key, bytes) in &staged {
            let customer = CustomerId(KeyReader(key).last_u64()?);
            if let Some(now) = customers::get(to, customer)? {
                let mut filled = Customer::from_bytes(bytes)?;
                // Changed by somebody while the import ran: their record stands.
                if filled.profile.version == now.profile.version {
                    filled.profile.version += 1;
                    filled.profile.updated = actor.now;
                    to.put(Table::JobUndo, key, &now.to_bytes())?;
                    customers::put(to, Some(&now), &filled, &actor.schema)?;
                    let object = Object::Customer(customer.0);
                    actor.record(to, &NewEntry { object, ..actor.entry("customer.merge") })?;
                }
            }
            to.remove(Table::JobStaged, key)?;
        }
        Ok(!staged.is_empty())
    })
}

/// Removes an import that is not finished.
pub(super) fn cancel(actor: &Actor, id: JobId) -> Result<Done, Refusal> {
    take_back(actor, id, &[ImportState::Staging, ImportState::Undoing], "import.cancel")?;
    Ok(Done::Done)
}

/// Takes a published import back, unless somebody changed one of its customers since.
pub(super) fn undo(actor: &Actor, id: JobId) -> Result<(), Refusal> {
    let from = actor.desk.tables.read()?;
    let job = job_in(&from, actor, id, &[ImportState::Published])?;
    for (first, last) in &job.ranges {
        let mut touched = None;
        let high = last.saturating_add(1).to_be_bytes();
        from.visit(Table::Customers, &first.to_be_bytes(), &high, Way::Up, &mut |_, value| {
            let customer = Customer::from_bytes(value).ok().filter(|c| {
                let left = carried(&from, id, c.profile.id).ok().flatten().unwrap_or(1);
                c.profile.version != left || c.profile.last_contact.is_some() || c.profile.next_follow_up.is_some()
            });
            touched = customer.map(|c| c.profile.id);
            if touched.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if let Some(id) = touched {
            return Err(undo::stale(actor, &from, id)?);
        }
    }
    if let Some(id) = worked_with(&from, &job.ranges)? {
        return Err(undo::stale(actor, &from, id)?);
    }
    drop(from);
    take_back(actor, id, &[ImportState::Published, ImportState::Undoing], "import.undo")
}

/// One of a job's customers with whom somebody logged a contact or had a reminder, notes and finished ones included:
/// those would be left without their customer.
fn worked_with(from: &dyn Get, ranges: &[(u64, u64)]) -> Result<Option<CustomerId>, StoreError> {
    let mut found = Ok(None);
    for (first, last) in ranges {
        let high = last.saturating_add(1).to_be_bytes();
        from.visit(Table::Interactions, &first.to_be_bytes(), &high, Way::Up, &mut |key, _| {
            found = KeyReader(key).u64().map(|id| Some(CustomerId(id)));
            ControlFlow::Break(())
        })?;
        if !matches!(found, Ok(None)) {
            return found;
        }
    }
    from.visit_prefix(Table::FollowUps, &[], Way::Up, &mut |_, value| {
        let of_job = |f: &FollowUp| ranges.iter().any(|(first, last)| (*first..=*last).contains(&f.customer.0));
        found = FollowUp::from_bytes(value).map(|f| of_job(&f).then_some(f.customer));
        if matches!(found, Ok(None)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    found
}

fn take_back(actor: &Actor, id: JobId, states: &'static [ImportState], verb: &'static str) -> Result<(), Refusal> {
    let of_actor = actor.clone();
    let begun = actor.commit(move |to| {
        let mut job = job_in(to, &of_actor, id, states)?;
        if job.state == ImportState::Published.place() {
            count(to, &job, -1)?;
        }
        // What was never published stands in no list.
        let listed = job.state != ImportState::Staging.place();
        job.state = ImportState::Undoing.place();
        of_actor.desk.hide(id, job.ranges.clone());
        work::put_job(to, &job)?;
        Ok(if listed { job.ranges } else { Vec::new() })
    });
    if begun.is_err() {
        hide_as_stored(actor, id);
    }
    index(actor, &begun?, Step::Strike)?;
    while remove_some(actor, id)? {}
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut job = job_in(to, actor, id, &[ImportState::Undoing])?;
        job.state = ImportState::Undone.place();
        let removed = Some(job.added);
        job.ranges.clear();
        work::put_job(to, &job)?;
        actor.record(to, &NewEntry { object: Object::Job(id.0), count: removed, ..actor.entry(verb) })?;
        Ok(())
    })?;
    actor.desk.hide(id, Vec::new());
    Ok(())
}

/// Removes a chunk of a job's customers and restores those it filled; says whether more is left.
fn remove_some(actor: &Actor, id: JobId) -> Result<bool, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let job = job_in(to, actor, id, &[ImportState::Undoing])?;
        for table in [Table::JobStaged, Table::JobUndo, Table::JobCarried] {
            let rows = keys_of(to, table, id)?;
            for (key, bytes) in &rows {
                if table == Table::JobUndo {
                    restore(actor, to, id, CustomerId(KeyReader(key).last_u64()?), bytes)?;
                }
                to.remove(table, key)?;
            }
            if !rows.is_empty() {
                return Ok(true);
            }
        }
        let mut found = Vec::new();
        for (first, last) in &job.ranges {
            let high = last.saturating_add(1).to_be_bytes();
            to.visit(Table::Customers, &first.to_be_bytes(), &high, Way::Up, &mut |_, value| {
                found.push(Customer::from_bytes(value));
                if found.len() >= CHUNK { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if found.len() >= CHUNK {
                break;
            }
        }
        for customer in &found {
            let customer = customer.as_ref().map_err(Clone::clone)?;
            customers::unstage(to, customer, &actor.schema)?;
        }
        Ok(!found.is_empty())
    })
}

fn restore(actor: &Actor, to: &mut dyn Put, job: JobId, id: CustomerId, bytes: &[u8]) -> Result<(), Refusal> {
    let mut before = Customer::from_bytes(bytes)?;
    let Some(now) = customers::get(to, id)? else { return Ok(()) };
    // Changed by somebody since: their record stands.
    if now.profile.version != carried(to, job, id)?.unwrap_or(before.profile.version + 1) {
        return Ok(());
    }
    before.profile.version = now.profile.version + 1;
    before.profile.updated = actor.now;
    before.profile.next_follow_up = now.profile.next_follow_up;
    before.profile.last_contact = now.profile.last_contact;
    customers::put(to, Some(&now), &before, &actor.schema)?;
    actor.record(to, &NewEntry { object: Object::Customer(id.0), ..actor.entry("customer.unmerge") })?;
    Ok(())
}

/// The version under which a customer stands again as the job left it, where later changes were taken back.
fn carried(from: &dyn Get, job: JobId, id: CustomerId) -> Result<Option<u64>, StoreError> {
    let noted = from.get(Table::JobCarried, &key(&[&job.0.to_be_bytes(), &id.0.to_be_bytes()]))?;
    Ok(noted.and_then(|bytes| bytes.first_chunk().copied()).map(u64::from_be_bytes))
}

/// A customer that stood at version `old` stands at `new` after an undo; if that is how the job left it, the job can
/// still be taken back.
pub(super) fn carry_over(to: &mut dyn Put, job: JobId, id: CustomerId, old: u64, new: u64) -> Result<(), StoreError> {
    let place = key(&[&job.0.to_be_bytes(), &id.0.to_be_bytes()]);
    let left = match to.get(Table::JobUndo, &place)? {
        Some(bytes) => Customer::from_bytes(&bytes)?.profile.version + 1,
        None => {
            let ranges = work::job(to, job)?.map(|job| job.ranges).unwrap_or_default();
            if !ranges.iter().any(|(first, last)| (*first..=*last).contains(&id.0)) {
                return Ok(());
            }
            1
        }
    };
    if carried(to, job, id)?.unwrap_or(left) == old {
        to.put(Table::JobCarried, &place, &new.to_be_bytes())?;
    }
    Ok(())
}

/// Hides what a crash left unpublished; to be called before anybody looks.
pub(super) fn hide_unfinished(desk: &super::desk::Desk) -> Result<(), StoreError> {
    for job in unfinished(&desk.tables.read()?)? {
        desk.hide(job.id, job.ranges);
        desk.note_left_over(job.id);
    }
    Ok(())
}

/// Ends what a crash left: unfinished imports are removed, those being published or undone go on to their end.
pub(super) fn resume(actor: &Actor) -> Result<(), Refusal> {
    let left_over = actor.desk.take_left_over();
    if left_over.is_empty() {
        return Ok(());
    }
    let jobs = unfinished(&actor.desk.tables.read()?)?;
    for job in jobs.into_iter().filter(|job| left_over.contains(&job.id)) {
        let mut by_starter = actor.clone();
        if let Some(starter) = actor.everybody.iter().find(|s| s.id == job.by) {
            by_starter.staff = starter.clone();
        }
        by_starter.origin = crate::domain::audit::Origin::Program;
        match ImportState::from_place(job.state) {
            Some(ImportState::Publishing) => _ = finish(&by_starter, job.id)?,
            _ => _ = cancel(&by_starter, job.id)?,
        }
    }
    Ok(())
}

fn unfinished(from: &dyn Get) -> Result<Vec<Job>, StoreError> {
    let mut jobs = work::jobs(from, usize::MAX)?;
    jobs.retain(is_unfinished);
    Ok(jobs)
}

fn is_unfinished(job: &Job) -> bool {
    let open = [ImportState::Staging, ImportState::Publishing, ImportState::Undoing];
    ImportState::from_place(job.state).is_some_and(|state| open.contains(&state))
}
