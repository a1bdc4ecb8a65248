//! Opening, adding and changing customers.
//!
//! **Invariant:** each changed part has an entry of its own with what stood there before and after, masked.

use super::actor::{Actor, shown};
use super::automation::{self, Prompts};
use super::contradictions::Written;
use super::door::{Change, Done};
use super::refusal::{Fault, FieldFault, Refusal};
use super::sealing::Sealing;
use super::view::{Cursor, CustomerDetail, CustomerRow, FieldShown, Shown};
use super::{links, losses, pool, timeline, today, undo};
use crate::domain::audit::{NewEntry, Object, Texts};
use crate::domain::customer::{Profile, Stage};
use crate::domain::deal::Deal;
use crate::domain::field::{ExportRule, FieldDef, NAME, Need};
use crate::domain::id::{CustomerId, StaffId};
use crate::domain::role::{Permission, Scope};
use crate::domain::staff::{LoginName, Staff};
use crate::domain::value;
use crate::text::Printable;
use crate::vault::book::{customers, deals, follow_ups, losses as book_losses, usage};
use crate::vault::records::{Confirmed, Customer, Record, Restore, Stored};
use crate::vault::store::{Get, Put, StoreError};

/// What a customer opened counts as in the reading limit.
pub(super) const OPENED: u8 = 5;
const HOUR: i64 = 3_600;
pub(super) const MOST_TAGS: usize = 32;
/// Deals of one customer that are shown.
const MOST_DEALS: usize = 200;
const LONGEST_NAME: usize = 200;
const LONGEST_TAG: usize = 40;
pub(super) const LONGEST_SOURCE: usize = 500;

/// Opens a customer, on record and within the reading limit.
pub(super) fn open(actor: &Actor, id: CustomerId) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        charge_open(actor, to, id)?;
        actor.record(to, &NewEntry { object: Object::Customer(id.0), ..actor.entry("customer.open") })?;
        Ok(())
    })?;
    let from = actor.desk.tables.read()?;
    Ok(Done::Customer(Box::new(detail(actor, &from, id)?)))
}

/// Counts a customer of one's scope as opened, or refuses for the reading limit.
pub(super) fn charge_open(actor: &Actor, to: &mut dyn Put, id: CustomerId) -> Result<(), Refusal> {
    actor.customer(to, id)?;
    let used = usage::since(to, actor.staff.id, OPENED, actor.now.plus_seconds(-HOUR))?;
    let limit = actor.policy.opens_per_hour;
    if !used.objects.contains_key(&id.0) && used.objects.len() >= limit as usize {
        return Err(Refusal::ReadingLimit { limit, minutes: minutes_until_free(actor, &used) });
    }
    Ok(usage::note(to, actor.staff.id, OPENED, actor.now, id.0)?)
}

/// Minutes until the oldest use leaves the window of an hour.
pub(super) fn minutes_until_free(actor: &Actor, used: &usage::Used) -> u32 {
    let oldest = used.oldest.unwrap_or(actor.now);
    let seconds = HOUR.saturating_sub(actor.now.since(oldest) / 1000).max(1);
    u32::try_from(seconds.div_euclid(60) + 1).unwrap_or(60)
}

/// A customer as it is shown when opened.
pub(super) fn detail(actor: &Actor, from: &dyn Get, id: CustomerId) -> Result<CustomerDetail, Refusal> {
    let customer = actor.customer(from, id)?;
    // A value that was given before the field was of others only is still shown.
    let of_kind = |def: &&FieldDef| def.is_of(customer.profile.kind) || customer.field(&def.key).is_some();
    let name = actor.name_shown(&customer);
    // A name that is masked is a field among the others, to be revealed and verified as they are.
    let masked = matches!(name, Shown::Masked(_)).then(|| actor.schema.name());
    let fields = masked.into_iter().chain(actor.schema.on().filter(of_kind));
    let fields = fields
        .map(|def| FieldShown { key: def.key.clone(), shown: actor.shown_of(id, &def.key, customer.field(&def.key)) });
    let fields = fields.collect();
    let follow_ups = follow_ups::of(from, id, 50)?;
    let follow_ups = follow_ups.into_iter().map(|f| today::row_of(actor, f, name.clone())).collect();
    let deals = if actor.role.may(Permission::Deals) { deals::of(from, id, MOST_DEALS)? } else { Vec::new() };
    let pipelines = deals::pipelines(from)?;
    let stage = |deal: &Deal| pipelines.stage(deal.stage).map(|(_, stage)| stage.clone());
    let deals = deals.into_iter().map(|deal| (stage(&deal), deal));
    let deals = deals.map(|(stage, deal)| super::deals::row(actor, deal, name.clone(), stage)).collect();
    let linked = links::seen(actor, from, id)?;
    let (timeline, looks) = timeline::of(actor, from, id, &linked)?;
    let goes = pool::Terms::of(actor, from)?.map_or(Ok(None), |terms| terms.goes(from, &customer.profile))?;
    Ok(CustomerDetail {
        owner: owner_name(actor, &customer.profile),
        mine: actor.owns(&customer.profile),
        lost: if customer.profile.stage == Stage::Lost { book_losses::get(from, id)? } else { None },
        profile: customer.profile,
        name: name.clone(),
        fields,
        touch: automation::interval(from, id)?,
        goes,
        follow_ups,
        timeline,
        deals,
        cases: super::cases::of(actor, from, id, &name)?,
        consents: super::consents::of(actor, from, id)?,
        linked: links::rows(actor, &linked),
        looks,
        beside: actor.desk.present.beside(actor.session, id).into_iter().map(|who| actor.name_of(who)).collect(),
    })
}

fn owner_name(actor: &Actor, profile: &Profile) -> Option<LoginName> {
    let owner = profile.owner?;
    actor.everybody.iter().find(|s| s.id == owner).map(|s| s.name.clone())
}

/// A customer as a list shows it; when they go to the pool is for whoever lists them to say.
pub(super) fn row(
    actor: &Actor,
    from: &dyn Get,
    cursor: Vec<u8>,
    customer: Customer,
) -> Result<CustomerRow, StoreError> {
    let fields = actor.schema.on().filter_map(|def| {
        let shown = actor.shown_of(customer.profile.id, &def.key, customer.field(&def.key));
        (shown != Shown::Empty).then(|| (def.key.clone(), shown))
    });
    let mut fields: Vec<_> = fields.collect();
    let name = actor.name_shown(&customer);
    // A row stays as long as its session has it in sight, and there are many sessions.
    fields.shrink_to_fit();
    let p = customer.profile;
    let loss = if p.stage == Stage::Lost { book_losses::get(from, p.id)? } else { None };
    Ok(CustomerRow {
        cursor: Cursor(cursor),
        id: p.id,
        kind: p.kind,
        name,
        owner: owner_name(actor, &p),
        mine: actor.owns(&p),
        stage: p.stage,
        lost: loss.map(|loss| loss.why),
        fields,
        next_follow_up: p.next_follow_up,
        last_contact: p.last_contact,
        goes: None,
        updated: p.updated,
        created: p.created,
        source: p.provenance.source,
        restricted: p.restricted,
        tags: p.tags,
    })
}

/// A change made ready: checked, masked and sealed.
enum Ready {
    Part(Change),
    Field(crate::domain::field::FieldKey, Option<Stored>),
}

/// What a new customer starts from.
pub(super) fn blank(actor: &Actor) -> Customer {
    // Whoever does not see everybody's customers owns those that they add, or would not see them again.
    let owner = matches!(actor.role.scope, Scope::Own | Scope::Team).then_some(actor.staff.id);
    let (created, updated, owned_since) = (actor.now, actor.now, actor.now);
    let profile = Profile { version: 1, owner, owned_since, created, updated, ..Profile::default() };
    let confirmed = Confirmed { all: actor.now, fields: Vec::new() };
    Customer {
        profile,
        name: Stored::Open(Printable::default()),
        fields: Vec::new(),
        confirmed,
        contradictions: Vec::new(),
    }
}

/// Applies changes to a customer; gives each changed part with what stood there before and after. All faults are
/// gathered, so that a form can show them at once.
pub(super) fn apply(
    actor: &Actor,
    sealing: &mut Sealing,
    customer: &mut Customer,
    changes: Vec<Change>,
) -> Result<Vec<(String, Shown, Shown)>, Refusal> {
    let mut faults = Vec::new();
    let mut ready = Vec::new();
    let written = Written::by(actor, &changes);
    for change in changes {
        match prepare(actor, sealing, customer.profile.id.0, change) {
            Ok(change) => ready.push(change),
            Err(Refusal::Invalid(more)) => faults.extend(more),
            Err(other) => return Err(other),
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults));
    }
    let mut made = Vec::new();
    for change in ready {
        let set = if let Ready::Field(key, Some(_)) = &change { Some(key.clone()) } else { None };
        let (part, before, after) = change.make(actor, customer);
        if let Some(key) = set {
            customer.confirmed.set(&key, actor.now);
        }
        if before != after || matches!(after, Shown::Masked(_)) {
            made.push((part, before, after));
        }
    }
    written.note(actor, customer);
    Ok(made)
}

/// The refusal that a part is needed.
pub(super) fn missing(part: &str) -> Refusal {
    Refusal::invalid(part, Fault::Missing)
}

fn prepare(actor: &Actor, sealing: &mut Sealing, origin: u64, change: Change) -> Result<Ready, Refusal> {
    Ok(match change {
        Change::Name(name) if name.is_empty() => return Err(Refusal::invalid("name", Fault::Missing)),
        Change::Name(name) if name.as_str().chars().count() > LONGEST_NAME => {
            return Err(Refusal::invalid("name", Fault::TooLong));
        }
        Change::Name(name) => {
            let def = actor.schema.name();
            let checked = actor.check(def, name.as_str()).map_err(|f| Refusal::Invalid(vec![f]))?;
            Ready::Field(NAME.clone(), Some(sealing.store(actor, origin, def, checked)?))
        }
        Change::Lost(draft) => {
            losses::check(actor, &draft)?;
            Ready::Part(Change::Lost(draft))
        }
        Change::Source(source) if source.as_str().chars().count() > LONGEST_SOURCE => {
            return Err(Refusal::invalid("source", Fault::TooLong));
        }
        Change::Tags(tags) => {
            let mut clean: Vec<String> = tags.iter().map(|t| Printable::line(t).into_string()).collect();
            clean.retain(|t| !t.is_empty());
            clean.sort();
            clean.dedup();
            if clean.len() > MOST_TAGS || clean.iter().any(|t| t.chars().count() > LONGEST_TAG) {
                return Err(Refusal::invalid("tags", Fault::TooLong));
            }
            Ready::Part(Change::Tags(clean))
        }
        Change::Owner(owner) => {
            let allowed = owner == Some(actor.staff.id) && origin == 0;
            if !allowed {
                actor.require(Permission::Reassign)?;
            }
            let known = |id: StaffId| actor.everybody.iter().any(|s: &Staff| s.id == id);
            if owner.is_some_and(|id| !known(id)) {
                return Err(Refusal::NotFound("staff member"));
            }
            Ready::Part(Change::Owner(owner))
        }
        Change::Set(key, raw) => {
            let Ok(def) = actor.field(&key) else { return Err(Refusal::invalid(key.as_str(), Fault::UnknownField)) };
            let checked = actor.check(def, &raw).map_err(|f| Refusal::Invalid(vec![f]))?;
            let stored = sealing.store(actor, origin, def, checked)?;
            Ready::Field(key, Some(stored))
        }
        Change::Clear(key) => {
            let Ok(def) = actor.field(&key) else { return Err(Refusal::invalid(key.as_str(), Fault::UnknownField)) };
            if def.need == Need::Required {
                return Err(Refusal::invalid(key.as_str(), Fault::Missing));
            }
            Ready::Field(key, None)
        }
        Change::Declined(key) => {
            if actor.field(&key).is_err() || key == NAME {
                return Err(Refusal::invalid(key.as_str(), Fault::UnknownField));
            }
            Ready::Field(key, Some(Stored::Declined))
        }
        other => Ready::Part(other),
    })
}

impl Ready {
    fn make(self, actor: &Actor, customer: &mut Customer) -> (String, Shown, Shown) {
        let open = |text: &str| if text.is_empty() { Shown::Empty } else { Shown::Open(Printable::line(text)) };
        let p = &mut customer.profile;
        let (part, before, after) = match self {
            Self::Field(key, stored) => {
                let before = actor.shown_of(customer.profile.id, &key, customer.field(&key));
                let after = shown(stored.as_ref());
                let part = key.as_str().to_owned();
                customer.set(key, stored);
                return (part, before, after);
            }
            Self::Part(Change::Kind(kind)) => {
                let before = std::mem::replace(&mut p.kind, kind);
                ("kind", open(before.code()), open(kind.code()))
            }
            Self::Part(Change::Stage(stage)) => {
                let before = std::mem::replace(&mut p.stage, stage);
                ("stage", open(before.code()), open(stage.code()))
            }
            Self::Part(Change::Owner(owner)) => {
                let number = |o: Option<StaffId>| o.map(|id| format!("staff {id}")).unwrap_or_default();
                let before = p.owner;
                p.belongs_to(owner, actor.now);
                ("owner", open(&number(before)), open(&number(owner)))
            }
            Self::Part(Change::Tags(tags)) => {
                let before = std::mem::replace(&mut p.tags, tags);
                ("tags", open(&before.join(", ")), open(&p.tags.join(", ")))
            }
            Self::Part(Change::Source(source)) => {
                let before = std::mem::replace(&mut p.provenance.source, source.into_string());
                ("source", open(&before), open(&p.provenance.source))
            }
            Self::Part(Change::Basis(basis)) => {
                let before = std::mem::replace(&mut p.provenance.basis, basis);
                ("basis", open(before.code()), open(basis.code()))
            }
            // Written by itself, once it is known how the stage stands.
            Self::Part(Change::Lost(_)) => return (losses::PART.to_owned(), Shown::Empty, Shown::Empty),
            Self::Part(Change::Name(_)) => return (NAME.to_string(), Shown::Empty, Shown::Empty),
            Self::Part(Change::Set(key, _) | Change::Clear(key) | Change::Declined(key)) => {
                return (key.as_str().to_owned(), Shown::Empty, Shown::Empty);
            }
        };
        (part.to_owned(), before, after)
    }
}

/// What the record says of a part. Notes are not exported with it, and a number in open text is starred.
fn text_of(actor: &Actor, part: &str, shown: &Shown) -> Option<String> {
    let internal = actor.schema.get(part).is_some_and(|def| def.export == ExportRule::ByNameOnly);
    match shown {
        Shown::Empty => None,
        Shown::Declined => Some("declined".into()),
        Shown::Open(_) if internal => Some("********".into()),
        Shown::Open(text) => Some(value::starred(text.as_str())),
        Shown::Masked(mask) => Some(mask.as_str().to_owned()),
    }
}

/// One entry for each changed part.
pub(super) fn record_parts(
    actor: &Actor,
    to: &mut dyn Put,
    verb: &str,
    id: CustomerId,
    parts: &[(String, Shown, Shown)],
) -> Result<(), StoreError> {
    for (part, before, after) in parts {
        let texts =
            Texts { before: text_of(actor, part, before), after: text_of(actor, part, after), ..Texts::default() };
        let field = crate::domain::field::FieldKey::new(part);
        actor.record(to, &NewEntry { object: Object::Customer(id.0), field, texts, ..actor.entry(verb) })?;
    }
    Ok(())
}

/// Adds a customer.
pub(super) fn add(actor: &Actor, changes: Vec<Change>) -> Result<(CustomerId, u64), Refusal> {
    let missing = missing_parts(actor, &changes);
    if !missing.is_empty() {
        return Err(Refusal::Invalid(missing));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut customer = blank(actor);
        let (owner, rest): (Vec<_>, Vec<_>) = changes.iter().cloned().partition(|c| matches!(c, Change::Owner(_)));
        apply(actor, &mut Sealing::default(), &mut customer, owner)?;
        // The id is drawn after everything that can be refused without it, and before sealing, which is bound to it.
        customer.profile.id = customers::next_id(to)?;
        apply(actor, &mut Sealing::default(), &mut customer, rest)?;
        let id = customer.profile.id;
        let lost = losses::said(&changes);
        let settled = losses::settle(actor, to, &customer.profile, lost)?;
        let prompted = Prompts::load(to)?.about(actor, to, None, &mut customer.profile)?;
        customers::put(to, None, &customer, &actor.schema)?;
        actor.record(to, &NewEntry { object: Object::Customer(id.0), ..actor.entry("customer.add") })?;
        record_parts(actor, to, "customer.edit", id, settled.part.as_slice())?;
        // An undo takes back what rules did first: whoever has a follow-up is not taken for new any more.
        let mut restores = prompted.finish(actor, to, id)?;
        restores.extend(losses::win_back(actor, to, id, lost)?);
        restores.extend(settled.restore);
        restores.push(Restore::Customer(id.0, 1, None));
        undo::push(actor, to, "customer.add", Some(id), restores)?;
        Ok((id, 1))
    })
}

fn missing_parts(actor: &Actor, changes: &[Change]) -> Vec<FieldFault> {
    let mut missing = Vec::new();
    if !changes.iter().any(|c| matches!(c, Change::Name(_))) {
        missing.push(FieldFault { part: "name".into(), fault: Fault::Missing });
    }
    let kind = changes.iter().rev().find_map(|c| if let Change::Kind(kind) = c { Some(*kind) } else { None });
    let kind = kind.unwrap_or_default();
    for def in actor.schema.on().filter(|def| def.need == Need::Required && def.is_of(kind)) {
        let given = |c: &Change| matches!(c, Change::Set(key, _) | Change::Declined(key) if *key == def.key);
        if !changes.iter().any(given) {
            missing.push(FieldFault { part: def.key.as_str().to_owned(), fault: Fault::Missing });
        }
    }
    missing
}

/// Changes a customer, unless somebody else did since `version`.
pub(super) fn edit(actor: &Actor, id: CustomerId, version: u64, changes: Vec<Change>) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    let saved = actor.commit(move |to| {
        let actor = &of_actor;
        let mut customer = actor.customer_to_change(to, id)?;
        if customer.profile.version != version {
            return Err(Refusal::Conflict(None));
        }
        let before_bytes = customer.to_bytes();
        let before = Customer::from_bytes(&before_bytes)?;
        let mut parts = apply(actor, &mut Sealing::default(), &mut customer, changes.clone())?;
        let lost = losses::said(&changes);
        let settled = losses::settle(actor, to, &customer.profile, lost)?;
        parts.extend(settled.part);
        let wins_back = lost.is_some_and(|lost| lost.back.is_some());
        if parts.is_empty() && !wins_back {
            return Ok(version);
        }
        customer.profile.version = version + 1;
        customer.profile.updated = actor.now;
        let prompted = Prompts::load(to)?.about(actor, to, Some(&before.profile), &mut customer.profile)?;
        customers::put(to, Some(&before), &customer, &actor.schema)?;
        record_parts(actor, to, "customer.edit", id, &parts)?;
        let mut restores = prompted.finish(actor, to, id)?;
        restores.extend(losses::win_back(actor, to, id, lost)?);
        restores.extend(settled.restore);
        restores.push(Restore::Customer(id.0, version + 1, Some(before_bytes)));
        undo::push(actor, to, "customer.edit", Some(id), restores)?;
        Ok(version + 1)
    });
    match saved {
        Err(Refusal::Conflict(_)) => {
            let from = actor.desk.tables.read()?;
            Err(Refusal::Conflict(detail(actor, &from, id).ok().map(Box::new)))
        }
        other => other.map(|version| Done::Saved(id, version)),
    }
}
