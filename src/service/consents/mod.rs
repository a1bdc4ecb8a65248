//! Consents: put down, refused, withdrawn; the wordings that they are given under.
//!
//! **Invariant:** a consent is within the scope in which its customer is. Nothing that was said is written over: each adds
//! to what came before, with an entry of its own, and only an undo takes the last one of its writer away again.

mod order;

use super::actor::Actor;
use super::door::Done;
use super::refusal::{Fault, Refusal};
use super::undo;
use super::view::{Asked, ConsentHappening, ConsentRow, ConsentSaid, PurposeRow};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::consent::{
    Consent, ConsentDraft, ConsentHow, ConsentState, LONGEST_NOTE, LONGEST_WORDING, MOST_VERSIONS, Purpose, Speaker,
    UNKNOWN_WORDING, Wordings,
};
use crate::domain::id::{ConsentId, CustomerId};
use crate::domain::role::Permission;
use crate::text::Printable;
use crate::vault::book::{consents, merged, settings};
use crate::vault::records::{Customer, Restore};
use crate::vault::store::{Get, Put, StoreError};

pub use order::ConsentAction;

/// Consents kept of one customer: far more than anybody is asked.
const MOST: usize = 1_000;
/// Of one purpose so many are shown.
const MOST_SHOWN: usize = 20;

/// Does something with consents.
pub(super) fn carry_out(actor: &Actor, action: ConsentAction) -> Result<Done, Refusal> {
    match action {
        ConsentAction::Say(customer, draft) => say(actor, customer, draft),
        ConsentAction::Word(purpose, version, texts) => word(actor, purpose, version, texts),
    }
}

fn say(actor: &Actor, customer: CustomerId, draft: ConsentDraft) -> Result<Done, Refusal> {
    if draft.note.as_str().chars().count() > LONGEST_NOTE {
        return Err(Refusal::invalid("note", Fault::TooLong));
    }
    if draft.at.is_some_and(|at| at > actor.now) {
        return Err(Refusal::invalid("when", Fault::StillToCome));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        // Who was merged away is meant as whoever they are now.
        let customer = actor.customer_to_change(to, merged::kept(to, customer)?)?;
        let id = customer.profile.id;
        let said = consents::of(to, id)?;
        if said.len() >= MOST {
            return Err(Refusal::invalid("consent", Fault::Full(MOST)));
        }
        let newest = said.iter().find(|consent| consent.purpose == draft.purpose);
        let before = newest.map(|consent| consent.state);
        if draft.state == ConsentState::Withdrawn && before != Some(ConsentState::Given) {
            return Err(Refusal::invalid("consent", Fault::NothingGiven));
        }
        let at = moment(actor, (draft.at.unwrap_or(actor.now), draft.state), newest)?;
        let consent = Consent {
            id: consents::next_id(to)?,
            customer: id,
            purpose: draft.purpose,
            state: draft.state,
            at,
            how: draft.how,
            speaker: draft.speaker,
            version: settings::wordings(to)?.version_at(draft.purpose, at),
            by: actor.staff.id,
            note: draft.note.clone(),
        };
        consents::put(to, &customer, &consent)?;
        let verb = order::verb(consent.state);
        let texts = Texts {
            before: before.map(|state| state.code().to_owned()),
            after: Some(for_the_record(&consent)),
            ..Texts::default()
        };
        actor.record(to, &NewEntry { object: Object::Customer(id.0), texts, ..actor.entry(verb) })?;
        undo::push(actor, to, verb, Some(id), vec![Restore::Consent(consent.id.0, id.0, None)])?;
        // An older yes that was put down later leaves what was said since in force.
        let counts = newest.filter(|newest| newest.at > consent.at).map_or(consent.state, |newest| newest.state);
        Ok(Done::Consent(counts))
    })
}

/// Puts down what came with an import, where nothing is known of the purpose: not how it was said, nor under which words.
/// A no after a yes that nobody put down here stands by itself.
pub(super) fn bring(
    actor: &Actor,
    to: &mut dyn Put,
    customer: &Customer,
    (purpose, state): (Purpose, ConsentState),
    source: &str,
) -> Result<Option<ConsentId>, StoreError> {
    let id = customer.profile.id;
    if consents::newest(to, id, purpose)?.is_some() {
        return Ok(None);
    }
    let consent = Consent {
        id: consents::next_id(to)?,
        customer: id,
        purpose,
        state,
        at: actor.now,
        how: ConsentHow::Import,
        speaker: Speaker::Customer,
        version: UNKNOWN_WORDING,
        by: actor.staff.id,
        note: Printable::line(source),
    };
    consents::put(to, customer, &consent)?;
    let texts = Texts { after: Some(for_the_record(&consent)), ..Texts::default() };
    actor.record(to, &NewEntry { object: Object::Customer(id.0), texts, ..actor.entry(order::verb(state)) })?;
    Ok(Some(consent.id))
}

/// When it was said. A day is named by its first moment, so what is put down of the day of the newest consent came after it.
/// An older yes is kept in its place; an older no would change nothing, and is refused rather than taken for what counts.
fn moment(
    actor: &Actor,
    (at, state): (Timestamp, ConsentState),
    newest: Option<&Consent>,
) -> Result<Timestamp, Refusal> {
    let day = |at| actor.desk.clock.day(at);
    match newest.filter(|newest| at < newest.at) {
        None => Ok(at),
        Some(newest) if day(at) == day(newest.at) => Ok(newest.at),
        Some(_) if state == ConsentState::Given => Ok(at),
        Some(_) => Err(Refusal::invalid("when", Fault::Overtaken)),
    }
}

/// A consent as its entry says it: purpose, version, moment, how, by whom. The note is not among them.
fn for_the_record(consent: &Consent) -> String {
    let (purpose, how, speaker) = (consent.purpose.code(), consent.how.code(), consent.speaker.code());
    format!("{purpose} v{} {} {how} {speaker}", consent.version, consent.at.0)
}

/// What an entry of this verb says happened.
pub(super) fn from_record(verb: &str, texts: &Texts) -> Option<ConsentHappening> {
    let mut parts = texts.after.as_deref()?.split(' ');
    let purpose = Purpose::from_code(parts.next()?)?;
    let version = parts.next()?.strip_prefix('v')?.parse().ok()?;
    let at = Timestamp(parts.next()?.parse().ok()?);
    let before = texts.before.as_deref().and_then(ConsentState::from_code);
    let after = ConsentState::ALL.iter().copied().find(|state| order::verb(*state) == verb)?;
    Some(ConsentHappening { purpose, before, after, version, at })
}

fn word(actor: &Actor, purpose: Purpose, version: u32, texts: [Printable; 2]) -> Result<Done, Refusal> {
    let texts = texts.map(|text| Printable::lines(text.as_str().trim()));
    if texts.iter().all(Printable::is_empty) {
        return Err(Refusal::invalid("wording", Fault::Missing));
    }
    if texts.iter().any(|text| text.as_str().chars().count() > LONGEST_WORDING) {
        return Err(Refusal::invalid("wording", Fault::TooLong));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut wordings = settings::wordings(to)?;
        let now = wordings.version(purpose);
        if now != version {
            return Err(Refusal::Conflict(None));
        }
        // What reads as before asks nobody anew.
        if wordings.get(purpose, now).is_some_and(|wording| wording.texts == texts) {
            return Ok(Done::Done);
        }
        if wordings.of(purpose).len() >= MOST_VERSIONS {
            return Err(Refusal::invalid("wording", Fault::Full(MOST_VERSIONS)));
        }
        let version = wordings.add(purpose, texts.clone(), (actor.now, actor.staff.id));
        settings::put_wordings(to, &wordings)?;
        let said = Some(format!("{} v{version}", purpose.code()));
        let texts = Texts { after: said, ..Texts::default() };
        actor.record(to, &NewEntry { texts, ..actor.entry("consent.wording") })?;
        Ok(Done::Done)
    })
}

/// Takes a consent back that was put down, or gives it back to whose it was before a merge.
pub(super) fn put_back(
    actor: &Actor,
    to: &mut dyn Put,
    (id, now, before): (u64, u64, Option<u64>),
) -> Result<(), Refusal> {
    // Who was merged away since is meant as whoever they are now; what a merge moved is not.
    let now = if before.is_none() { merged::kept(to, CustomerId(now))?.0 } else { now };
    let customer = actor.customer_to_change(to, CustomerId(now))?;
    let Some(consent) = consents::take(to, &customer, ConsentId(id))? else {
        return Err(undo::stale(actor, to, CustomerId(now))?);
    };
    if let Some(before) = before {
        let whose = actor.customer_to_change(to, CustomerId(before))?;
        consents::put(to, &whose, &Consent { customer: whose.profile.id, ..consent })?;
    }
    Ok(())
}

/// Makes what one customer said another's; gives what an undo puts back.
pub(super) fn move_all(to: &mut dyn Put, of: &Customer, now: &Customer) -> Result<Vec<Restore>, StoreError> {
    let (from, id) = (of.profile.id, now.profile.id);
    let said = consents::of(to, from)?;
    consents::forget_all(to, of)?;
    let mut restores = Vec::new();
    for consent in said {
        restores.push(Restore::Consent(consent.id.0, id.0, Some(from.0)));
        consents::put(to, now, &Consent { customer: id, ..consent })?;
    }
    Ok(restores)
}

/// What a customer said of each purpose; nothing where the role does not work with consents.
pub(super) fn of(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<Vec<ConsentRow>, StoreError> {
    if !actor.role.may(Permission::Consents) {
        return Ok(Vec::new());
    }
    let (said, wordings) = (consents::of(from, id)?, settings::wordings(from)?);
    Ok(Purpose::ALL.iter().map(|purpose| row(actor, *purpose, &said, &wordings)).collect())
}

fn row(actor: &Actor, purpose: Purpose, said: &[Consent], wordings: &Wordings) -> ConsentRow {
    let of_purpose = said.iter().filter(|consent| consent.purpose == purpose).take(MOST_SHOWN);
    let history: Vec<ConsentSaid> =
        of_purpose.map(|consent| ConsentSaid { consent: consent.clone(), by: actor.name_of(consent.by) }).collect();
    let now = history.first().cloned();
    let in_force = wordings.in_force(purpose);
    let given = now.as_ref().filter(|said| said.consent.state == ConsentState::Given);
    let older = given.is_some_and(|said| in_force.overtook(&said.consent));
    let asked = if older { Asked::Older } else { Asked::Current };
    let version = now.as_ref().map_or(in_force.version, |said| said.consent.version);
    ConsentRow { purpose, now, asked, wording: wordings.get(purpose, version), history }
}

/// What a customer said last of marketing, where that was no.
pub(super) fn no_marketing(from: &dyn Get, id: CustomerId) -> Result<Option<ConsentState>, StoreError> {
    let said = consents::newest(from, id, Purpose::Marketing)?.map(|consent| consent.state);
    Ok(said.filter(|state| *state != ConsentState::Given))
}

/// The purposes with every version of their wordings.
pub(super) fn purposes(actor: &Actor, from: &dyn Get) -> Result<Vec<PurposeRow>, Refusal> {
    actor.require(Permission::Consents)?;
    let wordings = settings::wordings(from)?;
    let rows = Purpose::ALL.iter().map(|purpose| {
        let wordings = wordings.of(*purpose);
        let by = wordings.iter().map(|w| w.by.map(|who| actor.name_of(who)).unwrap_or_default()).collect();
        PurposeRow { purpose: *purpose, wordings, by }
    });
    Ok(rows.collect())
}
