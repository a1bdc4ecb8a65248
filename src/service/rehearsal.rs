//! What an import would come to, without one.
//!
//! **Invariant:** nothing of the rows is stored. The answer tells who is a customer already, so its entry is durable
//! before it is given, and it tells numbers of rows only: not whom they match, nor whether that is within one's scope.

use super::actor::Actor;
use super::door::{Done, ImportRecord};
use super::import::{Named, drafted, known, said};
use super::refusal::Refusal;
use super::sealing::Sealing;
use super::view::Rehearsal;
use crate::domain::audit::NewEntry;
use crate::domain::id::CustomerId;

/// Looks at each row as an import would.
pub(super) fn rows(actor: &Actor, rows: Vec<ImportRecord>) -> Result<Done, Refusal> {
    said::allowed(actor, &rows)?;
    let from = actor.desk.tables.read()?;
    let mut sealing = Sealing::default();
    let mut found = Rehearsal::default();
    for row in &rows {
        match drafted(actor, &mut sealing, CustomerId(0), row) {
            Ok((customer, named)) => {
                if named == Named::Passed {
                    found.without_owner.push(row.row);
                }
                if let Some(known) = known(actor, &from, &customer)? {
                    found.known.push(row.row);
                    let fresh = said::new(&from, known, &row.consents)?.len() as u64;
                    found.consents.extend((fresh > 0).then_some((row.row, fresh)));
                }
            }
            Err(Refusal::Invalid(faults)) => found.rejected.push((row.row, faults)),
            Err(other) => return Err(other),
        }
    }
    let of_actor = actor.clone();
    let count = u64::try_from(rows.len()).ok();
    actor.commit(move |to| {
        of_actor.record(to, &NewEntry { count, ..of_actor.entry("import.rehearse") })?;
        Ok(())
    })?;
    Ok(Done::Rehearsed(found))
}
