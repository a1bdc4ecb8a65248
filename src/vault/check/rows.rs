//! Whether the rows of the tables fit each other, as far as one pass over each tells.
//!
//! Index rows are compared with the records that they come from as multisets, by the sum of a hash of each row: one walk
//! over either, whatever the order. Words depend on the schema as it was when they were written, so of them only that
//! each leads to a customer is checked.
//!
//! **Invariant:** no error here holds a name, a word or any other part of a row.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::ControlFlow;

use super::{CheckError, Progress, Step, Tell};
use crate::domain::case::Case;
use crate::domain::customer::Stage;
use crate::domain::deal::Deal;
use crate::domain::loss::Loss;
use crate::vault::book::{cases as book_cases, consents as book_consents, customers, deals as book_deals, marks};
use crate::vault::index;
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, StoreError, Table, Way};

/// Rows between two words on how far it is.
const OFTEN: u64 = 4_096;

/// Rows in any order: how many, and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Rows {
    count: u64,
    sum: u64,
}

impl Rows {
    fn add(&mut self, key: &[u8], value: &[u8]) {
        // Pages are authenticated; this finds faults of the program, not of an opponent, so a quick hash will do.
        let mut hasher = DefaultHasher::new();
        (key, value).hash(&mut hasher);
        self.count += 1;
        self.sum = self.sum.wrapping_add(hasher.finish());
    }
}

/// Whether customers that nobody sees yet may lack rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staging {
    /// No import is under way.
    None,
    /// One is: lists and counts are behind.
    UnderWay,
}

/// Checks the rows of `from`.
pub(super) fn check(from: &dyn Get, staging: Staging, tell: Tell<'_>) -> Result<(), CheckError> {
    let mut walk = Walk { tell, done: 0, of: customers::count_all(from)?.saturating_mul(ROWS_EACH) };
    let (mut lists, mut tokens, mut ids, mut fault) = (Rows::default(), Rows::default(), Vec::new(), None);
    let mut lost = Vec::new();
    walk.over(from, Table::Customers, &mut |key, value| match (index::id_of(key), Customer::from_bytes(value)) {
        (Some(id), Ok(customer)) if customer.profile.id == id => {
            ids.push(id.0);
            if customer.profile.stage == Stage::Lost {
                lost.push(id.0);
            }
            for (table, key, value) in index::rows_without_words(&customer) {
                match index::table(table) {
                    Table::Lists => lists.add(&key, &value),
                    _ => tokens.add(&key, &value),
                }
            }
        }
        (_, Ok(_)) => fault = Some(StoreError::Damaged("a customer stands in another's place".into())),
        (_, Err(error)) => fault = Some(error),
    })?;
    fault.map_or(Ok(()), Err)?;
    let (mut listed, mut blind) = (Rows::default(), Rows::default());
    walk.over(from, Table::Lists, &mut |key, value| listed.add(key, value))?;
    walk.over(from, Table::Tokens, &mut |key, value| blind.add(key, value))?;
    if staging == Staging::None {
        same("the lists of customers", lists, listed)?;
        let counted = customers::count_all(from)?;
        if counted != ids.len() as u64 {
            return Err(CheckError::Rows(format!("{counted} customers are counted and {} are there", ids.len())));
        }
    }
    same("the blind tokens", tokens, blind)?;
    let mut astray = 0_u64;
    walk.over(from, Table::Words, &mut |key, _| {
        let known = index::id_of(key).is_some_and(|id| ids.binary_search(&id.0).is_ok());
        astray += u64::from(!known);
    })?;
    if astray > 0 {
        return Err(CheckError::Rows(format!("{astray} words lead to customers that are not there")));
    }
    for (table, what) in [(Table::Apart, "who is not the same"), (Table::Links, "who belongs to whom")] {
        let (mut pairs, mut one_sided) = (Vec::new(), 0_u64);
        walk.over(from, table, &mut |key, _| match key.as_chunks::<8>() {
            ([one, other], []) => pairs.push((u64::from_be_bytes(*one), u64::from_be_bytes(*other))),
            _ => one_sided += 1,
        })?;
        for (one, other) in &pairs {
            let both = ids.binary_search(one).is_ok() && ids.binary_search(other).is_ok() && one != other;
            one_sided += u64::from(!both || pairs.binary_search(&(*other, *one)).is_err());
        }
        if one_sided > 0 {
            return Err(CheckError::Rows(format!("{one_sided} rows of {what} have no pair of customers")));
        }
    }
    let mut of_nobody = 0_u64;
    walk.over(from, Table::Marks, &mut |key, _| {
        let known = marks::whose(key).is_some_and(|id| ids.binary_search(&id.0).is_ok());
        of_nobody += u64::from(!known);
    })?;
    if of_nobody > 0 {
        return Err(CheckError::Rows(format!("{of_nobody} marks of rules are of customers that are not there")));
    }
    let mut unlost = 0_u64;
    walk.over(from, Table::Losses, &mut |key, value| {
        let known = key.as_array().is_some_and(|id| lost.binary_search(&u64::from_be_bytes(*id)).is_ok());
        unlost += u64::from(!known || Loss::from_bytes(value).is_err());
    })?;
    if unlost > 0 {
        return Err(CheckError::Rows(format!("{unlost} reasons for being lost are of customers who are not")));
    }
    consents(from, &ids, &mut walk)?;
    let (mut due, mut of) = (0_u64, 0_u64);
    walk.over(from, Table::FollowUpsDue, &mut |_, _| due += 1)?;
    walk.over(from, Table::FollowUpsOf, &mut |_, _| of += 1)?;
    if due != of {
        return Err(CheckError::Rows(format!("{due} follow-ups stand by due time and {of} by customer")));
    }
    cases(from, &mut walk)?;
    deals(from, &mut walk)
}

/// Every consent is of somebody, and what counts of each purpose has its row.
fn consents(from: &dyn Get, ids: &[u64], walk: &mut Walk<'_>) -> Result<(), CheckError> {
    let (mut there, mut whose) = (Rows::default(), Vec::new());
    walk.over(from, Table::Consents, &mut |key, value| match book_consents::whose(key) {
        Some(id) if whose.last() != Some(&id) => whose.push(id),
        Some(_) => {}
        None => there.add(key, value),
    })?;
    let (mut wanted, mut of_nobody) = (Rows::default(), 0_u64);
    for id in whose {
        let customer = if ids.binary_search(&id.0).is_ok() { customers::get(from, id)? } else { None };
        let Some(customer) = customer else {
            of_nobody += 1;
            continue;
        };
        book_consents::rows(&customer, &book_consents::of(from, id)?).iter().for_each(|row| wanted.add(row, &[]));
    }
    if of_nobody > 0 {
        return Err(CheckError::Rows(format!("consents are kept of {of_nobody} customers that are not there")));
    }
    same("the consents by purpose", wanted, there)
}

/// Every case has its rows, and no row is of none.
fn cases(from: &dyn Get, walk: &mut Walk<'_>) -> Result<(), CheckError> {
    let mut ids = Vec::new();
    let (mut wanted, mut there, mut fault) = (Rows::default(), Rows::default(), None);
    walk.over(from, Table::Cases, &mut |_, value| match Case::from_bytes(value) {
        Ok(case) => {
            ids.push(case.id.0);
            book_cases::rows(&case).iter().for_each(|key| wanted.add(key, &[]));
        }
        Err(error) => fault = Some(error),
    })?;
    fault.map_or(Ok(()), Err)?;
    walk.over(from, Table::CasesBy, &mut |key, value| there.add(key, value))?;
    let mut of_none = 0_u64;
    walk.over(from, Table::CaseEntries, &mut |key, _| {
        let case = key.first_chunk().map(|id| u64::from_be_bytes(*id));
        of_none += u64::from(case.is_none_or(|id| ids.binary_search(&id).is_err()));
    })?;
    if of_none > 0 {
        return Err(CheckError::Rows(format!("{of_none} entries belong to cases that are not there")));
    }
    same("the cases by customer and due time", wanted, there)
}

/// Every deal has its rows by number and by owner, and no row is of none; older programs wrote no such rows.
fn deals(from: &dyn Get, walk: &mut Walk<'_>) -> Result<(), CheckError> {
    if !book_deals::written(from)? {
        return Ok(());
    }
    let (mut wanted, mut there, mut fault) = (Rows::default(), Rows::default(), None);
    walk.over(from, Table::Deals, &mut |_, value| match Deal::from_bytes(value) {
        Ok(deal) => book_deals::rows(&deal).iter().for_each(|(key, value)| wanted.add(key, value)),
        Err(error) => fault = Some(error),
    })?;
    fault.map_or(Ok(()), Err)?;
    walk.over(from, Table::DealsBy, &mut |key, value| there.add(key, value))?;
    same("the deals by owner", wanted, there)
}

/// Rows that a customer has in the tables walked over, more or less; only the progress shown depends on it.
const ROWS_EACH: u64 = 24;

struct Walk<'t> {
    tell: Tell<'t>,
    done: u64,
    of: u64,
}

impl Walk<'_> {
    fn over(&mut self, from: &dyn Get, table: Table, row: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), CheckError> {
        let mut stopped = false;
        from.visit_prefix(table, &[], Way::Up, &mut |key, value| {
            row(key, value);
            self.done += 1;
            if self.done.is_multiple_of(OFTEN) {
                let progress = Progress { step: Step::Rows, done: self.done, of: self.of.max(self.done) };
                stopped = (self.tell)(progress).is_break();
            }
            if stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        if stopped { Err(CheckError::Stopped) } else { Ok(()) }
    }
}

fn same(what: &str, wanted: Rows, there: Rows) -> Result<(), CheckError> {
    if wanted == there {
        return Ok(());
    }
    let words = match (wanted.count, there.count) {
        (wanted, there) if wanted == there => format!("{what} have other rows than the records say"),
        (wanted, there) => format!("{what} have {there} rows where the records say {wanted}"),
    };
    Err(CheckError::Rows(words))
}
