//! Why customers are lost: said with the stage, gone with it, and brought back with an undo.
//!
//! **Invariant:** whoever writes a customer's stage asks here in the same transaction, so that nobody who is not lost has a
//! reason for it.

use super::actor::Actor;
use super::door::{Change, LossDraft};
use super::follow_ups;
use super::refusal::{Fault, Refusal};
use super::view::Shown;
use crate::domain::customer::{Profile, Stage};
use crate::domain::id::CustomerId;
use crate::domain::loss::{LONGEST, Loss, LossReason};
use crate::domain::loss_reasons::{LossFault, LossReasons, ReasonState};
use crate::domain::role::Permission;
use crate::text::Printable;
use crate::vault::book::losses;
use crate::vault::records::{Record, Restore, Row};
use crate::vault::store::{Get, Put, StoreError, Table};

/// What entries and refusals call it.
pub(super) const PART: &str = "loss";
/// What stands between a reason and its words in an entry.
const BETWEEN: &str = " · ";

/// A part that changed, before and after.
type Part = (String, Shown, Shown);

/// What became of a reason: the part that changed, and what an undo puts back.
#[derive(Default)]
pub(super) struct Settled {
    /// As an entry says it.
    pub(super) part: Option<Part>,
    /// The row as it was.
    pub(super) restore: Option<Restore>,
}

/// The reason that comes with changes.
pub(super) fn said(changes: &[Change]) -> Option<&LossDraft> {
    changes.iter().rev().find_map(|change| if let Change::Lost(draft) = change { Some(draft) } else { None })
}

/// Refuses what is no reason.
pub(super) fn check(actor: &Actor, draft: &LossDraft) -> Result<(), Refusal> {
    if actor.losses.get(draft.why).is_none() {
        return Err(LossFault::Unknown.into());
    }
    match draft.text.as_str().trim().chars().count() {
        0 if draft.why == LossReason::OTHER => Err(Refusal::invalid(PART, Fault::Missing)),
        n if n > LONGEST => Err(Refusal::invalid(PART, Fault::TooLong)),
        _ => Ok(()),
    }
}

/// Brings the reason in line with the stage that a customer has now.
pub(super) fn settle(
    actor: &Actor,
    to: &mut dyn Put,
    now: &Profile,
    draft: Option<&LossDraft>,
) -> Result<Settled, Refusal> {
    let before = losses::get(to, now.id)?;
    let after = match (now.stage, draft) {
        (Stage::Lost, Some(draft)) => {
            let text = Printable::line(draft.text.as_str().trim());
            let same = before.as_ref().is_some_and(|loss| loss.why == draft.why && loss.text == text);
            let new = Loss { why: draft.why, text, at: actor.now, by: actor.staff.id };
            if before.as_ref().is_none_or(|loss| loss.why != draft.why) {
                is_offered(to, draft.why)?;
            }
            if same { before.clone() } else { Some(new) }
        }
        (Stage::Lost, None) => before.clone(),
        (_, Some(_)) => return Err(Refusal::invalid(PART, Fault::NotLost)),
        (_, None) => None,
    };
    if after == before {
        return Ok(Settled::default());
    }
    let restore = Some(write(to, now.id, after.as_ref())?);
    let list = losses::reasons(to)?;
    let part = (PART.to_owned(), words(&list, before.as_ref()), words(&list, after.as_ref()));
    Ok(Settled { part: Some(part), restore })
}

/// Refuses a reason that is on offer no more, as the list stands in this transaction.
fn is_offered(from: &dyn Get, why: LossReason) -> Result<(), Refusal> {
    match losses::reasons(from)?.get(why).map(|def| def.state) {
        Some(ReasonState::Offered) => Ok(()),
        Some(ReasonState::Retired) => Err(LossFault::Retired.into()),
        None => Err(LossFault::Unknown.into()),
    }
}

/// Writes the row; gives what an undo puts back.
fn write(to: &mut dyn Put, customer: CustomerId, after: Option<&Loss>) -> Result<Restore, StoreError> {
    let key = losses::place(customer).to_vec();
    let before = to.get(Table::Losses, &key)?;
    losses::put(to, customer, after)?;
    Ok(Restore::Row(Box::new(Row { table: Table::Losses, key, stood: after.map(Record::to_bytes), before })))
}

/// How it stands in an entry: the reason's key, and its words.
fn words(list: &LossReasons, loss: Option<&Loss>) -> Shown {
    match loss {
        None => Shown::Empty,
        Some(loss) if loss.text.is_empty() => Shown::Open(Printable::line(&list.key(loss.why))),
        Some(loss) => Shown::Open(Printable::line(&format!("{}{BETWEEN}{}", list.key(loss.why), loss.text))),
    }
}

/// Sets the follow-up by which a customer is to be won back, where one was asked for; gives what an undo removes.
pub(super) fn win_back(
    actor: &Actor,
    to: &mut dyn Put,
    customer: CustomerId,
    draft: Option<&LossDraft>,
) -> Result<Option<Restore>, Refusal> {
    let Some(step) = draft.and_then(|draft| draft.back.as_ref()) else { return Ok(None) };
    actor.require(Permission::FollowUps)?;
    follow_ups::set(actor, to, customer, step).map(Some)
}

/// What becomes of the reasons of two who are merged. Whoever is kept has what goes with the stage that they have then:
/// their own reason, or the other's where they have none or took the stage over. Gives what an undo puts back, and the part
/// that changed.
pub(super) fn hand_over(
    to: &mut dyn Put,
    gone: (CustomerId, Option<Loss>),
    (before, after): (Stage, &Profile),
) -> Result<(Vec<Restore>, Option<Part>), StoreError> {
    let mut restores = Vec::new();
    let (other, theirs) = gone;
    if let Some(theirs) = &theirs {
        // The row went with its customer, who comes back with it.
        let row = Row {
            table: Table::Losses,
            key: losses::place(other).to_vec(),
            stood: None,
            before: Some(theirs.to_bytes()),
        };
        restores.push(Restore::Row(Box::new(row)));
    }
    let own = losses::get(to, after.id)?;
    let kept = match (before, after.stage) {
        (Stage::Lost, Stage::Lost) => own.clone().or(theirs),
        (_, Stage::Lost) => theirs,
        _ => None,
    };
    if kept == own {
        return Ok((restores, None));
    }
    restores.push(write(to, after.id, kept.as_ref())?);
    let list = losses::reasons(to)?;
    Ok((restores, Some((PART.to_owned(), words(&list, own.as_ref()), words(&list, kept.as_ref())))))
}
