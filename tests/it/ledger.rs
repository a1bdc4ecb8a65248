//! The record's export: whatever is done to the file is noticed, by our verifier and by one in another language.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use veilbook::clock::{SeededEntropy, Timestamp};
use veilbook::domain::audit::{NewEntry, Object, Origin, Outcome, Texts};
use veilbook::domain::field::FieldKey;
use veilbook::domain::id::{EntrySeq, SessionId, StaffId};
use veilbook::domain::reason::ReasonCode;
use veilbook::ledger::Hash;
use veilbook::ledger::checkpoint::{Checkpoint, CheckpointError, cosign};
use veilbook::ledger::export::{Expected, ExportError, ExportWriter, FileReport, KeyOrigin, LineFault, verify_file};
use veilbook::ledger::leaf::{LeafError, encode};
use veilbook::ledger::note::{KeyUse, NoteKey, SignedNote, Vkey};
use veilbook::ledger::side::{Part, Salts, SideTexts};
use veilbook::ledger::tree::{Frontier, leaf_hash};

const ORIGIN: &str = "veilbook/7f3a";
const EVERY: u64 = 64;

pub(super) fn key(seed: u8) -> NoteKey {
    NoteKey::new(ORIGIN, KeyUse::Note, SigningKey::from_bytes(&[seed; 32])).unwrap()
}

fn staff() -> NoteKey {
    NoteKey::new("veilbook/7f3a/staff/7", KeyUse::Cosignature, SigningKey::from_bytes(&[77; 32])).unwrap()
}

fn entry(n: u64) -> NewEntry {
    let reveal = n.is_multiple_of(3);
    NewEntry {
        time: Timestamp(1_795_000_000_000 + i64::try_from(n).unwrap() * 1234),
        actor: (n > 0).then_some(StaffId(7)),
        session: SessionId(n / 20),
        origin: if n.is_multiple_of(2) { Origin::Screen } else { Origin::CommandLine },
        action: if reveal { "customer.reveal" } else { "customer.search" }.to_owned(),
        object: if reveal { Object::Customer(n * 7) } else { Object::None },
        field: reveal.then(|| FieldKey::new("mobile").unwrap()),
        reason: reveal.then_some(ReasonCode::Callback),
        count: (!reveal).then_some(n * n),
        outcome: if n.is_multiple_of(11) { Outcome::Refused } else { Outcome::Done },
        texts: Texts {
            before: None,
            after: Some(if reveal { "138****1234".to_owned() } else { format!("张\"三\\ /\u{7f}\t{n}") }),
            reason: reveal.then(|| "the courier could not find the door".to_owned()),
            ticket: (n.is_multiple_of(6)).then(|| format!("T-{n}")),
        },
        value_hmac: reveal.then_some([3; 32]),
    }
}

/// A record in memory, as the vault keeps it.
#[derive(Default)]
struct Record {
    leaves: Vec<(Vec<u8>, SideTexts)>,
    nodes: HashMap<(u8, u64), Hash>,
    tree: Frontier,
    checkpoints: Vec<SignedNote>,
}

impl Record {
    fn of(entries: u64, key: &NoteKey) -> Self {
        let (entropy, mut record) = (SeededEntropy::new(5), Self::default());
        for n in 0..entries {
            let (what, salts) = (entry(n), Salts::fresh(&entropy));
            let mut side = SideTexts::new(&what, &salts);
            if n % 10 == 9 {
                side.erase(Part::After);
            }
            let leaf = encode(EntrySeq(n), &what, &salts);
            for node in record.tree.append(leaf_hash(&leaf)) {
                record.nodes.insert((node.level, node.index), node.hash);
            }
            record.leaves.push((leaf, side));
            if (n + 1).is_multiple_of(EVERY) || n + 1 == entries {
                let mut note = Checkpoint::of(ORIGIN, &record.tree).sign(key).unwrap();
                cosign(&mut note, &staff(), what.time).unwrap();
                record.checkpoints.push(note);
            }
        }
        record
    }

    fn export(&self, key: &NoteKey) -> Vec<u8> {
        let mut file = ExportWriter::begin(Vec::new(), key.vkey().clone(), vec![staff().vkey().clone()]).unwrap();
        let mut checkpoints = self.checkpoints.iter();
        for (n, (leaf, side)) in self.leaves.iter().enumerate() {
            file.entry(leaf, side).unwrap();
            if (n as u64 + 1).is_multiple_of(EVERY) || n + 1 == self.leaves.len() {
                let note = checkpoints.next().unwrap();
                file.checkpoint(note, |level, index| self.nodes.get(&(level, index)).copied()).unwrap();
            }
        }
        file.finish().unwrap()
    }

    fn kept(&self, at: usize) -> Checkpoint {
        Checkpoint::parse(self.checkpoints[at].text()).unwrap()
    }
}

pub(super) fn export(entries: u64) -> Vec<u8> {
    Record::of(entries, &key(1)).export(&key(1))
}

/// The texts of an entry.
pub(super) fn side(n: u64) -> SideTexts {
    SideTexts::new(&entry(n), &Salts::fresh(&SeededEntropy::new(5)))
}

fn verify(file: &[u8], expected: Option<Vkey>) -> Result<FileReport, LineFault> {
    verify_file(file, &Expected { key: expected, kept: Vec::new() }).map_err(|fault| fault.what)
}

fn check(file: &[u8]) -> Result<FileReport, LineFault> {
    verify(file, Some(key(1).vkey().clone()))
}

fn lines(file: &[u8]) -> Vec<String> {
    String::from_utf8(file.to_vec()).unwrap().lines().map(str::to_owned).collect()
}

fn joined(lines: &[String]) -> Vec<u8> {
    lines.iter().flat_map(|line| [line.as_bytes(), b"\n"].concat()).collect()
}

#[test]
fn a_sound_export_verifies_and_says_whose_key_was_believed() {
    let file = export(200);
    let report = check(&file).unwrap();
    assert_eq!((report.entries, report.checkpoints, report.cosignatures, report.erased), (200, 4, 4, 20));
    assert_eq!(report.root, Record::of(200, &key(1)).tree.root());
    assert_eq!(report.key_origin, KeyOrigin::Given);
    assert_eq!(verify(&file, None).unwrap().key_origin, KeyOrigin::File);
}

#[test]
fn a_record_whose_tail_is_cut_is_refused_at_every_line_and_in_the_middle_of_one() {
    let file = export(70);
    let whole = lines(&file);
    for keep in 0..whole.len() {
        assert_eq!(check(&joined(&whole[..keep])), Err(LineFault::TailCut), "{keep} lines");
    }
    for at in (1..file.len()).step_by(131) {
        assert!(check(&file[..at]).is_err(), "{at} bytes");
    }
    assert_eq!(check(&file[..file.len() - 1]), Err(LineFault::TailCut));
}

#[test]
fn a_record_that_ends_before_a_checkpoint_kept_elsewhere_is_refused() {
    let (long, short) = (Record::of(200, &key(1)), export(100));
    let expected = Expected { key: None, kept: vec![long.kept(0), long.kept(3)] };
    assert_eq!(verify_file(&short[..], &expected).unwrap_err().what, LineFault::ShorterThanKept(200));
    let expected = Expected { key: None, kept: vec![long.kept(0)] };
    assert_eq!(verify_file(&short[..], &expected).unwrap().kept, 1);
}

#[test]
fn a_record_with_its_middle_removed_is_refused() {
    let mut some = lines(&export(70));
    some.remove(31);
    assert_eq!(check(&joined(&some)), Err(LineFault::Sequence { expected: 30, found: 31 }));
    // Where the line's number is put right, the leaf still has its own.
    some[31] = some[31].replace("{\"seq\":31,", "{\"seq\":30,");
    assert_eq!(check(&joined(&some)), Err(LineFault::Sequence { expected: 30, found: 31 }));
    let mut swapped = lines(&export(70));
    swapped.swap(10, 11);
    assert_eq!(check(&joined(&swapped)), Err(LineFault::Sequence { expected: 9, found: 10 }));
}

#[test]
fn a_forked_record_is_refused() {
    // Another history under the same key, spliced in front of the first one's checkpoints.
    let (mut one, other) = (lines(&export(70)), Record::of(70, &key(1)));
    let mut fork = other.leaves[4].clone();
    let salts = Salts::fresh(&SeededEntropy::new(99));
    fork.0 = encode(EntrySeq(4), &NewEntry { outcome: Outcome::Failed, ..entry(4) }, &salts);
    fork.1 = SideTexts::default();
    let mut forked = Record::default();
    for (n, pair) in other.leaves.iter().enumerate() {
        let pair = if n == 4 { fork.clone() } else { pair.clone() };
        for node in forked.tree.append(leaf_hash(&pair.0)) {
            forked.nodes.insert((node.level, node.index), node.hash);
        }
        forked.leaves.push(pair);
        if n == 63 || n == 69 {
            forked.checkpoints.push(Checkpoint::of(ORIGIN, &forked.tree).sign(&key(1)).unwrap());
        }
    }
    let file = forked.export(&key(1));
    one[5] = lines(&file)[5].clone();
    assert_eq!(check(&joined(&one)), Err(LineFault::Root));
    // The whole forked history is signed, so only a checkpoint that somebody kept shows it.
    assert!(check(&file).is_ok());
    let expected = Expected { key: None, kept: vec![other.kept(0)] };
    let fault = verify_file(&file[..], &expected).unwrap_err();
    assert_eq!((fault.line, fault.what), (65, LineFault::Forked(64)));
}

#[test]
fn a_record_signed_again_with_another_key_is_refused_by_whoever_has_the_key() {
    let again = Record::of(70, &key(2)).export(&key(2));
    assert_eq!(check(&again), Err(LineFault::AnotherKey));
    assert_eq!(verify(&again, None).unwrap().key_origin, KeyOrigin::File);
    // Its checkpoints under the right head.
    let mut mixed = lines(&again);
    mixed[0] = lines(&export(70))[0].clone();
    assert!(matches!(check(&joined(&mixed)), Err(LineFault::Checkpoint(CheckpointError::Note(_)))));
}

#[test]
fn a_record_whose_encoding_is_not_canonical_is_refused() {
    let good = lines(&export(70));
    let refused = |at: usize, from: &str, to: &str, want: LineFault| {
        let mut some = good.clone();
        assert!(some[at].contains(from));
        some[at] = some[at].replacen(from, to, 1);
        assert_eq!(check(&joined(&some)), Err(want), "{to}");
    };
    refused(2, ",\"leaf\"", ", \"leaf\"", LineFault::NotCanonical);
    refused(2, "张", "\\u5f20", LineFault::NotCanonical);
    refused(2, "{\"seq\":1,", "{\"seq\":1,\"more\":1,", LineFault::Malformed);
    refused(2, "{\"seq\":1,", "{\"seq\":1,\"seq\":1,", LineFault::Malformed);
    refused(2, "{\"seq\":1,", "{\"seq\":1.0,", LineFault::Malformed);
    refused(2, "{\"seq\":1,", " {\"seq\":1,", LineFault::Malformed);
}

#[test]
fn a_checkpoint_of_size_0_or_with_a_leading_zero_in_an_export_is_refused() {
    let good = lines(&export(70));
    let sign = |body: &str| SignedNote::sign(body.to_owned(), &key(1)).unwrap().to_string();
    let line = |note: &str| format!("{{\"checkpoint\":{},\"proof\":[]}}", serde_json::to_string(note).unwrap());
    let with = |at: usize, body: &str| {
        let mut some = good.clone();
        some.insert(at, line(&sign(body)));
        check(&joined(&some)).unwrap_err()
    };
    let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    assert_eq!(with(1, &format!("{ORIGIN}\n0\n{empty}\n")), LineFault::EmptyCheckpoint);
    let size = |body: &str| with(3, &format!("{ORIGIN}\n{body}\n{empty}\n"));
    assert_eq!(size("02"), LineFault::Checkpoint(CheckpointError::Size));
    assert_eq!(size("0"), LineFault::EmptyCheckpoint);
    assert_eq!(size("2"), LineFault::Checkpoint(CheckpointError::Empty));
}

#[test]
fn a_text_that_is_not_the_one_committed_to_is_refused_and_an_erased_one_is_counted() {
    let mut some = lines(&export(70));
    some[1] = some[1].replace("the courier", "the curious");
    assert_eq!(check(&joined(&some)), Err(LineFault::Entry(LeafError::Commitment(Part::Reason))));
    let mut erased = Record::of(70, &key(1));
    for (_, side) in &mut erased.leaves {
        *side = SideTexts::default();
    }
    assert!(check(&erased.export(&key(1))).unwrap().erased > 70);
}

#[test]
fn entries_behind_the_last_checkpoint_or_lines_behind_the_end_are_refused() {
    let mut some = lines(&export(70));
    let checkpoint = some.remove(some.len() - 2);
    assert_eq!(check(&joined(&some)), Err(LineFault::Uncovered));
    some.push(checkpoint);
    assert_eq!(check(&joined(&some)), Err(LineFault::Uncovered));
    let file = export(70);
    assert_eq!(check(&[&file[..], b"\n"].concat()), Err(LineFault::Added));
    assert_eq!(check(b""), Err(LineFault::TailCut));
    assert_eq!(check(&vec![b'a'; 20 << 20]), Err(LineFault::TooLong));
}

#[test]
fn a_key_of_the_wrong_kind_in_the_head_is_refused() {
    let (record, staff) = (staff().vkey().clone(), key(1).vkey().clone());
    assert!(ExportWriter::begin(Vec::new(), record, Vec::new()).is_err());
    assert!(ExportWriter::begin(Vec::new(), staff.clone(), vec![staff.clone()]).is_err());
    let mut some = lines(&export(10));
    some[0] = format!("{{\"format\":\"veilbook-record/1\",\"vkey\":\"{staff}\",\"cosigners\":[\"{staff}\"]}}");
    assert_eq!(check(&joined(&some)), Err(LineFault::Key));
    some[0] = some[0].replace("record/1", "record/2");
    assert_eq!(check(&joined(&some)), Err(LineFault::Format));
}

#[test]
fn a_damaged_record_is_noticed_by_the_one_who_exports_it() {
    let record = Record::of(10, &key(1));
    let begin = || ExportWriter::begin(Vec::new(), key(1).vkey().clone(), vec![staff().vkey().clone()]).unwrap();
    let node = |level, index| record.nodes.get(&(level, index)).copied();
    let (leaf, side) = &record.leaves[0];
    assert!(matches!(begin().entry(&leaf[1..], side), Err(ExportError::Entry { seq: 0, .. })));
    assert!(matches!(begin().entry(leaf, &record.leaves[3].1), Err(ExportError::Entry { seq: 0, .. })));
    assert!(matches!(begin().entry(&record.leaves[1].0, &record.leaves[1].1), Err(ExportError::Order(0))));
    assert!(matches!(begin().checkpoint(&record.checkpoints[0], node), Err(ExportError::Order(0))));
    assert!(matches!(begin().finish(), Err(ExportError::Order(0))));
    let mut file = begin();
    for n in 0..10 {
        // One entry is another than the one that was signed.
        let what = NewEntry { count: (n == 4).then_some(1), ..entry(n) };
        let salts = Salts::fresh(&SeededEntropy::new(n));
        file.entry(&encode(EntrySeq(n), &what, &salts), &SideTexts::default()).unwrap();
    }
    assert!(matches!(file.checkpoint(&record.checkpoints[0], node), Err(ExportError::Root(10))));
}

proptest! {
    #[test]
    fn a_file_from_anywhere_never_panics(
        bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..24, cut in 0_usize..400,
    ) {
        let _ = verify(&bytes, None);
        let good = export(20);
        let mut some: Vec<Vec<u8>> = good.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let line = &mut some[at % 23];
        let (cut, end) = (cut % line.len(), line.len() - 1);
        line.splice(cut.min(end)..end, bytes);
        let some = some.concat();
        prop_assert!(some == good || verify(&some, None).is_err());
    }
}

/// Every `step`-th byte of the file changed, one at a time, in a way that depends on its place.
fn changed(file: &[u8], step: usize) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..file.len()).step_by(step).map(move |at| {
        let mut bytes = file.to_vec();
        bytes[at] ^= 1 << (at / step % 8);
        (at, bytes)
    })
}

#[test]
fn a_single_changed_byte_anywhere_is_refused() {
    // Without a key the file itself names one, which is the weaker check.
    for (at, bytes) in changed(&export(10), 1) {
        assert!(verify(&bytes, None).is_err(), "byte {at}");
    }
    for (at, bytes) in changed(&export(200), 97) {
        assert!(check(&bytes).is_err(), "byte {at}");
    }
}

#[test]
fn a_verifier_in_another_language_agrees() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify_record.py");
    let folder = tempfile::tempdir().unwrap();
    let run = |files: &[std::path::PathBuf]| {
        Command::new("python3").arg(&script).arg(key(1).vkey().to_string()).args(files).output()
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let file = export(200);
    let Ok(output) = run(&[write("sound", &file)]) else {
        println!("skipped: there is no python3 here to run tests/verify_record.py with");
        return;
    };
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("sound: 200 entries under 4 signed checkpoints"), "{said}");

    let again = Record::of(70, &key(2)).export(&key(2));
    let mut bad = vec![write("again", &again), write("cut", &file[..file.len() / 2])];
    bad.extend(changed(&file, 97).map(|(at, bytes)| write(&format!("byte-{at}"), &bytes)));
    let output = run(&bad).unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let refused: Vec<&str> = said.lines().filter(|line| line.contains(": refused: ")).collect();
    assert_eq!(refused.len(), bad.len(), "{}", said.lines().find(|line| !line.contains(": refused: ")).unwrap_or(""));
    assert!(!output.status.success());
}
