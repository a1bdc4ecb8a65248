//! A whole vault whose file was tampered with, byte by byte and page by page: refused with its place, mended from the
//! other copy, or found by the deep check; never a panic, never other content.

use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use veilbook::domain::audit::Origin;
use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::service::{Action, Done, Gate, GateError, Session};
use veilbook::vault::file::disk::{Disk, MemoryDisk};
use veilbook::vault::superblock::SUPERBLOCK_REGION;

use crate::house::{House, PASSPHRASE, add, deps, set};

const PAGE: usize = 4096;
const BASE: usize = SUPERBLOCK_REGION as usize;
/// One copy of the superblock.
const COPY: usize = BASE / 2;
const RING: usize = BASE + 2 * PAGE;
const RUNS: usize = RING + 256 * PAGE;
const CUSTOMERS: u64 = 30;

/// Gates of a test have different randomness, as runs of the program have.
fn seed() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(40_000);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A closed vault and what stands in it.
struct Specimen {
    house: House,
    bytes: Vec<u8>,
    older: Vec<u8>,
}

/// What became of a changed file.
#[derive(Debug, PartialEq)]
enum Verdict {
    /// Nobody came in, in these words.
    Refused(String),
    /// Somebody came in, and the deep check or a reader was told.
    Told(String),
    /// All is there as it was.
    Whole,
}

impl Specimen {
    /// Two states of one vault: thirty customers, and the same after some were changed and more was recorded.
    fn new() -> Self {
        let (house, owner) = House::new();
        for n in 1..=CUSTOMERS {
            add(&owner, &format!("Customer {n}"), vec![set("mobile", &format!("138000{n:05}"))]);
        }
        let support = house.staff(&owner, RoleName::Support);
        support.end();
        owner.end();
        drop((owner, support));
        house.gate.seal();
        let older = std::fs::read(house.gate.path()).unwrap();
        let owner = house.again();
        for n in 1..=CUSTOMERS / 3 {
            owner.perform(Action::OpenCustomer(CustomerId(n))).unwrap();
            owner.perform(Action::EditCustomer(CustomerId(n), 1, vec![set("email", "new@example.com")])).unwrap();
        }
        owner.end();
        drop(owner);
        house.gate.seal();
        let bytes = std::fs::read(house.gate.path()).unwrap();
        Self { house, bytes, older }
    }

    /// Signs in over these bytes, in memory.
    fn over(&self, bytes: Vec<u8>) -> (Gate, Arc<MemoryDisk>) {
        let disk = Arc::new(MemoryDisk::from_bytes(bytes));
        let laid: Arc<dyn Disk> = disk.clone();
        let path = self.house.gate.path().to_owned();
        (Gate::over(path, deps(&self.house.clock, seed()), move |_| Arc::clone(&laid)), disk)
    }

    /// Opens, reads everything, checks everything.
    fn verdict(&self, what: &str, bytes: Vec<u8>) -> Verdict {
        let met = catch_unwind(AssertUnwindSafe(|| self.meet(what, bytes)));
        met.unwrap_or_else(|_| panic!("{what}: a panic"))
    }

    fn meet(&self, what: &str, bytes: Vec<u8>) -> Verdict {
        let (gate, _disk) = self.over(bytes);
        let owner = match gate.login("olga", PASSPHRASE, Origin::Screen) {
            Ok(owner) => owner,
            Err(GateError::Damaged(text)) => return Verdict::Refused(text),
            Err(GateError::Disk(text)) if text.contains("not authentic") => return Verdict::Refused(text),
            Err(other) => panic!("{what}: {other}"),
        };
        let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
        let read = contents(&owner, what);
        match (examined.fault(), read) {
            (Some(fault), _) => Verdict::Told(fault.to_owned()),
            (None, Ok(())) => Verdict::Whole,
            (None, Err(text)) => panic!("{what}: the deep check is content, and a reader meets {text}"),
        }
    }

    fn with(&self, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        change(&mut bytes);
        bytes
    }

    /// The pages behind the ring, by number.
    fn pages(&self) -> impl Iterator<Item = usize> + use<> {
        RUNS / PAGE..self.bytes.len() / PAGE
    }
}

/// Reads every customer; a wrong value is a panic, a damaged one the answer.
fn contents(owner: &Session, what: &str) -> Result<(), String> {
    for n in 1..=CUSTOMERS {
        match owner.perform(Action::OpenCustomer(CustomerId(n))) {
            Ok(Done::Customer(detail)) => {
                assert_eq!(detail.name.text(), format!("Customer {n}"), "{what}");
                let changed = n <= CUSTOMERS / 3;
                assert_eq!(
                    detail.profile.version,
                    if changed { 2 } else { 1 },
                    "{what}: an older state of customer {n}"
                );
            }
            Ok(other) => panic!("{what}: {other:?}"),
            Err(refusal) => return Err(refusal.to_string()),
        }
    }
    Ok(())
}

/// What a page behind the ring is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    EpochPage,
    TagPage,
    Block,
}

fn kind(page: usize) -> Kind {
    match page - RUNS / PAGE {
        0 | 1 => Kind::EpochPage,
        n if (n - 2) % 102 < 2 => Kind::TagPage,
        _ => Kind::Block,
    }
}

/// Gives a copy of the superblock the checksum that fits it, as an attacker would.
fn forge(copy: &mut [u8]) {
    let sum: [u8; 32] =
        Sha256::new().chain_update(&copy[..PAGE - 32]).chain_update(&copy[PAGE..COPY]).finalize().into();
    copy[PAGE - 32..PAGE].copy_from_slice(&sum);
}

/// Changes both copies of the superblock alike, with checksums that fit.
fn forged(bytes: &mut [u8], change: impl Fn(&mut [u8])) {
    for at in [0, COPY] {
        let copy = &mut bytes[at..at + COPY];
        change(copy);
        forge(copy);
    }
}

#[test]
fn every_header_byte_flipped_in_one_copy_is_mended_from_the_other_and_in_both_is_refused() {
    let specimen = Specimen::new();
    for at in 0..512 {
        for side in [BASE, BASE + PAGE] {
            let (gate, disk) = specimen.over(specimen.with(|bytes| bytes[side + at] ^= 0x10));
            let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap_or_else(|e| panic!("{side} {at}: {e}"));
            drop(owner);
            gate.seal();
            let (gate, _) = specimen.over(disk.snapshot().tap_flip(if side == BASE { BASE + PAGE } else { BASE }));
            // The copy that had been damaged carries the vault alone.
            assert!(gate.login("olga", PASSPHRASE, Origin::Screen).is_ok(), "{side} {at}: not mended");
        }
        let (gate, _) = specimen.over(specimen.with(|bytes| {
            bytes[BASE + at] ^= 1;
            bytes[BASE + PAGE + at] ^= 1;
        }));
        match gate.login("olga", PASSPHRASE, Origin::Screen) {
            Err(GateError::Damaged(text)) => assert!(text.contains("header at byte"), "{at}: {text}"),
            other => panic!("{at}: {other:?}"),
        }
    }
}

/// A flip of a header's first byte.
trait TapFlip {
    fn tap_flip(self, at: usize) -> Self;
}

impl TapFlip for Vec<u8> {
    fn tap_flip(mut self, at: usize) -> Self {
        self[at] ^= 1;
        self
    }
}

#[test]
fn torn_header_copy_a_b_and_both() {
    let specimen = Specimen::new();
    for (a, b) in [(true, false), (false, true), (true, true)] {
        let bytes = specimen.with(|bytes| {
            for (torn, at) in [(a, BASE), (b, BASE + PAGE)] {
                if torn {
                    let old = specimen.older[at + 200..at + 512].to_vec();
                    bytes[at + 200..at + 512].copy_from_slice(&old);
                }
            }
        });
        let verdict = specimen.verdict("torn", bytes);
        assert_eq!(verdict == Verdict::Whole, !(a && b), "{a} {b}: {verdict:?}");
    }
}

#[test]
fn every_byte_of_the_superblocks_fields_flipped_in_one_copy_is_mended_and_in_both_is_refused() {
    let specimen = Specimen::new();
    let fields = (0..232).chain((232..4032).step_by(101)).chain(4032..4096);
    let slots = (PAGE..COPY).step_by(2_999);
    for at in fields.chain(slots) {
        for copy in [0, COPY] {
            let (gate, disk) = specimen.over(specimen.with(|bytes| bytes[copy + at] ^= 0x20));
            let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap_or_else(|e| panic!("{copy} {at}: {e}"));
            drop(owner);
            gate.seal();
            let after = disk.snapshot();
            assert_eq!(after[..COPY], after[COPY..2 * COPY], "{copy} {at}: the copies differ still");
        }
        let bytes = specimen.with(|bytes| {
            bytes[at] ^= 1;
            bytes[COPY + at] ^= 1;
        });
        let (gate, _) = specimen.over(bytes);
        let error = gate.login("olga", PASSPHRASE, Origin::Screen).expect_err("a head nobody wrote");
        assert!(matches!(error, GateError::Damaged(_)), "{at}: {error}");
        // With a checksum that fits, the MAC is left, or the passphrase that no longer fits its slot.
        let (gate, _) = specimen.over(specimen.with(|bytes| forged(bytes, |copy| copy[at] ^= 1)));
        let opened = gate.login("olga", PASSPHRASE, Origin::Screen);
        let free_of_meaning = (4064..4096).contains(&at);
        assert!(opened.is_err() || free_of_meaning, "{at}: opened");
    }
}

/// A forgery of both heads: its name, what it changes in a copy, and what is said of it.
type Forgery = (&'static str, fn(&mut [u8]), &'static str);

/// Forgeries of both heads.
fn forgeries() -> Vec<Forgery> {
    fn number(copy: &mut [u8], at: usize, value: &[u8]) {
        copy[at..at + value.len()].copy_from_slice(value);
    }
    vec![
        ("version 0", |c| number(c, 8, &[0, 0]), "format 0"),
        ("the largest version", |c| number(c, 8, &[0xFF, 0xFF]), "format 65535"),
        ("cipher 0", |c| number(c, 10, &[0, 0]), "cipher 0"),
        ("the largest cipher", |c| number(c, 10, &[0xFF, 0xFF]), "cipher 65535"),
        ("no slots", |c| number(c, 12, &[0, 0]), "0 key slots"),
        ("10,000 slots", |c| number(c, 12, &10_000_u16.to_be_bytes()), "10000 key slots"),
        ("no parameters", |c| number(c, 14, &[0, 0]), "out of bounds"),
        ("three sets of parameters", |c| number(c, 14, &[0, 3]), "out of bounds"),
        ("no passes", |c| number(c, 96, &[0; 4]), "out of bounds"),
        ("4 TiB of memory", |c| number(c, 100, &[0xFF; 4]), "out of bounds"),
        ("parallelism 0", |c| number(c, 104, &[0; 4]), "out of bounds"),
        ("parallelism of 2^32 - 1", |c| number(c, 104, &[0xFF; 4]), "out of bounds"),
    ]
}

#[test]
fn version_0_and_the_largest_and_a_slot_that_asks_for_4_tib_or_parallelism_0_are_refused_by_name() {
    let specimen = Specimen::new();
    for (name, change, words) in forgeries() {
        let bytes = specimen.with(|bytes| forged(bytes, change));
        match specimen.verdict(name, bytes) {
            Verdict::Refused(text) => assert!(text.contains(words), "{name}: {text}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn the_program_says_cause_and_remedy_of_a_damaged_vault_and_exits_with_5_and_leaves_the_file_as_it_is() {
    let specimen = Specimen::new();
    let path = |name: &str| specimen.house.folder.path().join(name);
    std::fs::write(path("pass"), PASSPHRASE).unwrap();
    std::fs::set_permissions(path("pass"), std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("both headers", specimen.with(|b| [BASE, BASE + PAGE].into_iter().for_each(|at| b[at + 40] ^= 1))),
        ("epoch pages", specimen.with(|b| b[RUNS..RUNS + 2 * PAGE].fill(0))),
        ("cut", specimen.bytes[..RUNS + 5 * PAGE].to_vec()),
        ("cut in the head", specimen.bytes[..100].to_vec()),
        ("empty", vec![]),
    ];
    cases.extend(forgeries().into_iter().map(|(name, change, _)| (name, specimen.with(|b| forged(b, change)))));
    for (name, bytes) in cases {
        let file = path("tampered.veil");
        std::fs::write(&file, &bytes).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_veilbook"));
        command.env("XDG_STATE_HOME", path("state")).arg("--vault").arg(&file).args(["--as", "Olga"]);
        let ran = command.arg("--passphrase-file").arg(path("pass")).arg("customers").output().unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status.code(), Some(5), "{name}: {said}");
        assert!(said.contains("damaged") && said.contains("backup"), "{name}: {said}");
        assert!(ran.stdout.is_empty() && !said.contains("panicked"), "{name}");
        // The head's two copies may be brought into step before the rest is looked at; nothing else is touched.
        let after = std::fs::read(&file).unwrap();
        let same = after.len() == bytes.len() && after.get(BASE..) == bytes.get(BASE..);
        assert!(same, "{name}: the file was changed");
    }
}

#[test]
fn duplicate_slot_ids_a_slot_spliced_from_another_user_and_a_wrong_tag_open_nothing() {
    let specimen = Specimen::new();
    let slot = |n: usize| PAGE + n * 384..PAGE + (n + 1) * 384;
    // Which slots are in use does not show, so every place is tried for every other one's content.
    let whole = specimen.bytes.clone();
    let opens = |bytes: Vec<u8>| {
        let (gate, _) = specimen.over(bytes);
        gate.login("olga", PASSPHRASE, Origin::Screen).map(drop)
    };
    for (from, to) in [(1, 2), (2, 1), (1, 0), (2, 0), (1, 511), (2, 300)] {
        let bytes = specimen.with(|bytes| forged(bytes, |copy| copy[slot(to)].copy_from_slice(&whole[slot(from)])));
        let error = opens(bytes).expect_err("a head that ROOT did not sign");
        let told = matches!(error, GateError::Damaged(_) | GateError::WrongNameOrPassphrase { .. });
        assert!(told, "slot {from} in place {to}: {error}");
    }
    let mut damaged = 0;
    for n in 0..6 {
        // The commitment stays, what follows does not open.
        for at in [40, 60, 143] {
            let bytes = specimen.with(|bytes| forged(bytes, |copy| copy[slot(n)][at] ^= 1));
            match opens(bytes) {
                Err(GateError::Damaged(_)) => damaged += 1,
                other => panic!("slot {n} byte {at}: {other:?}"),
            }
        }
    }
    assert_eq!(damaged, 18, "the right commitment with a wrong tag is damage, not a wrong passphrase");
}

#[test]
fn an_older_head_put_back_does_not_bring_an_old_passphrase_back() {
    let specimen = Specimen::new();
    let next = "another lake at another dawn";
    let (gate, disk) = specimen.over(specimen.bytes.clone());
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let change = |old: &str, new: &str| Action::ChangePassphrase(String::from(old).into(), String::from(new).into());
    owner.perform(change(PASSPHRASE, next)).unwrap();
    owner.end();
    drop(owner);
    gate.seal();
    let mut bytes = disk.snapshot();
    bytes[..BASE].copy_from_slice(&specimen.bytes[..BASE]);
    let (gate, _) = specimen.over(bytes);
    let error = gate.login("olga", PASSPHRASE, Origin::Screen).expect_err("the tables know a later passphrase");
    assert!(error.to_string().contains("older than what it protects"), "{error}");
    assert!(gate.login("olga", next, Origin::Screen).is_err());
}

#[test]
fn two_equal_generations_that_differ_are_refused_or_one_whole_state() {
    let specimen = Specimen::new();
    // The same day twice, from the same state: epochs and sequences are alike, the bytes are not.
    let fork = |name: &str| {
        let (gate, disk) = specimen.over(specimen.bytes.clone());
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        add(&owner, name, vec![]);
        owner.end();
        drop(owner);
        gate.seal();
        disk.snapshot()
    };
    let (one, two) = (fork("Somebody One"), fork("Somebody Two"));
    assert_eq!(one[BASE..BASE + 8], two[BASE..BASE + 8], "the forks are of one age");
    let mut headers = one.clone();
    headers[BASE + PAGE..BASE + 2 * PAGE].copy_from_slice(&two[BASE + PAGE..BASE + 2 * PAGE]);
    match specimen.verdict("headers of two forks", headers) {
        Verdict::Refused(text) => assert!(text.contains("two copies of one age that differ"), "{text}"),
        other => panic!("{other:?}"),
    }
    let mut heads = one.clone();
    heads[COPY..BASE].copy_from_slice(&two[COPY..BASE]);
    assert_eq!(specimen.verdict("heads of two forks", heads), Verdict::Whole);
    for page in RUNS / PAGE..one.len().min(two.len()) / PAGE {
        let at = page * PAGE..(page + 1) * PAGE;
        if one[at.clone()] != two[at.clone()] && page % 3 == 0 {
            let mut mixed = one.clone();
            mixed[at.clone()].copy_from_slice(&two[at]);
            // Free blocks and copies out of force differ as well, and mean nothing.
            specimen.verdict(&format!("page {page} of a fork"), mixed);
        }
    }
}

/// What became of a page after each change, counted by kind.
fn tally(name: &str, specimen: &Specimen, step: usize, change: impl Fn(&mut Vec<u8>, usize)) {
    let mut found = std::collections::BTreeMap::<(Kind, &str), usize>::new();
    for page in specimen.pages().filter(|page| kind(*page) != Kind::Block || page % step == 0) {
        let bytes = specimen.with(|bytes| change(bytes, page));
        if bytes == specimen.bytes {
            continue;
        }
        let verdict = match specimen.verdict(&format!("{name} page {page} ({:?})", kind(page)), bytes) {
            Verdict::Refused(text) | Verdict::Told(text) if !text.contains("byte") => panic!("{name} {page}: {text}"),
            Verdict::Refused(_) => "refused",
            Verdict::Told(_) => "told by the deep check",
            Verdict::Whole => "not in use",
        };
        *found.entry((kind(page), verdict)).or_default() += 1;
    }
    println!("{name}: {found:?}");
    let noticed = |kind| found.iter().any(|((of, verdict), _)| *of == kind && *verdict != "not in use");
    assert!(noticed(Kind::Block), "{name}: {found:?}");
    assert!(noticed(Kind::TagPage) || name.contains("older"), "{name}: {found:?}");
}

#[test]
fn a_flipped_byte_in_any_kind_of_page_is_refused_or_found_by_the_deep_check_where_the_page_is_in_use() {
    let specimen = Specimen::new();
    tally("flipped", &specimen, 3, |bytes, page| bytes[page * PAGE + (page * 797) % PAGE] ^= 0x08);
}

#[test]
fn a_block_zeroed_is_refused_or_found_by_the_deep_check() {
    let specimen = Specimen::new();
    tally("zeroed", &specimen, 5, |bytes, page| bytes[page * PAGE..(page + 1) * PAGE].fill(0));
}

#[test]
fn two_blocks_swapped_are_refused_or_found_by_the_deep_check() {
    let specimen = Specimen::new();
    let last = specimen.bytes.len() / PAGE - 1;
    tally("swapped", &specimen, 5, |bytes, page| {
        let other = if page == last { page - 1 } else { page + 1 };
        let (a, b) = (page.min(other) * PAGE, page.max(other) * PAGE);
        let (head, tail) = bytes.split_at_mut(b);
        head[a..a + PAGE].swap_with_slice(&mut tail[..PAGE]);
    });
}

#[test]
fn a_block_of_another_vault_is_refused_or_found_by_the_deep_check() {
    let (specimen, other) = (Specimen::new(), {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(veilbook::clock::FixedClock::new(crate::house::NOON));
        let gate = Gate::new(folder.path().join("other.veil"), deps(&clock, 555));
        let owner = gate.create(crate::house::new_vault(veilbook::domain::schema::sample()), Origin::Screen).unwrap();
        (0..40).for_each(|n| _ = add(&owner, &format!("Stranger {n}"), vec![set("mobile", "13900001234")]));
        owner.end();
        drop(owner);
        gate.seal();
        std::fs::read(folder.path().join("other.veil")).unwrap()
    });
    tally("of another vault", &specimen, 5, |bytes, page| {
        let at = page * PAGE..(page + 1) * PAGE;
        if let Some(page) = other.get(at.clone()) {
            bytes[at].copy_from_slice(page);
        }
    });
}

#[test]
fn an_older_block_put_back_alone_or_with_its_tag_and_epoch_pages_never_passes_for_the_present_one() {
    let specimen = Specimen::new();
    let older = |bytes: &mut Vec<u8>, page: usize| {
        let at = page * PAGE..(page + 1) * PAGE;
        if let Some(old) = specimen.older.get(at.clone()) {
            bytes[at].copy_from_slice(old);
        }
    };
    tally("older", &specimen, 1, |bytes, page| older(bytes, page));
    let tags_of = |page: usize| {
        let group = RUNS / PAGE + 2 + (page - RUNS / PAGE - 2) / 102 * 102;
        [group, group + 1]
    };
    let epochs = [RUNS / PAGE, RUNS / PAGE + 1];
    let blocks: Vec<usize> = specimen.pages().filter(|page| kind(*page) == Kind::Block && page % 7 == 0).collect();
    for page in blocks {
        let with_tags = specimen.with(|b| std::iter::once(page).chain(tags_of(page)).for_each(|page| older(b, page)));
        let with_epochs =
            specimen.with(|b| std::iter::once(page).chain(tags_of(page)).chain(epochs).for_each(|page| older(b, page)));
        let with_headers = specimen.with(|b| {
            std::iter::once(page).chain(tags_of(page)).chain(epochs).for_each(|page| older(b, page));
            (BASE / PAGE..RUNS / PAGE).for_each(|page| older(b, page));
        });
        for (name, bytes) in [("tags", with_tags), ("tags and epochs", with_epochs), ("all but blocks", with_headers)] {
            // That it is not other content is checked within: `Whole` means the present content, all of it.
            let verdict = specimen.verdict(&format!("older block {page} with {name}"), bytes);
            assert!(verdict != Verdict::Whole, "older block {page} with {name}");
        }
    }
}

#[test]
fn a_record_of_the_ring_flipped_swapped_or_older_is_refused_or_found() {
    let specimen = Specimen::new();
    // A vault whose process was killed: the ring holds what was done since the last checkpoint.
    let (gate, disk) = specimen.over(specimen.bytes.clone());
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    (0..12).for_each(|n| _ = add(&owner, &format!("Latecomer {n}"), vec![]));
    owner.settle();
    let live = disk.snapshot();
    let used: Vec<usize> =
        (RING..RUNS).step_by(PAGE).filter(|at| live[*at..*at + PAGE] != specimen.bytes[*at..*at + PAGE]).collect();
    assert!(used.len() > 12, "{}", used.len());
    let size = owner.size().unwrap();
    drop(owner);
    let mut refused = 0;
    for (n, at) in used.iter().enumerate() {
        for change in ["flipped", "older", "swapped"] {
            let mut bytes = live.clone();
            match change {
                "flipped" => bytes[at + 700] ^= 1,
                "older" => bytes[*at..at + PAGE].copy_from_slice(&specimen.bytes[*at..at + PAGE]),
                _ => {
                    let other = used[(n + 1) % used.len()];
                    let (a, b) = (bytes[*at..at + PAGE].to_vec(), bytes[other..other + PAGE].to_vec());
                    bytes[*at..at + PAGE].copy_from_slice(&b);
                    bytes[other..other + PAGE].copy_from_slice(&a);
                }
            }
            let (gate, _) = specimen.over(bytes);
            match gate.login("olga", PASSPHRASE, Origin::Screen) {
                Err(GateError::Damaged(_)) => refused += 1,
                Err(other) => panic!("ring page {n} {change}: {other}"),
                // The last records, whose loss looks like a crash; the note outside the file tells.
                Ok(owner) => assert!(owner.size().unwrap() == size && n + 3 > used.len(), "ring page {n} {change}"),
            }
        }
    }
    assert!(refused >= 3 * (used.len() - 3), "{refused} of {}", used.len());
}

#[test]
fn damage_that_happens_while_the_vault_is_open_is_found_by_the_deep_check() {
    let specimen = Specimen::new();
    let mut found = [0; 3];
    for page in specimen.pages().filter(|page| kind(*page) != Kind::Block || page % 4 == 0) {
        let (gate, disk) = specimen.over(specimen.bytes.clone());
        let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
        let mut byte = [0];
        let at = (page * PAGE + 100) as u64;
        disk.read(at, &mut byte).unwrap();
        disk.write(at, &[byte[0] ^ 1]).unwrap();
        let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
        found[kind(page) as usize] += usize::from(!examined.is_sound());
    }
    assert!(found[Kind::Block as usize] > 0 && found[Kind::EpochPage as usize] > 0, "{found:?}");
}

#[test]
fn a_deep_check_can_be_stopped_and_writes_nothing_but_its_entry() {
    let specimen = Specimen::new();
    let (gate, disk) = specimen.over(specimen.bytes.clone());
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    let before = disk.snapshot();
    assert_eq!(owner.examine(&mut |_| std::ops::ControlFlow::Break(())).unwrap(), None);
    assert_eq!(disk.snapshot(), before, "a check that was stopped writes nothing");
    let mut steps = Vec::new();
    let examined = owner.examine(&mut |progress| {
        if steps.last() != Some(&progress.step) {
            steps.push(progress.step);
        }
        std::ops::ControlFlow::Continue(())
    });
    let examined = examined.unwrap().unwrap();
    assert!(examined.is_sound() && examined.bytes > 0 && examined.entries > 0, "{examined:?}");
    assert!(steps.len() >= 2, "{steps:?}");
    assert!(crate::house::verbs(&owner).contains(&"vault.check".to_owned()));
}

#[test]
fn rows_that_contradict_each_other_are_found_by_the_deep_check() {
    use veilbook::vault::store::{Put, Table, Way};
    fn first(to: &dyn Put, table: Table) -> Vec<u8> {
        let mut found = Vec::new();
        to.visit_prefix(table, &[], Way::Up, &mut |key, _| {
            found = key.to_vec();
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
        found
    }
    type Change = fn(&mut dyn Put);
    let ways: [(&str, &str, Change); 5] = [
        ("a list's row gone", "lists", |to| to.remove(Table::Lists, &first(to, Table::Lists)).unwrap()),
        ("a token gone", "tokens", |to| to.remove(Table::Tokens, &first(to, Table::Tokens)).unwrap()),
        ("a word too many", "words", |to| to.put(Table::Words, b"word\0\0\0\0\0\0\0\x09\x09\x09", &[0; 4]).unwrap()),
        ("a count off by one", "counted", |to| to.set_number("customers of 1", 7).unwrap()),
        ("a node changed", "nodes", |to| to.put(Table::Nodes, &first(to, Table::Nodes), &[7; 32]).unwrap()),
    ];
    for (name, words, change) in ways {
        let (house, owner) = House::new();
        (0..5).for_each(|n| _ = add(&owner, &format!("Customer {n}"), vec![set("mobile", "13800001234")]));
        owner.end();
        drop(owner);
        house.gate.seal();
        crate::record::tamper(&house, change);
        let owner = house.again();
        let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
        assert!(examined.fault().is_some_and(|fault| fault.contains(words)), "{name}: {examined:?}");
    }
}

#[test]
fn a_check_at_opening_runs_where_policy_asks_for_it_tells_what_it_found_and_locks_nobody_out() {
    let specimen = Specimen::new();
    let (gate, disk) = specimen.over(specimen.bytes.clone());
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    owner.perform(Action::SetPolicy("check_at_open".into(), "1".into())).unwrap();
    owner.end();
    drop(owner);
    gate.seal();
    let whole = disk.snapshot();
    let (gate, _) = specimen.over(whole.clone());
    let owner = gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    assert_eq!(owner.fault(), None);
    assert!(crate::house::verbs(&owner).iter().any(|verb| verb == "vault.check"));
    drop(owner);
    let mut told = 0;
    // Closing it once more may have made the file shorter.
    let there = specimen.pages().take_while(|page| (page + 1) * PAGE <= whole.len());
    for page in there.filter(|page| kind(*page) == Kind::Block).step_by(3) {
        let mut bytes = whole.clone();
        bytes[page * PAGE] ^= 1;
        let (gate, _) = specimen.over(bytes);
        let Ok(owner) = gate.login("olga", PASSPHRASE, Origin::Screen) else { continue };
        if let Some(fault) = owner.fault() {
            assert!(fault.contains("block"), "{fault}");
            told += 1;
        }
    }
    assert!(told > 0);
}
