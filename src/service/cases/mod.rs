//! Cases: opened, taken, handed on, closed; and the lists of those that are open.
//!
//! **Invariant:** a case is within the scope in which its customer is. Each change has its entry and can be taken back.

mod order;

use std::ops::ControlFlow;

use super::actor::Actor;
use super::customers;
use super::people;
use super::refusal::{Fault, Refusal};
use super::timeline;
use super::today::midnight;
use super::undo;
use super::view::{CaseDetail, CaseRow, CaseView, Shown, When};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::case::{Case, CaseDraft, CaseState};
use crate::domain::id::{CaseId, CustomerId};
use crate::domain::reason::LONGEST_TICKET;
use crate::domain::role::Permission;
use crate::domain::value;
use crate::text::Printable;
use crate::vault::book::{cases, customers as book_customers};
use crate::vault::records::{Record, Restore};
use crate::vault::store::{Get, Put, StoreError};

pub(super) use order::LOOK;
pub use order::{CaseAction, CaseQuery, Held};

const LONGEST_SUBJECT: usize = 200;
const MOST: usize = 500;
/// Cases of one customer that are shown.
const MOST_OF_ONE: usize = 100;

/// Does something with a case; gives it as it stands now.
pub(super) fn carry_out(actor: &Actor, action: CaseAction) -> Result<Case, Refusal> {
    let verb = action.verb();
    match action {
        // The session looks by itself, since it remembers whom somebody has open.
        CaseAction::Look(_) => Err(Refusal::NotFound("change of a case")),
        CaseAction::Open(customer, draft) => open(actor, customer, draft),
        CaseAction::Edit(id, version, draft) => {
            check(&draft)?;
            change(actor, id, version, verb, move |_, _, case| {
                case.subject = draft.subject.clone();
                case.due = draft.due;
                if !draft.ticket.is_empty() {
                    case.ticket = draft.ticket.clone();
                }
                Ok(())
            })
        }
        CaseAction::Set(id, version, state) => change(actor, id, version, verb, move |_, _, case| {
            case.state = state;
            Ok(())
        }),
        CaseAction::Take(id, version) => change(actor, id, version, verb, |actor, _, case| {
            case.holder = Some(actor.staff.id);
            Ok(())
        }),
        CaseAction::Hand(id, version, who) => change(actor, id, version, verb, move |actor, from, case| {
            let customer = actor.customer(from, case.customer)?;
            people::must_reach(actor, from, (who, "holder"), Permission::LogInteractions, &customer.profile)?;
            case.holder = Some(who);
            Ok(())
        }),
    }
}

fn check(draft: &CaseDraft) -> Result<(), Refusal> {
    let fault = |part: &str, fault| Err(Refusal::invalid(part, fault));
    match draft.subject.as_str().trim().chars().count() {
        0 => return fault("subject", Fault::Missing),
        n if n > LONGEST_SUBJECT => return fault("subject", Fault::TooLong),
        _ => {}
    }
    if draft.ticket.as_str().chars().count() > LONGEST_TICKET {
        return fault("ticket", Fault::TooLong);
    }
    Ok(())
}

/// One entry about a case: its ticket beside, and what it is about without numbers.
fn record(actor: &Actor, to: &mut dyn Put, verb: &str, case: &Case) -> Result<(), StoreError> {
    let ticket = Some(case.ticket.as_str().to_owned());
    let texts = Texts { after: Some(value::starred(case.subject.as_str())), ticket, ..Texts::default() };
    let seq = actor.record(to, &NewEntry { object: Object::Customer(case.customer.0), texts, ..actor.entry(verb) })?;
    // Looks are with the customer, who was looked at.
    if verb == LOOK { Ok(()) } else { cases::note_entry(to, case.id, seq) }
}

/// The case to which something about a customer belongs: the one that is named, where it is theirs and the ticket is its
/// own; else the only one of theirs with this ticket. Whatever has no ticket belongs to none.
pub(super) fn belonging(
    from: &dyn Get,
    customer: CustomerId,
    named: Option<CaseId>,
    ticket: Option<&str>,
) -> Result<Option<CaseId>, StoreError> {
    let Some(ticket) = ticket.filter(|ticket| !ticket.is_empty()) else { return Ok(None) };
    let same = with_ticket(from, customer, ticket)?;
    Ok(match (named.filter(|named| same.contains(named)), same.as_slice()) {
        (Some(named), _) => Some(named),
        (None, [only]) => Some(*only),
        (None, _) => None,
    })
}

/// A customer's cases with this ticket.
fn with_ticket(from: &dyn Get, customer: CustomerId, ticket: &str) -> Result<Vec<CaseId>, StoreError> {
    let all = cases::of(from, customer, MOST_OF_ONE)?;
    Ok(all.into_iter().filter(|case| case.ticket.as_str() == ticket).map(|case| case.id).collect())
}

/// Opens a case: what it says and what happened about it. That is a look at its customer, on record and within the reading
/// limit as any other.
pub(super) fn look(actor: &Actor, id: CaseId) -> Result<CaseDetail, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let case = cases::get(to, id)?.ok_or(Refusal::OutOfScope)?;
        customers::charge_open(actor, to, case.customer)?;
        record(actor, to, LOOK, &case)?;
        Ok(())
    })?;
    detail(actor, &actor.desk.tables.read()?, id)
}

/// A case with what happened about it.
pub(super) fn detail(actor: &Actor, from: &dyn Get, id: CaseId) -> Result<CaseDetail, Refusal> {
    actor.require(Permission::LogInteractions)?;
    let case = cases::get(from, id)?.ok_or(Refusal::OutOfScope)?;
    let customer = actor.customer(from, case.customer)?;
    // What an older program wrote belongs to a case by its ticket, where no other has the same.
    let alone = with_ticket(from, case.customer, case.ticket.as_str())?.len() == 1;
    let by_ticket = alone.then(|| case.ticket.as_str().to_owned());
    let timeline = timeline::of_case(actor, from, &case, by_ticket.as_deref())?;
    Ok(CaseDetail { row: row(actor, case, actor.name_shown(&customer)), timeline })
}

fn open(actor: &Actor, customer: CustomerId, draft: CaseDraft) -> Result<Case, Refusal> {
    check(&draft)?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        actor.customer_to_change(to, customer)?;
        let id = cases::next_id(to)?;
        let given = draft.ticket.clone();
        let case = Case {
            id,
            version: 1,
            customer,
            subject: draft.subject.clone(),
            ticket: if given.is_empty() { Printable::line(&format!("C-{id}")) } else { given },
            state: CaseState::Open,
            due: draft.due,
            holder: Some(actor.staff.id),
            created: actor.now,
        };
        cases::put(to, None, &case)?;
        record(actor, to, "case.open", &case)?;
        undo::push(actor, to, "case.open", Some(customer), vec![Restore::Case(id.0, 1, None)])?;
        Ok(case)
    })
}

fn change(
    actor: &Actor,
    id: CaseId,
    version: u64,
    verb: &'static str,
    change: impl Fn(&Actor, &dyn Get, &mut Case) -> Result<(), Refusal> + Send + 'static,
) -> Result<Case, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        // That there is one out of scope is not said.
        let before = cases::get(to, id)?.ok_or(Refusal::OutOfScope)?;
        actor.customer_to_change(to, before.customer)?;
        if before.version != version {
            return Err(Refusal::Conflict(None));
        }
        let mut after = before.clone();
        change(actor, to, &mut after)?;
        if after == before {
            return Ok(after);
        }
        after.version = version + 1;
        cases::put(to, Some(&before), &after)?;
        record(actor, to, verb, &after)?;
        let restore = Restore::Case(id.0, version + 1, Some(before.to_bytes()));
        undo::push(actor, to, verb, Some(after.customer), vec![restore])?;
        Ok(after)
    })
}

/// Puts a case back as it stood before; gives the version that it had and the one that it has now.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Option<(u64, u64)>, Refusal> {
    let now = cases::get(to, CaseId(id))?.ok_or(Refusal::NothingToUndo)?;
    actor.customer_to_change(to, now.customer)?;
    if now.version != version {
        return Err(undo::stale(actor, to, now.customer)?);
    }
    let Some(bytes) = before else {
        cases::remove(to, &now)?;
        return Ok(None);
    };
    let old = Case::from_bytes(bytes)?;
    // A merge gave it to another; it goes back to whose it was.
    if old.customer != now.customer {
        actor.customer_to_change(to, old.customer)?;
    }
    let stood = old.version;
    cases::put(to, Some(&now), &Case { version: version + 1, ..old })?;
    Ok(Some((stood, version + 1)))
}

/// Makes a customer's cases another's; gives what an undo puts back.
pub(super) fn move_all(to: &mut dyn Put, of: CustomerId, now: CustomerId) -> Result<Vec<Restore>, StoreError> {
    let mut restores = Vec::new();
    for before in cases::of(to, of, usize::MAX)? {
        let after = Case { customer: now, version: before.version + 1, ..before.clone() };
        cases::put(to, Some(&before), &after)?;
        restores.push(Restore::Case(before.id.0, after.version, Some(before.to_bytes())));
    }
    Ok(restores)
}

/// A case as a list shows it.
fn row(actor: &Actor, case: Case, customer: Shown) -> CaseRow {
    let when = match case.due.filter(|_| case.state != CaseState::Closed) {
        Some(due) if due <= actor.now => When::Overdue,
        Some(due) if due < midnight(actor, 1) => When::Today,
        _ => When::Later,
    };
    CaseRow { customer, holder: case.holder.map(|who| actor.name_of(who)), when, case }
}

/// A customer's cases: those that are not closed first, then the newest first.
pub(super) fn of(actor: &Actor, from: &dyn Get, id: CustomerId, name: &Shown) -> Result<Vec<CaseRow>, StoreError> {
    if !actor.role.may(Permission::LogInteractions) {
        return Ok(Vec::new());
    }
    let mut rows: Vec<CaseRow> =
        cases::of(from, id, MOST_OF_ONE)?.into_iter().map(|case| row(actor, case, name.clone())).collect();
    rows.sort_by_key(|row| row.case.state == CaseState::Closed);
    Ok(rows)
}

/// Answers a question about cases.
pub(super) fn answer(actor: &Actor, from: &dyn Get, query: CaseQuery) -> Result<CaseView, Refusal> {
    actor.require(Permission::LogInteractions)?;
    match query {
        CaseQuery::Open(held, limit) => {
            let limit = usize::from(limit).clamp(1, MOST);
            open_ones(actor, from, held, limit).map(CaseView::Rows)
        }
        CaseQuery::Again(id) => detail(actor, from, id).map(|detail| CaseView::Again(Box::new(detail))),
        CaseQuery::One(id) => {
            let case = cases::get(from, id)?.ok_or(Refusal::OutOfScope)?;
            let customer = actor.customer(from, case.customer)?;
            Ok(CaseView::One(Box::new(row(actor, case, actor.name_shown(&customer)))))
        }
    }
}

/// The cases of Today: one's own and nobody's, the earliest due first.
pub(super) fn waiting(actor: &Actor, from: &dyn Get, limit: usize) -> Result<Vec<CaseRow>, Refusal> {
    open_ones(actor, from, Held::MineOrNobodys, limit)
}

fn open_ones(actor: &Actor, from: &dyn Get, held: Held, limit: usize) -> Result<Vec<CaseRow>, Refusal> {
    let mut rows = Vec::new();
    cases::visit_open(from, &mut |case| {
        let wanted = held == Held::All || case.holder.is_none_or(|who| who == actor.staff.id);
        if wanted && actor.desk.visible(case.customer) {
            let customer = book_customers::get(from, case.customer)?.filter(|c| actor.in_scope(&c.profile));
            rows.extend(customer.map(|c| row(actor, case, actor.name_shown(&c))));
        }
        Ok(if rows.len() >= limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(rows)
}
