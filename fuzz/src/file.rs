//! Damage to a small vault file: the bytes are a script of changes to a file that is always the same.
//!
//! Random bytes would never pass the first magic number; a script reaches every part of the file at once.

use std::sync::{Arc, OnceLock};

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use veilbook::clock::SeededEntropy;
use veilbook::vault::file::{BlockFile, FileError, FileKeys, MemoryDisk};
use veilbook::vault::keyring::{KdfParams, Passphrase, Root};
use veilbook::vault::superblock::{SUPERBLOCK_REGION, Superblock};

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("rows");
const BASE: u64 = 8192;
const PAGE: u64 = 4096;
const RING: u64 = BASE + 2 * PAGE;
const RUN: u64 = RING + (1 << 20);

/// The parts of the block file at which a change may aim: first byte and length.
const PARTS: [(u64, u64); 7] = [
    (BASE, 512),
    (BASE + PAGE, 512),
    (RING, 4 * PAGE),
    (RUN, PAGE),
    (RUN + PAGE, PAGE),
    (RUN + 2 * PAGE, 2 * PAGE),
    (RUN + 4 * PAGE, 40 * PAGE),
];

/// Applies a script of six-byte steps: what, part, two bytes of offset, length, value.
fn damage(image: &mut Vec<u8>, parts: &[(u64, u64)], script: &[u8]) {
    for step in script.chunks_exact(6).take(64) {
        let [what, part, high, low, len, value] = [step[0], step[1], step[2], step[3], step[4], step[5]];
        let (start, size) = parts[usize::from(part) % parts.len()];
        let at = (start + (u64::from(high) << 8 | u64::from(low)) % size) as usize;
        let end = (at + usize::from(len) + 1).min(image.len());
        let Some(range) = image.get_mut(at..end) else { continue };
        match what % 5 {
            0 => range.iter_mut().for_each(|byte| *byte ^= value),
            1 => range.fill(value),
            2 => range.rotate_left(usize::from(value) % range.len().max(1)),
            3 => {
                // A whole page over another one of the same part.
                let page = at - at % PAGE as usize;
                let from = page + PAGE as usize * (1 + usize::from(value) % 3);
                if from + PAGE as usize <= image.len() {
                    image.copy_within(from..from + PAGE as usize, page);
                }
            }
            _ => image.truncate(at.max(1)),
        }
    }
}

/// A vault's head whose fields, checksums or slots were changed is mended, refused, or opens to the same keys.
pub fn header(script: &[u8]) {
    static HEAD: OnceLock<(Vec<u8>, [u8; 32])> = OnceLock::new();
    let name = "owner";
    let passphrase = || Passphrase::attempt("a passphrase for fuzzing").expect("well-formed");
    let (image, secret) = HEAD.get_or_init(|| {
        let entropy = SeededEntropy::new(1);
        let root = Root::generate(&entropy);
        let mut head = Superblock::create(KdfParams::cheap_for_tests(), &root, &entropy);
        head.enroll_owner(&root, name, &passphrase(), [9; 32], &entropy).expect("a free slot");
        let disk = MemoryDisk::new();
        head.write(&disk, &root).expect("memory does not fail");
        (disk.snapshot(), *root.derive("fuzz", &head.vault_id(), &[]))
    });
    let mut image = image.clone();
    let half = SUPERBLOCK_REGION / 2;
    damage(&mut image, &[(0, 256), (half, 256), (0, half), (half, half)], script);
    if let Ok((head, _)) = Superblock::read(&MemoryDisk::from_bytes(image))
        && let Ok(unlocked) = head.unlock(name, &passphrase())
    {
        assert_eq!(*unlocked.root.derive("fuzz", &head.vault_id(), &[]), *secret, "another ROOT was accepted");
    }
}

fn keys() -> FileKeys {
    FileKeys::derive(&[3; 32], &[4; 16])
}

fn rows(file: BlockFile) -> Option<Vec<(u64, Vec<u8>)>> {
    let database = Database::builder().set_cache_size(256 << 10).create_with_backend(file).ok()?;
    let table = database.begin_read().ok()?.open_table(TABLE).ok()?;
    let rows = table.iter().ok()?.map(|row| row.map(|(key, value)| (key.value(), value.value().to_vec())));
    rows.collect::<Result<_, _>>().ok()
}

/// A block file with damage anywhere is refused or gives one of the states that were committed.
pub fn block(script: &[u8]) {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    let image = FILE.get_or_init(|| {
        let disk = Arc::new(MemoryDisk::new());
        let entropy = Arc::new(SeededEntropy::new(2));
        let file = BlockFile::create(disk.clone(), BASE, [5; 16], keys(), entropy).expect("a new file");
        let database = Database::builder().create_with_backend(file).expect("a database");
        for commit in 0..4 {
            let writing = database.begin_write().expect("a transaction");
            let mut table = writing.open_table(TABLE).expect("a table");
            for key in 0..40 {
                table.insert(key, &[commit; 300][..]).expect("a row");
            }
            drop(table);
            writing.commit().expect("a commit");
        }
        disk.snapshot()
    });
    let mut image = image.clone();
    damage(&mut image, &PARTS, script);
    let disk = Arc::new(MemoryDisk::from_bytes(image));
    let opened: Result<BlockFile, FileError> =
        BlockFile::open(disk, BASE, [5; 16], keys(), Arc::new(SeededEntropy::new(3)));
    let Ok(file) = opened else { return };
    if let Some(rows) = rows(file) {
        let first = rows.first().map(|(_, value)| value.first().copied());
        assert!(
            rows.is_empty()
                || rows.len() == 40 && rows.iter().all(|(_, v)| v.len() == 300 && Some(v.first().copied()) == first),
            "a state was read that nobody committed"
        );
    }
}
