//! Who was erased, and the removal of all that tables hold about one customer.
//!
//! **Invariant:** what is removed here stands in no other table but the record of actions, whose texts its own keeper
//! erases, and drafts, which nobody but their writers can read and which all go.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::{brought, cases, customers, deals, follow_ups, losses, merged, work};
use crate::domain::case::Case;
use crate::domain::deal::Deal;
use crate::domain::field::Schema;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, FollowUpId};
use crate::domain::saved_view::SavedView;
use crate::vault::records::{Customer, Erasure, Record, Restore, Row, UndoStep};
use crate::vault::store::{Get, Put, StoreError, Table, Way, key};

/// The rows about a customer that only a walk over a whole table finds; made before the writer is taken.
#[derive(Clone, Debug, Default)]
pub struct Found {
    follow_ups: BTreeSet<u64>,
    deals: BTreeSet<u64>,
    cases: BTreeSet<u64>,
    walked_to: u64,
}

/// Walks over the tables that have no order by customer.
pub fn find(from: &dyn Get, customer: CustomerId) -> Result<Found, StoreError> {
    let mut found = Found::default();
    walk(from, customer, &mut found)?;
    Ok(found)
}

fn walk(from: &dyn Get, customer: CustomerId, found: &mut Found) -> Result<(), StoreError> {
    let mut fault = None;
    from.visit(Table::FollowUps, &found.walked_to.to_be_bytes(), &[0xFF; 9], Way::Up, &mut |_, value| {
        match FollowUp::from_bytes(value) {
            Ok(follow_up) => {
                found.walked_to = follow_up.id.0.saturating_add(1);
                if follow_up.customer == customer {
                    found.follow_ups.insert(follow_up.id.0);
                }
                ControlFlow::Continue(())
            }
            Err(error) => {
                fault = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    fault.map_or(Ok(()), Err)
}

/// A customer's follow-ups, open or not, with those that came since the walk.
pub fn follow_ups_of(from: &dyn Get, customer: CustomerId, found: &Found) -> Result<Vec<FollowUp>, StoreError> {
    let mut found = found.clone();
    walk(from, customer, &mut found)?;
    let all: Result<Vec<_>, _> = found.follow_ups.iter().map(|id| follow_ups::get(from, FollowUpId(*id))).collect();
    Ok(all?.into_iter().flatten().collect())
}

/// Removes a customer and everything that stands about them.
pub fn remove(
    to: &mut dyn Put,
    customer: &Customer,
    found: &Found,
    reasons: &BTreeSet<String>,
    schema: &Schema,
) -> Result<(), StoreError> {
    let id = customer.profile.id;
    let mut found = found.clone();
    // What came since the walk.
    walk(to, id, &mut found)?;
    customers::remove(to, customer, schema)?;
    for follow_up in &found.follow_ups {
        if let Some(before) = follow_ups::get(to, FollowUpId(*follow_up))? {
            follow_ups::remove(to, &before)?;
        }
    }
    let place = id.0.to_be_bytes();
    found.deals.extend(deals::remove_all_of(to, id)?.into_iter().map(|deal| deal.0));
    for case in cases::of(to, id, usize::MAX)? {
        cases::remove(to, &case)?;
        found.cases.insert(case.id.0);
    }
    for table in [Table::Interactions, Table::FollowUpsOf] {
        remove_all(to, table, &place)?;
    }
    let numbers = merged::into(to, id)?;
    let places: Vec<[u8; 8]> = numbers.iter().chain([&id]).map(|id| id.0.to_be_bytes()).collect();
    for (job, place) in work::jobs(to, usize::MAX)?.iter().flat_map(|job| places.iter().map(move |p| (job, p))) {
        for table in [Table::JobUndo, Table::JobStaged, Table::JobCarried] {
            to.remove(table, &key(&[&job.id.0.to_be_bytes(), place]))?;
        }
    }
    for (job, id) in
        work::jobs(to, usize::MAX)?.iter().flat_map(|job| numbers.iter().chain([&id]).map(move |id| (job, id)))
    {
        brought::forget(to, job.id, *id)?;
    }
    remove_undo(to, id, &found)?;
    remove_all(to, Table::Drafts, &[])?;
    remove_reasons(to, reasons)
}

/// Removes every undo step that holds a saved view which tells of somebody.
pub fn remove_steps_of_views(to: &mut dyn Put, tells: &dyn Fn(&SavedView) -> bool) -> Result<(), StoreError> {
    let told = |view: &Option<Vec<u8>>| {
        let view = view.as_ref().and_then(|bytes| SavedView::from_bytes(bytes).ok());
        view.is_some_and(|view| tells(&view))
    };
    for (key, value) in rows(to, Table::Undo, &[])? {
        let about = UndoStep::from_bytes(&value)?.restores.iter().any(|restore| match restore {
            Restore::Row(row) => row.table == Table::SavedViews && (told(&row.stood) || told(&row.before)),
            _ => false,
        });
        if about {
            to.remove(Table::Undo, &key)?;
        }
    }
    Ok(())
}

/// A key with its value.
type Pair = (Vec<u8>, Vec<u8>);

fn rows(from: &dyn Get, table: Table, prefix: &[u8]) -> Result<Vec<Pair>, StoreError> {
    let mut out = Vec::new();
    from.visit_prefix(table, prefix, Way::Up, &mut |key, value| {
        out.push((key.to_vec(), value.to_vec()));
        ControlFlow::Continue(())
    })?;
    Ok(out)
}

fn remove_all(to: &mut dyn Put, table: Table, prefix: &[u8]) -> Result<(), StoreError> {
    for (key, _) in rows(to, table, prefix)? {
        to.remove(table, &key)?;
    }
    Ok(())
}

/// Removes every step that would bring something of the customer back. An import that brought them can no longer be
/// taken back as one either, since its counts would not fit any more.
fn remove_undo(to: &mut dyn Put, id: CustomerId, found: &Found) -> Result<(), StoreError> {
    let jobs = work::jobs(to, usize::MAX)?;
    let numbers = merged::into(to, id)?;
    // A step may be about a number that was merged away since, in a chain as well.
    let everybody: Vec<CustomerId> = numbers.iter().copied().chain([id]).collect();
    let them = |customer: u64| everybody.contains(&CustomerId(customer));
    let brought = |job: u64| {
        let ranges = jobs.iter().filter(|j| j.id.0 == job).flat_map(|j| &j.ranges);
        ranges.clone().any(|(first, last)| everybody.iter().any(|one| (*first..=*last).contains(&one.0)))
    };
    let theirs = |deal: &u64, before: &Option<Vec<u8>>| {
        let with = before.as_ref().and_then(|bytes| Deal::from_bytes(bytes).ok()).map(|deal| deal.customer);
        found.deals.contains(deal) || with.is_some_and(|with| with == id || numbers.contains(&with))
    };
    let their_case = |case: &u64, before: &Option<Vec<u8>>| {
        let with = before.as_ref().and_then(|bytes| Case::from_bytes(bytes).ok()).map(|case| case.customer);
        found.cases.contains(case) || with.is_some_and(|with| with == id || numbers.contains(&with))
    };
    // Of rows that stand for themselves, why somebody is lost is theirs.
    let theirs_alone = |row: &Row| {
        let whose = |id: &CustomerId| row.key == losses::place(*id);
        row.table == Table::Losses && (whose(&id) || numbers.iter().any(whose))
    };
    for (key, value) in rows(to, Table::Undo, &[])? {
        let mut step = UndoStep::from_bytes(&value)?;
        let pairs = everybody.iter().fold(Pairs::None, |gone, one| match without_pairs(&mut step, *one) {
            Pairs::Gone => Pairs::Gone,
            Pairs::None => gone,
        });
        let about = step.customer.is_some_and(|customer| everybody.contains(&customer))
            || step.restores.iter().any(|restore| match restore {
                Restore::Customer(customer, ..) => them(*customer),
                Restore::FollowUp(follow_up, ..) => found.follow_ups.contains(follow_up),
                Restore::Interaction(key) => everybody.iter().any(|one| key.starts_with(&one.0.to_be_bytes())),
                Restore::Job(job) => brought(*job),
                Restore::Merge(merge) => them(merge.keep) || them(merge.other),
                Restore::Pairs(..)
                | Restore::Marks(_)
                | Restore::Rule(..)
                | Restore::Template(..)
                | Restore::Cadence(..)
                | Restore::Consent(..) => false,
                Restore::Row(row) => theirs_alone(row),
                Restore::Deal(deal, _, before) => theirs(deal, before),
                Restore::Case(case, _, before) => their_case(case, before),
            });
        if about && step.group.is_some() {
            // What was done to many at once can still be taken back of the others.
            step.restores.retain(|restore| match restore {
                Restore::Customer(customer, ..) => !them(*customer),
                Restore::FollowUp(follow_up, ..) => !found.follow_ups.contains(follow_up),
                Restore::Merge(merge) => !them(merge.keep) && !them(merge.other),
                Restore::Deal(deal, _, before) => !theirs(deal, before),
                Restore::Case(case, _, before) => !their_case(case, before),
                Restore::Interaction(_)
                | Restore::Job(_)
                | Restore::Pairs(..)
                | Restore::Marks(_)
                | Restore::Rule(..)
                | Restore::Template(..)
                | Restore::Cadence(..)
                | Restore::Consent(..) => true,
                Restore::Row(row) => !theirs_alone(row),
            });
            to.put(Table::Undo, &key, &step.to_bytes())?;
        } else if about || (pairs == Pairs::Gone && step.restores.is_empty()) {
            to.remove(Table::Undo, &key)?;
        } else if pairs == Pairs::Gone {
            to.put(Table::Undo, &key, &step.to_bytes())?;
        }
    }
    Ok(())
}

/// Whether a step lost pairs, marks or consents of the customer.
#[derive(Clone, Copy, PartialEq)]
enum Pairs {
    Gone,
    None,
}

/// Leaves the pairs, marks and consents out that are the customer's; the rest of the step may still be taken back.
fn without_pairs(step: &mut UndoStep, id: CustomerId) -> Pairs {
    let mut gone = Pairs::None;
    step.restores.retain_mut(|restore| {
        if let Restore::Marks(marks) = restore {
            let before = marks.len();
            marks.retain(|marked| marked.customer != id.0);
            gone = if marks.len() < before { Pairs::Gone } else { gone };
            return !marks.is_empty();
        }
        if let Restore::Consent(_, now, before) = restore {
            let theirs = *now == id.0 || *before == Some(id.0);
            gone = if theirs { Pairs::Gone } else { gone };
            return !theirs;
        }
        let Restore::Pairs(_, pairs) = restore else { return true };
        let before = pairs.clone();
        pairs.without(id.0);
        if *pairs != before {
            gone = Pairs::Gone;
        }
        !pairs.is_empty()
    });
    gone
}

/// Removes the reasons that were given for this customer from what is remembered of everybody's last ones.
fn remove_reasons(to: &mut dyn Put, reasons: &BTreeSet<String>) -> Result<(), StoreError> {
    for (key, value) in rows(to, Table::Reasons, &[])? {
        let mut recent = crate::vault::records::RecentReasons::from_bytes(&value)?;
        let before = recent.0.len();
        recent.0.retain(|text| !reasons.contains(text));
        if recent.0.len() != before {
            to.put(Table::Reasons, &key, &recent.to_bytes())?;
        }
    }
    Ok(())
}

/// Writes down that somebody was erased.
pub fn put(to: &mut dyn Put, erasure: &Erasure) -> Result<(), StoreError> {
    to.put(Table::Erased, &erasure.customer.0.to_be_bytes(), &erasure.to_bytes())
}

/// Everybody who was erased, by their numbers.
pub fn all(from: &dyn Get) -> Result<Vec<Erasure>, StoreError> {
    rows(from, Table::Erased, &[])?.iter().map(|(_, value)| Erasure::from_bytes(value)).collect()
}
