//! The schema, the policy, and what belongs to one person: preferences and a draft.

use zeroize::Zeroizing;

use super::actor::Actor;
use super::door::Done;
use super::refusal::Refusal;
use super::{pool, undo};
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::field::{FieldKey, FieldState};
use crate::domain::staff::Preferences;
use crate::domain::working_days::WorkingDays;
use crate::text::Printable;
use crate::vault::book::{settings, staff};
use crate::vault::records::Record;
use crate::vault::store::{Get, Table};

const DRAFT: &[u8] = b"draft";
const LONGEST_DRAFT: usize = 256 * 1024;

/// What somebody chose for themselves.
pub(super) fn preferences(actor: &Actor, from: &dyn Get) -> Result<Preferences, Refusal> {
    let bytes = staff::own(from, Table::Preferences, actor.staff.id)?;
    Ok(bytes.map_or_else(|| Ok(Preferences::default()), |bytes| Preferences::from_bytes(&bytes))?)
}

/// Keeps what somebody chose. It is nobody else's business, so it has no entry.
pub(super) fn set_preferences(actor: &Actor, preferences: Preferences) -> Result<Done, Refusal> {
    let who = actor.staff.id;
    actor.commit(move |to| {
        staff::put_own(to, Table::Preferences, who, Some(&preferences.to_bytes()))?;
        Ok(Done::Done)
    })
}

/// Keeps a draft that only its writer can read.
pub(super) fn keep_draft(actor: &Actor, draft: &[u8]) -> Result<Done, Refusal> {
    if draft.len() > LONGEST_DRAFT {
        return Err(Refusal::invalid("draft", super::refusal::Fault::TooLong));
    }
    let wrapped = (!draft.is_empty()).then(|| actor.keys.user.wrap(DRAFT, draft, &*actor.desk.entropy));
    let who = actor.staff.id;
    actor.commit(move |to| {
        staff::put_own(to, Table::Drafts, who, wrapped.as_deref())?;
        Ok(Done::Done)
    })
}

/// The draft that was kept.
pub(super) fn draft(actor: &Actor, from: &dyn Get) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
    let Some(wrapped) = staff::own(from, Table::Drafts, actor.staff.id)? else { return Ok(None) };
    // A draft wrapped under keys that were renewed since cannot be read by anybody; it is as good as none.
    Ok(actor.keys.user.unwrap(DRAFT, &wrapped).ok())
}

/// Says which days are not as their weekday says.
pub(super) fn set_working_days(actor: &Actor, days: WorkingDays) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let count = |days: &WorkingDays| Some(format!("{} days", days.special().count()));
        let texts = Texts { before: count(&settings::working_days(to)?), after: count(&days), ..Texts::default() };
        undo::changing(actor, to, settings::WORKING_DAYS, "working_days.set", |to| {
            Ok(settings::put_working_days(to, &days)?)
        })?;
        actor.record(to, &NewEntry { texts, ..actor.entry("working_days.set") })?;
        Ok(Done::Done)
    })
}

/// Puts a field in or out of use.
pub(super) fn set_field(actor: &Actor, key: FieldKey, state: FieldState, purpose: Printable) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let schema = settings::schema(to)?;
        let mut rows = schema.all().to_vec();
        let row = rows.iter_mut().find(|row| row.key == key).ok_or(Refusal::NotFound("field"))?;
        if !purpose.is_empty() {
            row.purpose = purpose.as_str().to_owned();
        }
        if state == FieldState::On && row.purpose.trim().is_empty() {
            let fault = super::refusal::Fault::Missing;
            return Err(Refusal::invalid("purpose", fault));
        }
        row.state = state;
        let after = format!("{} · {}", if state == FieldState::On { "on" } else { "off" }, row.purpose);
        undo::changing(actor, to, settings::SCHEMA, "field.set", |to| {
            Ok(settings::put_schema(to, &schema.with(rows))?)
        })?;
        let texts = Texts { after: Some(after), ..Texts::default() };
        actor.record(to, &NewEntry { field: Some(key.clone()), texts, ..actor.entry("field.set") })?;
        Ok(Done::Done)
    })
}

/// Sets a policy value.
pub(super) fn set_policy(actor: &Actor, key: String, value: String) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut policy = settings::policy(to)?;
        let before = policy.value(&key);
        let took = policy.pool_days;
        policy.set(&key, &value)?;
        pool::note_change(to, actor.now, (took, policy.pool_days))?;
        settings::put_policy(to, &policy)?;
        let texts = Texts {
            before: before.map(|v| format!("{key} = {v}")),
            after: policy.value(&key).map(|v| format!("{key} = {v}")),
            ..Texts::default()
        };
        actor.record(to, &NewEntry { texts, ..actor.entry("policy.set") })?;
        Ok(Done::Done)
    })
}
