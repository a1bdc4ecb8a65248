//! Founding a vault: keys, tables, the first entry; whole or not at all.
//!
//! **Invariant:** the vault appears under its name only when it is complete and durable.

use std::path::Path;
use std::sync::Arc;

use super::bulk::SAMPLE;
use super::desk::{AUDIT_KEY, CLASS_PUBLIC, NO_CONTACT_KEY, RECORD_SECRET};
use super::gate::{Deps, GateError, NewVault, Purpose};
use super::indexing;
use super::people::give;
use super::record::Recorder;
use super::refusal::Refusal;
use crate::clock::Timestamp;
use crate::domain::audit::{NewEntry, Origin};
use crate::domain::id::{SessionId, StaffId};
use crate::domain::policy::Policy;
use crate::domain::role::RoleName;
use crate::domain::staff::{Staff, StaffState};
use crate::privacy::class::FieldClass;
use crate::vault::book::{settings, staff};
use crate::vault::file::disk::{Disk, DiskError, FileDisk};
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
    lay: &dyn Fn(FileDisk) -> Arc<dyn Disk>,
) -> Result<Unlocked, GateError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| GateError::Disk(error.to_string()))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let unfinished = Path::new(&name);
    let file = begin(unfinished)?;
    // Locked until it has its name, so that nobody takes it for something left over.
    let disk: Arc<dyn Disk> = lay(file);
    let made = build(&disk, kdf, new, passphrase, deps);
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

/// An empty, locked file to make a vault in. What an earlier, cut-off attempt left there goes; a file that somebody is
/// making a vault in stays.
fn begin(path: &Path) -> Result<FileDisk, GateError> {
    if std::fs::symlink_metadata(path).is_ok() {
        let held = match FileDisk::open(path) {
            Err(DiskError::Busy { pid }) => return Err(GateError::Busy { pid }),
            other => other.ok(),
        };
        // Where it cannot be removed, the next line says what is there.
        let _ = std::fs::remove_file(path);
        drop(held);
    }
    Ok(FileDisk::create_new(path)?)
}

fn build(
    disk: &Arc<dyn Disk>,
    kdf: KdfParams,
    new: &NewVault,
    passphrase: &Passphrase,
    deps: &Deps,
) -> Result<Unlocked, GateError> {
    let entropy = &*deps.entropy;
    let root = Root::generate(entropy);
    let secret: [u8; 32] = entropy.bytes();
    let verify_key = ed25519_dalek::SigningKey::from_bytes(&secret).verifying_key().to_bytes();
    let mut superblock = Superblock::create(kdf, &root, entropy);
    let enrolled = superblock.enroll_owner(&root, new.owner.as_str(), passphrase, verify_key, entropy);
    let enrolled = enrolled.map_err(|error| GateError::Damaged(error.to_string()))?;
    superblock.write(&**disk, &root).map_err(|error| GateError::Disk(error.to_string()))?;
    let tables = opening::create(disk, &superblock, &root, &deps.entropy)?;
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
        renewal: None,
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
    indexing::note(to)?;
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
    let entry = NewEntry::done(now, Some(id), SessionId(0), Origin::Program, "vault.create");
    recorder.append(to, &entry, entropy)?;
    recorder.checkpoint(to, now)?;
    Ok(())
}
