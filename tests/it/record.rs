//! The record of actions: what changes to it are noticed, what may stand in it, and many people writing it at once.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use veilbook::clock::SeededEntropy;
use veilbook::domain::audit::{NewEntry, Outcome};
use veilbook::domain::id::EntrySeq;
use veilbook::domain::reason::{Reason, ReasonCode, ReasonFault};
use veilbook::domain::role::RoleName;
use veilbook::ledger::checkpoint::Checkpoint;
use veilbook::ledger::export::{Expected, FileReport, verify_file};
use veilbook::ledger::leaf;
use veilbook::ledger::note::{KeyUse, NoteKey, SignedNote, Vkey};
use veilbook::ledger::side::{Salts, SideTexts};
use veilbook::ledger::tree::{Frontier, leaf_hash};
use veilbook::service::view::ChainCheck;
use veilbook::service::{Action, AuditRequest, Done, Query, Refusal, Session, View};
use veilbook::vault::file::disk::{Disk, FileDisk};
use veilbook::vault::keyring::Passphrase;
use veilbook::vault::opening;
use veilbook::vault::store::{Put, Table};
use veilbook::vault::superblock::Superblock;
use veilbook::vault::tables::{Fate, Tables};

use crate::house::{House, PASSPHRASE, add, callback, key, named, set, verbs};

fn check(who: &Session) -> ChainCheck {
    match who.perform(Action::VerifyRecord) {
        Ok(Done::Verdict(state)) => state.check.unwrap(),
        other => panic!("no verdict: {other:?}"),
    }
}

fn export(who: &Session) -> Vec<u8> {
    match who.perform(Action::ExportRecord) {
        Ok(Done::Export(bytes)) => bytes,
        other => panic!("no export: {other:?}"),
    }
}

fn vkey(who: &Session) -> Vkey {
    let Ok(View::Chain(state)) = who.query(Query::Chain) else { panic!("no chain") };
    Vkey::parse(&state.vkey).unwrap()
}

fn verified(bytes: &[u8], expected: &Expected) -> Option<FileReport> {
    verify_file(Cursor::new(bytes), expected).ok()
}

/// Some work on record, and the vault shut.
fn worked(house: &House, owner: Session) {
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    for _ in 0..3 {
        owner.perform(Action::Reveal(id, key("mobile"), callback())).unwrap();
    }
    owner.end();
    drop(owner);
    house.gate.seal();
}

/// The tables as somebody opens them who has a passphrase and another program.
fn tables(house: &House) -> Tables {
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(house.gate.path()).unwrap());
    let (superblock, _) = Superblock::read(&*disk).unwrap();
    let unlocked = superblock.unlock("olga", &Passphrase::attempt(PASSPHRASE).unwrap()).unwrap();
    let entropy: Arc<dyn veilbook::clock::Entropy> = Arc::new(SeededEntropy::new(99));
    opening::open(&disk, &superblock, &unlocked.root, &entropy).unwrap()
}

/// Changes the tables behind the program's back.
pub fn tamper(house: &House, change: impl Fn(&mut dyn Put)) {
    let tables = tables(house);
    tables
        .write(&mut |to| {
            change(to);
            Ok(Fate::Commit)
        })
        .unwrap();
}

/// Appends an entry as somebody does who holds ROOT: the record's own key lies in the tables.
pub fn append(to: &mut dyn Put, entry: &NewEntry) {
    let secret: [u8; 32] = to.get(Table::Meta, b"record secret").unwrap().unwrap().try_into().unwrap();
    let latest = to.get(Table::Meta, b"record checkpoint").unwrap().unwrap();
    let note = SignedNote::parse(std::str::from_utf8(&latest[8..]).unwrap()).unwrap();
    let origin = Checkpoint::parse(note.text()).unwrap().origin;
    let key = NoteKey::new(&origin, KeyUse::Note, ed25519_dalek::SigningKey::from_bytes(&secret)).unwrap();
    let mut frontier = Frontier::from_bytes(&to.get(Table::Meta, b"record frontier").unwrap().unwrap()).unwrap();
    let place = frontier.size().to_be_bytes();
    let salts = Salts::fresh(&SeededEntropy::new(frontier.size()));
    let leaf = leaf::encode(EntrySeq(frontier.size()), entry, &salts);
    to.put(Table::Leaves, &place, &leaf).unwrap();
    let side = SideTexts::new(entry, &salts);
    if !side.is_empty() {
        to.put(Table::Texts, &place, &side.to_bytes()).unwrap();
    }
    for node in frontier.append(leaf_hash(&leaf)) {
        let at = [&[node.level][..], &node.index.to_be_bytes()].concat();
        to.put(Table::Nodes, &at, &node.hash).unwrap();
    }
    to.put(Table::Meta, b"record frontier", &frontier.to_bytes()).unwrap();
    let signed = Checkpoint::of(&origin, &frontier).sign(&key).unwrap().to_string();
    to.put(Table::Meta, b"record checkpoint", &[&entry.time.0.to_be_bytes()[..], signed.as_bytes()].concat()).unwrap();
}

#[test]
fn entries_removed_swapped_or_rewritten_in_the_tables_are_found() {
    type Change = fn(&mut dyn Put);
    let ways: [(&str, Change); 4] = [
        ("the last entry removed", |to| {
            let last = (0..).take_while(|n: &u64| to.get(Table::Leaves, &n.to_be_bytes()).unwrap().is_some()).last();
            to.remove(Table::Leaves, &last.unwrap().to_be_bytes()).unwrap();
        }),
        ("an entry in the middle removed", |to| to.remove(Table::Leaves, &3_u64.to_be_bytes()).unwrap()),
        ("two entries swapped", |to| {
            let (a, b) = (2_u64.to_be_bytes(), 3_u64.to_be_bytes());
            let (one, two) = (to.get(Table::Leaves, &a).unwrap().unwrap(), to.get(Table::Leaves, &b).unwrap().unwrap());
            to.put(Table::Leaves, &a, &two).unwrap();
            to.put(Table::Leaves, &b, &one).unwrap();
        }),
        ("a byte of an entry changed", |to| {
            let at = 3_u64.to_be_bytes();
            let mut leaf = to.get(Table::Leaves, &at).unwrap().unwrap();
            let middle = leaf.len() / 2;
            leaf[middle] ^= 1;
            to.put(Table::Leaves, &at, &leaf).unwrap();
        }),
    ];
    for (name, change) in ways {
        let (house, owner) = House::new();
        worked(&house, owner);
        tamper(&house, change);
        let Ok(owner) = house.gate.login("olga", PASSPHRASE, veilbook::domain::audit::Origin::Screen) else { continue };
        let found = owner.perform(Action::VerifyRecord);
        let sound = matches!(&found, Ok(Done::Verdict(state)) if state.check == Some(ChainCheck::Sound));
        assert!(!sound, "{name}: {found:?}");
    }
}

#[test]
fn an_export_cut_forked_or_signed_by_another_is_refused() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let Ok(Done::Checkpoint(note)) = owner.perform(Action::Checkpoint) else { panic!("no checkpoint") };
    let kept = Checkpoint::open(&SignedNote::parse(&note).unwrap(), &vkey(&owner)).unwrap();
    owner.perform(Action::Reveal(id, key("mobile"), callback())).unwrap();
    let file = export(&owner);
    let expected = Expected { key: Some(vkey(&owner)), kept: vec![kept] };
    assert_eq!(verified(&file, &expected).map(|report| report.kept), Some(1));
    let text = String::from_utf8(file.clone()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for cut in 0..lines.len() {
        assert!(verified(lines[..cut].concat().as_bytes(), &expected).is_none(), "cut before line {cut}");
        let without: String = lines.iter().enumerate().filter(|(n, _)| *n != cut).map(|(_, line)| *line).collect();
        assert!(verified(without.as_bytes(), &expected).is_none(), "without line {cut}");
    }
    for at in (0..file.len()).step_by(7) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(verified(&changed, &expected).is_none(), "byte {at}");
    }
    // The same work in another vault is signed by another key.
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(veilbook::clock::FixedClock::new(crate::house::NOON));
    let gate = veilbook::service::Gate::new(folder.path().join("fork.veil"), crate::house::deps(&clock, 8));
    let new = crate::house::new_vault(veilbook::domain::schema::sample());
    let forger = gate.create(new, veilbook::domain::audit::Origin::Screen).unwrap();
    add(&forger, "张三丰", vec![set("mobile", "13800001234")]);
    assert!(verified(&export(&forger), &expected).is_none());
    assert!(verified(&export(&forger), &Expected { key: Some(vkey(&forger)), kept: vec![] }).is_some());
}

#[test]
fn an_older_file_that_goes_on_differently_misses_the_checkpoint_that_was_kept() {
    let (house, owner) = House::new();
    worked(&house, owner);
    let copy = std::fs::read(house.gate.path()).unwrap();
    let owner = house.again();
    for n in 0..3 {
        owner.perform(named(&format!("Customer {n}"), vec![])).unwrap();
    }
    let Ok(Done::Checkpoint(note)) = owner.perform(Action::Checkpoint) else { panic!("no checkpoint") };
    let key = vkey(&owner);
    let kept = Checkpoint::open(&SignedNote::parse(&note).unwrap(), &key).unwrap();
    drop(owner);
    house.gate.seal();
    std::fs::write(house.gate.path(), copy).unwrap();
    let owner = house.again();
    for n in 0..9 {
        owner.perform(named(&format!("Somebody else {n}"), vec![])).unwrap();
    }
    assert_eq!(check(&owner), ChainCheck::Sound, "a fork hangs together in itself");
    let file = export(&owner);
    assert!(verified(&file, &Expected { key: Some(key.clone()), kept: vec![] }).is_some());
    assert!(verified(&file, &Expected { key: Some(key), kept: vec![kept] }).is_none());
}

#[test]
fn reasons_that_say_nothing_or_too_much_are_refused_and_never_stored() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    for (text, fault) in [
        ("", ReasonFault::TextMissing),
        ("   \t ", ReasonFault::TextMissing),
        ("\n\n\n", ReasonFault::TextMissing),
        ("\u{1b}[2J\u{1b}]52;c;QQ==\u{7}", ReasonFault::Filler),
        (&"word and word again ".repeat(55_000), ReasonFault::TooLong),
    ] {
        let reason = Reason { text: Some(text.into()), ..Reason::code(ReasonCode::Other) };
        let answer = owner.perform(Action::Reveal(id, key("mobile"), reason));
        let name: String = text.chars().take(12).collect();
        match answer {
            Err(Refusal::Reason(found)) if found == fault => {}
            // What is left of an escape sequence once it is cleaned may be words; it must not be control characters.
            Ok(_) if fault == ReasonFault::Filler => {}
            other => panic!("{name:?}: {other:?}"),
        }
    }
    let file = String::from_utf8(export(&owner)).unwrap();
    assert!(!file.contains('\u{1b}') && !file.contains("\\u001b") && file.len() < 200_000, "{}", file.len());
}

#[test]
fn eight_people_at_once_lose_no_entry_and_leave_a_sound_chain() {
    const EACH: usize = 50;
    let (house, owner) = House::new();
    let mut people = vec![house.again()];
    let roles = [RoleName::Owner, RoleName::Lead, RoleName::Support, RoleName::Sales];
    for role in roles {
        people.push(house.staff(&owner, role));
    }
    for _ in 0..3 {
        people.push(house.again());
    }
    let shared = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let before = verbs(&owner).len();
    std::thread::scope(|scope| {
        for (n, person) in people.iter().enumerate() {
            scope.spawn(move || {
                for step in 0..EACH {
                    match step % 5 {
                        0 => _ = add(person, &format!("Customer {n} {step}"), vec![set("email", "a@example.com")]),
                        // Refused to some, and a conflict to all but the first: neither harms a neighbour.
                        1 => _ = person.perform(Action::Reveal(shared, key("mobile"), Reason::code(ReasonCode::Other))),
                        2 => _ = person.perform(Action::EditCustomer(shared, 1, vec![])),
                        3 => _ = person.perform(Action::OpenCustomer(shared)),
                        _ => _ = person.perform(Action::KeepDraft(zeroize::Zeroizing::new(vec![1; 10]))),
                    }
                }
            });
        }
    });
    assert_eq!(check(&owner), ChainCheck::Sound);
    let mut by_verb: BTreeMap<(String, bool), usize> = BTreeMap::new();
    let mut request = AuditRequest { limit: 500, ..AuditRequest::default() };
    loop {
        let Ok(View::Audit(page)) = owner.query(Query::Audit(request.clone())) else { panic!("no record") };
        for row in &page.rows {
            let what = &row.entry.what;
            *by_verb.entry((what.action.clone(), what.outcome == Outcome::Refused)).or_default() += 1;
        }
        request.before = page.rows.last().map(|row| row.entry.seq);
        if !page.more {
            break;
        }
    }
    let all = people.len() * EACH / 5;
    assert_eq!(by_verb.get(&("customer.add".into(), false)), Some(&(all + 1)), "{before} before: {by_verb:?}");
    assert_eq!(by_verb.get(&("customer.reveal".into(), true)), Some(&all));
    let opens = |refused| by_verb.get(&("customer.open".into(), refused)).copied().unwrap_or(0);
    // What is nobody's is out of reach for the salesperson, whose tries are on record.
    assert_eq!((opens(false), opens(true)), (all - EACH / 5, EACH / 5));
}
