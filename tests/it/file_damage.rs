//! The encrypted file after changes from outside: bits flipped, blocks swapped, zeroed, replayed or taken from another
//! file, and cuts. Everything is mended from a copy or refused, with its place.

use std::sync::Arc;

use redb::StorageBackend;
use veilbook::clock::SeededEntropy;
use veilbook::vault::file::{BlockFile, FileError, FileKeys, MemoryDisk, Part};

use super::crash_work::{BASE, keys, open};

const HEADER: usize = BASE as usize;
const RING: usize = HEADER + 2 * 4096;
const RUN: usize = RING + (1 << 20);
const GROUP: usize = RUN + 2 * 4096;
const BLOCK: usize = GROUP + 2 * 4096;

/// A file of `count` blocks, block `n` full of `n`, closed; and its bytes.
fn blocks(count: u64, file_id: [u8; 16]) -> Vec<u8> {
    let disk = Arc::new(MemoryDisk::new());
    let entropy = Arc::new(SeededEntropy::new(u64::from(file_id[0])));
    let file = BlockFile::create(disk.clone(), BASE, file_id, keys(), entropy).expect("a file");
    file.set_len((count + 1) * 4096).expect("grows");
    for block in 0..count {
        file.write((block + 1) * 4096, &[block as u8; 4096]).expect("a write");
    }
    file.sync_data().expect("a sync");
    file.close().expect("a close");
    disk.snapshot()
}

fn read(bytes: Vec<u8>, block: u64) -> Result<[u8; 4096], FileError> {
    let file = open(Arc::new(MemoryDisk::from_bytes(bytes)), 3)?;
    let mut out = [0; 4096];
    match file.read((block + 1) * 4096, &mut out) {
        Ok(()) => Ok(out),
        Err(error) => Err(*error.into_inner().expect("a cause").downcast::<FileError>().expect("a file error")),
    }
}

fn part_of(error: FileError) -> Part {
    match error {
        FileError::Damaged { what, .. } | FileError::NotAuthentic { what, .. } => what,
        other => panic!("{other}"),
    }
}

#[test]
fn every_flipped_bit_of_a_header_is_mended_from_the_other_copy_or_refused() {
    let sound = blocks(3, [5; 16]);
    for at in (0..512).map(|byte| HEADER + byte) {
        let mut one = sound.clone();
        one[at] ^= 1 << (at % 8);
        assert_eq!(read(one.clone(), 2).expect("the other copy serves"), [2; 4096]);
        let mut other = sound.clone();
        other[at + 4096] ^= 0x80;
        assert_eq!(read(other, 2).expect("the first copy serves"), [2; 4096]);
        one[at + 4096] ^= 1;
        assert_eq!(part_of(read(one, 2).expect_err("no copy is left")), Part::Headers);
    }
}

#[test]
fn a_changed_byte_of_any_other_part_is_refused_where_it_stands() {
    let sound = blocks(3, [5; 16]);
    // The first checkpoint writes the A copies.
    for (at, part) in [
        (RUN, Part::EpochPage(0)),
        (RUN + 60, Part::EpochPage(0)),
        (RUN + 4095, Part::EpochPage(0)),
        (GROUP, Part::TagPage(0)),
        (GROUP + 40, Part::TagPage(0)),
        (GROUP + 4095, Part::TagPage(0)),
        (BLOCK + 2 * 4096, Part::Block(2)),
        (BLOCK + 3 * 4096 - 1, Part::Block(2)),
    ] {
        let mut bytes = sound.clone();
        bytes[at] ^= 4;
        assert_eq!(part_of(read(bytes, 2).expect_err("refused")), part);
    }
}

#[test]
fn blocks_swapped_zeroed_of_another_file_or_older_are_refused() {
    let sound = blocks(3, [5; 16]);
    let place = |block: usize| BLOCK + block * 4096..BLOCK + (block + 1) * 4096;
    let refused = |bytes: &[u8], block: u64| {
        assert_eq!(part_of(read(bytes.to_vec(), block).expect_err("refused")), Part::Block(block));
        assert_eq!(read(bytes.to_vec(), 0).expect("its neighbour is sound"), [0; 4096]);
    };
    let mut swapped = sound.clone();
    swapped.copy_within(place(2), place(1).start);
    swapped[place(2)].copy_from_slice(&sound[place(1)]);
    refused(&swapped, 1);
    refused(&swapped, 2);

    let mut zeroed = sound.clone();
    zeroed[place(1)].fill(0);
    refused(&zeroed, 1);

    let mut foreign = sound.clone();
    foreign[place(1)].copy_from_slice(&blocks(3, [6; 16])[place(1)]);
    refused(&foreign, 1);

    let disk = Arc::new(MemoryDisk::from_bytes(sound.clone()));
    let file = open(disk.clone(), 8).expect("opens");
    file.write(2 * 4096, &[77; 4096]).expect("a write");
    file.sync_data().expect("a sync");
    file.close().expect("a close");
    let newer = disk.snapshot();
    assert_eq!(read(newer.clone(), 1).expect("reads"), [77; 4096]);
    let mut older = newer.clone();
    older[place(1)].copy_from_slice(&sound[place(1)]);
    refused(&older, 1);
    // With its tag page, and with its epoch page too.
    older[GROUP..BLOCK].copy_from_slice(&sound[GROUP..BLOCK]);
    assert_eq!(part_of(read(older.clone(), 1).expect_err("refused")), Part::TagPage(0));
    older[RUN..GROUP].copy_from_slice(&sound[RUN..GROUP]);
    assert_eq!(part_of(read(older, 1).expect_err("refused")), Part::EpochPages);
    // Another vault's keys open nothing.
    let disk = Arc::new(MemoryDisk::from_bytes(newer));
    let foreign = FileKeys::derive(&[9; 32], &[4; 16]);
    let opened = BlockFile::open(disk, BASE, [5; 16], foreign, Arc::new(SeededEntropy::new(1)));
    assert_eq!(part_of(opened.expect_err("refused")), Part::Headers);
}

#[test]
fn a_damaged_record_before_the_last_is_refused_and_a_confirmed_one_is_not_mistaken_for_a_crash() {
    let disk = Arc::new(MemoryDisk::from_bytes(blocks(3, [5; 16])));
    let file = open(disk.clone(), 8).expect("opens");
    for value in 10..13 {
        file.write(4096 * u64::from(value - 9), &[value; 4096]).expect("a write");
        file.sync_data().expect("a sync");
    }
    let unclosed = disk.snapshot();
    assert_eq!(read(unclosed.clone(), 2).expect("opens without a close"), [12; 4096]);
    let mut gap = unclosed.clone();
    gap[RING + 4096 + 100] ^= 1;
    assert_eq!(part_of(read(gap, 2).expect_err("refused")), Part::Record(2));
    // Unconfirmed, damage to the last commit's block looks like a crash within that commit.
    let mut last = unclosed;
    last[BLOCK + 2 * 4096] ^= 1;
    assert!(read(last, 0).is_ok());
    file.confirm().expect("confirms");
    let mut last = disk.snapshot();
    last[BLOCK + 2 * 4096] ^= 1;
    assert_eq!(part_of(read(last, 2).expect_err("refused")), Part::Block(2));
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let sound = blocks(130, [5; 16]);
    let borders = (0..sound.len()).step_by(4096).flat_map(|at| [at, at + 1, at + 2048]);
    for len in borders.filter(|len| *len < sound.len()).step_by(5).chain([sound.len() - 1]) {
        let cut = sound[..len].to_vec();
        assert_eq!(part_of(read(cut, 0).expect_err("refused")), Part::End, "cut at {len}");
    }
}

#[test]
fn blocks_that_nobody_wrote_are_zeros_and_a_written_one_cannot_be_made_such() {
    let file = |disk: &Arc<MemoryDisk>| open(disk.clone(), 8).expect("opens");
    let disk = Arc::new(MemoryDisk::from_bytes(blocks(3, [5; 16])));
    let grown = file(&disk);
    grown.set_len(4096 * 401).expect("grows");
    grown.write(4096 * 200, &[7; 4096]).expect("a write");
    grown.sync_data().expect("a sync");
    let look = |of: &BlockFile, page: u64| {
        let mut out = [1; 4096];
        of.read(page * 4096, &mut out).map(|()| out[0]).ok()
    };
    let seen = |of: &BlockFile| [3, 4, 150, 200, 201, 400].map(|page| look(of, page));
    let expected = [2, 0, 0, 7, 0, 0].map(Some);
    assert_eq!(seen(&grown), expected);
    assert_eq!(seen(&file(&Arc::new(MemoryDisk::from_bytes(disk.snapshot())))), expected, "after a crash");
    // Cut and grown over before anything was durable, and after: what was there is gone.
    grown.set_len(4096 * 150).expect("shrinks");
    grown.set_len(4096 * 401).expect("grows again");
    let expected = [2, 0, 0, 0, 0, 0].map(Some);
    assert_eq!(seen(&grown), expected);
    grown.sync_data().expect("a sync");
    assert_eq!(seen(&file(&Arc::new(MemoryDisk::from_bytes(disk.snapshot())))), expected, "after a crash");
    grown.close().expect("a close");
    let mut bytes = disk.snapshot();
    assert_eq!(seen(&file(&Arc::new(MemoryDisk::from_bytes(bytes.clone())))), expected, "after a close");
    // The entry of a written block, on the tag page's first and second copy, as if it never was.
    for page in [GROUP, GROUP + 4096] {
        bytes[page + 48 + 2 * 40..][..40].fill(0);
    }
    assert_eq!(part_of(read(bytes, 2).expect_err("refused")), Part::TagPage(0));
}

#[test]
fn what_a_crash_leaves_of_the_first_commit_after_a_close_is_taken_whole_or_not_at_all() {
    let closed = blocks(3, [5; 16]);
    let disk = Arc::new(MemoryDisk::from_bytes(closed.clone()));
    let file = open(disk.clone(), 8).expect("opens");
    file.write(2 * 4096, &[77; 4096]).expect("a write");
    file.sync_data().expect("a sync");
    let after = disk.snapshot();
    let parts = [HEADER..HEADER + 4096, HEADER + 4096..RING, RING..RING + 4096, BLOCK + 4096..BLOCK + 8192];
    for landed in 0..16_usize {
        let mut image = closed.clone();
        image.resize(after.len(), 0);
        for part in parts.iter().enumerate().filter(|(at, _)| landed >> at & 1 == 1).map(|(_, part)| part.clone()) {
            image[part.clone()].copy_from_slice(&after[part]);
        }
        // With record and block it is whole; without the record it never was; without the block the record is dropped.
        let expected = match (landed >> 2 & 1, landed >> 3 & 1) {
            (1, 1) => Some(77),
            (0, 0) | (1, 0) => Some(1),
            _ => None,
        };
        let seen = read(image.clone(), 1).ok().map(|block| block[0]);
        assert_eq!(seen, expected, "{landed:04b}");
        // Twice the same, and work goes on.
        let disk = Arc::new(MemoryDisk::from_bytes(image));
        for value in [5, 6] {
            let file = open(disk.clone(), value).expect("opens");
            file.write(3 * 4096, &[value as u8; 4096]).expect("a write");
            file.sync_data().expect("a sync");
        }
        assert_eq!(read(disk.snapshot(), 2).expect("reads"), [6; 4096]);
    }
}
