//! Rules as they are stored.

use super::codec::{Reading, Record, Writing};
use crate::domain::customer::Stage;
use crate::domain::id::{RuleId, StaffId};
use crate::domain::loss::LossReason;
use crate::domain::rule::{Outcome, Rule, RuleState, RuleText, Trigger};
use crate::text::Printable;
use crate::vault::store::StoreError;

impl Record for Rule {
    const VERSION: u8 = 2;
    const KIND: &'static str = "rule";

    fn write(&self, to: &mut Writing) {
        let text = &self.text;
        to.uint(self.id.0).uint(self.version).uint(self.state.place()).text(text.name.as_str());
        match &text.trigger {
            Trigger::StageBecomes(stage) => to.uint(0_u8).uint(stage.place()),
            Trigger::TagAdded(tag) => to.uint(1_u8).text(tag.as_str()),
            Trigger::NoContact(days) => to.uint(2_u8).uint(*days),
            Trigger::BirthdayNear(days) => to.uint(3_u8).uint(*days),
        };
        match &text.outcome {
            Outcome::FollowUp { text, days, who } => {
                to.uint(0_u8).text(text.as_str()).uint(*days).maybe(*who, |to, who| _ = to.uint(who.0))
            }
            Outcome::Tag(tag) => to.uint(1_u8).text(tag.as_str()),
            Outcome::Assign(who) => to.uint(2_u8).uint(who.0),
        };
        to.maybe(text.tag.as_ref(), |to, tag| _ = to.text(tag.as_str()));
        to.maybe(text.stage, |to, stage| _ = to.uint(stage.place()));
        to.maybe(text.lost, |to, why| _ = to.uint(why.0));
    }

    fn read(from: &mut Reading<'_>, form: u8) -> Result<Self, StoreError> {
        let line = |from: &mut Reading<'_>| from.text().map(|text| Printable::line(&text));
        let (id, version) = (RuleId(from.uint()?), from.uint()?);
        let state = from.place(RuleState::from_place)?;
        let name = line(from)?;
        let trigger = match from.uint()? {
            0 => Trigger::StageBecomes(from.place(Stage::from_place)?),
            1 => Trigger::TagAdded(line(from)?),
            2 => Trigger::NoContact(from.small()?),
            3 => Trigger::BirthdayNear(from.small()?),
            _ => return Err(from.fault()),
        };
        let outcome = match from.uint()? {
            0 => Outcome::FollowUp {
                text: line(from)?,
                days: from.small()?,
                who: from.maybe(|from| from.small().map(StaffId))?,
            },
            1 => Outcome::Tag(line(from)?),
            2 => Outcome::Assign(StaffId(from.small()?)),
            _ => return Err(from.fault()),
        };
        let tag = from.maybe(line)?;
        let stage = from.maybe(|from| from.place(Stage::from_place))?;
        // The first version knew of no reasons for being lost.
        let lost = if form < 2 { None } else { from.maybe(Reading::small)?.map(LossReason) };
        Ok(Self { id, version, state, text: RuleText { name, trigger, outcome, tag, stage, lost } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_as_they_were_written() {
        let triggers = [
            Trigger::StageBecomes(Stage::Lost),
            Trigger::TagAdded("贵宾".into()),
            Trigger::NoContact(90),
            Trigger::BirthdayNear(0),
        ];
        let outcomes = [
            Outcome::FollowUp { text: "call".into(), days: 3, who: None },
            Outcome::FollowUp { text: "call".into(), days: 0, who: Some(StaffId(2)) },
            Outcome::Tag("old".into()),
            Outcome::Assign(StaffId(7)),
        ];
        for (trigger, outcome) in triggers.into_iter().zip(outcomes) {
            for (tag, stage) in [(None, None), (Some("vip".into()), Some(Stage::Customer))] {
                let (trigger, outcome) = (trigger.clone(), outcome.clone());
                let text = RuleText { name: "win back".into(), trigger, outcome, tag, stage, lost: None };
                let rule = Rule { id: RuleId(4), version: 2, state: RuleState::Off, text };
                let mut bytes = rule.to_bytes();
                assert_eq!(Rule::from_bytes(&bytes).as_ref(), Ok(&rule));
                // The first version ended before the reason for being lost.
                bytes.pop();
                if let Some(version) = bytes.first_mut() {
                    *version = 1;
                }
                assert_eq!(Rule::from_bytes(&bytes).as_ref(), Ok(&rule));
                let text = RuleText { lost: Some(LossReason::PRICE), ..rule.text };
                let rule = Rule { text, ..rule };
                assert_eq!(Rule::from_bytes(&rule.to_bytes()), Ok(rule));
            }
        }
    }
}
