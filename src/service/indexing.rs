//! Entering many customers into lists and words at once, in the order of the index.
//!
//! A page of an index is then written once for many customers; customer by customer it would be written again in every
//! transaction that touches it.
//! **Invariant:** entering and striking out can be repeated, so that a crash between is mended by doing it again.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::actor::Actor;
use super::deals;
use super::refusal::Refusal;
use crate::vault::book::{customers, deals as book_deals};
use crate::vault::index::{Row, id_of};
use crate::vault::records::{Customer, Record};
use crate::vault::store::{Get, Put, StoreError, Table, Way};

/// Customers whose rows are sorted together. Bounds the memory: about 1.5 KiB a customer.
const BATCH: usize = 10_000;
/// Rows in one transaction, so that nobody else waits long for the writer.
const SLICE: usize = 8_000;

/// What to do with the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Put them in.
    Enter,
    /// Take them out.
    Strike,
    /// Put them in, over what an older program put there.
    Renew,
}

/// The number under which it is noted how lists and words are written, and how they are written now. Before the first, a
/// row of a list said only whose customer it is, and there were none by tag, stage and time; before the second, a word
/// stood in no list; before the third, initials and words beside a name had no mark.
const LISTS: &str = "lists written";
const WRITTEN: u64 = 3;

/// Notes in a new vault that its lists and words are written as they are now.
pub(super) fn note(to: &mut dyn Put) -> Result<(), StoreError> {
    book_deals::note_written(to)?;
    to.set_number(LISTS, WRITTEN)
}

/// Brings the lists and words of a vault that an older program wrote up to date, once.
pub(super) fn renew(actor: &Actor) -> Result<(), Refusal> {
    deals::renew(actor)?;
    if actor.desk.tables.read()?.number(LISTS)? >= WRITTEN {
        return Ok(());
    }
    // Words in their earlier form would be found by nobody and outlive the erasure of whoever they are of.
    loop {
        let words = first_words(actor)?;
        if words.is_empty() {
            break;
        }
        write(actor, words, Step::Strike)?;
    }
    index(actor, &[(1, u64::MAX - 1)], Step::Renew)?;
    actor.commit(|to| Ok(note(to)?))
}

/// Enters the staged customers with these ids into lists and words, or strikes them out.
pub(super) fn index(actor: &Actor, ranges: &[(u64, u64)], step: Step) -> Result<(), Refusal> {
    for (first, last) in ranges {
        let mut next = *first;
        while next <= *last {
            let (mut rows, behind) = rows(actor, next, *last, step)?;
            if step == Step::Renew {
                // Customers of an import that is under way stand in no list yet.
                let shown = |key: &[u8]| id_of(key).is_some_and(|id| actor.desk.visible(id));
                rows.retain(|(_, key, _)| shown(key));
            }
            write(actor, rows, step)?;
            next = behind;
        }
    }
    Ok(())
}

/// The first rows of words that there are, up to a slice of them.
fn first_words(actor: &Actor) -> Result<Vec<Row>, StoreError> {
    let mut words: Vec<Row> = Vec::new();
    actor.desk.tables.read()?.visit_prefix(Table::Words, &[], Way::Up, &mut |key, _| {
        words.push((Table::Words, key.to_vec(), Vec::new()));
        if words.len() < SLICE { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(words)
}

/// The sorted rows of a batch, and the id behind its last customer.
fn rows(actor: &Actor, first: u64, last: u64, step: Step) -> Result<(Vec<Row>, u64), StoreError> {
    let from = actor.desk.tables.read()?;
    let high = last.saturating_add(1).to_be_bytes();
    let mut rows: Vec<Row> = Vec::new();
    let (mut count, mut behind, mut fault) = (0, last.saturating_add(1), None);
    from.visit(Table::Customers, &first.to_be_bytes(), &high, Way::Up, &mut |_, value| {
        match Customer::from_bytes(value) {
            Ok(customer) if count == BATCH => {
                behind = customer.profile.id.0;
                return ControlFlow::Break(());
            }
            Ok(customer) if step == Step::Strike => rows.extend(customers::rows_to_strike(&customer, &actor.schema)),
            Ok(customer) => rows.extend(customers::unstaged_rows(&customer, &actor.schema)),
            Err(error) => {
                fault = Some(error);
                return ControlFlow::Break(());
            }
        }
        count += 1;
        ControlFlow::Continue(())
    })?;
    rows.sort_unstable();
    fault.map_or(Ok((rows, behind)), Err)
}

fn write(actor: &Actor, rows: Vec<Row>, step: Step) -> Result<(), Refusal> {
    let rows = Arc::new(rows);
    for start in (0..rows.len()).step_by(SLICE) {
        let rows = Arc::clone(&rows);
        actor.commit(move |to| {
            for (table, key, value) in rows.iter().skip(start).take(SLICE) {
                match step {
                    Step::Enter | Step::Renew => to.put(*table, key, value)?,
                    Step::Strike => to.remove(*table, key)?,
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
