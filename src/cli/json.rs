//! What is printed for scripts: one JSON object a line with stable keys.
//!
//! **Invariant:** keys never change their meaning; new ones are only added. Fields are shown as the door gave them,
//! masked, and a moment is RFC 3339 in UTC.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Desk;
use super::sign_in::unexpected;
use super::trouble::Trouble;
use crate::clock::Timestamp;
use crate::domain::customer::{CustomerKind, Stage};
use crate::domain::field::{ExportRule, FieldDef, FieldKey, FieldState, Need};
use crate::domain::loss::LossReason;
use crate::domain::loss_reasons::LossReasons;
use crate::domain::query::NOT_SAID;
use crate::domain::recurrence::Recurrence;
use crate::domain::staff_key::StaffKey;
use crate::service::view::{
    AuditRow, CustomerDetail, CustomerRow, FieldProgress, FollowUpRow, SessionRow, Shown, StaffRow, When, days_left,
};

/// A customer.
#[derive(Serialize)]
pub(super) struct Customer<'a> {
    id: u64,
    kind: &'static str,
    name: &'a str,
    owner: Option<&'a str>,
    stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lost: Option<String>,
    tags: &'a [String],
    fields: Map<String, Value>,
    next_follow_up: Option<String>,
    /// Whole days until the customer goes to the shared pool; nothing where they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_days_left: Option<i64>,
    updated: String,
}

/// Declined is null, so that it can be told from having no value, which leaves the key out.
fn fields<'a>(shown: impl Iterator<Item = (&'a FieldKey, &'a Shown)>) -> Map<String, Value> {
    shown
        .filter_map(|(key, shown)| match shown {
            Shown::Empty => None,
            Shown::Declined => Some((key.as_str().to_owned(), Value::Null)),
            shown => Some((key.as_str().to_owned(), Value::from(shown.text()))),
        })
        .collect()
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

fn kind_and_stage(kind: CustomerKind, stage: Stage) -> (&'static str, &'static str) {
    (kind.code(), stage.code())
}

/// Why somebody is lost; only of those who are.
fn lost(reasons: &LossReasons, stage: Stage, why: Option<LossReason>) -> Option<String> {
    (stage == Stage::Lost).then(|| why.map_or_else(|| NOT_SAID.to_owned(), |why| reasons.key(why)))
}

impl<'a> Customer<'a> {
    /// A row of the list.
    pub(super) fn row(row: &'a CustomerRow, reasons: &LossReasons, now: Timestamp) -> Self {
        let (kind, stage) = kind_and_stage(row.kind, row.stage);
        Self {
            id: row.id.0,
            kind,
            name: row.name.text(),
            owner: row.owner.as_ref().map(|owner| owner.as_str()),
            stage,
            lost: lost(reasons, row.stage, row.lost),
            tags: &row.tags,
            fields: fields(row.fields.iter().map(|(key, shown)| (key, shown))),
            next_follow_up: moment(row.next_follow_up),
            pool_days_left: row.goes.map(|goes| days_left(now, goes)),
            updated: row.updated.rfc3339(),
        }
    }

    /// An opened customer.
    pub(super) fn detail(detail: &'a CustomerDetail, reasons: &LossReasons, now: Timestamp) -> Self {
        let profile = &detail.profile;
        let (kind, stage) = kind_and_stage(profile.kind, profile.stage);
        Self {
            id: profile.id.0,
            kind,
            name: detail.name.text(),
            owner: detail.owner.as_ref().map(|owner| owner.as_str()),
            stage,
            lost: lost(reasons, profile.stage, detail.lost.as_ref().map(|loss| loss.why)),
            tags: &profile.tags,
            fields: fields(detail.fields.iter().map(|field| (&field.key, &field.shown))),
            next_follow_up: moment(profile.next_follow_up),
            pool_days_left: detail.goes.map(|goes| days_left(now, goes)),
            updated: profile.updated.rfc3339(),
        }
    }
}

/// A reminder.
#[derive(Serialize)]
pub(super) struct FollowUp<'a> {
    id: u64,
    customer: u64,
    name: &'a str,
    due: String,
    when: &'static str,
    text: &'a str,
    assignee: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<&'a str>,
    put_off: u32,
}

impl<'a> FollowUp<'a> {
    /// A row of the agenda.
    pub(super) fn row(row: &'a FollowUpRow) -> Self {
        Self {
            id: row.follow_up.id.0,
            customer: row.follow_up.customer.0,
            name: row.customer.text(),
            due: row.follow_up.due.rfc3339(),
            when: when_word(row.when),
            text: row.follow_up.text.as_str(),
            assignee: row.assignee.as_str(),
            repeats: row.follow_up.repeats.as_ref().map(Recurrence::rule),
            put_off: row.follow_up.put_off,
        }
    }
}

/// The word for when something is due.
pub(super) fn when_word(when: When) -> &'static str {
    match when {
        When::Overdue => "overdue",
        When::Today => "today",
        When::Later => "later",
    }
}

/// An audit entry.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    seq: u64,
    time: String,
    actor: &'a str,
    action: &'a str,
    object: String,
    field: Option<&'a str>,
    reason: Option<&'static str>,
    outcome: &'static str,
}

impl<'a> Entry<'a> {
    /// A row of the record.
    pub(super) fn row(row: &'a AuditRow) -> Self {
        let what = &row.entry.what;
        Self {
            seq: row.entry.seq.0,
            time: what.time.rfc3339(),
            actor: &row.actor,
            action: &what.action,
            object: what.object.to_string(),
            field: what.field.as_ref().map(FieldKey::as_str),
            reason: what.reason.map(|code| code.code()),
            outcome: what.outcome.code(),
        }
    }
}

/// A member of staff.
#[derive(Serialize)]
pub(super) struct Member<'a> {
    id: u32,
    name: &'a str,
    role: &'static str,
    team: &'a str,
    state: &'static str,
    awaiting: Vec<&'static str>,
    last_login: Option<String>,
}

impl<'a> Member<'a> {
    /// A row of the staff.
    pub(super) fn row(row: &'a StaffRow) -> Self {
        Self {
            id: row.staff.id.0,
            name: row.staff.name.as_str(),
            role: row.staff.role.code(),
            team: &row.staff.team,
            state: row.staff.state.code(),
            awaiting: row.awaiting.iter().map(|class| class.code()).collect(),
            last_login: moment(row.last_login),
        }
    }
}

/// Somebody's public key.
#[derive(Serialize)]
pub(super) struct MemberKey<'a> {
    id: u32,
    name: &'a str,
    kind: &'static str,
    fingerprint: String,
    comment: &'a str,
}

impl<'a> MemberKey<'a> {
    /// One of somebody's keys.
    pub(super) fn row(row: &'a StaffRow, key: &'a StaffKey) -> Self {
        Self {
            id: row.staff.id.0,
            name: row.staff.name.as_str(),
            kind: key.kind(),
            fingerprint: key.fingerprint().to_string(),
            comment: key.comment(),
        }
    }
}

/// A field of the schema.
#[derive(Serialize)]
pub(super) struct Field<'a> {
    key: &'a str,
    label_en: &'a str,
    label_zh: &'a str,
    kind: &'static str,
    class: &'static str,
    mask: &'static str,
    required: bool,
    searchable: bool,
    category: &'static str,
    exported: &'static str,
    state: &'static str,
    purpose: &'a str,
    /// Which customers have it; null is all.
    of: Option<&'static str>,
    choices: &'a [String],
    keep_months: Option<u16>,
    /// What waits for somebody who holds the key.
    wanted: Option<serde_json::Value>,
    /// How far its values are that are sealed anew.
    resealing: Option<serde_json::Value>,
}

impl<'a> Field<'a> {
    /// A row of the schema, with what is being changed of it.
    pub(super) fn row(def: &'a FieldDef, change: Option<&FieldProgress>) -> Self {
        let wanted = change.and_then(|change| change.wanted.as_ref());
        let running = change.and_then(|change| change.running);
        Self {
            key: def.key.as_str(),
            label_en: &def.label_en,
            label_zh: &def.label_zh,
            kind: def.kind.code(),
            class: def.class.code(),
            mask: def.mask.code(),
            required: def.need == Need::Required,
            searchable: def.searchable,
            category: def.category.code(),
            exported: match def.export {
                ExportRule::Ordinary => "with_others",
                ExportRule::ByNameOnly => "by_name_only",
            },
            state: match def.state {
                FieldState::On => "on",
                FieldState::Off => "off",
            },
            purpose: &def.purpose,
            of: def.of.map(|of| of.code()),
            choices: &def.choices,
            keep_months: def.keep_months,
            wanted: wanted.map(|(class, mask, by, _)| json!({ "class": class.code(), "mask": mask.code(), "by": by })),
            resealing: running.map(|on| json!({ "turning": on.turning.code(), "looked": on.looked, "all": on.all })),
        }
    }
}

impl Desk<'_, '_> {
    /// Prints one object on a line.
    pub(super) fn print_json(&mut self, object: &impl Serialize) -> Result<(), Trouble> {
        let line = serde_json::to_string(object).map_err(|_| unexpected("write JSON"))?;
        self.print(&line)
    }
}

/// A session that is under way.
#[derive(Serialize)]
pub(super) struct OneSession<'a> {
    name: &'a str,
    from: &'a str,
    origin: &'static str,
    since: String,
    active: Option<String>,
    own: bool,
}

impl<'a> OneSession<'a> {
    pub(super) fn row(row: &'a SessionRow, from: &'a str) -> Self {
        Self {
            name: &row.name,
            from,
            origin: row.origin.code(),
            since: row.began.rfc3339(),
            active: moment(row.active),
            own: row.own,
        }
    }
}
