//! Rules that act on what somebody just did: inside the transaction of that change, and taken back with it.
//!
//! **Invariant:** every rule looks at what the person made of the customer, never at what another rule did, so rules that
//! name each other, or themselves, act once. An import, a merge, an undo and a tag that is renamed make no rule act.

use super::acts::{self, Act, Cause, has, is_for, is_lost_so};
use crate::domain::customer::Profile;
use crate::domain::id::CustomerId;
use crate::domain::rule::{Rule, RuleState, RuleText, Trigger};
use crate::service::actor::Actor;
use crate::service::refusal::Refusal;
use crate::text::Printable;
use crate::vault::book::rules;
use crate::vault::records::Restore;
use crate::vault::store::{Get, Put, StoreError};

/// The rules that act on changes, read once a transaction.
#[derive(Clone, Debug, Default)]
pub(in crate::service) struct Prompts(Vec<Rule>);

/// What rules do about one change.
#[derive(Default)]
pub(in crate::service) struct Prompted(Vec<(Printable, Act)>);

impl Prompts {
    /// Those that are switched on.
    pub(in crate::service) fn load(from: &dyn Get) -> Result<Self, StoreError> {
        let mut all = rules::all(from)?;
        all.retain(|rule| rule.state == RuleState::On && !rule.text.trigger.is_timed());
        Ok(Self(all))
    }

    /// What they do about a change of a customer from what they were, nothing where they were added. What is done to the
    /// profile is done at once, so that it is written with the change. Why they are lost was written before.
    pub(in crate::service) fn about(
        &self,
        actor: &Actor,
        from: &dyn Get,
        before: Option<&Profile>,
        profile: &mut Profile,
    ) -> Result<Prompted, Refusal> {
        let mut found = Prompted::default();
        let made = profile.clone();
        let meant =
            self.0.iter().map(|rule| &rule.text).filter(|text| is_met(text, before, &made) && is_for(text, &made));
        for text in meant {
            if !is_lost_so(from, text, &made)? {
                continue;
            }
            if let Some(act) = acts::act(actor, from, Cause::Person, text, profile)? {
                acts::apply(&act, text, profile, actor.now);
                found.0.push((text.name.clone(), act));
            }
        }
        Ok(found)
    }
}

fn is_met(text: &RuleText, before: Option<&Profile>, after: &Profile) -> bool {
    match &text.trigger {
        Trigger::StageBecomes(stage) => after.stage == *stage && before.is_none_or(|before| before.stage != *stage),
        Trigger::TagAdded(tag) => has(after, tag.as_str()) && before.is_none_or(|before| !has(before, tag.as_str())),
        Trigger::NoContact(_) | Trigger::BirthdayNear(_) => false,
    }
}

impl Prompted {
    /// Writes the entries and sets the follow-ups, once the customer is written; gives what an undo takes back as well.
    pub(in crate::service) fn finish(
        self,
        actor: &Actor,
        to: &mut dyn Put,
        customer: CustomerId,
    ) -> Result<Vec<Restore>, StoreError> {
        let mut restores = Vec::new();
        for (name, act) in &self.0 {
            restores.extend(acts::record(actor, to, Cause::Person, (customer, name), act)?);
        }
        Ok(restores)
    }
}
