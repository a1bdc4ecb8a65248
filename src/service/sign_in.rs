//! Signing in: who it is by the tables, which keys they hold, and that it is on record.
//!
//! **Invariant:** a key out of a grant counts only if a member of staff signed the grant and, for a class key, its
//! public half is the class's.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::actor::{Actor, HeldKeys, Keys};
use super::alerts;
use super::desk::Desk;
use super::examine;
use super::gate::GateError;
use super::refusal::{PassphraseProblem, Refusal};
use super::session::Session;
use super::view::{AlertKind, Seen, SeenKind};
use super::{import, indexing, keys as vault_keys};
use crate::domain::audit::{NewEntry, Object, Origin, Outcome, Texts};
use crate::domain::id::SessionId;
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::hygiene::Locked;
use crate::privacy::class::FieldClass;
use crate::vault::book::staff;
use crate::vault::keyring::{Grant, HeldKey, KeyName, UserKeys};
use crate::vault::store::{Get, Put, StoreError};
use crate::vault::superblock::Unlocked;

fn damaged(error: StoreError) -> GateError {
    Refusal::from(error).into()
}

fn by_name(from: &dyn Get, name: &str) -> Result<Staff, GateError> {
    let name = LoginName::new(name).ok_or(GateError::Name)?;
    let found = staff::by_name(from, &name).map_err(damaged)?;
    let able = found.filter(|s| s.state != StaffState::Disabled);
    able.ok_or(GateError::WrongNameOrPassphrase { wait_seconds: 0 })
}

/// That somebody has a setup code and no passphrase yet.
pub(super) fn invited(desk: &Desk, name: &str) -> Result<(), GateError> {
    let from = desk.tables.read().map_err(damaged)?;
    match by_name(&from, name)?.state {
        StaffState::Invited => Ok(()),
        _ => Err(GateError::Passphrase(PassphraseProblem::SetAlready)),
    }
}

/// Takes somebody's first passphrase in: they are active, with public keys that only they have the secrets of.
pub(super) fn accept(desk: &Arc<Desk>, name: &str, unlocked: &Unlocked, origin: Origin) -> Result<(), GateError> {
    let login = LoginName::new(name).ok_or(GateError::Name)?;
    let (kem, cosign) = (unlocked.user.kem_public(), unlocked.user.cosign_public());
    let (slot, generation) = (unlocked.slot, unlocked.generation);
    let (at_desk, now) = (Arc::clone(desk), desk.now());
    desk.commit(move |to| {
        let mut who = staff::by_name(to, &login)?.ok_or(Refusal::NotFound("staff member"))?;
        who.state = StaffState::Active;
        who.version += 1;
        staff::put(to, &who)?;
        let keys = crate::vault::records::StaffKeys { kem, cosign, slot, generation, last_login: None };
        staff::put_keys(to, who.id, &keys)?;
        let entry = NewEntry::done(now, Some(who.id), SessionId(0), origin, "staff.passphrase");
        let entry = NewEntry { object: Object::Staff(who.id.0), ..entry };
        at_desk.recorder.append(to, &entry, &*at_desk.entropy)?;
        Ok(())
    })
    .map_err(GateError::from)
}

/// Who signed in, checked against the tables.
pub(super) fn known(desk: &Desk, name: &str, unlocked: &Unlocked) -> Result<Staff, GateError> {
    let from = desk.tables.read().map_err(damaged)?;
    let who = by_name(&from, name)?;
    if who.state == StaffState::Invited {
        return Err(GateError::SetupNeeded);
    }
    let keys = staff::keys(&from, who.id).map_err(damaged)?;
    let keys = keys.ok_or_else(|| GateError::Damaged("a person's keys are missing".into()))?;
    if unlocked.generation < keys.generation || unlocked.slot != keys.slot {
        return Err(GateError::Damaged("the head of the file is older than what it protects".into()));
    }
    if !is_staff_key(&from, &unlocked.granter)? {
        return Err(GateError::Damaged("the person's access was given by nobody on the staff".into()));
    }
    Ok(who)
}

pub(super) fn is_staff_key(from: &dyn Get, cosign: &[u8; 32]) -> Result<bool, GateError> {
    for s in staff::all(from).map_err(damaged)? {
        if staff::keys(from, s.id).map_err(damaged)?.is_some_and(|keys| keys.cosign == *cosign) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The class keys that somebody holds.
pub(super) fn keys(desk: &Desk, who: &Staff, user: UserKeys) -> Result<Keys, GateError> {
    let from = desk.tables.read().map_err(damaged)?;
    let mut held = HeldKeys::default();
    for name in KeyName::ALL {
        let Some(bytes) = staff::grant(&from, who.id, name.byte()).map_err(damaged)? else { continue };
        let bad = |_| GateError::Damaged("a grant of a class key cannot be opened".into());
        let grant = Grant::from_bytes(&bytes).map_err(bad)?;
        if !is_staff_key(&from, grant.granter())? || grant.staff() != who.id {
            return Err(GateError::Damaged("a grant of a class key was signed by nobody on the staff".into()));
        }
        match grant.open(&desk.tables.id(), &user, grant.granter()).map_err(bad)? {
            HeldKey::Class(class, secret) if desk.public(class) == Some(secret.public()) => {
                put(&mut held.classes, class, secret);
            }
            HeldKey::Class(..) => return Err(GateError::Damaged("a class key is not the vault's".into())),
            HeldKey::Blind(class, secret) => put(&mut held.blinds, class, secret),
        }
    }
    Ok(Keys { user, held: Locked::new(held) })
}

fn put<K>(keys: &mut [Option<K>; 2], class: FieldClass, key: K) {
    if let Some(place) = HeldKeys::place(class).and_then(|at| keys.get_mut(at)) {
        *place = Some(key);
    }
}

/// Ends what a crash left undone: imports, and slots that the tables do not know or whose person was shut out. Once
/// after opening, when nothing else is under way.
fn tidy(actor: &Actor) -> Result<(), Refusal> {
    import::resume(actor)?;
    indexing::renew(actor)?;
    let from = actor.desk.tables.read()?;
    let mut known = Vec::new();
    for who in actor.everybody.iter().filter(|s| s.state != StaffState::Disabled) {
        known.extend(staff::keys(&from, who.id)?.map(|keys| keys.slot));
    }
    drop(from);
    actor.desk.keeper.erase_others(&known, &*actor.desk.entropy)?;
    vault_keys::tidy(actor)
}

/// Puts the sign-in on record, with the tries that were refused before it, and ends what a crash left undone.
pub(super) fn record(session: &Session, refused: u32, slot: u16, generation: u64) -> Result<(), GateError> {
    let actor = session.actor()?;
    if actor.desk.untidy.swap(false, Ordering::Relaxed) {
        let tidied = tidy(&actor);
        if tidied.is_err() {
            actor.desk.untidy.store(true, Ordering::Relaxed);
        }
        tidied?;
    }
    let of_actor = actor.clone();
    let (odd, examined) = (actor.desk.watch.to_record(), actor.desk.watch.examined_to_record());
    actor.commit(move |to| {
        let actor = &of_actor;
        if let Some(seen) = &odd {
            record_seen(actor, to, seen)?;
        }
        if let Some(found) = &examined {
            examine::record(actor, to, found)?;
        }
        if refused > 0 {
            let count = Some(u64::from(refused));
            let tries = NewEntry { count, outcome: Outcome::Refused, actor: None, ..actor.entry("session.refused") };
            actor.record(to, &tries)?;
            if refused >= 5 {
                alerts::raise(actor, to, AlertKind::SignIns, u64::from(refused))?;
            }
        }
        actor.record(to, &actor.entry("session.begin"))?;
        if let Some(mut keys) = staff::keys(to, actor.staff.id)? {
            keys.last_login = Some(actor.desk.clock.now());
            keys.generation = generation;
            staff::put_keys(to, actor.staff.id, &keys)?;
        }
        vault_keys::moved(to, slot)?;
        actor.desk.recorder.checkpoint(to, actor.now)?;
        Ok(())
    })?;
    actor.desk.watch.recorded();
    Ok(vault_keys::end_recalibration(&actor)?)
}

/// Puts on record how the file differs from what was last seen of it, with an alert unless that was declared.
fn record_seen(actor: &Actor, to: &mut dyn Put, seen: &Seen) -> Result<(), Refusal> {
    let after = format!("{}: {} entries where {} were seen before", seen.kind.code(), seen.now, seen.entries);
    let outcome = if seen.kind.is_declared() { Outcome::Done } else { Outcome::Failed };
    let texts = Texts { after: Some(after), ..Texts::default() };
    let entry = NewEntry { outcome, texts, count: Some(seen.entries), ..actor.entry("vault.compare") };
    actor.record(to, &entry)?;
    match seen.kind {
        SeenKind::Older => alerts::raise(actor, to, AlertKind::OlderFile, seen.entries),
        SeenKind::OtherCopy => alerts::raise(actor, to, AlertKind::OtherCopy, seen.entries),
        SeenKind::Restored | SeenKind::Rotated => Ok(()),
    }
}
