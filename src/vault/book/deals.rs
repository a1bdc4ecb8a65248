//! Deals by customer, by number, and by owner and stage; and the pipelines.
//!
//! **Invariant:** a deal's rows in [`Table::DealsBy`] are those that [`rows`] makes of the record as it stands.

use std::ops::ControlFlow;

use super::work::{keys, records, under};
use crate::clock::Timestamp;
use crate::domain::deal::{Deal, Pipelines};
use crate::domain::id::{CustomerId, DealId, StaffId, StageId};
use crate::domain::money::{Currency, Money};
use crate::vault::index::{from_oldest_first, oldest_first};
use crate::vault::records::Record;
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way, key};

const BY_NUMBER: &[u8] = &[0];
const BY_OWNER: &[u8] = &[1];
/// Where the pipelines stand.
pub const PIPELINES: (Table, &[u8]) = (Table::Meta, b"pipelines");
/// The number under which it is noted that the rows by number and by owner are there.
const WRITTEN: &str = "deals written";

/// An id for a new deal.
pub fn next_id(to: &mut dyn Put) -> Result<DealId, StoreError> {
    to.next("next deal").map(DealId)
}

fn place(deal: &Deal) -> Vec<u8> {
    key(&[&deal.customer.0.to_be_bytes(), &deal.id.0.to_be_bytes()])
}

/// A key and a value of the rows by number, owner and stage.
pub type Row = (Vec<u8>, Vec<u8>);

/// The rows that lead to a deal.
pub fn rows(deal: &Deal) -> [Row; 2] {
    let (id, customer) = (deal.id.0.to_be_bytes(), deal.customer.0.to_be_bytes());
    let by_owner =
        key(&[BY_OWNER, &deal.owner.0.to_be_bytes(), &deal.stage.0.to_be_bytes(), &oldest_first(deal.since.0), &id]);
    let said = key(&[&customer, &deal.amount.minor.to_be_bytes(), deal.amount.currency.code().as_bytes()]);
    [(key(&[BY_NUMBER, &id]), customer.to_vec()), (by_owner, said)]
}

/// Writes a deal with its rows; `before` is how it stood.
pub fn put(to: &mut dyn Put, before: Option<&Deal>, after: &Deal) -> Result<(), StoreError> {
    if let Some(before) = before {
        remove(to, before)?;
    }
    to.put(Table::Deals, &place(after), &after.to_bytes())?;
    rows(after).iter().try_for_each(|(key, value)| to.put(Table::DealsBy, key, value))
}

/// Removes a deal and its rows.
pub fn remove(to: &mut dyn Put, deal: &Deal) -> Result<(), StoreError> {
    to.remove(Table::Deals, &place(deal))?;
    rows(deal).iter().try_for_each(|(key, _)| to.remove(Table::DealsBy, key))
}

/// The deal with this number.
pub fn get(from: &dyn Get, id: DealId) -> Result<Option<Deal>, StoreError> {
    let number = id.0.to_be_bytes();
    let Some(customer) = from.get(Table::DealsBy, &key(&[BY_NUMBER, &number]))? else { return Ok(None) };
    let found = from.get(Table::Deals, &key(&[&customer, &number]))?;
    found.map(|bytes| Deal::from_bytes(&bytes)).transpose()
}

/// A customer's deals, the newest first; at most `limit`.
pub fn of(from: &dyn Get, customer: CustomerId, limit: usize) -> Result<Vec<Deal>, StoreError> {
    records(from, Table::Deals, &customer.0.to_be_bytes(), Way::Down, limit)
}

/// What a row by owner and stage says of a deal.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its number.
    pub id: DealId,
    /// With whom.
    pub customer: CustomerId,
    /// Since when it stands there.
    pub since: Timestamp,
    /// How much.
    pub amount: Money,
}

/// The deals of one owner in one stage that came there at `since` or later, those that sit longest first.
pub fn in_stage(
    from: &dyn Get,
    owner: StaffId,
    stage: StageId,
    since: Timestamp,
    visit: &mut dyn FnMut(Place) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let prefix = key(&[BY_OWNER, &owner.0.to_be_bytes(), &stage.0.to_be_bytes()]);
    let low = key(&[&prefix, &oldest_first(since.0)]);
    let high = crate::vault::store::prefix_end(&prefix);
    let mut fault = None;
    from.visit(Table::DealsBy, &low, &high, Way::Up, &mut |key, value| match read(key, value) {
        Ok(place) => visit(place),
        Err(error) => {
            fault = Some(error);
            ControlFlow::Break(())
        }
    })?;
    fault.map_or(Ok(()), Err)
}

fn read(key: &[u8], value: &[u8]) -> Result<Place, StoreError> {
    let mut key = KeyReader(key);
    let _: [u8; 9] = key.take()?;
    let (since, id) = (from_oldest_first(key.u64()?), key.u64()?);
    let mut value = KeyReader(value);
    let (customer, minor) = (value.u64()?, value.u64()?.cast_signed());
    let code: [u8; 3] = value.take()?;
    let currency = Currency::stored(std::str::from_utf8(&code).map_err(|_| StoreError::record("deal"))?);
    let amount = Money { minor, currency };
    Ok(Place { id: DealId(id), customer: CustomerId(customer), since: Timestamp(since), amount })
}

/// Makes a customer's deals another's; gives the keys that they had.
pub fn move_all(to: &mut dyn Put, of: CustomerId, now: CustomerId) -> Result<Vec<Vec<u8>>, StoreError> {
    let keys = keys(to, Table::Deals, of)?;
    keys.iter().try_for_each(|key| give(to, key, now))?;
    Ok(keys)
}

/// Gives deals that were moved to `from` back to the customer who had them under these keys.
pub fn move_back(to: &mut dyn Put, from: CustomerId, owner: CustomerId, keys: &[Vec<u8>]) -> Result<(), StoreError> {
    keys.iter().try_for_each(|key| give(to, &under(key, from), owner))
}

fn give(to: &mut dyn Put, from: &[u8], customer: CustomerId) -> Result<(), StoreError> {
    let Some(bytes) = to.get(Table::Deals, from)? else { return Ok(()) };
    let before = Deal::from_bytes(&bytes)?;
    let after = Deal { customer, ..before.clone() };
    put(to, Some(&before), &after)
}

/// Removes all deals of a customer; gives their numbers.
pub fn remove_all_of(to: &mut dyn Put, customer: CustomerId) -> Result<Vec<DealId>, StoreError> {
    let deals = of(to, customer, usize::MAX)?;
    deals.iter().try_for_each(|deal| remove(to, deal))?;
    Ok(deals.iter().map(|deal| deal.id).collect())
}

/// Whether every deal has its rows: an older program wrote none.
pub fn written(from: &dyn Get) -> Result<bool, StoreError> {
    Ok(from.number(WRITTEN)? > 0)
}

/// Notes that every deal has its rows.
pub fn note_written(to: &mut dyn Put) -> Result<(), StoreError> {
    to.set_number(WRITTEN, 1)
}

/// The pipelines in force.
pub fn pipelines(from: &dyn Get) -> Result<Pipelines, StoreError> {
    let bytes = from.get(PIPELINES.0, PIPELINES.1)?;
    bytes.map_or_else(|| Ok(Pipelines::default()), |bytes| Pipelines::from_bytes(&bytes))
}

/// Sets the pipelines.
pub fn put_pipelines(to: &mut dyn Put, pipelines: &Pipelines) -> Result<(), StoreError> {
    to.put(PIPELINES.0, PIPELINES.1, &pipelines.to_bytes())
}
