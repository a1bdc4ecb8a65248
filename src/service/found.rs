//! Founding a vault: keys, tables, the first entry; whole or not at all.
//!
//! **Invariant:** the vault appears under its name only when it is complete and durable.

use std::path::Path;
use std::sync::Arc;

use super::bulk::SAMPLE;
use super::desk::{AUDIT_KEY, CLASS_PUBLIC, NO_CONTACT_KEY, RECORD_SECRET};
use super::gate::{Deps, GateError, NewVault, Purpose};
use super::people::give;
use super::record::Recorder;
use super::refusal::Refusal;
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Object, Origin, Outcome, Texts};
use crate::domain::id::{SessionId, StaffId};
use crate::domain::policy::Policy;
use crate::domain::role::RoleName;
use crate::domain::staff::{Staff, StaffState};
use crate::privacy::class::FieldClass;
use crate::vault::book::{settings, staff};
use crate::vault::file::disk::{Disk, FileDisk};
use crate::vault::keyring::{ClassKeys, KdfParams, KeyToGrant, Passphrase, Root};
use crate::vault::opening;
use crate::vault::records::StaffKeys;
use crate::vault::store::{Put, Table};
use crate::vault::superblock::{Enrolled, Superblock, Unlocked};
use crate::vault::tables::Fate;

/// Makes the file of a new vault and gives what its owner's passphrase unlocks.
pub(super) fn vault(
    path: &Path,
    kdf: KdfParams,
    new: &NewVault,
    passphrase: &Passphrase,
    deps: &Deps,
) -> Result<Unlocked, GateError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| GateError::Disk(error.to_string()))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = Path::new(&name);
    let made = build(unfinished, kdf, new, passphrase, deps);
    let moved = made.and_then(|unlocked| {
        opening::publish(unfinished, path).map_err(|error| GateError::Disk(error.to_string()))?;
        Ok(unlocked)
    });
    if moved.is_err() {
        // Best effort: the error that matters is the first one.
        let _ = std::fs::remove_file(unfinished);
    }
    moved
}

fn build(
    path: &Path,
    kdf: KdfParams,
    new: &NewVault,
    passphrase: &Passphrase,
    deps: &Deps,
) -> Result<Unlocked, GateError> {
    // What an earlier, cut-off attempt left is not a vault; one that is being made is locked and stays.
    if std::fs::symlink_metadata(path).is_ok() {
        drop(FileDisk::open(path).or_else(|error| match error {
            crate::vault::file::disk::DiskError::Empty => FileDisk::create_new(path),
            other => Err(other),
        }));
        let _ = std::fs::remove_file(path);
    }
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::create_new(path)?);
    let entropy = &*deps.entropy;
    let root = Root::generate(entropy);
    let secret: [u8; 32] = entropy.bytes();
    let verify_key = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().to_bytes();
    let mut superblock = Superblock::create(kdf, &root, entropy);
    let enrolled = superblock.enroll_owner(&root, new.owner.as_str(), passphrase, verify_key, entropy);
    let enrolled = enrolled.map_err(|error| GateError::Damaged(error.to_string()))?;
    superblock.write(&*disk, &root).map_err(|error| GateError::Disk(error.to_string()))?;
    let tables = opening::create(&disk, &superblock, &root, &deps.entropy)?;
    let now = deps.clock.now();
    let mut fault = None;
    tables
        .write(&mut |to| {
            let filled = fill(to, &superblock.vault_id(), &enrolled, &secret, new, now, deps);
            Ok(match filled {
                Ok(()) => Fate::Commit,
                Err(refusal) => {
                    fault = Some(refusal);
                    Fate::Abort
                }
            })
        })
        .map_err(Refusal::from)?;
    fault.map_or(Ok(()), Err)?;
    let granter = enrolled.user.cosign_public();
    Ok(Unlocked {
        slot: enrolled.slot,
        generation: enrolled.generation,
        root,
        user: enrolled.user,
        log_verify_key: verify_key,
        granter,
        mended: None,
    })
}

fn fill(
    to: &mut dyn Put,
    vault: &[u8; 16],
    enrolled: &Enrolled,
    secret: &[u8; 32],
    new: &NewVault,
    now: Timestamp,
    deps: &Deps,
) -> Result<(), Refusal> {
    let entropy = &*deps.entropy;
    let keys = ClassKeys::generate(entropy);
    to.put(Table::Meta, RECORD_SECRET, secret)?;
    to.put(Table::Meta, AUDIT_KEY, keys.audit.to_bytes().as_ref())?;
    to.put(Table::Meta, NO_CONTACT_KEY, keys.no_contact.to_bytes().as_ref())?;
    for (name, class) in CLASS_PUBLIC.into_iter().zip([&keys.contact, &keys.sensitive]) {
        to.put(Table::Meta, name, &class.public().0)?;
    }
    if new.purpose == Purpose::Sample {
        to.set_number(SAMPLE, 1)?;
    }
    settings::put_schema(to, &new.schema)?;
    settings::put_policy(to, &Policy { default_region: new.region.clone(), ..Policy::default() })?;
    let id: StaffId = staff::next_id(to)?;
    let owner = Staff {
        id,
        version: 1,
        name: new.owner.clone(),
        role: RoleName::Owner,
        team: String::new(),
        state: StaffState::Active,
        created: now,
    };
    staff::put(to, &owner)?;
    let kem = enrolled.user.kem_public();
    let cosign = enrolled.user.cosign_public();
    let place = StaffKeys { kem, cosign, slot: enrolled.slot, generation: enrolled.generation, last_login: None };
    staff::put_keys(to, id, &place)?;
    for key in [
        KeyToGrant::Class(FieldClass::Contact, &keys.contact),
        KeyToGrant::Class(FieldClass::Sensitive, &keys.sensitive),
        KeyToGrant::Blind(FieldClass::Contact, &keys.contact_blind),
        KeyToGrant::Blind(FieldClass::Sensitive, &keys.sensitive_blind),
    ] {
        give(vault, to, id, &kem, key, &enrolled.user, entropy)?;
    }
    let recorder = Recorder::new(vault, secret).map_err(|error| Refusal::Damaged(error.to_string()))?;
    let entry = NewEntry {
        time: now,
        actor: Some(id),
        session: SessionId(0),
        origin: Origin::Program,
        action: "vault.create".into(),
        object: Object::None,
        field: None,
        reason: None,
        count: None,
        outcome: Outcome::Done,
        texts: Texts::default(),
        value_hmac: None,
    };
    recorder.append(to, &entry, entropy)?;
    recorder.checkpoint(to, now)?;
    Ok(())
}
