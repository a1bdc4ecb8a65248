//! What is missing, invalid or contradictory, counted and listed stretch by stretch.
//!
//! **Invariant:** no sealed value is opened, so of those nothing is said but that they are there and what was noted of them
//! when they were written; one question reads two thousand records at most, all of them within scope, and its names count as rows of a list.

use chrono::{Months, NaiveDate, NaiveTime};

use super::actor::Actor;
use super::find::charge_rows;
use super::refusal::Refusal;
use super::view::{Anchor, Cursor, FlawCounts, FlawKind, FlawPage, FlawRow, FlawWhy, QualityView, Sort};
use super::{contradictions, query, sift};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Texts};
use crate::domain::contradiction::Contradiction;
use crate::domain::customer::Stage;
use crate::domain::deal::StageKind;
use crate::domain::field::{Category, FieldKind, Need};
use crate::domain::role::{Permission, Scope};
use crate::domain::staff::StaffState;
use crate::domain::value::check_field;
use crate::privacy::class::FieldClass;
use crate::vault::book::{deals, follow_ups, losses};
use crate::vault::records::{Customer, Stored};
use crate::vault::store::{Get, StoreError};

/// Records that one question reads.
const STRETCH: usize = 2_000;
/// Rows of a page.
const PAGE: usize = 100;

/// What can be asked about the data.
#[derive(Clone, Debug)]
pub enum QualityQuery {
    /// How much of each kind is wrong, from a place in the list on.
    Counts(Option<Cursor>),
    /// What is wrong of one kind, from a place in the list on.
    List(FlawKind, Option<Cursor>),
}

pub(super) fn answer(actor: &Actor, from: &dyn Get, query: QualityQuery) -> Result<QualityView, Refusal> {
    match query {
        QualityQuery::Counts(place) => counts(actor, from, place).map(QualityView::Counts),
        QualityQuery::List(kind, place) => list(actor, from, kind, place).map(QualityView::Page),
    }
}

/// What is wrong with one customer: which part, and why.
fn flaws(actor: &Actor, from: &dyn Get, customer: &Customer) -> Result<Vec<(String, FlawWhy)>, StoreError> {
    let (mut out, p) = (Vec::new(), &customer.profile);
    if p.restricted {
        return Ok(out);
    }
    let mut say = |part: &str, why| out.push((part.to_owned(), why));
    let today = actor.desk.clock.day(actor.now);
    let stale = stale_before(actor, today);
    for def in actor.schema.on() {
        let there = matches!(customer.field(&def.key), Some(Stored::Open(_) | Stored::Sealed { .. }));
        let old = stale.is_some_and(|before| customer.confirmed.of(&def.key) < before);
        if there && old && def.category == Category::Basic && def.kind != FieldKind::Notes {
            say(def.key.as_str(), FlawWhy::NotConfirmed);
        }
        let kept_since = p.last_contact.unwrap_or(p.created).max(customer.confirmed.of(&def.key));
        let limit = def.keep_months.and_then(|months| months_before(actor, today, u32::from(months)));
        if there && limit.is_some_and(|limit| kept_since < limit) {
            say(def.key.as_str(), FlawWhy::KeptTooLong);
        }
        match customer.field(&def.key) {
            None if def.need == Need::Required => say(def.key.as_str(), FlawWhy::Empty),
            Some(Stored::Open(text))
                if def.class == FieldClass::Open
                    && check_field(def, text.as_str(), &actor.policy.default_region, today).is_err() =>
            {
                say(def.key.as_str(), FlawWhy::NotAValue);
            }
            _ => {}
        }
    }
    if p.owner.is_none() {
        say("owner", FlawWhy::NoOwner);
    }
    if p.provenance.basis == crate::domain::customer::Basis::NotKnownYet {
        say("basis", FlawWhy::NoBasis);
    }
    if p.next_follow_up.is_none() && !matches!(p.stage, Stage::Lost | Stage::Dormant) {
        say("next", FlawWhy::NoNextStep);
    }
    if p.stage == Stage::Lost && losses::get(from, p.id)?.is_none() {
        say("loss", FlawWhy::NoLossReason);
    }
    for contradiction in contradictions::of(actor, customer) {
        let why = match contradiction {
            Contradiction::BirthdayAndBorn => FlawWhy::TwoBirthdays,
            _ => FlawWhy::OtherOnCard,
        };
        let [part, _] = contradiction.fields();
        say(part, why);
    }
    if p.stage == Stage::Lost && actor.role.may(Permission::Deals) {
        let pipelines = deals::pipelines(from)?;
        let under_way = |deal: &crate::domain::deal::Deal| {
            pipelines.stage(deal.stage).is_some_and(|(_, stage)| stage.kind == StageKind::Open)
        };
        if deals::of(from, p.id, PAGE)?.iter().any(under_way) {
            say("stage", FlawWhy::OpenDeal);
        }
    }
    if p.next_follow_up.is_some() {
        let gone = |id| actor.everybody.iter().any(|s| s.id == id && s.state == StaffState::Disabled);
        if follow_ups::of(from, p.id, PAGE)?.iter().any(|f| gone(f.assignee)) {
            say("next", FlawWhy::ShutOut);
        }
    }
    Ok(out)
}

/// Before which moment a value must have been confirmed to be stale; none where nothing is.
fn stale_before(actor: &Actor, today: NaiveDate) -> Option<Timestamp> {
    months_before(actor, today, Some(actor.policy.stale_months).filter(|months| *months > 0)?)
}

/// The beginning of the day so many months before today.
fn months_before(actor: &Actor, today: NaiveDate, months: u32) -> Option<Timestamp> {
    let day = today.checked_sub_months(Months::new(months))?;
    Some(actor.desk.clock.moment(day.and_time(NaiveTime::MIN)))
}

/// A stretch of everybody in scope, from a place in the list on.
fn stretch(actor: &Actor, from: &dyn Get, place: Option<Cursor>) -> Result<sift::Stretch, Refusal> {
    actor.require(Permission::EditCustomers)?;
    if actor.role.scope == Scope::None {
        return Ok(sift::Stretch::default());
    }
    let anchor = place.map_or(Anchor::Top, Anchor::After);
    sift::stretch(actor, from, &query::only_words(""), (Sort::Name, &anchor, STRETCH))
}

/// How much is wrong in a stretch.
fn counts(actor: &Actor, from: &dyn Get, place: Option<Cursor>) -> Result<FlawCounts, Refusal> {
    let sift::Stretch { rows, more, .. } = stretch(actor, from, place)?;
    let mut counts: Vec<(FlawKind, u64)> = FlawKind::ALL.iter().map(|kind| (*kind, 0)).collect();
    for (_, customer) in &rows {
        for (_, why) in flaws(actor, from, customer)? {
            counts.iter_mut().filter(|(kind, _)| *kind == why.kind()).for_each(|(_, count)| *count += 1);
        }
    }
    let looked = rows.len() as u64;
    let resume = rows.into_iter().next_back().filter(|_| more).map(|(place, _)| Cursor(place));
    Ok(FlawCounts { counts, looked, resume })
}

/// What is wrong of one kind. The first page shows no more than the first page of a list; further ones count against the
/// reading limit.
fn list(actor: &Actor, from: &dyn Get, kind: FlawKind, place: Option<Cursor>) -> Result<FlawPage, Refusal> {
    let further = place.is_some();
    let sift::Stretch { rows: records, more, .. } = stretch(actor, from, place)?;
    let (mut rows, mut resume) = (Vec::new(), None);
    let last = records.len();
    for (at, (place, customer)) in records.into_iter().enumerate() {
        let found = flaws(actor, from, &customer)?.into_iter().filter(|(_, why)| why.kind() == kind);
        let name = actor.name_shown(&customer);
        let row = |(part, why)| FlawRow { customer: customer.profile.id, name: name.clone(), part, why };
        rows.extend(found.map(row));
        if rows.len() >= PAGE && (at + 1 < last || more) || at + 1 == last && more {
            resume = Some(Cursor(place));
            break;
        }
    }
    let count = rows.len() as u64;
    if further && count > 0 {
        charge_rows(actor, count)?;
    }
    let of_actor = actor.clone();
    let texts = Texts { after: Some(format!("quality: {}", kind.code())), ..Texts::default() };
    actor.commit(move |to| {
        let entry = NewEntry { count: Some(count), texts: texts.clone(), ..of_actor.entry("customer.list") };
        Ok(of_actor.record(to, &entry).map(|_| ())?)
    })?;
    Ok(FlawPage { rows, resume })
}
