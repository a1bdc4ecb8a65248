//! Customers with their index rows and counters.

use super::{consents, losses, marks, pairs};
use crate::domain::customer::Basis;
use crate::domain::field::Schema;
use crate::domain::id::{CustomerId, StaffId};
use crate::privacy::class::FieldClass;
use crate::privacy::seal::{Token, TokenKind};
use crate::vault::index;
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, KeyReader, Put, StoreError, Table, Way};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// The customer with this id.
pub fn get(from: &dyn Get, id: CustomerId) -> Result<Option<Customer>, StoreError> {
    bytes(from, id)?.map(|bytes| Customer::from_bytes(&bytes)).transpose()
}

/// The stored form of the customer with this id.
pub fn bytes(from: &dyn Get, id: CustomerId) -> Result<Option<Vec<u8>>, StoreError> {
    from.get(Table::Customers, &id.0.to_be_bytes())
}

/// An id for a new customer, never given before.
pub fn next_id(to: &mut dyn Put) -> Result<CustomerId, StoreError> {
    to.next("next customer").map(CustomerId)
}

/// Writes a customer and brings its index rows from what they were for `before` to what they are now.
pub fn put(to: &mut dyn Put, before: Option<&Customer>, after: &Customer, schema: &Schema) -> Result<(), StoreError> {
    to.put(Table::Customers, &after.profile.id.0.to_be_bytes(), &after.to_bytes())?;
    if let Some(before) = before {
        consents::renamed(to, before, after)?;
    }
    reindex(to, before, Some(after), schema, |_| true)?;
    recount(to, before, Some(after))
}

/// Removes a customer and its index rows.
pub fn remove(to: &mut dyn Put, before: &Customer, schema: &Schema) -> Result<(), StoreError> {
    to.remove(Table::Customers, &before.profile.id.0.to_be_bytes())?;
    pairs::forget_all(to, before.profile.id)?;
    marks::forget_all(to, before.profile.id)?;
    losses::put(to, before.profile.id, None)?;
    consents::forget_all(to, before)?;
    reindex(to, Some(before), None, schema, |_| true)?;
    recount(to, Some(before), None)
}

/// As [`put`], for a customer that nobody sees yet: it is known by its tokens and stands in no list and no count. What
/// is left out follows in order of the index, which is many times quicker than customer by customer.
pub fn stage(to: &mut dyn Put, before: Option<&Customer>, after: &Customer, schema: &Schema) -> Result<(), StoreError> {
    to.put(Table::Customers, &after.profile.id.0.to_be_bytes(), &after.to_bytes())?;
    reindex(to, before, Some(after), schema, |table| table == Table::Tokens)
}

/// As [`remove`], for a customer that stands in no list and no count.
pub fn unstage(to: &mut dyn Put, before: &Customer, schema: &Schema) -> Result<(), StoreError> {
    pairs::forget_all(to, before.profile.id)?;
    marks::forget_all(to, before.profile.id)?;
    losses::put(to, before.profile.id, None)?;
    consents::forget_all(to, before)?;
    to.remove(Table::Customers, &before.profile.id.0.to_be_bytes())?;
    reindex(to, Some(before), None, schema, |table| table == Table::Tokens)
}

/// The rows that a staged customer lacks.
pub fn unstaged_rows(customer: &Customer, schema: &Schema) -> impl Iterator<Item = index::Row> {
    without_tokens(index::rows(customer, schema))
}

/// The rows that a customer who is to be staged again may have beside their tokens.
pub fn rows_to_strike(customer: &Customer, schema: &Schema) -> impl Iterator<Item = index::Row> {
    without_tokens(index::rows_before(customer, schema))
}

fn without_tokens(rows: BTreeSet<(u8, Vec<u8>, Vec<u8>)>) -> impl Iterator<Item = index::Row> {
    let rows = rows.into_iter();
    rows.map(|(table, key, value)| (index::table(table), key, value)).filter(|(table, ..)| *table != Table::Tokens)
}

/// Counts a customer that was staged.
pub fn count_in(to: &mut dyn Put, customer: &Customer) -> Result<(), StoreError> {
    recount(to, None, Some(customer))
}

fn reindex(
    to: &mut dyn Put,
    before: Option<&Customer>,
    after: Option<&Customer>,
    schema: &Schema,
    of: impl Fn(Table) -> bool,
) -> Result<(), StoreError> {
    let old = before.map(|c| index::rows_before(c, schema)).unwrap_or_default();
    let new = after.map(|c| index::rows(c, schema)).unwrap_or_default();
    for (table, key, _) in old.difference(&new).filter(|(table, ..)| of(index::table(*table))) {
        to.remove(index::table(*table), key)?;
    }
    for (table, key, value) in new.difference(&old).filter(|(table, ..)| of(index::table(*table))) {
        to.put(index::table(*table), key, value)?;
    }
    Ok(())
}

fn recount(to: &mut dyn Put, before: Option<&Customer>, after: Option<&Customer>) -> Result<(), StoreError> {
    let owner = |c: &Customer| c.profile.owner;
    if before.map(owner) != after.map(owner) {
        if let Some(before) = before {
            count(to, before.profile.owner, -1)?;
        }
        if let Some(after) = after {
            count(to, after.profile.owner, 1)?;
        }
    }
    let lacks = |c: Option<&Customer>| i64::from(c.is_some_and(|c| c.profile.provenance.basis == Basis::NotKnownYet));
    let step = lacks(after) - lacks(before);
    if step != 0 { count_without_basis(to, step) } else { Ok(()) }
}

/// The number of customers whose legal ground nobody has said yet.
pub const WITHOUT_BASIS: &str = "customers without basis";

/// Adds to [`WITHOUT_BASIS`].
pub fn count_without_basis(to: &mut dyn Put, by: i64) -> Result<(), StoreError> {
    let now = to.number(WITHOUT_BASIS)?;
    to.set_number(WITHOUT_BASIS, now.saturating_add_signed(by))
}

/// Adds to the number of customers that an owner has.
pub fn count(to: &mut dyn Put, owner: Option<StaffId>, by: i64) -> Result<(), StoreError> {
    let name = counter(owner);
    let now = to.number(&name)?;
    to.set_number(&name, now.saturating_add_signed(by))
}

fn counter(owner: Option<StaffId>) -> String {
    format!("customers of {}", owner.map_or(0, |o| o.0))
}

/// How many customers an owner has; none is the pool.
pub fn count_of(from: &dyn Get, owner: Option<StaffId>) -> Result<u64, StoreError> {
    from.number(&counter(owner))
}

/// How many customers there are.
pub fn count_all(from: &dyn Get) -> Result<u64, StoreError> {
    let mut sum = 0_u64;
    from.visit_prefix(Table::Meta, b"customers of ", Way::Up, &mut |_, value| {
        sum = sum.saturating_add(value.first_chunk().copied().map_or(0, u64::from_be_bytes));
        ControlFlow::Continue(())
    })?;
    Ok(sum)
}

/// The customers that have a token, with the field that has it; at most `limit`.
pub fn by_token(
    from: &dyn Get,
    class: FieldClass,
    kind: TokenKind,
    token: Token,
    limit: usize,
) -> Result<Vec<(CustomerId, String)>, StoreError> {
    let prefix = index::token_prefix(class, kind, token);
    let mut out = Vec::new();
    let mut fault = None;
    from.visit_prefix(Table::Tokens, &prefix, Way::Up, &mut |key, _| {
        let mut rest = KeyReader(key.get(prefix.len()..).unwrap_or_default());
        match rest.u64() {
            Ok(id) => out.push((CustomerId(id), String::from_utf8_lossy(rest.0).into_owned())),
            Err(error) => fault = Some(error),
        }
        if out.len() >= limit || fault.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    fault.map_or(Ok(out), Err)
}
