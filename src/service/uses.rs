//! Where a field is used beside the customers who have it, so that nobody takes it out of use without knowing.
//!
//! **Invariant:** nothing breaks where a field is out of use: a query says so, a place of a template stays in braces, a rule
//! looks for nobody; all of it is whole again once the field is.

use super::actor::Actor;
use super::refusal::Refusal;
use super::view::{FieldUse, Sharing, UsedIn};
use crate::domain::field::FieldKey;
use crate::domain::role::Permission;
use crate::domain::rule::Trigger;
use crate::domain::template::{Place, words};
use crate::text::folded;
use crate::vault::book::{cadences, rules, saved_views, templates};
use crate::vault::store::Get;

/// Where a field is used. What others keep for themselves is counted under no name.
pub(super) fn of(actor: &Actor, from: &dyn Get, key: &FieldKey) -> Result<Vec<FieldUse>, Refusal> {
    actor.require(Permission::ManageFields)?;
    let mut out = Vec::new();
    let mut used = |place, name: &str| out.push(FieldUse { place, name: name.to_owned() });
    for view in saved_views::all(from)? {
        if names(view.query.as_str(), key) {
            let seen = view.by == actor.staff.id || view.sharing == Sharing::Shared;
            used(UsedIn::View, if seen { view.name.as_str() } else { "" });
        }
    }
    let mut of_templates = Vec::new();
    for template in templates::all(from)? {
        let fills = |word: &&str| matches!(Place::of(word), Some(Place::Field(found)) if found == *key);
        if words(template.text.as_str()).iter().any(fills) {
            used(UsedIn::Template, template.name.as_str());
            of_templates.push(folded(template.name.as_str()));
        }
    }
    for cadence in cadences::all(from)? {
        let template = |text: &str| text.strip_prefix('@').map(|name| folded(name.trim()));
        let mut steps = cadence.steps.iter().filter_map(|step| template(step.text.as_str()));
        if steps.any(|name| of_templates.contains(&name)) {
            used(UsedIn::Cadence, cadence.name.as_str());
        }
    }
    for rule in rules::all(from)? {
        if matches!(rule.text.trigger, Trigger::BirthdayNear(_)) && key.as_str() == "birthday" {
            used(UsedIn::Rule, rule.text.name.as_str());
        }
    }
    Ok(out)
}

/// Whether a query names a field, as `field.KEY:…`, `KEY:…` or in `has:KEY`.
fn names(query: &str, key: &FieldKey) -> bool {
    let begins = |word: &str| {
        let word = word.trim_start_matches('-').strip_prefix(key.as_str());
        word.is_some_and(|rest| rest.starts_with([':', '=', '<', '>', '：']))
    };
    if query.split_whitespace().any(begins) {
        return true;
    }
    let parts = query.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
    let (mut after_has, mut found) = (false, false);
    for part in parts.filter(|part| !part.is_empty()) {
        found |= part.strip_prefix("field.") == Some(key.as_str()) || after_has && part == key.as_str();
        after_has = part == "has" || after_has && part == "or";
    }
    found
}
