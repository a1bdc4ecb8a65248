//! What the superblock gives to the right passphrase, and to everything else.
//!
//! **Invariant:** every test makes its own vault from a seed; nothing here touches a real disk.

mod damage;

use std::io;
use std::sync::Mutex;

use super::format::{COPY, forge_checksum};
use super::*;
use crate::clock::SeededEntropy;
use crate::vault::file::disk::Disk;
use crate::vault::keyring::{Passphrase, RecoveryKey, SetupCode, UserKeys, verify};

/// A disk in memory, whose writes can be made to fail after so many.
#[derive(Debug, Default)]
struct Tape {
    bytes: Mutex<Vec<u8>>,
    writes_left: Mutex<Option<u32>>,
}

impl Tape {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: Mutex::new(bytes.to_vec()), ..Self::default() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.lock().expect("unpoisoned").clone()
    }

    fn change(&self, at: usize, change: impl Fn(&mut u8)) {
        change(&mut self.bytes.lock().expect("unpoisoned")[at]);
    }

    /// Changes a copy and gives it the checksum that fits, as somebody with the file in hand would.
    fn forge(&self, copy: usize, change: impl Fn(&mut [u8])) {
        let mut bytes = self.bytes.lock().expect("unpoisoned");
        let copy = &mut bytes[copy * COPY..(copy + 1) * COPY];
        change(copy);
        forge_checksum(copy);
    }

    fn fail_after(&self, writes: u32) {
        *self.writes_left.lock().expect("unpoisoned") = Some(writes);
    }
}

impl Disk for Tape {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes.lock().expect("unpoisoned");
        let from = bytes.get(offset as usize..).and_then(|from| from.get(..out.len()));
        out.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if let Some(left) = self.writes_left.lock().expect("unpoisoned").as_mut() {
            *left = left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        }
        let mut bytes = self.bytes.lock().expect("unpoisoned");
        let end = offset as usize + data.len();
        if bytes.len() < end {
            bytes.resize(end, 0);
        }
        bytes[offset as usize..end].copy_from_slice(data);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.bytes.lock().expect("unpoisoned").resize(len as usize, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

const OWNER: &str = "violet river stone";
const LOG: [u8; 32] = [9; 32];

fn pass(text: &str) -> Passphrase {
    Passphrase::attempt(text).expect("bounded")
}

struct Vault {
    entropy: SeededEntropy,
    root: Root,
    block: Superblock,
    owner: Enrolled,
    disk: Tape,
}

fn vault(seed: u64) -> Vault {
    let entropy = SeededEntropy::new(seed);
    let root = Root::generate(&entropy);
    let mut block = Superblock::create(KdfParams::cheap_for_tests(), &root, &entropy);
    let owner = block.enroll_owner(&root, "ada", &pass(OWNER), LOG, &entropy).expect("enrolled");
    let disk = Tape::default();
    block.write(&disk, &root).expect("written");
    Vault { entropy, root, block, owner, disk }
}

impl Vault {
    fn add(&mut self, name: &str, passphrase: &str) -> Enrolled {
        let added = self.block.enroll(&self.owner.user, &self.root, name, &pass(passphrase), LOG, &self.entropy);
        self.block.write(&self.disk, &self.root).expect("written");
        added.expect("enrolled")
    }
}

fn read(disk: &Tape) -> (Superblock, Option<Warning>) {
    Superblock::read(disk).expect("readable")
}

fn sign_in(disk: &Tape, name: &str, passphrase: &str) -> Result<Unlocked, UnlockError> {
    read(disk).0.unlock(name, &pass(passphrase))
}

#[test]
fn the_owner_unlocks_what_was_written() {
    let vault = vault(1);
    let (block, warning) = read(&vault.disk);
    assert_eq!(warning, None);
    assert_eq!(vault.disk.bytes().len() as u64, SUPERBLOCK_REGION);
    assert_eq!(SUPERBLOCK_REGION % 8192, 0, "each copy begins on a page");
    let unlocked = block.unlock("ADA", &pass(OWNER)).expect("unlocked");
    assert_eq!((unlocked.slot, unlocked.generation, unlocked.log_verify_key), (vault.owner.slot, 1, LOG));
    assert_eq!(unlocked.granter, vault.owner.user.cosign_public());
    assert_eq!(unlocked.user.kem_public(), vault.owner.user.kem_public());
    let page = |root: &Root| root.derive("page", &block.vault_id(), &[&block.file_id()]);
    assert_eq!(*page(&unlocked.root), *page(&vault.root));
    assert_eq!(block.root_epoch(), 1);
}

#[test]
fn a_passphrase_is_the_same_composed_and_decomposed() {
    let mut vault = vault(2);
    vault.add("jos\u{e9}", "caf\u{e9} by the river");
    assert!(sign_in(&vault.disk, "JOSE\u{301}", "cafe\u{301} by the river").is_ok());
}

#[test]
fn a_wrong_name_and_a_wrong_passphrase_look_alike_however_often() {
    let vault = vault(3);
    for number in 0..10 {
        let wrong = sign_in(&vault.disk, "ada", &format!("violet river {number}")).err();
        assert_eq!(wrong, Some(UnlockError::WrongNameOrPassphrase));
    }
    for name in ["eve", "", "\u{0}", &"x".repeat(100_000)] {
        assert_eq!(sign_in(&vault.disk, name, OWNER).err(), Some(UnlockError::WrongNameOrPassphrase));
    }
    assert!(sign_in(&vault.disk, "ada", OWNER).is_ok());
}

#[test]
fn an_unknown_name_runs_the_same_function_as_often_as_a_known_one() {
    let mut vault = vault(4);
    let keys = |block: &Superblock, name: &str| block.login_keys(name, &pass(OWNER)).expect("runs").len();
    assert_eq!((keys(&vault.block, "ada"), keys(&vault.block, "eve")), (1, 1));
    let next = KdfParams::new(2, 16, 1).expect("in bounds");
    vault.block.begin_recalibration(next, &vault.root);
    assert_eq!((keys(&vault.block, "ada"), keys(&vault.block, "")), (2, 2));
}

#[test]
fn people_have_slots_of_their_own_and_the_granter_is_named() {
    let mut vault = vault(5);
    let bob = vault.add("bob", "green kites at noon");
    let unlocked = sign_in(&vault.disk, "bob", "green kites at noon").expect("unlocked");
    assert_eq!(unlocked.slot, bob.slot);
    assert_ne!(bob.slot, vault.owner.slot);
    assert_eq!(unlocked.granter, vault.owner.user.cosign_public());
    let mut expected = vec![vault.owner.slot, bob.slot];
    expected.sort_unstable();
    assert_eq!(vault.block.occupied(&vault.root), Some(expected));
    assert_eq!(vault.block.occupied(&Root::generate(&vault.entropy)), None);
    let again =
        vault.block.enroll(&vault.owner.user, &vault.root, "Bob", &pass("green kites at noon"), LOG, &vault.entropy);
    assert_eq!(again.err(), Some(EnrollError::AlreadyThere));
    let signature = unlocked.user.sign(b"checkpoint");
    assert!(verify(&bob.user.cosign_public(), b"checkpoint", &signature).is_ok());
}

#[test]
fn all_slots_but_the_recovery_keys_can_be_taken_and_no_more() {
    let mut vault = vault(6);
    for number in 2..SLOTS {
        let (name, pass) = (format!("n{number}"), pass(&format!("phrase {number}")));
        vault.block.enroll(&vault.owner.user, &vault.root, &name, &pass, LOG, &vault.entropy).expect("room");
    }
    let last = vault.block.enroll(&vault.owner.user, &vault.root, "last", &pass("phrase"), LOG, &vault.entropy);
    assert_eq!(last.err(), Some(EnrollError::Full));
    assert_eq!(vault.block.occupied(&vault.root), Some((1..SLOTS).collect()));
    assert!(vault.block.unlock("n300", &pass("phrase 300")).is_ok());
}

#[test]
fn a_setup_code_is_replaced_by_a_passphrase_and_new_keys() {
    let mut vault = vault(7);
    let code = SetupCode::generate(&vault.entropy);
    let bob = vault.block.enroll(&vault.owner.user, &vault.root, "bob", &Passphrase::setup(&code), LOG, &vault.entropy);
    let bob = bob.expect("enrolled");
    vault.block.write(&vault.disk, &vault.root).expect("written");
    let typed = pass(&code.as_str().to_lowercase());
    let next = Passphrase::new("green kites at noon").expect("good");
    let mut block = read(&vault.disk).0;
    let changed = block.change_passphrase("bob", &typed, &next, Secret::Renewed, &vault.entropy).expect("changed");
    block.write(&vault.disk, &changed.root).expect("written");
    assert_ne!(changed.user.kem_public(), bob.user.kem_public());
    let unlocked = sign_in(&vault.disk, "bob", "green kites at noon").expect("unlocked");
    assert_eq!((unlocked.slot, unlocked.generation), (bob.slot, 2));
    assert_eq!(unlocked.granter, changed.user.cosign_public());
    assert_eq!(sign_in(&vault.disk, "bob", code.as_str()).err(), Some(UnlockError::WrongNameOrPassphrase));
}

#[test]
fn a_changed_passphrase_keeps_the_keys_and_no_damage_to_one_copy_revives_the_old_one() {
    let mut vault = vault(8);
    let next = Passphrase::new("green kites at noon").expect("good");
    let changed = vault.block.change_passphrase("ada", &pass(OWNER), &next, Secret::Kept, &vault.entropy);
    let changed = changed.expect("changed");
    assert_eq!(changed.user.kem_public(), vault.owner.user.kem_public());
    vault.block.write(&vault.disk, &vault.root).expect("written");
    for copy in 0..2 {
        let damaged = Tape::of(&vault.disk.bytes());
        damaged.change(copy * COPY + 5000, |byte| *byte ^= 1);
        assert!(read(&damaged).1.is_some());
        assert_eq!(sign_in(&damaged, "ada", OWNER).err(), Some(UnlockError::WrongNameOrPassphrase));
        assert!(sign_in(&damaged, "ada", "green kites at noon").is_ok());
    }
}

#[test]
fn an_erased_slot_opens_nothing_and_can_be_taken_again() {
    let mut vault = vault(9);
    let bob = vault.add("bob", "green kites at noon");
    vault.block.disable(bob.slot, &vault.root, &vault.entropy).expect("erased");
    vault.block.write(&vault.disk, &vault.root).expect("written");
    assert_eq!(sign_in(&vault.disk, "bob", "green kites at noon").err(), Some(UnlockError::WrongNameOrPassphrase));
    assert_eq!(vault.block.occupied(&vault.root), Some(vec![vault.owner.slot]));
    assert!(sign_in(&vault.disk, "ada", OWNER).is_ok());
    for slot in [RECOVERY_SLOT, SLOTS, u16::MAX] {
        assert_eq!(vault.block.disable(slot, &vault.root, &vault.entropy), Err(SlotError::NoSuchSlot(slot)));
    }
}

#[test]
fn slots_in_use_and_free_ones_look_random_alike() {
    let mut vault = vault(21);
    for number in 0..254 {
        let (name, phrase) = (format!("n{number}"), pass(&format!("phrase {number}")));
        vault.block.enroll(&vault.owner.user, &vault.root, &name, &phrase, LOG, &vault.entropy).expect("room");
    }
    let taken = vault.block.occupied(&vault.root).expect("the right root");
    let (mut used, mut free) = (vec![[0u32; 256]; 384], vec![[0u32; 256]; 384]);
    for slot in 0..SLOTS {
        let mut bytes = Vec::new();
        vault.block.slots[usize::from(slot)].put(&mut bytes);
        let counts = if taken.contains(&slot) { &mut used } else { &mut free };
        bytes.iter().zip(counts.iter_mut()).for_each(|(byte, counts)| counts[usize::from(*byte)] += 1);
    }
    for counts in [&used, &free] {
        let total: u32 = counts.iter().flatten().sum();
        let expected = f64::from(total) / 256.0;
        let seen = (0..256).map(|byte| counts.iter().map(|counts| counts[byte]).sum::<u32>());
        let chi: f64 = seen.map(|seen| (f64::from(seen) - expected).powi(2) / expected).sum();
        assert!((150.0..400.0).contains(&chi), "chi-squared over 255 degrees of freedom is {chi}");
        // Keys and signatures in the clear would leave the top bits of some position always zero.
        for (at, counts) in counts.iter().enumerate() {
            let low: u32 = counts[..128].iter().sum();
            assert!((70..190).contains(&low), "byte {at}: {low} of about 256 have a clear top bit");
        }
    }
}

#[test]
fn a_recalibration_runs_both_sets_until_it_ends() {
    let mut vault = vault(22);
    vault.block.begin_recalibration(KdfParams::new(2, 16, 1).expect("in bounds"), &vault.root);
    vault.block.write(&vault.disk, &vault.root).expect("written");
    vault.add("bob", "green kites at noon");
    assert!(sign_in(&vault.disk, "ada", OWNER).is_ok());
    assert!(sign_in(&vault.disk, "bob", "green kites at noon").is_ok());
    vault.block.end_recalibration(&vault.root);
    vault.block.write(&vault.disk, &vault.root).expect("written");
    assert!(sign_in(&vault.disk, "bob", "green kites at noon").is_ok());
    assert_eq!(sign_in(&vault.disk, "ada", OWNER).err(), Some(UnlockError::WrongNameOrPassphrase));
}

#[test]
fn the_next_epoch_keeps_passphrases_and_leaves_out_who_was_removed() {
    let mut vault = vault(23);
    vault.add("bob", "green kites at noon");
    let next_root = Root::generate(&vault.entropy);
    let keep = [(vault.owner.slot, vault.owner.user.kem_public())];
    let mut next = vault.block.rotated([5; 16], &next_root, &keep, &vault.owner.user, &vault.entropy).expect("rotated");
    assert_eq!((next.root_epoch(), next.vault_id()), (2, vault.block.vault_id()));
    assert_ne!(next.file_id(), vault.block.file_id());
    let disk = Tape::default();
    next.write(&disk, &next_root).expect("written");
    assert!(sign_in(&disk, "ada", OWNER).is_ok());
    assert_eq!(sign_in(&disk, "bob", "green kites at noon").err(), Some(UnlockError::WrongNameOrPassphrase));
    assert_eq!(next.occupied(&next_root), Some(vec![vault.owner.slot]));
    let nobody = vault.block.rotated([5; 16], &next_root, &[(SLOTS, [9; 32])], &vault.owner.user, &vault.entropy);
    assert_eq!(nobody.err(), Some(RotateError::NoSuchSlot(SLOTS)));
    let weak = vault.block.rotated([5; 16], &next_root, &[(1, [0; 32])], &vault.owner.user, &vault.entropy);
    assert!(matches!(weak.err(), Some(RotateError::Sealing(_))));
}

#[test]
fn at_a_sign_in_during_a_recalibration_a_slot_moves_to_the_new_parameters_with_its_passphrase() {
    let mut vault = vault(25);
    vault.block.begin_recalibration(KdfParams::new(2, 16, 1).expect("in bounds"), &vault.root);
    let unlocked = vault.block.unlock("ada", &pass(OWNER)).expect("unlocked");
    let renewal = unlocked.renewal.expect("the slot is under the earlier parameters");
    let generation = vault.block.renew(unlocked.slot, &renewal, &vault.root, &vault.entropy).expect("moved");
    assert_eq!(generation, unlocked.generation + 1);
    vault.block.end_recalibration(&vault.root);
    vault.block.write(&vault.disk, &vault.root).expect("written");
    let again = sign_in(&vault.disk, "ada", OWNER).expect("unlocked");
    assert_eq!((again.generation, again.user.kem_public()), (generation, unlocked.user.kem_public()));
    assert!(again.renewal.is_none());
}

#[test]
fn the_recovery_key_opens_its_slot_alone_and_a_new_one_replaces_it() {
    let mut vault = vault(26);
    let (first, second) = (RecoveryKey::generate(&vault.entropy), RecoveryKey::generate(&vault.entropy));
    let wrong = Some(UnlockError::WrongNameOrPassphrase);
    assert_eq!(vault.block.unlock_recovery(&first).err(), wrong);
    for (generation, key) in [(1, &first), (2, &second)] {
        let set = vault.block.set_recovery(key, generation, &vault.owner.user, &vault.root, LOG, &vault.entropy);
        assert_eq!(set, Ok(()));
        vault.block.write(&vault.disk, &vault.root).expect("written");
        let (read, _) = Superblock::read(&vault.disk).expect("reads");
        let unlocked = read.unlock_recovery(key).expect("unlocked");
        assert_eq!((unlocked.slot, unlocked.generation, unlocked.log_verify_key), (RECOVERY_SLOT, generation, LOG));
        assert_eq!(unlocked.user.kem_public(), key.user(&read.vault_id()).kem_public());
        assert!(read.is_recovery_key(key));
    }
    assert_eq!(vault.block.unlock_recovery(&first).err(), wrong);
    assert!(sign_in(&vault.disk, "ada", OWNER).is_ok());
    let next_root = Root::generate(&vault.entropy);
    let keep = [(RECOVERY_SLOT, second.user(&vault.block.vault_id()).kem_public())];
    let next = vault.block.rotated([6; 16], &next_root, &keep, &vault.owner.user, &vault.entropy).expect("rotated");
    assert!(next.unlock_recovery(&second).is_ok());
    vault.block.clear_recovery(&vault.root, &vault.entropy).expect("erased");
    assert_eq!(vault.block.unlock_recovery(&second).err(), wrong);
    assert_eq!(vault.block.occupied(&vault.root), Some(vec![vault.owner.slot]));
}

#[test]
fn who_is_signed_in_gets_root_of_another_file_of_the_vault() {
    let vault = vault(27);
    let next_root = Root::generate(&vault.entropy);
    let keep = [(vault.owner.slot, vault.owner.user.kem_public())];
    let next = vault.block.rotated([7; 16], &next_root, &keep, &vault.owner.user, &vault.entropy).expect("rotated");
    let found = next.root_for(vault.owner.slot, &vault.owner.user).expect("the same slot");
    assert_eq!(found.derive("x", &[1; 16], &[]), next_root.derive("x", &[1; 16], &[]));
    assert!(next.root_for(vault.owner.slot + 1, &vault.owner.user).is_none());
    assert!(next.root_for(vault.owner.slot, &RecoveryKey::generate(&vault.entropy).user(&[0; 16])).is_none());
}

#[test]
fn nothing_shows_a_secret_when_printed() {
    let vault = vault(24);
    let unlocked = vault.block.unlock("ada", &pass(OWNER)).expect("unlocked");
    let printed = format!("{unlocked:?} {:?} {:?}", vault.block, vault.owner);
    assert!(printed.contains("Root(..)") && printed.contains("UserKeys(..)") && !printed.contains("violet"));
    let user: &UserKeys = &unlocked.user;
    assert!(!printed.contains(&format!("{:?}", user.kem_public())));
}
