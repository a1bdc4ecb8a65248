//! The record of actions as a hostile hand leaves it in the vault itself, by somebody who has a passphrase and another
//! program. What an exported file gets is in `ledger`; reasons and reveals are in `record` and `reveal`.

use ed25519_dalek::SigningKey;
use veilbook::domain::audit::{NewEntry, Object, Origin};
use veilbook::domain::id::{CustomerId, SessionId};
use veilbook::ledger::checkpoint::Checkpoint;
use veilbook::ledger::note::{KeyUse, NoteKey, SignedNote};
use veilbook::ledger::tree::{Frontier, leaf_hash};
use veilbook::service::view::ChainCheck;
use veilbook::service::{Action, Done, Session};
use veilbook::vault::store::{Put, Table, Way};

use crate::house::{House, NOON, PASSPHRASE, add, callback, key, set};
use crate::record::tamper;

const LATEST: &[u8] = b"record checkpoint";
const FRONTIER: &[u8] = b"record frontier";

/// A shut vault with a dozen entries.
fn worked() -> House {
    let (house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    for _ in 0..4 {
        owner.perform(Action::Reveal(id, key("mobile"), callback())).unwrap();
    }
    owner.end();
    drop(owner);
    house.gate.seal();
    house
}

fn leaves(to: &dyn Put) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    to.visit_prefix(Table::Leaves, &[], Way::Up, &mut |_, leaf| {
        out.push(leaf.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    out
}

/// Writes the tree that these leaves give, with its nodes, and signs it under the name that the record has.
fn rewrite(to: &mut dyn Put, leaves: &[Vec<u8>], secret: &[u8; 32]) {
    let latest = to.get(Table::Meta, LATEST).unwrap().unwrap();
    let note = SignedNote::parse(std::str::from_utf8(&latest[8..]).unwrap()).unwrap();
    let origin = Checkpoint::parse(note.text()).unwrap().origin;
    let old = self::leaves(to).len();
    for n in leaves.len()..old {
        to.remove(Table::Leaves, &(n as u64).to_be_bytes()).unwrap();
        to.remove(Table::Texts, &(n as u64).to_be_bytes()).unwrap();
    }
    let mut nodes = Vec::new();
    to.visit_prefix(Table::Nodes, &[], Way::Up, &mut |key, _| {
        nodes.push(key.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    nodes.iter().for_each(|key| to.remove(Table::Nodes, key).unwrap());
    let mut tree = Frontier::default();
    for (n, leaf) in leaves.iter().enumerate() {
        to.put(Table::Leaves, &(n as u64).to_be_bytes(), leaf).unwrap();
        for node in tree.append(leaf_hash(leaf)) {
            to.put(Table::Nodes, &[&[node.level][..], &node.index.to_be_bytes()].concat(), &node.hash).unwrap();
        }
    }
    to.put(Table::Meta, FRONTIER, &tree.to_bytes()).unwrap();
    let key = NoteKey::new(&origin, KeyUse::Note, SigningKey::from_bytes(secret)).unwrap();
    let signed = Checkpoint::of(&origin, &tree).sign(&key).unwrap().to_string();
    to.put(Table::Meta, LATEST, &[&NOON.0.to_be_bytes()[..], signed.as_bytes()].concat()).unwrap();
}

fn secret(to: &dyn Put) -> [u8; 32] {
    to.get(Table::Meta, b"record secret").unwrap().unwrap().try_into().unwrap()
}

fn forget_kept(to: &mut dyn Put) {
    let mut kept = Vec::new();
    to.visit_prefix(Table::Checkpoints, &[], Way::Up, &mut |key, _| {
        kept.push(key.to_vec());
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    kept.iter().for_each(|key| to.remove(Table::Checkpoints, key).unwrap());
}

/// What the program says of the record after a change; a refusal to open is an answer as well.
fn said(house: &House) -> Result<ChainCheck, String> {
    let owner: Session = house.gate.login("olga", PASSPHRASE, Origin::Screen).map_err(|error| error.to_string())?;
    let check = match owner.perform(Action::VerifyRecord) {
        Ok(Done::Verdict(state)) => Ok(state.check.unwrap()),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.to_string()),
    };
    let examined = owner.examine(&mut |_| std::ops::ControlFlow::Continue(())).unwrap().unwrap();
    assert_eq!(examined.record.is_none(), check == Ok(ChainCheck::Sound), "{examined:?} {check:?}");
    check
}

#[track_caller]
fn found(name: &str, change: impl Fn(&mut dyn Put)) {
    let house = worked();
    tamper(&house, change);
    let said = said(&house);
    assert!(said != Ok(ChainCheck::Sound), "{name}: {said:?}");
}

#[test]
fn tail_cut_in_the_vault_with_a_checkpoint_signed_anew_misses_those_that_were_kept() {
    found("tail cut", |to| {
        let (all, secret) = (leaves(to), secret(to));
        rewrite(to, &all[..all.len() - 3], &secret);
    });
}

#[test]
fn middle_removed_in_the_vault_is_found() {
    found("middle removed", |to| {
        let (mut all, secret) = (leaves(to), secret(to));
        all.remove(4);
        rewrite(to, &all, &secret);
    });
}

/// The same vault, gone on in one of two ways.
fn gone_on(step: impl Fn(&Session)) -> House {
    let house = worked();
    let owner = house.again();
    (0..3).for_each(|_| step(&owner));
    owner.end();
    drop(owner);
    house.gate.seal();
    house
}

#[test]
fn forked_in_the_vault_is_found() {
    // The same randomness gives the same vault and key up to where the two part.
    let ours = gone_on(|owner| _ = add(owner, "Somebody", vec![]));
    let theirs = gone_on(|owner| _ = owner.perform(Action::VerifyRecord).unwrap());
    let taken = std::sync::Mutex::new(Vec::new());
    tamper(&theirs, |to| *taken.lock().unwrap() = leaves(to));
    let taken = taken.into_inner().unwrap();
    tamper(&ours, |to| {
        let (all, secret) = (leaves(to), secret(to));
        let parted = all.iter().zip(&taken).take_while(|(one, other)| one == other).count();
        assert!(parted > 4 && parted < all.len(), "the two part at {parted} of {}", all.len());
        (parted..all.len()).for_each(|n| to.remove(Table::Texts, &(n as u64).to_be_bytes()).unwrap());
        rewrite(to, &taken, &secret);
    });
    let said = said(&ours);
    assert!(said != Ok(ChainCheck::Sound), "{said:?}");
}

#[test]
fn signed_again_with_another_key_in_the_vault_is_found_by_the_key_in_the_owners_slot() {
    found("signed again", |to| {
        let all = leaves(to);
        let forger = [9; 32];
        forget_kept(to);
        rewrite(to, &all[..all.len() - 2], &forger);
        to.put(Table::Meta, b"record secret", &forger).unwrap();
    });
}

#[test]
fn encoding_not_canonical_in_the_vault_is_found() {
    found("not canonical", |to| {
        let (mut all, secret) = (leaves(to), secret(to));
        // The array's head in its longer form: the same value, other bytes.
        let last = all.last_mut().unwrap();
        assert_eq!(last[0], 0x8E, "an array of 14");
        last.splice(0..1, [0x98, 14]);
        rewrite(to, &all, &secret);
    });
}

#[test]
fn a_kept_checkpoint_of_size_0_or_with_a_leading_zero_in_the_vault_is_found() {
    found("size 0", |to| {
        let latest = to.get(Table::Meta, LATEST).unwrap().unwrap();
        let note = SignedNote::parse(std::str::from_utf8(&latest[8..]).unwrap()).unwrap();
        let origin = Checkpoint::parse(note.text()).unwrap().origin;
        let key = NoteKey::new(&origin, KeyUse::Note, SigningKey::from_bytes(&secret(to))).unwrap();
        let signed = Checkpoint::of(&origin, &Frontier::default()).sign(&key).unwrap().to_string();
        let row = [&NOON.0.to_be_bytes()[..], signed.as_bytes()].concat();
        to.put(Table::Checkpoints, &0_u64.to_be_bytes(), &row).unwrap();
    });
    found("leading zero", |to| {
        let latest = to.get(Table::Meta, LATEST).unwrap().unwrap();
        let note = SignedNote::parse(std::str::from_utf8(&latest[8..]).unwrap()).unwrap();
        let checkpoint = Checkpoint::parse(note.text()).unwrap();
        let body = note.text().replacen(&format!("\n{}\n", checkpoint.size), &format!("\n0{}\n", checkpoint.size), 1);
        let key = NoteKey::new(&checkpoint.origin, KeyUse::Note, SigningKey::from_bytes(&secret(to))).unwrap();
        let signed = SignedNote::sign(body, &key).unwrap().to_string();
        to.put(Table::Meta, LATEST, &[&NOON.0.to_be_bytes()[..], signed.as_bytes()].concat()).unwrap();
        to.put(Table::Checkpoints, &checkpoint.size.to_be_bytes(), &[&[0; 8][..], signed.as_bytes()].concat()).unwrap();
    });
}

#[test]
fn an_entry_that_somebody_with_root_appends_is_sound_and_says_who_it_names() {
    // Not claimed: that whoever holds ROOT and the record's key cannot write entries. This holds the tests above honest.
    let house = worked();
    let object = Object::Customer(CustomerId(1).0);
    let entry = NewEntry { object, ..NewEntry::done(NOON, None, SessionId(0), Origin::Program, "record.read") };
    tamper(&house, |to| crate::record::append(to, &entry));
    assert_eq!(said(&house), Ok(ChainCheck::Sound));
}
