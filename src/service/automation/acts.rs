//! What a rule does to one customer, and the entries about it.
//!
//! **Invariant:** everything that a rule does has one entry under the rule's name; nobody under restriction is touched, and
//! nothing done here makes a rule act.

use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Origin, Texts};
use crate::domain::customer::{Profile, Stage};
use crate::domain::field::FieldKey;
use crate::domain::follow_up::FollowUp;
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::role::Permission;
use crate::domain::rule::{Outcome, RuleText};
use crate::domain::staff::StaffState;
use crate::domain::value::starred;
use crate::service::actor::Actor;
use crate::service::customers::MOST_TAGS;
use crate::service::refusal::Refusal;
use crate::service::today::midnight;
use crate::service::{follow_ups as service_follow_ups, people};
use crate::text::{Printable, folded};
use crate::vault::book::{follow_ups, losses, tags};
use crate::vault::records::Restore;
use crate::vault::store::{Get, Put, StoreError};

/// Who brought a rule to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// Somebody's change; an undo of it takes this back as well.
    Person,
    /// The time.
    Time,
}

/// When on its day a follow-up of a rule is due.
const NINE: i64 = 9 * 3_600;

/// Something that a rule does.
pub(super) enum Act {
    /// Tags before and after.
    Tag(String, String),
    /// Owner before and after.
    Assign(Option<StaffId>, StaffId),
    /// A follow-up: text, due, by whom.
    FollowUp(Printable, Timestamp, StaffId),
}

/// Whether somebody is of those that a rule is for.
pub(super) fn is_for(text: &RuleText, profile: &Profile) -> bool {
    !profile.restricted
        && text.stage.is_none_or(|stage| profile.stage == stage)
        && text.tag.as_ref().is_none_or(|tag| has(profile, tag.as_str()))
}

/// Whether somebody is lost for the reason that a rule names, where it names one.
pub(super) fn is_lost_so(from: &dyn Get, text: &RuleText, profile: &Profile) -> Result<bool, StoreError> {
    let Some(why) = text.lost else { return Ok(true) };
    Ok(profile.stage == Stage::Lost && losses::get(from, profile.id)?.is_some_and(|loss| loss.why == why))
}

pub(super) fn has(profile: &Profile, tag: &str) -> bool {
    let tag = folded(tag);
    profile.tags.iter().any(|t| folded(t) == tag)
}

/// What a rule does to a customer who stands like this; nothing where there is nothing to do. A follow-up is for whoever is
/// named, if they may work with the customer, else for the owner, else for whoever made the change.
pub(super) fn act(
    actor: &Actor,
    from: &dyn Get,
    cause: Cause,
    text: &RuleText,
    profile: &Profile,
) -> Result<Option<Act>, Refusal> {
    Ok(match &text.outcome {
        Outcome::Tag(tag) => {
            let retired = tags::retired(from)?.contains(&folded(tag.as_str()));
            let full = profile.tags.len() >= MOST_TAGS;
            if retired || full || has(profile, tag.as_str()) {
                return Ok(None);
            }
            let mut after = profile.tags.clone();
            after.push(tag.as_str().to_owned());
            after.sort();
            Some(Act::Tag(profile.tags.join(", "), after.join(", ")))
        }
        Outcome::Assign(who) => {
            let there = actor.everybody.iter().any(|s| s.id == *who && s.state != StaffState::Disabled);
            (there && profile.owner != Some(*who)).then_some(Act::Assign(profile.owner, *who))
        }
        Outcome::FollowUp { text, days, who } => {
            let own = (cause == Cause::Person).then_some(actor.staff.id);
            let whom = whose(actor, from, [*who, profile.owner, own], profile)?;
            whom.map(|whom| Act::FollowUp(text.clone(), due(actor, *days), whom))
        }
    })
}

/// The first of these who may work with the customer.
pub(super) fn whose(
    actor: &Actor,
    from: &dyn Get,
    candidates: [Option<StaffId>; 3],
    profile: &Profile,
) -> Result<Option<StaffId>, Refusal> {
    for who in candidates.into_iter().flatten() {
        match people::must_reach(actor, from, (who, "assignee"), Permission::FollowUps, profile) {
            Ok(()) => return Ok(Some(who)),
            Err(Refusal::Invalid(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(None)
}

fn due(actor: &Actor, days: u32) -> Timestamp {
    if days == 0 { actor.now } else { midnight(actor, u64::from(days)).plus_seconds(NINE) }
}

/// Does to the profile what is done to the profile.
pub(super) fn apply(act: &Act, text: &RuleText, profile: &mut Profile, now: Timestamp) {
    match (act, &text.outcome) {
        (Act::Tag(..), Outcome::Tag(tag)) => {
            profile.tags.push(tag.as_str().to_owned());
            profile.tags.sort();
        }
        (Act::Assign(_, who), _) => profile.belongs_to(Some(*who), now),
        _ => {}
    }
}

/// The entry of something that a rule did, whoever's change it followed.
fn entry(actor: &Actor, cause: Cause, verb: &str, customer: CustomerId, name: &str) -> NewEntry {
    let entry = match cause {
        Cause::Person => actor.entry(verb),
        Cause::Time => NewEntry::done(actor.now, None, actor.session, Origin::Program, verb),
    };
    let texts = Texts { reason: Some(starred(name)), ..Texts::default() };
    NewEntry { object: Object::Customer(customer.0), texts, ..entry }
}

/// Writes the entry of an act, and sets the follow-up where it is one; gives what an undo takes back besides the customer.
pub(super) fn record(
    actor: &Actor,
    to: &mut dyn Put,
    cause: Cause,
    (customer, name): (CustomerId, &Printable),
    act: &Act,
) -> Result<Option<Restore>, StoreError> {
    let said = |verb, field: &str, before: &str, after: &str| {
        let entry = entry(actor, cause, verb, customer, name.as_str());
        let some = |text: &str| (!text.is_empty()).then(|| starred(text));
        let texts = Texts { before: some(before), after: some(after), ..entry.texts.clone() };
        NewEntry { field: FieldKey::new(field), texts, ..entry }
    };
    match act {
        Act::Tag(before, after) => actor.record(to, &said("rule.tag", "tags", before, after)).map(|_| None),
        Act::Assign(before, after) => {
            let number = |who: StaffId| format!("staff {who}");
            let before = before.map(number).unwrap_or_default();
            actor.record(to, &said("rule.assign", "owner", &before, &number(*after))).map(|_| None)
        }
        Act::FollowUp(text, due, who) => {
            let what = (*due, text.clone());
            let made = FollowUp::new(follow_ups::next_id(to)?, customer, *who, what, actor.now);
            let made = FollowUp { set_by: Some(name.clone()), ..made };
            follow_ups::put(to, None, &made)?;
            follow_ups::refresh_next(to, customer, &actor.schema)?;
            let entry = entry(actor, cause, "rule.follow_up", customer, name.as_str());
            let texts = Texts { after: Some(service_follow_ups::entry_text(&made)), ..entry.texts.clone() };
            actor.record(to, &NewEntry { texts, ..entry })?;
            Ok(Some(Restore::FollowUp(made.id.0, made.version, None)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rule::Trigger;

    #[test]
    fn nobody_under_restriction_is_meant_and_conditions_hold_together() {
        let text = |tag: Option<&str>, stage| RuleText {
            name: "r".into(),
            trigger: Trigger::NoContact(1),
            outcome: Outcome::Tag("x".into()),
            tag: tag.map(Into::into),
            stage,
            lost: None,
        };
        let mut who = Profile { tags: vec!["VIP".into()], stage: Stage::Lost, ..Profile::default() };
        assert!(is_for(&text(None, None), &who) && is_for(&text(Some("ｖｉｐ"), Some(Stage::Lost)), &who));
        assert!(!is_for(&text(Some("vip"), Some(Stage::Lead)), &who) && !is_for(&text(Some("v"), None), &who));
        who.restricted = true;
        assert!(!is_for(&text(None, None), &who));
    }
}
