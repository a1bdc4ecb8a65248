//! Backups: what is restored is what there was at the moment of the backup, whatever happened since and whatever broke.

use std::ops::ControlFlow;

use veilbook::clock::{Clock, Timestamp};
use veilbook::vault::backup::{
    BackupError, Fault, Hold, HoldMode, Id, Kind, Opener, OpenerError, Part, Recipients, Source, Store, Task, Want,
    list, make as engine_make, remove, restore, verify,
};
use veilbook::vault::keyring::Passphrase;

use crate::backup_bench::{Bench, Contents, MemoryPlace, contents, on};
use crate::house::PASSPHRASE;

const PAGE: usize = 4096;

#[test]
fn a_full_backup_and_incrementals_restore_to_equal_contents_of_every_table() {
    let bench = Bench::new(1);
    let store = bench.folder_store();
    let mut made: Vec<(Id, Contents)> = Vec::new();
    for round in 0..5_u64 {
        match round {
            0 => bench.put(0, 3000, 1, 700),
            1 => bench.put(17, 5, 311, 700),
            2 => bench.put(3000, 4000, 1, 300),
            3 => bench.cut(100, 6500),
            _ => bench.put(0, 50, 7, 2000),
        }
        let backup = bench.backup(&*store, Want::Incremental).unwrap();
        let kind = if round == 0 { Kind::Full } else { Kind::Incremental };
        assert_eq!((backup.head.kind, &backup.head.parent), (kind, &made.last().map(|(id, _)| id.clone())));
        made.push((backup.head.id, bench.contents()));
    }
    let listed = list(&*store, None).unwrap();
    assert!(listed.broken.is_empty());
    let newest_first: Vec<_> = listed.heads.iter().map(|head| &head.id).collect();
    assert_eq!(newest_first, made.iter().rev().map(|(id, _)| id).collect::<Vec<_>>());
    for (id, there_was) in &made {
        bench.verify(&*store, id).unwrap();
        assert!(bench.restored(&*store, id).unwrap() == *there_was, "{id}");
    }
    let (last, _) = made.last().unwrap();
    let whole = verify(&*store, &bench.vault, last, &bench.opener(), Part::All, &mut on).unwrap();
    assert_eq!(whole.chain, made.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
    let mut parts = 0;
    for n in 1..=3 {
        let part = Part::OneOf { n, of: 3 };
        parts += verify(&*store, &bench.vault, last, &bench.opener(), part, &mut on).unwrap().objects;
    }
    assert_eq!(parts, whole.objects);
}

#[test]
fn a_backup_under_constant_writing_is_exactly_the_moment_of_its_snapshot() {
    let bench = Bench::new(2);
    let store = bench.folder_store();
    bench.put(0, 6000, 1, 600);
    let mut made = Vec::new();
    for want in [Want::Full, Want::Incremental] {
        bench.put(40, 30, 13, 600);
        let (snapshot, reader) = bench.tables().snapshot().unwrap();
        let there_was = contents(&reader);
        drop(reader);
        let mut writes = 0;
        // Each step of the backup is followed by commits, by checkpoints, by growth and by shrinking.
        let mut write = |_| {
            writes += 1;
            bench.put(writes % 900, 60, 5, 600);
            if writes % 20 == 0 {
                bench.put(100_000, 2500, 1, 1000);
            }
            if writes % 20 == 10 {
                bench.cut(100_000, 2500);
            }
            if writes % 7 == 0 {
                drop(bench.tables().snapshot().unwrap());
            }
            ControlFlow::Continue(())
        };
        let source = Source::Open { snapshot: &snapshot, note: "", counts: &[] };
        let backup = bench.make(&*store, want, source, &mut write).unwrap();
        assert!(writes > 5, "{writes}");
        assert!(bench.contents() != there_was, "work went on");
        made.push((backup.head.id, there_was));
    }
    for (id, there_was) in made {
        assert!(bench.restored(&*store, &id).unwrap() == there_was, "{id}");
    }
}

#[test]
fn a_sealed_vault_is_backed_up_as_it_lies_even_after_a_crash() {
    let mut bench = Bench::new(3);
    let store = bench.folder_store();
    bench.put(0, 500, 1, 900);
    let first = bench.backup(&*store, Want::Full).unwrap();
    bench.put(3, 20, 5, 900);
    // What a killed process leaves: acknowledged commits that only the ring knows of.
    let killed = bench.folder.path().join("killed");
    std::fs::copy(&bench.path, &killed).unwrap();
    let there_was = bench.contents();
    drop(bench.tables.take());
    std::fs::rename(&killed, &bench.path).unwrap();
    let sealed = bench.make(&*store, Want::Incremental, Source::Sealed, &mut on).unwrap();
    assert_eq!((sealed.head.kind, &sealed.head.parent), (Kind::Incremental, &Some(first.head.id)));
    assert!(bench.restored(&*store, &sealed.head.id).unwrap() == there_was);

    bench.tables = Some(bench.open(&bench.path));
    bench.put(7, 20, 5, 900);
    let later = bench.backup(&*store, Want::Incremental).unwrap();
    assert_eq!(later.head.kind, Kind::Incremental);
    assert!(bench.restored(&*store, &later.head.id).unwrap() == bench.contents());
    bench.verify(&*store, &later.head.id).unwrap();

    let busy = bench.make(&*store, Want::Incremental, Source::Sealed, &mut on);
    assert!(matches!(busy, Err(BackupError::Vault(_))), "an open vault is not copied as if it were closed");
}

/// The data blocks in which two states of the file differ, in bytes.
fn changed_blocks(before: &[u8], after: &[u8]) -> usize {
    let first_run = 98 + 2 + 256;
    let pages = after.chunks(PAGE).enumerate().skip(first_run).filter(|(page, _)| {
        let in_run = (page - first_run) % (2 + 160 * 102);
        in_run >= 2 && (in_run - 2) % 102 >= 2
    });
    let differ = pages.filter(|(page, bytes)| before.get(page * PAGE..(page + 1) * PAGE) != Some(*bytes));
    differ.count() * PAGE
}

#[test]
fn an_incremental_backup_moves_at_most_1_1_times_the_bytes_of_the_blocks_that_changed() {
    let bench = Bench::new(4);
    let store = MemoryPlace::new(&bench);
    bench.put(0, 24_000, 1, 800);
    bench.backup(&store, Want::Full).unwrap();
    for (name, rows, step) in [("a small change", 12, 1999), ("a middling one", 300, 71), ("a large one", 9000, 1)] {
        let before = std::fs::read(&bench.path).unwrap();
        bench.put(0, rows, step, 800);
        let made = bench.backup(&store, Want::Incremental).unwrap();
        let changed = changed_blocks(&before, &std::fs::read(&bench.path).unwrap());
        assert_eq!(made.head.kind, Kind::Incremental);
        let ratio = made.moved as f64 / changed as f64;
        println!("{name}: {changed} B changed, {} B moved, {ratio:.3}", made.moved);
        assert!(ratio <= 1.1, "{name}: {changed} B changed, {} B moved", made.moved);
        assert!(bench.restored(&store, &made.head.id).unwrap() == bench.contents());
    }
}

#[test]
fn a_full_place_or_a_broken_line_at_any_write_leaves_earlier_backups_usable() {
    let bench = Bench::new(5);
    let store = MemoryPlace::new(&bench);
    bench.put(0, 30_000, 1, 700);
    let there_was = bench.contents();
    let first = bench.backup(&store, Want::Full).unwrap().head;
    assert!(first.objects.len() >= 3, "{}", first.objects.len());
    bench.put(0, 30_000, 1, 700);
    let writes = first.objects.len() as i64 + 2;
    for n in 0..writes {
        store.break_at(n);
        let failed = bench.backup(&store, Want::Incremental);
        assert!(matches!(failed, Err(BackupError::Place(_))), "{n}: {failed:?}");
        store.mend();
        let listed = list(&store, Some(&bench.vault)).unwrap();
        assert_eq!(listed.heads, std::slice::from_ref(&first), "{n}");
        assert!(listed.broken.iter().all(|broken| broken.fault == Fault::Interrupted), "{n}");
    }
    assert!(bench.restored(&store, &first.id).unwrap() == there_was);
    // What could not be removed at once is swept a day later, and nothing else is.
    let left_over = list(&store, None).unwrap().broken.len();
    assert!(left_over > 0);
    bench.clock.advance(24 * 3600);
    let next = bench.backup(&store, Want::Incremental).unwrap();
    assert_eq!(next.head.parent, Some(first.id));
    assert!(list(&store, None).unwrap().broken.is_empty());
    assert!(bench.restored(&store, &next.head.id).unwrap() == bench.contents());
}

#[test]
fn a_backup_that_is_broken_off_leaves_nothing_and_one_under_way_is_left_alone() {
    let bench = Bench::new(6);
    let store = MemoryPlace::new(&bench);
    bench.put(0, 20_000, 1, 700);
    let mut steps = 0;
    let mut stop = |_| {
        steps += 1;
        if steps > 30 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert!(matches!(bench.backup_while(&store, Want::Full, &mut stop), Err(BackupError::Cancelled)));
    assert!(store.names().is_empty());
    // Somebody else's backup that has no head yet.
    let other = format!("veilbook-{}/20261121T120000Z-00000000/000000.pack", "00".repeat(16));
    let under_way = other.replace(&"00".repeat(16), &hex(&bench.vault));
    store.put(&other, vec![1]).unwrap();
    store.put(&under_way, vec![1]).unwrap();
    bench.backup(&store, Want::Full).unwrap();
    assert!(store.names().contains(&under_way) && store.names().contains(&other));
    bench.clock.advance(30 * 3600);
    bench.backup(&store, Want::Full).unwrap();
    assert!(!store.names().contains(&under_way) && store.names().contains(&other));
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn root_the_owners_passphrase_and_the_recovery_key_open_a_backup_when_the_disk_is_gone() {
    let bench = Bench::new(7);
    let store = bench.folder_store();
    bench.put(0, 50, 1, 500);
    bench.backup(&*store, Want::Full).unwrap();
    std::fs::remove_file(&bench.path).unwrap();
    let head = &list(&*store, None).unwrap().heads[0];
    let passphrase = |text| Passphrase::attempt(text).unwrap();
    let by_passphrase = Opener::from_passphrase(head, "OLGA", &passphrase(PASSPHRASE)).unwrap();
    for opener in [by_passphrase, Opener::user(&bench.recovery()), bench.opener()] {
        verify(&*store, &head.vault, &head.id, &opener, Part::All, &mut on).unwrap();
    }
    for (name, text) in [("olga", "another quiet lake"), ("otto", PASSPHRASE)] {
        let wrong = Opener::from_passphrase(head, name, &passphrase(text));
        assert!(matches!(wrong, Err(OpenerError::WrongNameOrPassphrase)));
    }
}

#[test]
fn what_another_backup_needs_or_the_store_holds_is_not_removed() {
    let bench = Bench::new(8);
    let mut store = MemoryPlace::new(&bench);
    bench.put(0, 50, 1, 500);
    let full = bench.backup(&store, Want::Full).unwrap().head;
    store.hold = Some(Hold { mode: HoldMode::Governance, until: bench.clock.now().plus_seconds(7200) });
    bench.put(0, 5, 1, 500);
    let later = bench.backup(&store, Want::Incremental).unwrap().head;
    assert_eq!(later.lock_until, store.hold.map(|hold| hold.until));
    let remove = |head: &veilbook::vault::backup::Head, now: Timestamp| remove(&store, &bench.vault, &head.id, now);
    let now = bench.clock.now();
    assert!(matches!(remove(&full, now), Err(BackupError::Needed(_, by)) if by == later.id));
    assert!(matches!(remove(&later, now), Err(BackupError::Held(..))));
    remove(&later, now.plus_seconds(7200)).unwrap();
    remove(&full, now).unwrap();
    assert!(matches!(remove(&full, now), Err(BackupError::NoSuch(_))));
    assert!(store.names().is_empty());
    // The index beside the vault speaks of a backup that is gone, so the next one is full.
    assert_eq!(bench.backup(&store, Want::Incremental).unwrap().head.kind, Kind::Full);
}

#[test]
fn each_place_has_a_chain_of_its_own_and_a_lost_index_costs_a_full_backup_only() {
    let bench = Bench::new(9);
    let (one, two) = (MemoryPlace::new(&bench), bench.folder_store());
    bench.put(0, 500, 1, 500);
    bench.backup(&one, Want::Incremental).unwrap();
    bench.put(0, 50, 3, 500);
    assert_eq!(bench.backup(&*two, Want::Incremental).unwrap().head.kind, Kind::Full);
    let second = bench.backup(&one, Want::Incremental).unwrap().head;
    assert_eq!(second.kind, Kind::Incremental);
    for entry in std::fs::read_dir(bench.folder.path()).unwrap().flatten() {
        if entry.file_name().to_str().unwrap().ends_with(".backup-index") {
            std::fs::write(entry.path(), b"damaged").unwrap();
        }
    }
    let third = bench.backup(&one, Want::Incremental).unwrap().head;
    assert_eq!(third.kind, Kind::Full);
    assert!(bench.restored(&one, &second.id).unwrap() == bench.restored(&one, &third.id).unwrap());
}

#[test]
fn whoever_became_an_owner_since_the_last_full_backup_opens_the_next_one_alone() {
    let bench = Bench::new(17);
    let store = bench.folder_store();
    bench.put(0, 500, 1, 500);
    let before = Recipients { recovery: None, ..bench.recipients() };
    let make = |recipients: &Recipients| {
        bench.put(0, 5, 1, 500);
        bench.clock.advance(3600);
        let (clock, entropy) = (&*bench.clock, &*bench.entropy);
        let task = Task { vault: &bench.path, store: &*store, recipients, want: Want::Incremental, clock, entropy };
        let (snapshot, _) = bench.tables().snapshot().unwrap();
        engine_make(&task, Source::Open { snapshot: &snapshot, note: "", counts: &[] }, &mut on).unwrap().head
    };
    assert_eq!(make(&before).kind, Kind::Full);
    assert_eq!(make(&before).kind, Kind::Incremental);
    // A new recovery key would not open what an incremental builds on.
    let head = make(&bench.recipients());
    assert_eq!(head.kind, Kind::Full);
    verify(&*store, &bench.vault, &head.id, &Opener::user(&bench.recovery()), Part::All, &mut on).unwrap();
    assert_eq!(make(&bench.recipients()).kind, Kind::Incremental);
}

#[test]
fn a_clock_that_is_set_back_harms_no_chain() {
    let bench = Bench::new(11);
    let store = MemoryPlace::new(&bench);
    bench.put(0, 200, 1, 500);
    bench.backup(&store, Want::Full).unwrap();
    bench.clock.advance(-48 * 3600);
    bench.put(0, 20, 3, 500);
    let earlier = bench.backup(&store, Want::Incremental).unwrap().head;
    assert_eq!(earlier.kind, Kind::Incremental);
    assert!(bench.restored(&store, &earlier.id).unwrap() == bench.contents());
    assert_eq!(list(&store, None).unwrap().broken.len(), 0);
}

/// A measurement: `cargo test --release --test it -- --ignored --nocapture speed_of_backups`.
#[test]
#[ignore = "a measurement"]
fn speed_of_backups() {
    let bench = Bench::new(12);
    let store = bench.folder_store();
    for round in 0..20 {
        bench.put(round * 12_000, 12_000, 1, 1000);
    }
    let bytes = std::fs::metadata(&bench.path).unwrap().len();
    let timed = |name: &str, bytes: u64, work: &mut dyn FnMut()| {
        let start = std::time::Instant::now();
        work();
        let seconds = start.elapsed().as_secs_f64();
        println!("{name}: {:.0} MB in {seconds:.2} s, {:.0} MB/s", bytes as f64 / 1e6, bytes as f64 / 1e6 / seconds);
    };
    let mut id = None;
    timed("full backup", bytes, &mut || id = Some(bench.backup(&*store, Want::Full).unwrap().head.id));
    timed("incremental backup, nothing changed", bytes, &mut || {
        bench.backup(&*store, Want::Incremental).unwrap();
    });
    let id = id.unwrap();
    timed("verify", bytes, &mut || bench.verify(&*store, &id).unwrap());
    let to = bench.folder.path().join("again.veil");
    timed("restore", bytes, &mut || {
        restore(&*store, &bench.vault, &id, &bench.opener(), &to, &mut on).unwrap();
    });
    let memory = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
}

#[test]
fn a_restore_that_was_killed_is_begun_afresh() {
    let bench = Bench::new(10);
    let store = bench.folder_store();
    bench.put(0, 500, 1, 500);
    let head = bench.backup(&*store, Want::Full).unwrap().head;
    let to = bench.folder.path().join("again.veil");
    std::fs::write(bench.folder.path().join("again.veil.restoring"), b"half of it").unwrap();
    let mut steps = 0;
    let mut stop = |_| {
        steps += 1;
        if steps > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let stopped = restore(&*store, &bench.vault, &head.id, &bench.opener(), &to, &mut stop);
    assert!(matches!(stopped, Err(BackupError::Cancelled)) && !to.exists());
    restore(&*store, &bench.vault, &head.id, &bench.opener(), &to, &mut on).unwrap();
    assert!(!bench.folder.path().join("again.veil.restoring").exists());
    assert!(contents(&bench.open(&to).read().unwrap()) == bench.contents());
}
