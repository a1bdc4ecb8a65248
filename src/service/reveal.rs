//! The reveal: a reason, a right, a durable entry, and only then a value, for a while.
//!
//! **Invariant:** no plain value leaves this module before the commit of its entry has returned; if that fails, what
//! leaves is the refusal.

use zeroize::Zeroizing;

use super::actor::Actor;
use super::cases;
use super::customers::minutes_until_free;
use super::refusal::Refusal;
use super::session::Session;
use super::view::{CopyRight, Effort, Match, RevealPrompt, TicketRule, Verdict};
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Outcome, Texts};
use crate::domain::customer::Profile;
use crate::domain::field::{FieldDef, FieldKey};
use crate::domain::id::{CaseId, CustomerId, EntrySeq};
use crate::domain::reason::{Reason, ReasonFault};
use crate::domain::role::{Permission, RevealRight};
use crate::domain::value::token_values;
use crate::privacy::class::FieldClass;
use crate::privacy::reveal::Revealed;
use crate::privacy::seal::{Sealed, TokenKind};
use crate::text;
use crate::vault::book::{cases as book_cases, customers, staff, usage};
use crate::vault::records::{Customer, RecentReasons, Record, Stored, StoredToken};
use crate::vault::store::{Get, Put, Table};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Reveals are counted by class, and those of one's own customers apart.
const REVEALS: u8 = 16;
/// Wrong tries at verifying, by the field's place in the schema.
const WRONG_TRIES: u8 = 64;

/// Where the value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// On the screen.
    Show,
    /// On the clipboard, which is outside our control.
    Copy,
}

fn counter(class: FieldClass, own: Owned) -> u8 {
    REVEALS + class.byte() * 2 + own as u8
}

#[derive(Clone, Copy, PartialEq)]
enum Owned {
    Others = 0,
    Own = 1,
}

fn owned(actor: &Actor, profile: &Profile) -> Owned {
    if actor.owns(profile) { Owned::Own } else { Owned::Others }
}

/// The field, if the role may see its class at all and this session can. While a field's class is being changed the
/// stricter of both counts: that of the field, and that in which the value still stands.
fn right(actor: &Actor, customer: &Customer, key: &FieldKey) -> Result<(FieldDef, FieldClass, RevealRight), Refusal> {
    let def = actor.field(key)?.clone();
    let stands = match customer.field(key) {
        Some(Stored::Sealed { class, .. }) => *class,
        _ => FieldClass::Open,
    };
    let class = def.class.max(stands);
    let right = right_to(actor, class)?;
    Ok((def, class, right))
}

/// How values of a class open to the actor, if the role may see it at all and this session can.
pub(super) fn right_to(actor: &Actor, class: FieldClass) -> Result<RevealRight, Refusal> {
    if class == FieldClass::Open {
        return Err(Refusal::NotMasked);
    }
    let right = actor.role.reveal(class);
    match right {
        RevealRight::Never => {
            Err(Refusal::NeverRevealed { class, helpers: actor.helpers(|role| role.reveal(class).holds_key()).0 })
        }
        RevealRight::UnderRequest => Err(Refusal::RequestNeeded(class)),
        RevealRight::WithApproval => {
            Err(Refusal::ApprovalNeeded { class, helpers: actor.helpers(|role| role.reveal(class).holds_key()).0 })
        }
        RevealRight::WithReason | RevealRight::LightOnOwn if actor.class_key(class).is_none() => {
            Err(Refusal::KeyMissing(class))
        }
        RevealRight::WithReason | RevealRight::LightOnOwn => Ok(right),
    }
}

struct Quota {
    used: u32,
    limit: u32,
    /// How many more there can be now.
    left: u32,
    refusal: Option<Refusal>,
}

fn quota(actor: &Actor, from: &dyn Get, class: FieldClass, own: Owned) -> Result<Quota, Refusal> {
    let factor = if own == Owned::Own { actor.policy.own_factor } else { 1 };
    let (hour, day) = actor.policy.quota(class);
    let (hour, day) = (hour.saturating_mul(factor), day.saturating_mul(factor));
    let counter = counter(class, own);
    let in_hour = usage::since(from, actor.staff.id, counter, actor.now.plus_seconds(-HOUR))?;
    let in_day = usage::since(from, actor.staff.id, counter, actor.now.plus_seconds(-DAY))?;
    let refusal = if in_hour.times >= hour {
        Some(Refusal::QuotaSpent { quota: hour, minutes: minutes_until_free(actor, &in_hour) })
    } else if in_day.times >= day {
        let oldest = in_day.oldest.map_or(0, |oldest| actor.now.since(oldest) / 60_000);
        let minutes = u32::try_from((DAY / 60).saturating_sub(oldest).max(1)).unwrap_or(1_440);
        Some(Refusal::QuotaSpent { quota: day, minutes })
    } else {
        None
    };
    let left = hour.saturating_sub(in_hour.times).min(day.saturating_sub(in_day.times));
    Ok(Quota { used: in_hour.times, limit: hour, left, refusal })
}

/// Refuses where the quota has not room for all of these values, whose customers and classes are given.
pub(super) fn enough<'p>(
    actor: &Actor,
    from: &dyn Get,
    wanted: impl Iterator<Item = (&'p Profile, FieldClass)>,
) -> Result<(), Refusal> {
    let mut counts: Vec<(FieldClass, Owned, u32)> = Vec::new();
    for (profile, class) in wanted {
        let own = owned(actor, profile);
        match counts.iter_mut().find(|(c, o, _)| *c == class && *o == own) {
            Some((.., count)) => *count += 1,
            None => counts.push((class, own, 1)),
        }
    }
    for (class, own, needed) in counts {
        let Quota { left, .. } = quota(actor, from, class, own)?;
        if needed > left {
            return Err(Refusal::QuotaShort { needed, left });
        }
    }
    Ok(())
}

/// A value of a field of a class, as its row has it.
enum Value<'c> {
    /// Sealed to a class.
    Sealed(&'c Sealed, &'c [StoredToken], FieldClass),
    /// Still to be sealed, since the field was open until a while ago.
    Still(&'c str),
}

fn value<'c>(customer: &'c Customer, def: &FieldDef) -> Result<Value<'c>, Refusal> {
    match customer.field(&def.key) {
        Some(Stored::Sealed { sealed, tokens, class, .. }) => Ok(Value::Sealed(sealed, tokens, *class)),
        Some(Stored::Open(text)) if def.class != FieldClass::Open => Ok(Value::Still(text.as_str())),
        Some(Stored::Open(_)) => Err(Refusal::NotMasked),
        Some(Stored::Declined) | None => Err(Refusal::FieldEmpty),
    }
}

/// What the prompt says before it asks. Refusals that no reason would lift come at once.
pub(super) fn prompt(
    session: &Session,
    actor: &Actor,
    from: &dyn Get,
    id: CustomerId,
    key: &FieldKey,
) -> Result<RevealPrompt, Refusal> {
    let customer = actor.customer_to_change(from, id)?;
    let (def, class, right) = right(actor, &customer, key)?;
    value(&customer, &def)?;
    let quota = quota(actor, from, class, owned(actor, &customer.profile))?;
    let memory = session.memory();
    let at_hand = memory.at_hand(id);
    // With a case at hand only a look for that case is asked for again.
    let same_case = |case: &Option<CaseId>| at_hand.as_ref().is_none_or(|(at_hand, _)| *case == Some(*at_hand));
    let again = memory.reveals.iter().rev().find(|(c, f, _, case, at)| {
        *c == id && f == key && same_case(case) && actor.now.since(*at) < i64::from(actor.policy.again_seconds) * 1000
    });
    let effort = match again {
        Some((_, _, reason, ..)) => Effort::Again(reason.clone()),
        None if right == RevealRight::LightOnOwn && actor.owns(&customer.profile) => Effort::Light,
        None => Effort::Reason,
    };
    let logged = memory.ticket.as_ref().filter(|(c, _)| *c == id).map(|(_, ticket)| ticket.clone());
    let ticket = at_hand.map(|(_, ticket)| ticket).or(logged);
    let required = actor.policy.ticket_required == 1;
    Ok(RevealPrompt {
        customer: id,
        field: key.clone(),
        class,
        effort,
        used: quota.used,
        quota: quota.limit,
        ticket,
        ticket_required: if required { TicketRule::Required } else { TicketRule::Optional },
        seconds: actor.policy.seconds_in_sight(class),
        copy: if actor.role.may(Permission::Copy) { CopyRight::Allowed } else { CopyRight::Denied },
    })
}

/// A reason, and the case that it is about.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// The reason.
    pub(super) reason: Reason,
    /// The case at hand, or the only one with the reason's ticket.
    pub(super) case: Option<CaseId>,
}

impl About {
    /// What a reason is about, with what this session has at hand.
    pub(super) fn of(session: &Session, from: &dyn Get, id: CustomerId, reason: Reason) -> Result<Self, Refusal> {
        let at_hand = session.memory().at_hand(id).map(|(case, _)| case);
        let ticket = reason.ticket.as_ref().map(|ticket| ticket.as_str());
        let case = cases::belonging(from, id, at_hand, ticket)?;
        Ok(Self { reason, case })
    }
}

/// Whether a reason was given for something of this customer and this case a while ago, so that it needs no second judging.
pub(super) fn was_given(session: &Session, actor: &Actor, id: CustomerId, about: &About) -> bool {
    let lately = |at: Timestamp| actor.now.since(at) < i64::from(actor.policy.again_seconds) * 1000;
    let same = |reason: &Reason, case: &Option<CaseId>| *reason == about.reason && *case == about.case;
    session.memory().reveals.iter().any(|(c, _, r, case, at)| *c == id && same(r, case) && lately(*at))
}

/// Remembers what was let out for which reason.
pub(super) fn remember(session: &Session, actor: &Actor, id: CustomerId, keys: Vec<FieldKey>, about: &About) {
    let mut memory = session.memory();
    memory.reveals.retain(|(.., at)| actor.now.since(*at) < i64::from(actor.policy.again_seconds) * 1000);
    memory.reveals.extend(keys.into_iter().map(|key| (id, key, about.reason.clone(), about.case, actor.now)));
}

/// A value on its way out, in the transaction of its entry.
pub(super) struct LetOut {
    /// The value.
    pub(super) plain: Zeroizing<String>,
    /// Its entry.
    pub(super) seq: EntrySeq,
    /// Its class.
    pub(super) class: FieldClass,
}

/// Opens a value within the right and the quota, counts it and writes its entry. It may leave once the commit returned.
pub(super) fn let_out(
    actor: &Actor,
    to: &mut dyn Put,
    (customer, key): (&Customer, &FieldKey),
    About { reason, case }: &About,
    way: Way,
) -> Result<LetOut, Refusal> {
    let id = customer.profile.id;
    let (def, class, _) = right(actor, customer, key)?;
    let value = value(customer, &def)?;
    let own = owned(actor, &customer.profile);
    if let Some(refusal) = quota(actor, to, class, own)?.refusal {
        return Err(refusal);
    }
    let plain = match value {
        Value::Still(text) => Zeroizing::new(text.to_owned()),
        Value::Sealed(sealed, _, stands) => {
            let secret = actor.class_key(stands).ok_or(Refusal::KeyMissing(stands))?;
            let plain = secret.open(actor.place(key.as_str(), stands), sealed);
            plain.map_err(|error| Refusal::Damaged(error.to_string()))?
        }
    };
    usage::note(to, actor.staff.id, counter(class, own), actor.now, id.0)?;
    let words = |t: &Option<text::Printable>| t.as_ref().filter(|t| !t.is_empty()).map(|t| t.as_str().to_owned());
    let normal = actor.check(&def, &plain).map(|checked| Zeroizing::new(checked.normal));
    let hashed = normal.as_ref().map_or(plain.as_str(), |n| n.as_str());
    let verb = if way == Way::Show { "customer.reveal" } else { "customer.copy" };
    let entry = NewEntry {
        object: Object::Customer(id.0),
        field: Some(key.clone()),
        reason: Some(reason.code),
        texts: Texts { reason: words(&reason.text), ticket: words(&reason.ticket), ..Texts::default() },
        value_hmac: fingerprint(actor, &def, hashed),
        ..actor.entry(verb)
    };
    let seq = actor.record(to, &entry)?;
    if let Some(case) = case {
        book_cases::note_entry(to, *case, seq)?;
    }
    Ok(LetOut { plain, seq, class })
}

/// Lets a value out.
pub(super) fn reveal(
    session: &Session,
    actor: &Actor,
    id: CustomerId,
    key: FieldKey,
    reason: Reason,
    way: Way,
) -> Result<Revealed, Refusal> {
    let about = About::of(session, &actor.desk.tables.read()?, id, reason)?;
    let lately = |at: Timestamp| actor.now.since(at) < i64::from(actor.policy.again_seconds) * 1000;
    let again =
        session.memory().reveals.iter().any(|(c, f, r, case, at)| {
            *c == id && *f == key && *r == about.reason && *case == about.case && lately(*at)
        });
    let (of_actor, of_key, of_about) = (actor.clone(), key.clone(), about.clone());
    let out = actor.commit(move |to| {
        let (actor, key, about) = (&of_actor, &of_key, &of_about);
        let customer = actor.customer_to_change(to, id)?;
        let (def, ..) = right(actor, &customer, key)?;
        value(&customer, &def)?;
        if !again {
            check_reason(actor, to, &about.reason)?;
        }
        let_out(actor, to, (&customer, key), about, way)
    })?;
    remember(session, actor, id, vec![key], &about);
    let until = actor.desk.now().plus_seconds(i64::from(actor.policy.seconds_in_sight(out.class)));
    Ok(Revealed::new(out.plain, out.seq.0, until))
}

/// What the record keeps of a value that was shown or compared: made with the class's blind key as well as with the
/// vault's own, since whoever reads the record could else try values against it.
fn fingerprint(actor: &Actor, def: &FieldDef, normal: &str) -> Option<[u8; 32]> {
    let blind = actor.blind_key(def.class)?.token(TokenKind::Whole, def.key.as_str(), normal);
    Some(actor.desk.audit_key.hash(def.key.as_str(), &crate::ledger::base64(&blind.0)))
}

/// Holds a reason against the rules and against the person's last five texts, and remembers its text.
pub(super) fn check_reason(actor: &Actor, to: &mut dyn Put, reason: &Reason) -> Result<(), Refusal> {
    if actor.policy.ticket_required == 1 && reason.ticket.as_ref().is_none_or(|t| t.is_empty()) {
        return Err(ReasonFault::TicketMissing.into());
    }
    let stored = staff::own(to, Table::Reasons, actor.staff.id)?;
    let mut recent = stored.map_or_else(|| Ok(RecentReasons::default()), |bytes| RecentReasons::from_bytes(&bytes))?;
    reason.check(&recent.0)?;
    if let Some(text) = reason.text.as_ref().filter(|t| !t.is_empty()) {
        recent.0.insert(0, text::folded(text.as_str()));
        recent.0.truncate(5);
        staff::put_own(to, Table::Reasons, actor.staff.id, Some(&recent.to_bytes()))?;
    }
    Ok(())
}

/// Compares what a caller says with what is stored, without opening it.
pub(super) fn verify(actor: &Actor, id: CustomerId, key: FieldKey, said: &str) -> Result<Verdict, Refusal> {
    let def = actor.field(&key)?.clone();
    let on_its_way = actor.changing.running(&key).is_some();
    if def.class == FieldClass::Open && !on_its_way {
        return Err(Refusal::NotMasked);
    }
    if !on_its_way && actor.blind_key(def.class).is_none() {
        return Err(Refusal::KeyMissing(def.class));
    }
    let said = actor.check(&def, said).ok().map(|checked| Zeroizing::new(checked.normal));
    let place = actor.schema.rows().position(|f| f.key == key).unwrap_or(0);
    let counter = WRONG_TRIES.saturating_add(u8::try_from(place).unwrap_or(u8::MAX));
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut customer = actor.customer_to_change(to, id)?;
        let held = value(&customer, &def)?;
        let used = usage::since(to, actor.staff.id, counter, actor.now.plus_seconds(-HOUR))?;
        let wrong = used.objects.get(&id.0).copied().unwrap_or(0);
        let tries = actor.policy.verify_tries;
        if wrong >= tries {
            return Err(Refusal::NoTriesLeft { minutes: minutes_until_free(actor, &used) });
        }
        let matched = said.as_ref().map(|said| is_said(actor, &def, &held, said)).transpose()?.unwrap_or(false);
        if matched {
            // The right answer confirms the value; nothing else of the customer changes, its version included.
            let before = Customer::from_bytes(&customer.to_bytes())?;
            customer.confirmed.set(&key, actor.now);
            customers::put(to, Some(&before), &customer, &actor.schema)?;
        } else {
            usage::note(to, actor.staff.id, counter, actor.now, id.0)?;
        }
        let entry = NewEntry {
            object: Object::Customer(id.0),
            field: Some(key.clone()),
            outcome: if matched { Outcome::Matched } else { Outcome::Differed },
            value_hmac: said.as_ref().and_then(|normal| fingerprint(actor, &def, normal)),
            ..actor.entry("customer.verify")
        };
        actor.record(to, &entry)?;
        let left = tries.saturating_sub(wrong.saturating_add(u32::from(!matched)));
        Ok(Verdict { matched: if matched { Match::Yes } else { Match::No }, tries_left: left })
    })
}

/// Whether a value is the one that somebody said, both in the form in which values are compared.
fn is_said(actor: &Actor, def: &FieldDef, held: &Value<'_>, said: &str) -> Result<bool, Refusal> {
    match held {
        Value::Still(text) => {
            Ok(actor.check(def, text).is_ok_and(|checked| Zeroizing::new(checked.normal).as_str() == said))
        }
        Value::Sealed(_, tokens, class) => {
            let blind = actor.blind_key(*class).ok_or(Refusal::KeyMissing(*class))?;
            let whole = tokens.iter().find(|token| token.kind.is_whole());
            let first = token_values(def.kind, said).into_iter().next();
            let said =
                first.map(|(kind, text)| StoredToken { kind, token: blind.token(kind, def.key.as_str(), &text) });
            Ok(said.is_some() && said.as_ref() == whole)
        }
    }
}
