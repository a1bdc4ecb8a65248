//! What becomes of a superblock that was torn, cut, forged, spliced or put back.
//!
//! **Invariant:** as beside it: every test makes its own vault from a seed.

use super::*;

/// Where the fields lie in a copy, as the format says.
const FORMAT_AT: usize = 8;
const COUNT_AT: usize = 12;
const SETS_AT: usize = 14;
const KDF_AT: usize = 96;
const FIELDS_END: usize = 120 + 104;

fn fault(bytes: &[u8]) -> SuperblockError {
    Superblock::read(&Tape::of(bytes)).expect_err("refused")
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
