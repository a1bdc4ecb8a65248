//! What waits for a person, and the agenda.

use chrono::{Days, NaiveTime};

use super::actor::Actor;
use super::refusal::Refusal;
use super::view::{Due, FollowUpRequest, FollowUpRow, Reminders, Shown, Today, When, Whose};
use super::{alerts, cases, keys, people, pool, protection, record};
use crate::clock::Timestamp;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::StaffId;
use crate::domain::role::{Permission, Scope};
use crate::domain::staff::Staff;
use crate::vault::book::{customers, follow_ups};
use crate::vault::store::Get;

const BEGINNING: Timestamp = Timestamp(i64::MIN);
const END: Timestamp = Timestamp(i64::MAX);
/// Seconds for which a reminder that came due is told of on every screen.
const LATELY: i64 = 4 * 3_600;

/// The first moment of the day that is `days` after the day of `now`.
pub(super) fn midnight(actor: &Actor, days: u64) -> Timestamp {
    let day = actor.desk.clock.day(actor.now);
    let day = day.checked_add_days(Days::new(days)).unwrap_or(day);
    let offset = actor.desk.clock.offset(actor.now);
    let local = day.and_time(NaiveTime::MIN).and_local_timezone(offset);
    local.single().map_or(actor.now, Timestamp::from)
}

/// A reminder as a list shows it.
pub(super) fn row_of(actor: &Actor, follow_up: FollowUp, customer: Shown) -> FollowUpRow {
    let when = if follow_up.due <= actor.now {
        When::Overdue
    } else if follow_up.due < midnight(actor, 1) {
        When::Today
    } else {
        When::Later
    };
    let assignee = actor.everybody.iter().find(|s| s.id == follow_up.assignee).map(|s| s.name.clone());
    let assignee = assignee.unwrap_or_else(|| actor.staff.name.clone());
    FollowUpRow { follow_up, customer, assignee, when }
}

fn rows(
    actor: &Actor,
    from: &dyn Get,
    low: Timestamp,
    high: Timestamp,
    limit: usize,
) -> Result<Vec<FollowUpRow>, Refusal> {
    shown_rows(actor, from, follow_ups::due(from, actor.staff.id, low, high, limit)?)
}

fn shown_rows(actor: &Actor, from: &dyn Get, found: Vec<FollowUp>) -> Result<Vec<FollowUpRow>, Refusal> {
    let mut out = Vec::new();
    for follow_up in found {
        // A reminder of a customer who moved out of scope, or is not published, is not shown.
        if let Ok(customer) = actor.customer(from, follow_up.customer) {
            out.push(row_of(actor, follow_up, actor.name_shown(&customer)));
        }
    }
    Ok(out)
}

/// Those whose reminders somebody may look at.
fn assignees(actor: &Actor, whose: Whose) -> Vec<StaffId> {
    let within = |other: &Staff| match actor.role.scope {
        Scope::All if whose == Whose::All => true,
        Scope::All | Scope::Team => other.team == actor.staff.team,
        Scope::Own | Scope::None => false,
    };
    match whose {
        Whose::Mine => vec![actor.staff.id],
        Whose::Team | Whose::All => {
            actor.everybody.iter().filter(|s| s.id == actor.staff.id || within(s)).map(|s| s.id).collect()
        }
    }
}

/// The reminders that are asked for, the earliest first.
pub(super) fn follow_ups(actor: &Actor, from: &dyn Get, request: FollowUpRequest) -> Result<Vec<FollowUpRow>, Refusal> {
    actor.require(Permission::FollowUps)?;
    let high = match request.due {
        Due::Overdue => actor.now.plus_seconds(1),
        Due::Today => midnight(actor, 1),
        Due::Week => midnight(actor, 8),
        Due::Slipped | Due::All => END,
    };
    let (low, high) = request.between.map_or((BEGINNING, high), |(low, before)| (low, high.min(before)));
    let limit = usize::from(request.limit).clamp(1, 1_000);
    let mut found = Vec::new();
    for who in assignees(actor, request.whose) {
        found.extend(follow_ups::due(from, who, low, high, limit)?);
    }
    found.retain(|f| request.due != Due::Slipped || f.put_off > 0 || f.due <= actor.now);
    found.sort_by_key(|f| (f.due, f.id));
    found.truncate(limit);
    shown_rows(actor, from, found)
}

/// Those that came due lately, and when the next one does. What has been due for longer stands in Today.
pub(super) fn reminders(actor: &Actor, from: &dyn Get) -> Result<Reminders, Refusal> {
    actor.require(Permission::FollowUps)?;
    let after = actor.now.plus_seconds(1);
    let due = rows(actor, from, actor.now.plus_seconds(-LATELY), after, 20)?;
    let next = follow_ups::due(from, actor.staff.id, after, END, 1)?.first().map(|next| next.due);
    Ok(Reminders { due, next })
}

/// What waits.
pub(super) fn today(actor: &Actor, from: &dyn Get) -> Result<Today, Refusal> {
    let mut today = Today::default();
    if actor.role.may(Permission::FollowUps) {
        let (now, tomorrow) = (actor.now.plus_seconds(1), midnight(actor, 1));
        today.overdue = rows(actor, from, BEGINNING, now, 50)?;
        today.today = rows(actor, from, now, tomorrow, 50)?;
        today.next = rows(actor, from, tomorrow, midnight(actor, 8), 50)?;
    }
    if actor.role.may(Permission::LogInteractions) {
        today.cases = cases::waiting(actor, from, 50)?;
    }
    if actor.role.may(Permission::ReadAudit) {
        today.alerts = alerts::open(actor, from)?;
    }
    today.fields = protection::to_confirm(actor);
    today.grants = people::grants_to_confirm(actor, from)?;
    if actor.role.scope == Scope::All && actor.role.may(Permission::EditCustomers) {
        today.without_basis = from.number(customers::WITHOUT_BASIS)?;
    }
    if actor.role.may(Permission::ManageStaff) {
        today.keys_due = keys::due(actor, from)?;
    }
    today.pool = pool::warning(actor, from)?;
    today.backups = super::backups::door::health(actor, from)?;
    today.checkpoint = record::latest(from)?.map(|(at, _)| at);
    Ok(today)
}
