//! Backups that somebody damaged or forged, line by line of the list of hostile input: each is refused by name, and no
//! restored file is left behind.

use veilbook::vault::backup::{BackupError, Fault, Head, Id, Kind, Opener, Part, Want, list, restore, verify};
use veilbook::vault::keyring::UserKeys;

use crate::backup_bench::{Bench, MemoryPlace, on};

/// A vault with a full backup of several packs and an incremental one.
struct Stage {
    bench: Bench,
    store: MemoryPlace,
    full: Head,
    later: Head,
}

impl Stage {
    fn new(seed: u64) -> Self {
        let bench = Bench::new(seed);
        let store = MemoryPlace::new(&bench);
        bench.put(0, 20_000, 1, 700);
        let full = bench.backup(&store, Want::Full).unwrap().head;
        bench.put(0, 900, 3, 700);
        let later = bench.backup(&store, Want::Incremental).unwrap().head;
        assert!(full.objects.len() >= 2 && later.kind == Kind::Incremental);
        Self { bench, store, full, later }
    }

    fn name(&self, id: &Id, object: &str) -> String {
        let vault: String = self.bench.vault.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("veilbook-{vault}/{id}/{object}")
    }

    fn bytes(&self, id: &Id, object: &str) -> Vec<u8> {
        self.store.objects.lock().unwrap()[&self.name(id, object)].0.clone()
    }

    fn set(&self, id: &Id, object: &str, bytes: Vec<u8>) {
        self.store.objects.lock().unwrap().insert(self.name(id, object), (bytes, 0));
    }

    /// Changes the text of a head.
    fn forge_head(&self, id: &Id, from: &str, to: &str) {
        let text = String::from_utf8(self.bytes(id, "head.json")).unwrap();
        assert!(text.contains(from), "{from} in {text}");
        self.set(id, "head.json", text.replace(from, to).into_bytes());
    }

    /// Refused by check and restore alike, in these words, and nothing is left of a restored file.
    fn check(&self, what: &str, id: &Id, expected: &str) {
        let opener = self.bench.opener();
        let checked = verify(&self.store, &self.bench.vault, id, &opener, Part::All, &mut on).map(|_| ());
        let to = self.bench.folder.path().join("restored.veil");
        let restored = restore(&self.store, &self.bench.vault, id, &opener, &to, &mut on).map(|_| ());
        for outcome in [checked, restored] {
            let error = outcome.expect_err(what);
            assert!(error.to_string().contains(expected), "{what}: {error}");
        }
        let left = std::fs::read_dir(self.bench.folder.path()).unwrap().flatten();
        assert!(
            left.map(|entry| entry.file_name()).all(|name| !name.to_str().unwrap().starts_with("restored")),
            "{what}"
        );
    }
}

const CHUNK: usize = 65_536 + 16;

#[test]
fn last_chunk_missing() {
    let stage = Stage::new(21);
    let id = &stage.full.id;
    let bytes = stage.bytes(id, "000000.pack");
    let cut = bytes[..bytes.len() - bytes.len() % CHUNK].to_vec();
    stage.set(id, "000000.pack", cut.clone());
    assert_eq!(list(&stage.store, None).unwrap().heads.len(), 0, "its length shows without reading it");
    stage.check("a pack without its last chunk", id, "000000.pack is cut off, changed or another's");
    stage.check("and what needs it", &stage.later.id, "000000.pack is cut off, changed or another's");
    // A head that was made to fit does not help, because the sealed manifest names length and hash as well.
    stage.forge_head(id, &bytes.len().to_string(), &cut.len().to_string());
    stage.check("with a head to fit", id, "its head and its sealed manifest differ");
    stage.store.remove(&stage.name(id, "000000.pack"));
    stage.set(id, "000000.pack", bytes);
    stage.forge_head(id, &cut.len().to_string(), &stage.bytes(id, "000000.pack").len().to_string());
    stage.bench.verify(&stage.store, id).unwrap();
    stage.store.remove(&stage.name(id, "000001.pack"));
    stage.check("a pack that is gone", id, "000001.pack is missing");
}

#[test]
fn chunks_swapped() {
    let stage = Stage::new(22);
    let id = &stage.full.id;
    let bytes = stage.bytes(id, "000000.pack");
    let mut swapped = bytes.clone();
    let start = bytes.len() - bytes.len() % CHUNK - 2 * CHUNK;
    swapped[start..start + 2 * CHUNK].rotate_left(CHUNK);
    stage.set(id, "000000.pack", swapped);
    stage.check("two chunks of a pack swapped", id, "000000.pack is cut off, changed or another's");
    let (first, second) = (bytes, stage.bytes(id, "000001.pack"));
    stage.set(id, "000000.pack", second);
    stage.set(id, "000001.pack", first);
    stage.check("two packs swapped", id, "is cut off, changed or another's");
    stage.set(id, "000000.pack", stage.bytes(&stage.later.id, "000000.pack"));
    stage.check("a pack of a later backup", id, "is cut off, changed or another's");
}

#[test]
fn wrong_recipient() {
    let stage = Stage::new(23);
    for opener in [
        Opener::user(&UserKeys::from_secret(&[1; 32], &stage.bench.vault)),
        Opener::root(&stage.bench.root, &[0; 16]),
        Opener::user(&UserKeys::from_secret(&[42; 32], &[0; 16])),
    ] {
        let outcome = verify(&stage.store, &stage.bench.vault, &stage.full.id, &opener, Part::All, &mut on);
        assert!(matches!(outcome, Err(BackupError::WrongKey(_))), "{outcome:?}");
    }
    // Who has no recipient makes no backup that nobody could open.
    let recipients = veilbook::vault::backup::Recipients::default();
    let (store, clock, entropy) = (&stage.store, &*stage.bench.clock, &*stage.bench.entropy);
    let task = veilbook::vault::backup::Task {
        vault: &stage.bench.path,
        store,
        recipients: &recipients,
        want: Want::Full,
        clock,
        entropy,
    };
    let made = veilbook::vault::backup::make(&task, veilbook::vault::backup::Source::Sealed, &mut on);
    assert!(matches!(made, Err(BackupError::NoRecipients)));
}

#[test]
fn manifest_that_disagrees() {
    let stage = Stage::new(24);
    let (full, later) = (&stage.full.id, &stage.later.id);
    let made_at = stage.full.made_at.0.to_string();
    stage.forge_head(full, &made_at, &(stage.full.made_at.0 + 1000).to_string());
    stage.check("made at another time", full, "its head and its sealed manifest differ");
    stage.forge_head(full, &(stage.full.made_at.0 + 1000).to_string(), &made_at);
    stage.bench.verify(&stage.store, full).unwrap();

    // The later backup's manifest under the earlier one's head, which is made to fit.
    let before = (stage.bytes(full, "manifest.age"), stage.bytes(full, "head.json"));
    stage.set(full, "manifest.age", stage.bytes(later, "manifest.age"));
    stage.check("another backup's manifest", full, "manifest.age is cut off, changed or another's");
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    stage.forge_head(full, &hex(&stage.full.manifest.sha256), &hex(&stage.later.manifest.sha256));
    stage.forge_head(full, &stage.full.manifest.bytes.to_string(), &stage.later.manifest.bytes.to_string());
    stage.check("with a head to fit", full, "its head and its sealed manifest differ");
    stage.set(full, "manifest.age", before.0);
    stage.set(full, "head.json", before.1);

    // An older backup passed off as a newer one.
    let newer = Id::parse("20270101T000000Z-00000000").unwrap();
    let names: Vec<_> = stage.full.objects.iter().map(|object| object.name.clone()).collect();
    for name in names.iter().map(String::as_str).chain(["manifest.age", "head.json"]) {
        stage.set(&newer, name, stage.bytes(full, name));
    }
    stage.check("under another name", &newer, "its head is another's");
    stage.forge_head(&newer, full.as_str(), newer.as_str());
    stage.check("with a head to fit", &newer, "its head and its sealed manifest differ");

    // A parent that is whole, but not the one after which the backup was made.
    let other = stage.bench.backup(&stage.store, Want::Full).unwrap().head;
    for name in ["manifest.age", "head.json"] {
        stage.set(full, name, stage.bytes(&other.id, name));
    }
    stage.check("another's files in the parent's place", later, "its head is another's");
    stage.set(later, "head.json", b"{}".to_vec());
    stage.check("a head that is none", later, "head cannot be read");
    let faults: Vec<_> = list(&stage.store, None).unwrap().broken.into_iter().map(|broken| broken.fault).collect();
    assert!(
        faults.contains(&Fault::Astray) && faults.iter().any(|fault| matches!(fault, Fault::Head(_))),
        "{faults:?}"
    );
}

#[test]
fn an_incremental_whose_parent_is_gone() {
    let stage = Stage::new(25);
    stage.store.remove(&stage.name(&stage.full.id, "head.json"));
    let expected = format!("needs backup {}, which is gone from this place", stage.full.id);
    stage.check("a parent without a head", &stage.later.id, &expected);
    let listed = list(&stage.store, None).unwrap();
    assert!(listed.heads.is_empty());
    assert!(listed.broken.iter().any(|broken| broken.fault == Fault::ParentGone(stage.full.id.clone())));
    // The next one does not build on what is gone.
    assert_eq!(stage.bench.backup(&stage.store, Want::Incremental).unwrap().head.kind, Kind::Full);
}

#[test]
fn restored_over_newer_data() {
    let stage = Stage::new(26);
    let newer = std::fs::read(&stage.bench.path).unwrap();
    for to in [&stage.bench.path, &stage.bench.folder.path().to_owned()] {
        let outcome = restore(&stage.store, &stage.bench.vault, &stage.full.id, &stage.bench.opener(), to, &mut on);
        assert!(matches!(outcome, Err(BackupError::Exists)), "{outcome:?}");
    }
    assert!(std::fs::read(&stage.bench.path).unwrap() == newer);
    // Nor over one that appears while the backup is being restored.
    let to = stage.bench.folder.path().join("restored.veil");
    let mut appear = |_| {
        std::fs::write(&to, b"newer").unwrap();
        std::ops::ControlFlow::Continue(())
    };
    let outcome = restore(&stage.store, &stage.bench.vault, &stage.full.id, &stage.bench.opener(), &to, &mut appear);
    assert!(matches!(outcome, Err(BackupError::Exists)), "{outcome:?}");
    assert_eq!(std::fs::read(&to).unwrap(), b"newer");
}

/// A vault that is open and idle, whose file somebody changes on the disk; what a backup of that comes to.
fn of_a_changed_file(seed: u64, change: impl FnOnce(&std::fs::File)) -> Result<(), BackupError> {
    let bench = Bench::new(seed);
    let store = MemoryPlace::new(&bench);
    bench.put(0, 20_000, 1, 700);
    bench.verify(&store, &bench.backup(&store, Want::Full).unwrap().head.id).unwrap();
    let file = std::fs::OpenOptions::new().write(true).open(&bench.path).unwrap();
    change(&file);
    let id = bench.backup(&store, Want::Full).unwrap().head.id;
    verify(&store, &bench.vault, &id, &bench.opener(), Part::All, &mut on).map(|_| ())
}

const PAGE: u64 = 4096;
/// Superblock copies, headers and ring; behind them come two epoch pages, and then groups of 102 pages.
const FIRST_RUN: u64 = 2 * 49 + 2 + 256;

#[test]
fn a_backup_of_a_file_that_was_cut_or_lost_pages_is_not_taken_for_whole() {
    let zero = |file: &std::fs::File, page: u64| {
        std::os::unix::fs::FileExt::write_all_at(file, &[0; 2 * PAGE as usize], page * PAGE).unwrap();
    };
    assert!(of_a_changed_file(31, |_| {}).is_ok());
    let written = |file: &std::fs::File| zero(file, FIRST_RUN + 2 + 20 * 102);
    let outcomes = [
        ("the tag pages of a group", of_a_changed_file(32, written)),
        ("the last groups", of_a_changed_file(33, |file| file.set_len((FIRST_RUN + 2 + 3 * 102) * PAGE).unwrap())),
        (
            "the end of a group",
            of_a_changed_file(34, |file| file.set_len((FIRST_RUN + 2 + 3 * 102 + 50) * PAGE).unwrap()),
        ),
    ];
    for (what, outcome) in outcomes {
        assert!(matches!(outcome, Err(BackupError::NotWhole(..))), "{what}: {outcome:?}");
    }
}
