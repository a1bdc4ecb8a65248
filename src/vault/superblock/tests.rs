//! What the superblock gives to the right passphrase, and to everything else.
//!
//! **Invariant:** every test makes its own vault from a seed; nothing here touches a real disk.

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
/// Where the fields lie in a copy, as the format says.
const FORMAT_AT: usize = 8;
const COUNT_AT: usize = 12;
const SETS_AT: usize = 14;
const KDF_AT: usize = 96;
const FIELDS_END: usize = 120 + 104;

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

fn fault(bytes: &[u8]) -> SuperblockError {
    Superblock::read(&Tape::of(bytes)).expect_err("refused")
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
fn an_interrupted_write_leaves_one_whole_state_and_the_older_copy_is_not_asked() {
    for writes in 0..2 {
        let mut vault = vault(10);
        let next = Passphrase::new("green kites at noon").expect("good");
        vault.block.change_passphrase("ada", &pass(OWNER), &next, Secret::Kept, &vault.entropy).expect("changed");
        vault.disk.fail_after(writes);
        assert!(matches!(vault.block.write(&vault.disk, &vault.root), Err(SuperblockError::Io(_))));
        let (block, warning) = read(&vault.disk);
        let (old, new) = (block.unlock("ada", &pass(OWNER)), block.unlock("ada", &next));
        assert_eq!(warning, (writes == 1).then_some(Warning::Differ));
        assert_eq!((old.is_ok(), new.is_ok()), (writes == 0, writes == 1));
        let again = Tape::of(&vault.disk.bytes());
        vault.block.write(&again, &vault.root).expect("written again");
        assert_eq!(read(&again).1, None);
        assert!(sign_in(&again, "ada", "green kites at noon").is_ok());
    }
}

#[test]
fn a_torn_write_of_either_copy_leaves_the_other_and_writing_mends() {
    for copy in 0..2 {
        let vault = vault(11);
        for at in (0..COPY).step_by(512) {
            let torn = Tape::of(&vault.disk.bytes());
            for byte in at..(at + 512).min(COPY) {
                torn.change(copy * COPY + byte, |byte| *byte ^= 0x5a);
            }
            let (mut block, warning) = read(&torn);
            let expected = if copy == 0 { Warning::FirstDamaged } else { Warning::SecondDamaged };
            assert_eq!(warning, Some(expected));
            if at % 65536 == 0 {
                let unlocked = block.unlock("ada", &pass(OWNER)).expect("unlocked");
                block.write(&torn, &unlocked.root).expect("written");
                assert_eq!(read(&torn).1, None);
            }
        }
    }
}

#[test]
fn short_and_foreign_files_are_told_apart() {
    let bytes = vault(12).disk.bytes();
    assert!(matches!(fault(&[]), SuperblockError::Empty));
    assert!(matches!(fault(&bytes[..1]), SuperblockError::CutOff));
    assert!(matches!(fault(b"%PDF-1.7 and so on"), SuperblockError::NotAVault));
    assert!(matches!(fault(&vec![0; 2 * COPY]), SuperblockError::NotAVault));
    for cut in (4096..COPY).step_by(4096).flat_map(|border| [border, border + 2000]).chain([COPY - 1]) {
        assert!(matches!(fault(&bytes[..cut]), SuperblockError::CutOff), "cut at {cut}");
    }
    for cut in [COPY, COPY + 1, COPY + 4096, 2 * COPY - 1] {
        assert_eq!(read(&Tape::of(&bytes[..cut])).1, Some(Warning::SecondDamaged), "cut at {cut}");
    }
    let both = |at: usize| {
        let tape = Tape::of(&bytes);
        [0, COPY].into_iter().for_each(|copy| tape.change(copy + at, |byte| *byte ^= 1));
        fault(&tape.bytes())
    };
    assert!(matches!(both(0), SuperblockError::NotAVault));
    assert!(matches!(both(COPY - 1), SuperblockError::Damaged));
}

#[test]
fn every_flipped_byte_of_a_head_makes_that_copy_unusable() {
    let bytes = vault(13).disk.bytes();
    let slots = (4096..COPY).step_by(997);
    for at in (0..4096).chain(slots) {
        let mut copy = bytes[..COPY].to_vec();
        copy[at] ^= 0x40;
        assert!(Superblock::decode(&copy, CopyAt::First).is_err(), "byte {at}");
    }
}

#[test]
fn a_forged_checksum_helps_nobody_and_the_other_copy_mends() {
    let vault = vault(14);
    let at = |slot: u16| 4096 + usize::from(slot) * 384;
    let in_slot = [32, 40, 143, 144, 383].map(|inside| at(vault.owner.slot) + inside);
    let elsewhere = [at(RECOVERY_SLOT), at(1) + 50, COPY - 1, 4032];
    for at in (0..FIELDS_END + 8).chain(in_slot).chain(elsewhere) {
        let forged = Tape::of(&vault.disk.bytes());
        forged.forge(0, |copy| copy[at] ^= 0x01);
        let (block, warning) = read(&forged);
        assert!(warning.is_some(), "byte {at}");
        let unlocked = block.unlock("ada", &pass(OWNER)).unwrap_or_else(|error| panic!("byte {at}: {error}"));
        let mut kept = unlocked.mended.map_or(block, |mended| *mended);
        kept.write(&forged, &unlocked.root).expect("written");
        assert_eq!(read(&forged).1, None, "byte {at}");
        assert!(sign_in(&forged, "ada", OWNER).is_ok(), "byte {at}");
    }
}

#[test]
fn a_head_forged_in_both_copies_is_refused_by_its_name() {
    let vault = vault(15);
    let forged = |at: usize, bytes: &[u8]| {
        let tape = Tape::of(&vault.disk.bytes());
        (0..2).for_each(|copy| tape.forge(copy, |copy| copy[at..at + bytes.len()].copy_from_slice(bytes)));
        fault(&tape.bytes())
    };
    assert!(matches!(forged(FORMAT_AT, &[0, 0]), SuperblockError::UnknownFormat(0)));
    assert!(matches!(forged(FORMAT_AT, &[255, 255]), SuperblockError::UnknownFormat(65535)));
    assert!(matches!(forged(FORMAT_AT + 2, &[0, 2]), SuperblockError::UnknownCipher(2)));
    for count in [0u16, 1, 511, 513, 10_000] {
        let error = forged(COUNT_AT, &count.to_be_bytes());
        assert!(matches!(error, SuperblockError::SlotCount(found) if found == count), "{count}");
    }
    let kdf = |t: u32, m: u32, p: u32| {
        let set: Vec<u8> = [t, m, p].iter().flat_map(|number| number.to_be_bytes()).collect();
        assert!(matches!(forged(KDF_AT, &set), SuperblockError::ParametersOutOfBounds), "{t} {m} {p}");
    };
    kdf(3, u32::MAX, 4);
    kdf(3, 65536, 0);
    kdf(0, 65536, 4);
    kdf(u32::MAX, 65536, 4);
    kdf(3, 65536, 9);
    for sets in [0u8, 2, 3, 255] {
        assert!(matches!(forged(SETS_AT, &[0, sets]), SuperblockError::ParametersOutOfBounds), "{sets}");
    }
    assert!(matches!(forged(KDF_AT + 12, &[1]), SuperblockError::ParametersOutOfBounds));
    assert!(matches!(forged(FIELDS_END, &[1]), SuperblockError::Damaged));
}

/// Puts the slot bytes `from` over slot `to` in both copies.
fn splice(disk: &Tape, from: &[u8], to: u16) {
    let at = 4096 + usize::from(to) * 384;
    (0..2).for_each(|copy| disk.forge(copy, |copy| copy[at..at + from.len()].copy_from_slice(from)));
}

fn slot_bytes(disk: &Tape, slot: u16) -> Vec<u8> {
    let at = 4096 + usize::from(slot) * 384;
    disk.bytes()[at..at + 384].to_vec()
}

#[test]
fn a_slot_copied_to_another_place_opens_nothing() {
    let mut vault = vault(16);
    let bob = vault.add("bob", "green kites at noon");
    let whole = Tape::of(&vault.disk.bytes());
    // Doubled: the true slot still opens, but the head is no longer what was authenticated.
    splice(&vault.disk, &slot_bytes(&whole, vault.owner.slot), bob.slot);
    assert_eq!(sign_in(&vault.disk, "ada", OWNER).err(), Some(UnlockError::Damaged));
    assert_eq!(sign_in(&vault.disk, "bob", "green kites at noon").err(), Some(UnlockError::WrongNameOrPassphrase));
    // Moved: the commitment fits, the place does not.
    let moved = Tape::of(&whole.bytes());
    splice(&moved, &slot_bytes(&whole, vault.owner.slot), bob.slot);
    splice(&moved, &slot_bytes(&whole, RECOVERY_SLOT), vault.owner.slot);
    assert_eq!(sign_in(&moved, "ada", OWNER).err(), Some(UnlockError::Damaged));
    // In the recovery key's place nothing of staff is looked for.
    let recovery = Tape::of(&whole.bytes());
    splice(&recovery, &slot_bytes(&whole, vault.owner.slot), RECOVERY_SLOT);
    splice(&recovery, &slot_bytes(&whole, 1), vault.owner.slot);
    assert!(sign_in(&recovery, "ada", OWNER).is_err());
}

#[test]
fn the_root_part_of_another_person_or_vault_does_not_fit() {
    let mut vault = vault(17);
    let bob = vault.add("bob", "green kites at noon");
    let whole = Tape::of(&vault.disk.bytes());
    let mut mixed = slot_bytes(&whole, vault.owner.slot);
    mixed[144..].copy_from_slice(&slot_bytes(&whole, bob.slot)[144..]);
    splice(&vault.disk, &mixed, vault.owner.slot);
    assert_eq!(sign_in(&vault.disk, "ada", OWNER).err(), Some(UnlockError::Damaged));
    let foreign = self::vault(18);
    splice(&whole, &slot_bytes(&foreign.disk, foreign.owner.slot), vault.owner.slot);
    assert_eq!(sign_in(&whole, "ada", OWNER).err(), Some(UnlockError::WrongNameOrPassphrase));
}

#[test]
fn the_right_commitment_with_a_wrong_tag_is_damage_and_not_a_wrong_passphrase() {
    let vault = vault(19);
    let mut bytes = slot_bytes(&vault.disk, vault.owner.slot);
    bytes[143] ^= 1;
    splice(&vault.disk, &bytes, vault.owner.slot);
    assert_eq!(sign_in(&vault.disk, "ada", OWNER).err(), Some(UnlockError::Damaged));
    assert_eq!(sign_in(&vault.disk, "ada", "another phrase").err(), Some(UnlockError::WrongNameOrPassphrase));
}

#[test]
fn an_old_superblock_put_back_shows_by_its_generation() {
    let mut vault = vault(20);
    let before = Tape::of(&vault.disk.bytes());
    let next = Passphrase::new("green kites at noon").expect("good");
    let now = vault.block.change_passphrase("ada", &pass(OWNER), &next, Secret::Kept, &vault.entropy).expect("changed");
    let old = sign_in(&before, "ada", OWNER).expect("a whole old copy opens");
    assert!(old.generation < now.generation);
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
