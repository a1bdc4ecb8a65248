//! Staff, their roles and the class keys they hold.
//!
//! **Invariant:** nobody hands over a key that they do not hold, and the last holder of a key is not shut out.

use zeroize::Zeroizing;

use super::actor::Actor;
use super::door::Done;
use super::factor;
use super::refusal::{Fault, PassphraseProblem, Refusal};
use super::session::record_refusal;
use super::settings;
use super::staff_keys;
use super::view::{Me, StaffRow};
use crate::domain::audit::{NewEntry, Object, Outcome, Texts};
use crate::domain::customer::Profile;
use crate::domain::id::StaffId;
use crate::domain::query::OwnerWord;
use crate::domain::role::{Permission, Role, RoleName};
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::privacy::class::FieldClass;
use crate::text::{Printable, folded};
use crate::vault::book::{self, staff};
use crate::vault::keyring::{Grant, KeyName, KeyToGrant, Passphrase, SetupCode, UserKeys};
use crate::vault::records::StaffKeys;
use crate::vault::store::{Get, Put, StoreError};
use crate::vault::superblock::{Secret, UnlockError};

/// Who is signed in.
pub(super) fn me(actor: &Actor, from: &dyn Get) -> Result<Me, Refusal> {
    let role = |s: &Staff| staff::role(from, s.role);
    let active = actor.everybody.iter().filter(|s| s.state != StaffState::Disabled);
    let solo = active.clone().count() == 1 && actor.staff.role == RoleName::Owner;
    let mut colleagues = Vec::new();
    for s in active {
        if role(s)?.may(Permission::EditCustomers) {
            colleagues.push((s.id, s.name.clone()));
        }
    }
    let reads = actor.role.may(Permission::ReadAudit);
    let everybody = actor.everybody.iter().filter(|_| reads).map(|s| (s.id, s.name.clone())).collect();
    Ok(Me {
        id: actor.staff.id,
        name: actor.staff.name.clone(),
        role: actor.role.clone(),
        awaiting: awaiting(from, &actor.staff)?,
        preferences: settings::preferences(actor, from)?,
        policy: actor.policy.clone(),
        losses: (*actor.losses).clone(),
        solo,
        colleagues,
        everybody,
        vault: actor.desk.ground.name(),
        factor: factor::state(actor, from)?,
        until: actor.until,
        odd: actor.desk.watch.odd().map(Box::new),
    })
}

/// The roles as they stand.
pub(super) fn roles(from: &dyn Get) -> Result<Vec<Role>, Refusal> {
    Ok(RoleName::ALL.iter().map(|name| staff::role(from, *name)).collect::<Result<_, _>>()?)
}

/// Everybody, with what they wait for.
pub(super) fn list(actor: &Actor, from: &dyn Get) -> Result<Vec<StaffRow>, Refusal> {
    if !actor.role.may(Permission::ReadAudit) {
        actor.require(Permission::ManageStaff)?;
    }
    let mut out = Vec::new();
    for s in actor.everybody.iter() {
        let last_login = staff::keys(from, s.id)?.and_then(|keys| keys.last_login);
        let factor = staff::factor(from, s.id)?.map(|factor| factor.since);
        let ssh = book::staff_keys::of(from, s.id)?;
        out.push(StaffRow { staff: s.clone(), awaiting: awaiting(from, s)?, last_login, factor, ssh });
    }
    Ok(out)
}

/// The keys of a class that a role needs: to read it, and to make its tokens.
fn needs(role: &Role, class: FieldClass) -> Vec<KeyName> {
    let reads = role.reveal(class).holds_key().then(|| KeyName::class(class)).flatten();
    let writes = role.needs_blind_key().then(|| KeyName::blind(class)).flatten();
    reads.into_iter().chain(writes).collect()
}

fn lacks(from: &dyn Get, who: &Staff, class: FieldClass) -> Result<Vec<KeyName>, StoreError> {
    let mut lacking = Vec::new();
    for key in needs(&staff::role(from, who.role)?, class) {
        if staff::grant(from, who.id, key.byte())?.is_none() {
            lacking.push(key);
        }
    }
    Ok(lacking)
}

/// The classes whose keys somebody waits for.
fn awaiting(from: &dyn Get, who: &Staff) -> Result<Vec<FieldClass>, StoreError> {
    let mut out = Vec::new();
    for class in FieldClass::SEALED {
        if who.state == StaffState::Active && !lacks(from, who, class)?.is_empty() {
            out.push(class);
        }
    }
    Ok(out)
}

/// The grants that wait for the actor, who holds the keys.
pub(super) fn grants_to_confirm(
    actor: &Actor,
    from: &dyn Get,
) -> Result<Vec<(StaffId, LoginName, FieldClass)>, StoreError> {
    let mut out = Vec::new();
    for who in actor.everybody.iter().filter(|s| s.id != actor.staff.id) {
        for class in awaiting(from, who)? {
            if lacks(from, who, class)?.iter().all(|key| held(actor, *key).is_some()) {
                out.push((who.id, who.name.clone(), class));
            }
        }
    }
    Ok(out)
}

pub(super) fn held(actor: &Actor, key: KeyName) -> Option<KeyToGrant<'_>> {
    let class =
        FieldClass::SEALED.into_iter().find(|c| [KeyName::class(*c), KeyName::blind(*c)].contains(&Some(key)))?;
    if KeyName::class(class) == Some(key) {
        actor.class_key(class).map(|secret| KeyToGrant::Class(class, secret))
    } else {
        actor.blind_key(class).map(|secret| KeyToGrant::Blind(class, secret))
    }
}

/// Hands a class's keys to somebody whose role needs them.
pub(super) fn confirm_grant(actor: &Actor, id: StaffId, class: FieldClass) -> Result<Done, Refusal> {
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let who = staff::get(to, id)?.filter(|s| s.state == StaffState::Active);
        let who = who.ok_or(Refusal::NotFound("staff member"))?;
        let kem = staff::keys(to, id)?.ok_or(Refusal::NotFound("staff member"))?.kem;
        let needed = needs(&staff::role(to, who.role)?, class);
        if needed.iter().any(|key| held(actor, *key).is_none()) {
            return Err(Refusal::KeyMissing(class));
        }
        let lacking = lacks(to, &who, class)?;
        if lacking.is_empty() {
            return Err(Refusal::NotFound("grant to be confirmed"));
        }
        for key in lacking {
            let key_held = held(actor, key).ok_or(Refusal::KeyMissing(class))?;
            grant(actor, to, id, &kem, key_held)?;
        }
        let texts = Texts { after: Some(class.code().to_owned()), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..actor.entry("staff.grant") })?;
        Ok(Done::Done)
    })
}

fn grant(actor: &Actor, to: &mut dyn Put, id: StaffId, kem: &[u8; 32], key: KeyToGrant<'_>) -> Result<(), Refusal> {
    give(&actor.desk.tables.id(), to, id, kem, key, &actor.keys.user, &*actor.desk.entropy)
}

/// Seals a key to somebody and keeps the grant.
pub(super) fn give(
    vault: &[u8; 16],
    to: &mut dyn Put,
    id: StaffId,
    kem: &[u8; 32],
    key: KeyToGrant<'_>,
    granter: &UserKeys,
    entropy: &dyn crate::clock::Entropy,
) -> Result<(), Refusal> {
    let made = Grant::make(vault, id, kem, key, granter, entropy);
    let made = made.map_err(|error| Refusal::Damaged(error.to_string()))?;
    Ok(staff::put_grant(to, id, made.key().byte(), &made.to_bytes())?)
}

/// Refuses where somebody who is no owner would make or unmake one: an owner sees and may do everything.
pub(super) fn only_owners_for(actor: &Actor, role: RoleName) -> Result<(), Refusal> {
    if role == RoleName::Owner && actor.staff.role != RoleName::Owner {
        return Err(Refusal::NotPermitted { permission: Permission::ManageStaff, helpers: vec![RoleName::Owner] });
    }
    Ok(())
}

/// Adds somebody, who gets a setup code.
pub(super) fn add(actor: &Actor, name: LoginName, role: RoleName) -> Result<Done, Refusal> {
    only_owners_for(actor, role)?;
    let from = actor.desk.tables.read()?;
    // What a query means by a word of its own, and what looks like another's name, would be taken for it.
    let wanted = folded(name.as_str());
    let looks_alike = |who: &Staff| folded(who.name.as_str()) == wanted;
    if staff::by_name(&from, &name)?.is_some()
        || actor.everybody.iter().any(looks_alike)
        || OwnerWord::of(&wanted).is_some()
    {
        return Err(Refusal::NameTaken);
    }
    drop(from);
    let code = SetupCode::generate(&*actor.desk.entropy);
    let passphrase = Passphrase::setup(&code);
    let enrolled = actor.desk.keeper.enroll(&actor.keys.user, name.as_str(), &passphrase, &*actor.desk.entropy)?;
    let keys = StaffKeys {
        kem: enrolled.user.kem_public(),
        cosign: enrolled.user.cosign_public(),
        slot: enrolled.slot,
        generation: enrolled.generation,
        last_login: None,
    };
    let of_actor = actor.clone();
    let added = actor.commit(move |to| {
        let actor = &of_actor;
        if staff::by_name(to, &name)?.is_some() {
            return Err(Refusal::NameTaken);
        }
        let id = staff::next_id(to)?;
        let team = actor.staff.team.clone();
        let state = StaffState::Invited;
        let somebody = Staff { id, version: 1, name: name.clone(), role, team, state, created: actor.now };
        staff::put(to, &somebody)?;
        staff::put_keys(to, id, &keys)?;
        let texts = Texts { after: Some(format!("{} · {}", name, role.code())), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..actor.entry("staff.add") })?;
        Ok(id)
    });
    match added {
        Ok(id) => Ok(Done::SetupCode(id, Zeroizing::new(code.as_str().to_owned()))),
        Err(refusal) => {
            // The slot came first, so that a person on record always has one; without the record it goes again.
            actor.desk.keeper.disable(enrolled.slot, &*actor.desk.entropy)?;
            Err(refusal)
        }
    }
}

/// The longest name of a team, in characters.
const LONGEST_TEAM: usize = 40;

/// Puts somebody into a team, by which a role whose scope is the team sees customers. A name that a team has already is
/// taken as that team writes it.
pub(super) fn set_team(actor: &Actor, id: StaffId, team: &Printable) -> Result<Done, Refusal> {
    let typed = team.as_str().trim().to_owned();
    if typed.chars().count() > LONGEST_TEAM {
        return Err(Refusal::invalid("team", Fault::TooLong));
    }
    let of_actor = actor.clone();
    actor.commit(move |to| {
        let actor = &of_actor;
        let mut who = staff::get(to, id)?.ok_or(Refusal::NotFound("staff member"))?;
        only_owners_for(actor, who.role)?;
        let same = actor.everybody.iter().find(|s| folded(&s.team) == folded(&typed));
        let team = same.map_or_else(|| typed.clone(), |s| s.team.clone());
        let before = std::mem::replace(&mut who.team, team);
        if before == who.team {
            return Ok(Done::Done);
        }
        who.version += 1;
        staff::put(to, &who)?;
        let texts = Texts { before: Some(before), after: Some(who.team.clone()), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..actor.entry("staff.team") })?;
        Ok(Done::Done)
    })
}

/// Shuts somebody out: the record first, then the slot.
pub(super) fn disable(actor: &Actor, id: StaffId) -> Result<Done, Refusal> {
    if id == actor.staff.id {
        return Err(Refusal::LastHolder("nobody shuts themselves out"));
    }
    let of_actor = actor.clone();
    let slot = actor.commit(move |to| {
        let actor = &of_actor;
        let mut who = staff::get(to, id)?.ok_or(Refusal::NotFound("staff member"))?;
        if who.state == StaffState::Disabled {
            return Err(Refusal::NotFound("active staff member"));
        }
        refuse_last_holder(to, &who)?;
        only_owners_for(actor, who.role)?;
        who.state = StaffState::Disabled;
        who.version += 1;
        staff::put(to, &who)?;
        for key in KeyName::ALL {
            staff::remove_grant(to, id, key.byte())?;
        }
        staff::put_factor(to, id, None)?;
        staff_keys::remove_all(to, id)?;
        let texts = Texts { after: Some(who.name.as_str().to_owned()), ..Texts::default() };
        actor.record(to, &NewEntry { object: Object::Staff(id.0), texts, ..actor.entry("staff.disable") })?;
        // The made-up staff of a sample vault never had a way in.
        let Some(keys) = staff::keys(to, id)? else { return Ok(None) };
        // Whoever held ROOT may have a copy of the file, so it is to be replaced.
        let mut note = book::keys::note(to)?;
        note.rotation_due = note.rotation_due.or(Some(actor.now));
        note.moved(keys.slot);
        book::keys::put_note(to, &note)?;
        Ok(Some(keys.slot))
    })?;
    if let Some(slot) = slot {
        actor.desk.keeper.disable(slot, &*actor.desk.entropy)?;
    }
    staff_keys::publish(&actor.desk)?;
    Ok(Done::Done)
}

/// Refuses where nobody else who can sign in holds one of this person's keys, or is an owner.
fn refuse_last_holder(from: &dyn Get, who: &Staff) -> Result<(), Refusal> {
    let others: Vec<Staff> =
        staff::all(from)?.into_iter().filter(|s| s.id != who.id && s.state == StaffState::Active).collect();
    if who.role == RoleName::Owner && !others.iter().any(|s| s.role == RoleName::Owner) {
        return Err(Refusal::LastHolder("this is the last owner"));
    }
    for key in KeyName::ALL {
        let mut holders = Vec::new();
        for s in others.iter().chain([who]) {
            if staff::grant(from, s.id, key.byte())?.is_some() {
                holders.push(s.id);
            }
        }
        if holders == [who.id] {
            return Err(Refusal::LastHolder("this is the last holder of a class key"));
        }
    }
    Ok(())
}

/// Changes one's own passphrase: the record first, then the slot.
pub(super) fn change_passphrase(actor: &Actor, current: &str, next: &str) -> Result<Done, Refusal> {
    let fault = |error: crate::vault::keyring::PassphraseFault| Refusal::Passphrase(error.into());
    let current = Passphrase::attempt(current).map_err(fault)?;
    let next = Passphrase::new(next).map_err(fault)?;
    let (id, name) = (actor.staff.id, actor.staff.name.as_str());
    let entry = |outcome| NewEntry { object: Object::Staff(id.0), outcome, ..actor.entry("staff.passphrase") };
    match actor.desk.keeper.unlock(name, &current) {
        Ok(_) => {}
        Err(UnlockError::WrongNameOrPassphrase) => {
            record_refusal(actor, entry(Outcome::Refused), None)?;
            return Err(Refusal::Passphrase(PassphraseProblem::Present));
        }
        Err(other) => return Err(Refusal::Damaged(other.to_string())),
    }
    let (of_actor, done) = (actor.clone(), entry(Outcome::Done));
    actor.commit(move |to| Ok(of_actor.record(to, &done)?))?;
    let changed = actor.desk.keeper.change_passphrase(name, &current, &next, Secret::Kept, &*actor.desk.entropy);
    let generation = match changed {
        Ok(unlocked) => unlocked.generation,
        Err(refusal) => {
            record_refusal(actor, entry(Outcome::Failed), None)?;
            return Err(refusal);
        }
    };
    // The slot holds already; where this does not come about, the next sign-in notes the generation.
    actor.commit(move |to| {
        let mut keys = staff::keys(to, id)?.ok_or(Refusal::NotFound("staff member"))?;
        keys.generation = generation;
        super::keys::moved(to, keys.slot)?;
        Ok(staff::put_keys(to, id, &keys)?)
    })?;
    Ok(Done::Done)
}

/// Refuses, naming the part, where somebody is not there, lacks a permission, or has a customer out of their role's scope.
pub(super) fn must_reach(
    actor: &Actor,
    from: &dyn Get,
    (who, part): (StaffId, &str),
    permission: Permission,
    profile: &Profile,
) -> Result<(), Refusal> {
    let other = actor.everybody.iter().find(|s| s.id == who && s.state != StaffState::Disabled);
    if let Some(staff) = other.cloned() {
        let role = book::staff::role(from, staff.role)?;
        let other = Actor { staff, role, ..actor.clone() };
        if other.role.may(permission) && other.in_scope(profile) {
            return Ok(());
        }
    }
    Err(Refusal::invalid(part, Fault::OutOfReach))
}
