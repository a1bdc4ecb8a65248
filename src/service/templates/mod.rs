//! Templates: kept, changed, filled in; and a message with real values put on the clipboard.
//!
//! **Invariant:** a filled-in template holds masks only. Real values leave through [`super::reveal`] alone, all of them
//! or none, with an entry for each.

mod order;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use zeroize::Zeroizing;

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, FieldFault, Refusal};
use super::reveal;
use super::session::Session;
use super::undo;
use super::view::{Filled, Shown, TemplateRow, TemplateView};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::field::FieldKey;
use crate::domain::id::{CustomerId, TemplateId};
use crate::domain::reason::{Reason, ReasonFault};
use crate::domain::role::Permission;
use crate::domain::template::{LONGEST_NAME, LONGEST_TEXT, Place, Template, TemplateDraft, fill, words};
use crate::domain::value;
use crate::text::{Printable, folded};
use crate::vault::book::templates;
use crate::vault::records::{Customer, Record, Restore};
use crate::vault::store::{Get, Put};

pub use order::{TemplateAction, TemplateQuery};

/// The most templates that a vault keeps.
const MOST: usize = 200;
/// What a reminder keeps of a template, in characters.
const LONGEST_LINE: usize = 500;
/// The longest text that is copied, in characters.
const LONGEST_MESSAGE: usize = 10_000;

fn fault(part: &str, fault: Fault) -> Refusal {
    Refusal::Invalid(vec![FieldFault { part: part.to_owned(), fault }])
}

/// Does something with templates.
pub(super) fn carry_out(session: &Session, actor: &Actor, action: TemplateAction) -> Result<Done, Refusal> {
    let verb = action.rule().verb;
    match action {
        TemplateAction::Add(draft) => save(actor, verb, None, draft),
        TemplateAction::Change(id, version, draft) => save(actor, verb, Some((id, version)), draft),
        TemplateAction::Remove(id, version) => remove(actor, verb, id, version),
        TemplateAction::Copy(customer, text, reason) => copy(session, actor, customer, text, reason),
    }
}

fn check(draft: &TemplateDraft) -> Result<(), Refusal> {
    let long = |text: &Printable, most: usize| text.as_str().chars().count() > most;
    match () {
        () if draft.name.is_empty() => Err(fault("name", Fault::Missing)),
        () if long(&draft.name, LONGEST_NAME) => Err(fault("name", Fault::TooLong)),
        () if draft.text.is_empty() => Err(fault("text", Fault::Missing)),
        () if long(&draft.text, LONGEST_TEXT) => Err(fault("text", Fault::TooLong)),
        () => Ok(()),
    }
}

/// The template at the version that a change was based on.
fn current(from: &dyn Get, id: TemplateId, version: u64) -> Result<Template, Refusal> {
    let found = templates::get(from, id)?.ok_or(Refusal::NotFound("template"))?;
    if found.version == version { Ok(found) } else { Err(Refusal::Conflict(None)) }
}

fn save(
    actor: &Actor,
    verb: &'static str,
    known: Option<(TemplateId, u64)>,
    draft: TemplateDraft,
) -> Result<Done, Refusal> {
    check(&draft)?;
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let before = known.map(|(id, version)| current(to, id, version)).transpose()?;
        let all = templates::all(to)?;
        let other = |t: &&Template| before.as_ref().is_none_or(|before| before.id != t.id);
        if all.iter().filter(other).any(|t| folded(t.name.as_str()) == folded(draft.name.as_str())) {
            return Err(Refusal::NameTaken);
        }
        if before.is_none() && all.len() >= MOST {
            return Err(fault("templates", Fault::TooLong));
        }
        let id = before.as_ref().map_or_else(|| templates::next_id(to), |before| Ok(before.id))?;
        let version = before.as_ref().map_or(1, |before| before.version + 1);
        let (name, text) = (draft.name.clone(), draft.text.clone());
        let after = Template { id, version, name, kind: draft.kind, text, by: actor.staff.id };
        templates::put(to, &after)?;
        record(actor, to, verb, &after)?;
        let restore = Restore::Template(id.0, version, before.map(|before| before.to_bytes()));
        undo::push(actor, to, verb, None, vec![restore])?;
        Ok(Done::Template(id, unknown(actor, after.text.as_str())))
    })
}

fn remove(actor: &Actor, verb: &'static str, id: TemplateId, version: u64) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let before = current(to, id, version)?;
        templates::remove(to, id)?;
        record(&of_actor, to, verb, &before)?;
        // 0 is the version of what is not there.
        undo::push(&of_actor, to, verb, None, vec![Restore::Template(id.0, 0, Some(before.to_bytes()))])?;
        Ok(Done::Done)
    })
}

fn record(actor: &Actor, to: &mut dyn Put, verb: &str, template: &Template) -> Result<(), Refusal> {
    let texts = Texts { after: Some(value::starred(template.name.as_str())), ..Texts::default() };
    actor.record(to, &NewEntry { texts, ..actor.entry(verb) })?;
    Ok(())
}

/// Puts a template back as it stood before, unless somebody changed it since.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    id: u64,
    version: u64,
    before: Option<&[u8]>,
) -> Result<Option<(u64, u64)>, Refusal> {
    let now = templates::get(to, TemplateId(id))?;
    if now.as_ref().map_or(0, |now| now.version) != version {
        return Err(now.map_or(Refusal::NothingToUndo, |now| Refusal::UndoStale(actor.name_of(now.by))));
    }
    let Some(bytes) = before else {
        templates::remove(to, TemplateId(id))?;
        return Ok(None);
    };
    let old = Template::from_bytes(bytes)?;
    let taken = |t: &Template| t.id != old.id && folded(t.name.as_str()) == folded(old.name.as_str());
    if templates::all(to)?.iter().any(taken) {
        return Err(Refusal::NameTaken);
    }
    let stood = old.version;
    let after = version.max(stood) + 1;
    templates::put(to, &Template { version: after, ..old })?;
    Ok(Some((stood, after)))
}

/// The places of a text that nothing can be filled into.
fn unknown(actor: &Actor, text: &str) -> Vec<String> {
    let known = |word: &&str| match Place::of(word) {
        None => false,
        Some(Place::Field(key)) => actor.field(&key).is_ok(),
        Some(Place::Me | Place::Date) => true,
    };
    words(text).into_iter().filter(|word| !known(word)).map(str::to_owned).collect()
}

/// Answers a question about templates.
pub(super) fn answer(
    session: &Session,
    actor: &Actor,
    from: &dyn Get,
    query: TemplateQuery,
) -> Result<TemplateView, Refusal> {
    match query {
        TemplateQuery::List => {
            if !actor.role.may(Permission::ManagePolicy) {
                actor.require(Permission::LogInteractions)?;
            }
            let mut all = templates::all(from)?;
            all.sort_by_cached_key(|template| folded(template.name.as_str()));
            let row = |template: Template| TemplateRow { unknown: unknown(actor, template.text.as_str()), template };
            Ok(TemplateView::Rows(all.into_iter().map(row).collect()))
        }
        TemplateQuery::Filled(id, customer) => {
            actor.require(Permission::LogInteractions)?;
            let template = templates::get(from, id)?.ok_or(Refusal::NotFound("template"))?;
            let found = actor.customer_to_change(from, customer)?;
            let opened = session.memory().opened.contains(&customer);
            if !opened {
                super::customers::open(actor, customer)?;
                session.memory().open(customer);
            }
            let no_marketing = super::consents::no_marketing(from, found.profile.id)?;
            Ok(TemplateView::Filled(Filled { no_marketing, ..filled(actor, &template, &found) }))
        }
    }
}

/// What stands in a place, where it is not masked.
fn open_value(actor: &Actor, customer: &Customer, place: &Place) -> Option<Zeroizing<String>> {
    let said = match place {
        Place::Me => return Some(Zeroizing::new(actor.staff.name.to_string())),
        Place::Date => return Some(Zeroizing::new(actor.desk.clock.day(actor.now).to_string())),
        Place::Field(key) => {
            let key = actor.field(key).map(|def| &def.key).ok()?;
            actor.shown_of(customer.profile.id, key, customer.field(key))
        }
    };
    Some(Zeroizing::new(said.text().to_owned()))
}

fn filled(actor: &Actor, template: &Template, customer: &Customer) -> Filled {
    let mut masked: Vec<(String, FieldKey, _)> = Vec::new();
    let text = fill(template.text.as_str(), &mut |word| {
        let place = Place::of(word)?;
        if let Place::Field(key) = &place
            && actor.field(key).is_ok()
            && let Shown::Masked(mask) = actor.shown_of(customer.profile.id, key, customer.field(key))
        {
            if !masked.iter().any(|(known, ..)| known == word) {
                masked.push((word.to_owned(), key.clone(), mask));
            }
            return Some(Zeroizing::new(format!("{{{word}}}")));
        }
        open_value(actor, customer, &place)
    });
    Filled { kind: template.kind, text: Printable::lines(&text), masked, no_marketing: None }
}

/// The text of the template with this name, filled in with masks in one line; none where nothing is called so.
pub(super) fn masked(
    actor: &Actor,
    from: &dyn Get,
    name: &str,
    customer: CustomerId,
) -> Result<Option<Printable>, Refusal> {
    let wanted = folded(name.trim());
    let Some(found) = templates::all(from)?.into_iter().find(|t| folded(t.name.as_str()) == wanted) else {
        return Ok(None);
    };
    let customer = actor.customer(from, customer)?;
    let text = fill(found.text.as_str(), &mut |word| open_value(actor, &customer, &Place::of(word)?));
    let short: String = Printable::line(&text).as_str().chars().take(LONGEST_LINE).collect();
    Ok(Some(Printable::line(&short)).filter(|text| !text.is_empty()))
}

/// Fills a text in with real values for the clipboard.
fn copy(
    session: &Session,
    actor: &Actor,
    id: CustomerId,
    text: Printable,
    reason: Option<Reason>,
) -> Result<Done, Refusal> {
    match text.as_str().chars().count() {
        0 => return Err(fault("text", Fault::Missing)),
        n if n > LONGEST_MESSAGE => return Err(fault("text", Fault::TooLong)),
        _ => {}
    }
    let from = actor.desk.tables.read()?;
    let about = reason.map(|reason| reveal::About::of(session, &from, id, reason)).transpose()?;
    drop(from);
    let (of_actor, of_about) = (actor.clone(), about.clone());
    let again = about.as_ref().is_some_and(|about| reveal::was_given(session, actor, id, about));
    let (message, seq, keys, seconds) = actor.commit(move |to| {
        let actor = &of_actor;
        let customer = actor.customer_to_change(to, id)?;
        let mut values = BTreeMap::new();
        let mut seconds = None;
        for word in words(text.as_str()) {
            let Some(Place::Field(key)) = Place::of(word) else { continue };
            let seen = actor.shown_of(id, &key, customer.field(&key));
            if actor.field(&key).is_err() || !matches!(seen, Shown::Masked(_)) {
                continue;
            }
            let about = of_about.as_ref().ok_or(ReasonFault::TextMissing)?;
            if values.is_empty() && !again {
                reveal::check_reason(actor, to, &about.reason)?;
            }
            if let Entry::Vacant(room) = values.entry(key) {
                let out = reveal::let_out(actor, to, (&customer, room.key()), about, reveal::Way::Copy)?;
                let sight = actor.policy.seconds_in_sight(out.class);
                seconds = Some(seconds.map_or(sight, |least: u32| least.min(sight)));
                room.insert(out.plain);
            }
        }
        let reason = of_about.as_ref().map(|about| &about.reason);
        let ticket = reason.and_then(|r| r.ticket.as_ref()).map(|t| t.as_str().to_owned());
        let texts = Texts { ticket, ..Texts::default() };
        let count = Some(u64::try_from(values.len()).unwrap_or(u64::MAX));
        let reason = reason.map(|reason| reason.code);
        let entry = NewEntry { object: Object::Customer(id.0), count, reason, texts, ..actor.entry("message.copy") };
        let seq = actor.record(to, &entry)?;
        let message = fill(text.as_str(), &mut |word| {
            let place = Place::of(word)?;
            let real = if let Place::Field(key) = &place { values.get(key) } else { None };
            real.map_or_else(|| open_value(actor, &customer, &place), |real| Some(real.clone()))
        });
        let keys: Vec<FieldKey> = values.into_keys().collect();
        Ok((message, seq, keys, seconds))
    })?;
    if let Some(about) = about {
        reveal::remember(session, actor, id, keys, &about);
    }
    let seconds = seconds.unwrap_or_else(|| actor.policy.seconds_in_sight(crate::privacy::class::FieldClass::Contact));
    let until = actor.desk.now().plus_seconds(i64::from(seconds));
    Ok(Done::Revealed(crate::privacy::reveal::Revealed::new(message, seq.0, until)))
}
