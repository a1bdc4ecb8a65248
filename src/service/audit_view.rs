//! The record of actions as auditors read it: pages, one entry, checks, checkpoints, the export.

use std::ops::ControlFlow;

use super::actor::Actor;
use super::door::AuditRequest;
use super::record;
use super::refusal::Refusal;
use super::view::{AuditPage, AuditRow, ChainCheck, ChainState};
use crate::domain::audit::{Entry, EntryFilter, NewEntry, Object, Outcome};
use crate::domain::id::{CustomerId, EntrySeq, StaffId};
use crate::domain::role::Permission;
use crate::vault::store::{Get, StoreError};

/// How many entries one page looks through at most, so that no key waits for a scan.
const WALK: usize = 20_000;
const MOST: usize = 500;

fn row(actor: &Actor, entry: Entry) -> AuditRow {
    let entry = actor.seen(entry);
    let who = entry.what.actor.map(|id| actor.name_of(id)).unwrap_or_default();
    let object = match entry.what.object {
        Object::Staff(id) => actor.name_of(StaffId(id)),
        other => other.to_string(),
    };
    AuditRow { entry, actor: who, object }
}

fn matches(filter: &EntryFilter, entry: &NewEntry) -> bool {
    filter.actor.is_none_or(|actor| entry.actor == Some(actor))
        && entry.action.starts_with(&filter.action)
        && filter.object.is_none_or(|object| entry.object == object)
        && filter.field.as_ref().is_none_or(|field| entry.field.as_ref() == Some(field))
        && filter.reason.is_none_or(|reason| entry.reason == Some(reason))
        && filter.outcome.is_none_or(|outcome| entry.outcome == outcome)
        && filter.from.is_none_or(|from| entry.time >= from)
        && filter.to.is_none_or(|to| entry.time < to)
}

/// A stretch of the record, newest first.
pub(super) fn page(actor: &Actor, from: &dyn Get, request: &AuditRequest) -> Result<AuditPage, Refusal> {
    actor.require(Permission::ReadAudit)?;
    let size = record::size(from)?;
    let high = request.before.map_or(size, |seq| seq.0.min(size));
    let limit = usize::from(request.limit).clamp(1, MOST);
    let mut rows = Vec::new();
    let mut more = false;
    if let Some(Object::Customer(id)) = request.filter.object {
        // A customer's entries have an index of their own.
        for seq in record::places_of(from, CustomerId(id), WALK)? {
            if seq.0 < high && take(actor, from, request, seq, limit, &mut rows)?.is_break() {
                more = true;
                break;
            }
        }
    } else {
        let mut walked = 0;
        for seq in (0..high).rev() {
            walked += 1;
            if take(actor, from, request, EntrySeq(seq), limit, &mut rows)?.is_break() || walked >= WALK {
                more = seq > 0;
                break;
            }
        }
    }
    Ok(AuditPage { rows, more, size })
}

fn take(
    actor: &Actor,
    from: &dyn Get,
    request: &AuditRequest,
    seq: EntrySeq,
    limit: usize,
    rows: &mut Vec<AuditRow>,
) -> Result<ControlFlow<()>, StoreError> {
    if rows.len() >= limit {
        return Ok(ControlFlow::Break(()));
    }
    let entry = record::entry(from, seq)?.ok_or_else(|| StoreError::Damaged(format!("entry {seq} is missing")))?;
    if matches(&request.filter, &entry.what) {
        rows.push(row(actor, entry));
    }
    Ok(ControlFlow::Continue(()))
}

/// One entry.
pub(super) fn entry(actor: &Actor, from: &dyn Get, seq: EntrySeq) -> Result<AuditRow, Refusal> {
    actor.require(Permission::ReadAudit)?;
    Ok(row(actor, record::entry(from, seq)?.ok_or(Refusal::NotFound("entry"))?))
}

/// Checks the whole record, and puts that on record.
pub(super) fn verify(actor: &Actor) -> Result<ChainState, Refusal> {
    let from = actor.desk.tables.read()?;
    let check = actor.desk.check_record(&from)?;
    let mut state = actor.desk.recorder.state(&from)?;
    drop(from);
    let outcome = if check == ChainCheck::Sound { Outcome::Done } else { Outcome::Failed };
    let (of_actor, count) = (actor.clone(), Some(state.size));
    actor
        .commit(move |to| Ok(of_actor.record(to, &NewEntry { outcome, count, ..of_actor.entry("record.verify") })?))?;
    state.check = Some(check);
    Ok(state)
}

/// Signs the present state, and gives the checkpoint's text.
pub(super) fn checkpoint(actor: &Actor) -> Result<String, Refusal> {
    let of_actor = actor.clone();
    actor
        .commit(move |to| {
            of_actor.record(to, &of_actor.entry("record.checkpoint"))?;
            Ok(of_actor.desk.recorder.checkpoint(to, of_actor.now)?)
        })
        .inspect(|_| super::seen::keep(&actor.desk))
}

/// The whole record as an export file.
pub(super) fn export(actor: &Actor) -> Result<Vec<u8>, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        of_actor.record(to, &of_actor.entry("record.export"))?;
        Ok(of_actor.desk.recorder.checkpoint(to, of_actor.now)?)
    })?;
    let from = actor.desk.tables.read()?;
    actor.desk.recorder.export(&from, &|seq, said| actor.hides_texts(seq, said))
}
