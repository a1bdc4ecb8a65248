//! The vault's file and tables in the hands of somebody who should not read them.

use std::sync::Arc;

use veilbook::clock::{Entropy, SeededEntropy};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::privacy::seal::{BlindKey, ClassSecret, Place, TokenKind};
use veilbook::service::{Action, Change};
use veilbook::vault::book::{customers, staff};
use veilbook::vault::file::disk::{Disk, FileDisk};
use veilbook::vault::keyring::{Grant, KeyName, Passphrase};
use veilbook::vault::opening;
use veilbook::vault::records::Stored;
use veilbook::vault::store::{Get, Table, Way};
use veilbook::vault::superblock::{SUPERBLOCK_REGION, Superblock};

use crate::canary::{CANARIES, customer, words};
use crate::house::{House, PASSPHRASE, add, callback, key, set};

/// The vault's file after work, shut.
fn file_after_work() -> (House, Vec<u8>) {
    let (house, owner) = House::new();
    customer(&owner);
    for n in 0..300 {
        add(
            &owner,
            &format!("Nightingale {n}"),
            vec![set("company", "晨光 Trading"), Change::Tags(vec!["vip".into()])],
        );
    }
    let support = house.staff(&owner, RoleName::Support);
    support.end();
    owner.end();
    drop((owner, support));
    house.gate.seal();
    let bytes = std::fs::read(house.gate.path()).unwrap();
    (house, bytes)
}

#[test]
fn the_file_holds_no_name_number_table_or_label() {
    let (_house, bytes) = file_after_work();
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    let mut found: Vec<&str> = CANARIES.iter().map(|(_, value, _)| *value).filter(|value| has(value)).collect();
    let words = [
        "Nightingale",
        "张三丰",
        "晨光",
        "Olga",
        "olga",
        "support",
        "customers",
        "follow_ups",
        "interactions",
        "leaves",
        "staff",
        "Mobile",
        "手机",
        "resident_id",
        "mobile",
        "customer.add",
        "redb",
        "owner",
        "138****",
        "Argon",
    ];
    found.extend(words.into_iter().filter(|word| has(word)));
    assert!(found.is_empty(), "{found:?}");
    assert!(has("VEILBOOK"), "the one word that is documented to stand there");
}

/// How far the bytes are from being evenly spread: about 256 for random ones, with a deviation of 23.
fn chi_square(bytes: &[u8]) -> f64 {
    let mut histogram = [0_u32; 256];
    bytes.iter().for_each(|byte| histogram[usize::from(*byte)] += 1);
    let expected = bytes.len() as f64 / 256.0;
    histogram.iter().map(|n| (f64::from(*n) - expected).powi(2) / expected).sum()
}

#[test]
fn the_file_looks_random_outside_the_documented_plain_parts() {
    let (_house, bytes) = file_after_work();
    let region = usize::try_from(SUPERBLOCK_REGION).unwrap();
    let page = 4096;
    // Of each superblock copy the first page has the plain head; the slots follow.
    for copy in [0, region / 2] {
        let slots = &bytes[copy + page..copy + page + 100 * 1024];
        assert!(chi_square(slots) < 400.0, "slots of the copy at {copy}: {}", chi_square(slots));
    }
    let ring = region + 2 * page;
    let groups = ring + (1 << 20) + 2 * page;
    // A header: 8 plain bytes of its epoch, then ciphertext to its end.
    for header in [region, region + page] {
        assert!(bytes[header + 8..header + 512].iter().filter(|byte| **byte == 0).count() < 16, "header at {header}");
    }
    let mut data = Vec::new();
    for (number, block) in bytes[groups..].chunks(page).enumerate() {
        // Two tag pages lead each group of 102; they begin with 8 plain bytes and end with entries not yet used.
        // A block that was never written is a hole.
        if number % 102 < 2 || block.iter().all(|byte| *byte == 0) {
            continue;
        }
        assert!(chi_square(block) < 450.0, "page {number} behind the ring: {}", chi_square(block));
        data.extend_from_slice(block);
    }
    assert!(data.len() > 30 * page && chi_square(&data) < 400.0, "{} bytes: {}", data.len(), chi_square(&data));
    // What compresses is not random: no two blocks are alike.
    let mut blocks: Vec<&[u8]> = data.chunks(16).collect();
    let all = blocks.len();
    blocks.sort_unstable();
    blocks.dedup();
    assert_eq!(blocks.len(), all, "two runs of 16 bytes are alike");
}

#[test]
fn who_holds_neither_key_of_a_class_cannot_open_or_confirm_a_value_even_with_the_tables_in_hand() {
    let (house, owner) = House::new();
    let id = customer(&owner);
    for field in ["mobile", "bank_card"] {
        owner.perform(Action::Reveal(id, key(field), callback())).unwrap();
        owner.perform(Action::Verify(id, key(field), words("13987654321"))).unwrap();
    }
    let auditor = house.staff(&owner, RoleName::Auditor);
    let (owner_id, auditor_id) = (owner.staff(), auditor.staff());
    drop((owner, auditor));
    house.gate.seal();

    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(house.gate.path()).unwrap());
    let (superblock, _) = Superblock::read(&*disk).unwrap();
    let unlocked = superblock.unlock("auditor person", &Passphrase::attempt(PASSPHRASE).unwrap()).unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(5));
    let tables = opening::open(&disk, &superblock, &unlocked.root, &entropy).unwrap();
    let from = tables.read().unwrap();
    let vault = tables.id();

    for name in KeyName::ALL {
        assert!(staff::grant(&from, auditor_id, name.byte()).unwrap().is_none(), "a grant to the auditor");
        let bytes = staff::grant(&from, owner_id, name.byte()).unwrap().unwrap();
        let grant = Grant::from_bytes(&bytes).unwrap();
        assert!(grant.open(&vault, &unlocked.user, grant.granter()).is_err(), "the owner's grant opens to the auditor");
    }
    // Every 32 bytes that lie anywhere in the tables, tried as the class key and as the blind key.
    let mut material: Vec<[u8; 32]> = Vec::new();
    for table in [Table::Meta, Table::StaffKeys, Table::Grants, Table::Texts, Table::Leaves, Table::Nodes] {
        from.visit_prefix(table, &[], Way::Up, &mut |_, value| {
            material.extend(value.windows(32).filter_map(|window| <[u8; 32]>::try_from(window).ok()));
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    material.push(*unlocked.root.derive("file", &vault, &[]));
    let stored = customers::get(&from, id).unwrap().unwrap();
    let (mut opened, mut confirmed) = (0, 0);
    for (field, value, class, kind) in [
        ("mobile", "+8613987654321", FieldClass::Contact, TokenKind::Phone),
        ("bank_card", "6222027539184608", FieldClass::Sensitive, TokenKind::Whole),
    ] {
        let Some(Stored::Sealed { sealed, tokens, .. }) = stored.field(&key(field)) else { panic!("not sealed") };
        let place = || Place { vault, field, class };
        // One in eight keeps the test quick; every single value of Meta is among those tried in full.
        for bytes in material.iter().step_by(8) {
            opened += usize::from(ClassSecret::from_bytes(*bytes).open(place(), sealed).is_ok());
        }
        for bytes in &material {
            let token = BlindKey::from_bytes(*bytes).token(kind, field, value);
            confirmed += usize::from(tokens.iter().any(|t| t.token == token));
        }
        from.visit_prefix(Table::Meta, &[], Way::Up, &mut |_, value| {
            if let Ok(bytes) = <[u8; 32]>::try_from(value) {
                opened += usize::from(ClassSecret::from_bytes(bytes).open(place(), sealed).is_ok());
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    }
    assert_eq!((opened, confirmed), (0, 0));
    // Nor does the record confirm a guess: its fingerprints of shown values are not made of the value alone.
    let audit = from.get(Table::Meta, b"audit key").unwrap().unwrap();
    let audit = veilbook::vault::keyring::ValueKey::from_bytes(audit.try_into().unwrap());
    for (field, guess) in [("mobile", "+8613987654321"), ("bank_card", "6222027539184608")] {
        let fingerprint = audit.hash(field, guess);
        for table in [Table::Leaves, Table::Texts] {
            from.visit_prefix(table, &[], Way::Up, &mut |_, value| {
                assert!(!value.windows(32).any(|w| w == fingerprint), "the record confirms a guess of {field}");
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
        }
    }
}
