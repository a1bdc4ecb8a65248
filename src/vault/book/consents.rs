//! Consents by customer, and who said what by purpose, in the order of names.
//!
//! **Invariant:** of each purpose that a customer said something about there is one row by purpose, under what counts now
//! and in the place that the customer's name has in every list.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use crate::domain::consent::{Consent, ConsentState, Purpose};
use crate::domain::id::{ConsentId, CustomerId};
use crate::vault::facets::place_by_name;
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, Put, StoreError, Table, Way, key};

const BY_CUSTOMER: u8 = 0;
const BY_PURPOSE: u8 = 1;

/// An id for a new consent.
pub fn next_id(to: &mut dyn Put) -> Result<ConsentId, StoreError> {
    to.next("next consent").map(ConsentId)
}

fn prefix_of(customer: CustomerId) -> Vec<u8> {
    key(&[&[BY_CUSTOMER], &customer.0.to_be_bytes()])
}

fn place(customer: CustomerId, id: ConsentId) -> Vec<u8> {
    key(&[&prefix_of(customer), &id.0.to_be_bytes()])
}

/// What all rows of those begin with who said this about a purpose; behind it stand the place by name and the id.
pub fn prefix(purpose: Purpose, state: ConsentState) -> Vec<u8> {
    vec![BY_PURPOSE, purpose.place(), state.place()]
}

/// The rows by purpose that a customer has who said this.
pub fn rows(customer: &Customer, said: &[Consent]) -> Vec<Vec<u8>> {
    let name = place_by_name(customer);
    present(said).values().map(|consent| key(&[&prefix(consent.purpose, consent.state), &name])).collect()
}

/// What counts of each purpose: the newest.
pub fn present(said: &[Consent]) -> BTreeMap<Purpose, &Consent> {
    let mut out: BTreeMap<Purpose, &Consent> = BTreeMap::new();
    for consent in said {
        let newest = out.entry(consent.purpose).or_insert(consent);
        if consent.rank() > newest.rank() {
            *newest = consent;
        }
    }
    out
}

/// All that a customer said, the newest first.
pub fn of(from: &dyn Get, customer: CustomerId) -> Result<Vec<Consent>, StoreError> {
    let (mut out, mut fault) = (Vec::new(), None);
    from.visit_prefix(Table::Consents, &prefix_of(customer), Way::Up, &mut |_, value| {
        match Consent::from_bytes(value) {
            Ok(consent) => out.push(consent),
            Err(error) => fault = Some(error),
        }
        if fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    out.sort_by_key(|consent| std::cmp::Reverse(consent.rank()));
    fault.map_or(Ok(out), Err)
}

/// What counts of one purpose.
pub fn newest(from: &dyn Get, customer: CustomerId, purpose: Purpose) -> Result<Option<Consent>, StoreError> {
    Ok(of(from, customer)?.into_iter().find(|consent| consent.purpose == purpose))
}

/// Whether anything is kept of a customer.
pub fn has_any(from: &dyn Get, customer: CustomerId) -> Result<bool, StoreError> {
    let mut found = false;
    from.visit_prefix(Table::Consents, &prefix_of(customer), Way::Up, &mut |_, _| {
        found = true;
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// The first of these customers, by number, of whom a consent is kept that is none of `but`.
pub fn first_within(
    from: &dyn Get,
    (first, last): (u64, u64),
    but: &HashSet<ConsentId>,
) -> Result<Option<CustomerId>, StoreError> {
    let mut found = None;
    let (low, high) = (prefix_of(CustomerId(first)), prefix_of(CustomerId(last.saturating_add(1))));
    from.visit(Table::Consents, &low, &high, Way::Up, &mut |row, _| {
        let id = row.last_chunk().map(|id| ConsentId(u64::from_be_bytes(*id)));
        if id.is_some_and(|id| but.contains(&id)) {
            return ControlFlow::Continue(());
        }
        found = whose(row);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// Whose a row by customer is; none where it is another.
pub fn whose(row: &[u8]) -> Option<CustomerId> {
    let (kind, rest) = row.split_first()?;
    let id = rest.first_chunk().map(|id| CustomerId(u64::from_be_bytes(*id)))?;
    (*kind == BY_CUSTOMER).then_some(id)
}

/// Has rows by purpose be as they are to be after a change of what `customer` said.
fn changing<T>(
    to: &mut dyn Put,
    customer: &Customer,
    change: impl FnOnce(&mut dyn Put) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let id = customer.profile.id;
    let before = rows(customer, &of(to, id)?);
    let done = change(to)?;
    let after = rows(customer, &of(to, id)?);
    before.iter().filter(|row| !after.contains(row)).try_for_each(|row| to.remove(Table::Consents, row))?;
    after.iter().filter(|row| !before.contains(row)).try_for_each(|row| to.put(Table::Consents, row, &[]))?;
    Ok(done)
}

/// Puts down what a customer said.
pub fn put(to: &mut dyn Put, customer: &Customer, consent: &Consent) -> Result<(), StoreError> {
    changing(to, customer, |to| to.put(Table::Consents, &place(consent.customer, consent.id), &consent.to_bytes()))
}

/// Takes one away and gives it, if it is there.
pub fn take(to: &mut dyn Put, customer: &Customer, id: ConsentId) -> Result<Option<Consent>, StoreError> {
    let place = place(customer.profile.id, id);
    let Some(bytes) = to.get(Table::Consents, &place)? else { return Ok(None) };
    changing(to, customer, |to| to.remove(Table::Consents, &place))?;
    Consent::from_bytes(&bytes).map(Some)
}

/// Brings the rows of a customer whose record changes from where they stood to where they stand.
pub fn renamed(to: &mut dyn Put, before: &Customer, after: &Customer) -> Result<(), StoreError> {
    if place_by_name(before) == place_by_name(after) {
        return Ok(());
    }
    let said = of(to, after.profile.id)?;
    rows(before, &said).iter().try_for_each(|row| to.remove(Table::Consents, row))?;
    rows(after, &said).iter().try_for_each(|row| to.put(Table::Consents, row, &[]))
}

/// Removes all that a customer said.
pub fn forget_all(to: &mut dyn Put, customer: &Customer) -> Result<(), StoreError> {
    let said = of(to, customer.profile.id)?;
    rows(customer, &said).iter().try_for_each(|row| to.remove(Table::Consents, row))?;
    said.iter().try_for_each(|consent| to.remove(Table::Consents, &place(consent.customer, consent.id)))
}
