//! Consents that come with an import: those to come until it is published, and what they became, for taking them back.
//!
//! **Invariant:** a customer has one row of a job, to come or put down; both keys end with the customer's number.

use std::collections::HashSet;
use std::ops::ControlFlow;

use crate::domain::id::{ConsentId, CustomerId, JobId};
use crate::vault::records::{JobConsents, Record};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

/// How far what somebody said is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brought {
    /// Nobody sees it yet.
    ToCome,
    /// It is among their consents.
    PutDown,
}

impl Brought {
    const BOTH: [Self; 2] = [Self::ToCome, Self::PutDown];

    fn of(self, job: JobId) -> Vec<u8> {
        let byte = match self {
            Self::ToCome => 0,
            Self::PutDown => 1,
        };
        key(&[&job.0.to_be_bytes(), &[byte]])
    }

    fn place(self, job: JobId, customer: CustomerId) -> Vec<u8> {
        key(&[&self.of(job), &customer.0.to_be_bytes()])
    }
}

/// What a customer said who comes, or is filled, with a job.
pub fn get(from: &dyn Get, job: JobId, how: Brought, customer: CustomerId) -> Result<JobConsents, StoreError> {
    let bytes = from.get(Table::JobConsents, &how.place(job, customer))?;
    bytes.map_or_else(|| Ok(JobConsents::default()), |bytes| JobConsents::from_bytes(&bytes))
}

/// Has it be this, or nothing.
pub fn put(
    to: &mut dyn Put,
    job: JobId,
    how: Brought,
    (customer, said): (CustomerId, &JobConsents),
) -> Result<(), StoreError> {
    let place = how.place(job, customer);
    if said.0.is_empty() {
        return to.remove(Table::JobConsents, &place);
    }
    to.put(Table::JobConsents, &place, &said.to_bytes())
}

/// The first customers of a job, at most `limit`, with what they said.
pub fn some(
    from: &dyn Get,
    job: JobId,
    how: Brought,
    limit: usize,
) -> Result<Vec<(CustomerId, JobConsents)>, StoreError> {
    let (mut out, mut fault) = (Vec::new(), None);
    from.visit_prefix(Table::JobConsents, &how.of(job), Way::Up, &mut |key, value| {
        match (KeyReader(key).last_u64(), JobConsents::from_bytes(value)) {
            (Ok(id), Ok(said)) => out.push((CustomerId(id), said)),
            (Err(error), _) | (_, Err(error)) => fault = Some(error),
        }
        if out.len() >= limit || fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    fault.map_or(Ok(out), Err)
}

/// The consents that a job put down.
pub fn put_down(from: &dyn Get, job: JobId) -> Result<HashSet<ConsentId>, StoreError> {
    let rows = some(from, job, Brought::PutDown, usize::MAX)?;
    Ok(rows.iter().flat_map(|(_, said)| said.0.iter().filter_map(|one| one.became)).collect())
}

/// Removes what a customer said with a job.
pub fn forget(to: &mut dyn Put, job: JobId, customer: CustomerId) -> Result<(), StoreError> {
    Brought::BOTH.iter().try_for_each(|how| to.remove(Table::JobConsents, &how.place(job, customer)))
}
