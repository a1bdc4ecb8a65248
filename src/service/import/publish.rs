//! The end of an import: what was staged is entered, filled in, counted and shown, once and for all.
//!
//! **Invariant:** nobody sees a customer of the job before the commit that publishes it, and a publishing that was cut
//! off goes on from where it was.

use super::super::actor::Actor;
use super::super::door::Done;
use super::super::indexing::{Step, index};
use super::super::protection;
use super::super::refusal::Refusal;
use super::super::undo;
use super::super::view::ImportState;
use super::{job_in, keys_of, row, said};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::Basis;
use crate::domain::id::{CustomerId, JobId};
use crate::vault::book::{customers, work};
use crate::vault::records::{Customer, Job, Record, Restore};
use crate::vault::store::{KeyReader, Put, StoreError, Table};

/// Publishes an import.
pub(in crate::service) fn finish(actor: &Actor, id: JobId) -> Result<Done, Refusal> {
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
    while said::put_down_some(actor, id)? {}
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
pub(super) fn count(to: &mut dyn Put, job: &Job, sign: i64) -> Result<(), StoreError> {
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
                protection::settle_in(actor, &mut filled);
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
