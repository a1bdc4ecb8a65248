//! Whole-file rollback: what was last seen of a vault, outside its file, tells; and nothing about that note locks out.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, mknodat};
use veilbook::domain::audit::{NewEntry, Origin};
use veilbook::domain::schema;
use veilbook::service::view::{AlertKind, Seen, SeenKind};
use veilbook::service::{Action, Gate, Query, Session, View};

use crate::house::{House, PASSPHRASE, add, deps, new_vault, verbs};

/// A vault beside a folder for notes, and copies of its file.
struct Shelf {
    house: House,
    notes: PathBuf,
}

impl Shelf {
    fn new() -> Self {
        let (house, owner) = House::new();
        owner.end();
        drop(owner);
        house.gate.seal();
        let notes = house.folder.path().join("state/seen");
        Self { house, notes }
    }

    fn path(&self) -> &Path {
        self.house.gate.path()
    }

    /// A gate of its own, as another run of the program has, with its own randomness.
    fn gate(&self) -> Gate {
        let seed = u64::try_from(self.house.folder.path().as_os_str().len()).unwrap() + NEXT.fetch_add(1, RELAXED);
        Gate::new(self.path().to_owned(), deps(&self.house.clock, seed)).remembering(Some(self.notes.clone()))
    }

    /// Signs in, works, signs out; gives what was said at the door.
    fn day(&self, work: impl FnOnce(&Session)) -> Option<Seen> {
        self.house.clock.advance(60);
        let gate = self.gate();
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let View::Me(me) = owner.query(Query::Me).unwrap() else { panic!("nobody") };
        let seen = me.odd.and_then(|odd| odd.seen);
        assert_eq!(seen, owner.seen());
        work(&owner);
        owner.end();
        drop(owner);
        gate.seal();
        seen
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(self.path()).unwrap()
    }

    fn put_back(&self, bytes: &[u8]) {
        std::fs::write(self.path(), bytes).unwrap();
    }

    /// The one note.
    fn note(&self) -> PathBuf {
        let mut names = std::fs::read_dir(&self.notes).unwrap().map(|entry| entry.unwrap().path());
        let note = names.next().unwrap();
        assert!(names.next().is_none(), "one vault has one note, and nothing is left over");
        note
    }
}

static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(9_000);
const RELAXED: std::sync::atomic::Ordering = std::sync::atomic::Ordering::Relaxed;

fn some_work(owner: &Session) {
    for n in 0..3 {
        add(owner, &format!("Customer {n}"), vec![]);
    }
}

fn kind(seen: Option<Seen>) -> Option<SeenKind> {
    seen.map(|seen| seen.kind)
}

#[test]
fn a_file_that_only_goes_on_is_never_remarked_upon() {
    let shelf = Shelf::new();
    for _ in 0..3 {
        assert_eq!(shelf.day(some_work), None);
    }
    let mode = std::fs::metadata(shelf.note()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&shelf.notes).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn an_older_copy_of_the_whole_file_put_back_is_told_recorded_and_raised_once_and_locks_nobody_out() {
    let shelf = Shelf::new();
    shelf.day(some_work);
    let older = shelf.bytes();
    shelf.day(some_work);
    shelf.put_back(&older);
    let said = shelf.day(|owner| {
        let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
        assert!(today.alerts.iter().any(|alert| alert.kind == AlertKind::OlderFile));
        assert!(verbs(owner).contains(&"vault.compare".to_owned()));
        some_work(owner);
    });
    let seen = said.unwrap();
    assert_eq!(seen.kind, SeenKind::Older);
    assert!(seen.now < seen.entries, "{seen:?}");
    assert_eq!(shelf.day(|_| {}), None, "it is said once; the alert stays");
}

#[test]
fn a_copy_on_which_somebody_worked_on_is_told_from_an_older_one() {
    let shelf = Shelf::new();
    shelf.day(some_work);
    let copy = shelf.bytes();
    shelf.day(some_work);
    let ours = std::fs::read(shelf.note()).unwrap();
    shelf.put_back(&copy);
    // Elsewhere, with another folder for notes, the copy goes further on than ours did.
    std::fs::remove_dir_all(&shelf.notes).unwrap();
    for _ in 0..4 {
        shelf.day(some_work);
    }
    std::fs::write(shelf.note(), ours).unwrap();
    assert_eq!(kind(shelf.day(|_| {})), Some(SeenKind::OtherCopy));
}

#[test]
fn a_rollback_that_the_record_does_not_show_is_told_by_the_epoch() {
    let shelf = Shelf::new();
    let older = shelf.bytes();
    shelf.day(some_work);
    // The note of the later state, with the earlier record in it, as if only what leaves no entry had been changed.
    shelf.put_back(&older);
    let gate = shelf.gate();
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    assert_eq!(kind(owner.seen()), Some(SeenKind::Older));
}

#[test]
fn the_headers_of_an_earlier_checkpoint_put_back_alone_are_refused_or_told() {
    let shelf = Shelf::new();
    shelf.day(some_work);
    let older = shelf.bytes();
    shelf.day(some_work);
    let mut now = shelf.bytes();
    let base = usize::try_from(veilbook::vault::superblock::SUPERBLOCK_REGION).unwrap();
    let headers = base..base + 2 * 4096;
    now[headers.clone()].copy_from_slice(&older[headers]);
    shelf.put_back(&now);
    let gate = shelf.gate();
    // Refused is just as well.
    if let Ok(owner) = gate.login("olga", PASSPHRASE, Origin::Screen) {
        assert_eq!(kind(owner.seen()), Some(SeenKind::Older));
    }
}

#[test]
fn a_declared_restore_is_called_that_and_an_old_declaration_declares_nothing() {
    let shelf = Shelf::new();
    shelf.day(some_work);
    let backup = shelf.bytes();
    shelf.day(some_work);
    let restored = |to: &mut dyn veilbook::vault::store::Put| {
        let now = veilbook::clock::Clock::now(&*shelf.house.clock);
        let session = veilbook::domain::id::SessionId(0);
        let entry = NewEntry::done(now, None, session, Origin::Program, "backup.restore");
        crate::record::append(to, &entry);
    };
    shelf.house.clock.advance(60);
    shelf.put_back(&backup);
    crate::record::tamper(&shelf.house, restored);
    let after_restore = shelf.bytes();
    assert_eq!(kind(shelf.day(some_work)), Some(SeenKind::Restored));
    shelf.day(some_work);
    shelf.put_back(&after_restore);
    assert_eq!(kind(shelf.day(|_| {})), Some(SeenKind::Older), "the restore was declared before the note was written");
}

#[test]
fn a_note_that_is_cut_changed_foreign_huge_or_no_file_keeps_nobody_out() {
    let shelf = Shelf::new();
    shelf.day(some_work);
    let older = shelf.bytes();
    shelf.day(some_work);
    let (path, whole) = (shelf.note(), std::fs::read(shelf.note()).unwrap());
    // Another seed makes another vault, with another key.
    let other = House::new().0;
    let other_notes = other.folder.path().join("seen");
    let gate = Gate::new(other.folder.path().join("other.veil"), deps(&other.clock, 31_000));
    let gate = gate.remembering(Some(other_notes.clone()));
    drop(gate.create(new_vault(schema::sample()), Origin::Screen).unwrap());
    let foreign = std::fs::read(std::fs::read_dir(&other_notes).unwrap().next().unwrap().unwrap().path()).unwrap();
    let mut contents: Vec<Vec<u8>> = vec![vec![], vec![0xFF; 100], vec![b'x'; 1 << 20], foreign];
    contents.extend((0..whole.len()).step_by(37).map(|cut| whole[..cut].to_vec()));
    contents.extend((0..whole.len()).step_by(29).map(|at| {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        changed
    }));
    for content in contents {
        shelf.put_back(&older);
        std::fs::write(&path, &content).unwrap();
        assert_eq!(shelf.day(|_| {}), None, "a note that nobody signed says nothing: {} bytes", content.len());
    }
    std::fs::remove_file(&path).unwrap();
    for what in ["folder", "pipe", "link"] {
        match what {
            "folder" => std::fs::create_dir(&path).unwrap(),
            "pipe" => mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap(),
            _ => symlink("/dev/zero", &path).unwrap(),
        }
        assert_eq!(shelf.day(|_| {}), None, "{what}");
        if path.is_dir() {
            std::fs::remove_dir(&path).unwrap();
        } else {
            std::fs::remove_file(&path).unwrap();
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_or_is_no_folder_hinders_nothing() {
    let shelf = Shelf::new();
    for notes in ["/proc/no such place", "/dev/null/seen", "/sys/veilbook"] {
        let gate = Gate::new(shelf.path().to_owned(), deps(&shelf.house.clock, 77)).remembering(Some(notes.into()));
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        add(&owner, "张三丰", vec![]);
        owner.perform(Action::Checkpoint).unwrap();
        assert!(owner.remember().is_err());
        owner.end();
    }
}

#[test]
fn each_vault_has_a_note_of_its_own() {
    let (one, two) = (Shelf::new(), Shelf::new());
    let path = two.house.folder.path().join("another.veil");
    let gate = Gate::new(path, deps(&two.house.clock, 70_001)).remembering(Some(one.notes.clone()));
    drop(gate.create(new_vault(schema::sample()), Origin::Screen).unwrap());
    one.day(some_work);
    assert_eq!(std::fs::read_dir(&one.notes).unwrap().count(), 2);
}
