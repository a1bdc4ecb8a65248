//! What a recovery key can do, and the only thing: establish an owner anew.
//!
//! **Invariant:** the key opens nothing else, is used once, and its use is on record before it counts as done; a slot
//! that the new owner had before is erased.

use std::sync::Arc;

use super::desk::Desk;
use super::gate::GateError;
use super::people::give;
use super::refusal::{KeysProblem, PassphraseProblem, Refusal};
use super::sign_in::is_staff_key;
use crate::domain::audit::{NewEntry, Object, Origin, Texts};
use crate::domain::id::SessionId;
use crate::domain::role::RoleName;
use crate::domain::staff::{LoginName, Staff, StaffState};
use crate::privacy::class::FieldClass;
use crate::vault::book::{keys, staff};
use crate::vault::keyring::{Grant, HeldKey, KeyName, KeyToGrant, Passphrase};
use crate::vault::records::{RecoveryNote, StaffKeys};
use crate::vault::store::{Get, Put, Table};
use crate::vault::superblock::Unlocked;

fn damaged(why: &str) -> GateError {
    GateError::Damaged(why.to_owned())
}

/// Makes `name` an owner with this passphrase, by what the recovery key unlocked. Gives what the passphrase unlocks.
pub(super) fn owner(
    desk: &Arc<Desk>,
    recovered: &Unlocked,
    name: &LoginName,
    passphrase: &Passphrase,
    origin: Origin,
) -> Result<Unlocked, GateError> {
    let from = desk.tables.read().map_err(Refusal::from)?;
    let note = keys::note(&from).map_err(Refusal::from)?;
    let place = staff::keys(&from, keys::RECOVERY).map_err(Refusal::from)?;
    match note.recovery {
        RecoveryNote::Used(_) => return Err(GateError::Keys(KeysProblem::RecoveryUsed)),
        RecoveryNote::Made(_)
            if place.is_some_and(|keys| {
                keys.kem == recovered.user.kem_public() && keys.generation == recovered.generation
            }) => {}
        _ => return Err(GateError::Keys(KeysProblem::NotTheRecoveryKey)),
    }
    if !is_staff_key(&from, &recovered.granter)? {
        return Err(damaged("the recovery key's access was given by nobody on the staff"));
    }
    let held = held(desk, &from, recovered)?;
    let before = staff::by_name(&from, name).map_err(Refusal::from)?;
    let old = match &before {
        Some(who) => staff::keys(&from, who.id).map_err(Refusal::from)?,
        None => None,
    };
    let old_slot = old.filter(|_| before.as_ref().is_some_and(|s| s.state != StaffState::Disabled)).map(|k| k.slot);
    drop(from);
    let entropy = &*desk.entropy;
    let enrolled = desk.keeper.enroll_owner(name.as_str(), passphrase, entropy).map_err(|refusal| match refusal {
        // The passphrase is the one that this name has already: nothing was forgotten.
        Refusal::NameTaken => GateError::Passphrase(PassphraseProblem::SetAlready),
        other => other.into(),
    })?;
    let (kem, cosign, slot) = (enrolled.user.kem_public(), enrolled.user.cosign_public(), enrolled.slot);
    let user = Arc::new(enrolled.user);
    let (at_desk, granter, login, now) = (Arc::clone(desk), Arc::clone(&user), name.clone(), desk.now());
    let committed = desk.commit(move |to| {
        let known = staff::by_name(to, &login)?;
        let who = Staff {
            id: known.as_ref().map_or_else(|| staff::next_id(to), |s| Ok(s.id))?,
            version: known.as_ref().map_or(1, |s| s.version + 1),
            name: known.as_ref().map_or_else(|| login.clone(), |s| s.name.clone()),
            role: RoleName::Owner,
            team: known.as_ref().map(|s| s.team.clone()).unwrap_or_default(),
            state: StaffState::Active,
            created: known.as_ref().map_or(now, |s| s.created),
        };
        staff::put(to, &who)?;
        // It was sealed to keys that are gone with the passphrase.
        staff::put_factor(to, who.id, None)?;
        staff::put_keys(to, who.id, &StaffKeys { kem, cosign, slot, generation: 1, last_login: None })?;
        for key in &held {
            let key = match key {
                HeldKey::Class(class, secret) => KeyToGrant::Class(*class, secret),
                HeldKey::Blind(class, secret) => KeyToGrant::Blind(*class, secret),
            };
            give(&at_desk.tables.id(), to, who.id, &kem, key, &granter, &*at_desk.entropy)?;
        }
        let mut note = keys::note(to)?;
        note.recovery = RecoveryNote::Used(now);
        note.shares = None;
        if let Some(old) = old_slot {
            note.moved(old);
        }
        keys::put_note(to, &note)?;
        for key in KeyName::ALL {
            staff::remove_grant(to, keys::RECOVERY, key.byte())?;
        }
        to.remove(Table::StaffKeys, &keys::RECOVERY.0.to_be_bytes())?;
        let before = known.map(|s| s.role.code().to_owned());
        let texts = Texts { before, after: Some(format!("{} · {}", who.name, who.role.code())), ..Texts::default() };
        let object = Object::Staff(who.id.0);
        let entry = NewEntry { object, texts, ..NewEntry::done(now, None, SessionId(0), origin, "recovery.use") };
        at_desk.recorder.append(to, &entry, &*at_desk.entropy)?;
        Ok(())
    });
    if let Err(refusal) = committed {
        desk.keeper.disable(slot, entropy)?;
        return Err(refusal.into());
    }
    // Where a crash comes between, the next sign-in erases both.
    desk.keeper.clear_recovery(entropy)?;
    if let Some(old) = old_slot {
        desk.keeper.disable(old, entropy)?;
    }
    let user = Arc::try_unwrap(user).map_err(|_| damaged("the new owner's keys are held elsewhere"))?;
    Ok(Unlocked {
        slot,
        generation: 1,
        root: recovered.root.share(),
        user,
        log_verify_key: recovered.log_verify_key,
        granter: cosign,
        renewal: None,
        mended: None,
    })
}

/// The class and blind keys that the recovery key was given.
fn held(desk: &Desk, from: &dyn Get, recovered: &Unlocked) -> Result<Vec<HeldKey>, GateError> {
    let mut held = Vec::new();
    for name in KeyName::ALL {
        let Some(bytes) = staff::grant(from, keys::RECOVERY, name.byte()).map_err(Refusal::from)? else { continue };
        let bad = |_| damaged("a grant of the recovery key cannot be opened");
        let grant = Grant::from_bytes(&bytes).map_err(bad)?;
        if !is_staff_key(from, grant.granter())? || grant.staff() != keys::RECOVERY {
            return Err(damaged("a grant of the recovery key was signed by nobody on the staff"));
        }
        let key = grant.open(&desk.tables.id(), &recovered.user, grant.granter()).map_err(bad)?;
        let foreign = |class: FieldClass, public| desk.public(class) != Some(public);
        match &key {
            HeldKey::Class(class, secret) if foreign(*class, secret.public()) => {
                return Err(damaged("a class key of the recovery key is not the vault's"));
            }
            _ => held.push(key),
        }
    }
    Ok(held)
}
