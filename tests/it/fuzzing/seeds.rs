//! Corpora that are made from the program itself: stored records of a sample vault, and an export of the record.
//!
//! **Invariant:** with `VEILBOOK_UPDATE=1` they are written anew; without it they have to be there and to be read.

use std::path::PathBuf;
use std::sync::Arc;

use veilbook::clock::{Entropy, FixedClock, SeededEntropy};
use veilbook::demo::sample::{self, Sample};
use veilbook::domain::customer::Basis;
use veilbook::domain::deal::Deal;
use veilbook::domain::field::{Lang, Schema};
use veilbook::domain::follow_up::FollowUp;
use veilbook::domain::id::{CustomerId, JobId, StaffId};
use veilbook::domain::interaction::Interaction;
use veilbook::domain::policy::Policy;
use veilbook::domain::role::{Role, RoleName};
use veilbook::domain::staff::{Preferences, Staff};
use veilbook::ledger::leaf;
use veilbook::ledger::side::SideTexts;
use veilbook::privacy::seal::Sealed;
use veilbook::vault::backup::{Head, Part, Want, decode_manifest, verify};
use veilbook::vault::file::{Disk, FileDisk};
use veilbook::vault::keyring::{Grant, Passphrase};
use veilbook::vault::opening;
use veilbook::vault::records::{Alert, Customer, Job, RecentReasons, Record, Restore, StaffKeys, Stored, UndoStep};
use veilbook::vault::store::{Get, Table, Way};
use veilbook::vault::superblock::Superblock;
use zeroize::Zeroizing;

use super::corpus;
use crate::backup_bench::{Bench, on};
use crate::house::{self, NOON};

/// The kinds of the `record` target, by their first byte.
const KINDS: [&str; 18] = [
    "customer",
    "interaction",
    "follow_up",
    "deal",
    "alert",
    "undo",
    "job",
    "schema",
    "policy",
    "preferences",
    "reasons",
    "staff",
    "role",
    "staff_keys",
    "sealed",
    "grant",
    "leaf",
    "texts",
];

fn path(kind: &str) -> PathBuf {
    corpus("record").join(kind)
}

fn reads(kind: &str, bytes: &[u8]) -> bool {
    match kind {
        "customer" => Customer::from_bytes(bytes).is_ok(),
        "interaction" => Interaction::from_bytes(bytes).is_ok(),
        "follow_up" => FollowUp::from_bytes(bytes).is_ok(),
        "deal" => Deal::from_bytes(bytes).is_ok(),
        "alert" => Alert::from_bytes(bytes).is_ok(),
        "undo" => UndoStep::from_bytes(bytes).is_ok(),
        "job" => Job::from_bytes(bytes).is_ok(),
        "schema" => Schema::from_bytes(bytes).is_ok(),
        "policy" => Policy::from_bytes(bytes).is_ok(),
        "preferences" => Preferences::from_bytes(bytes).is_ok(),
        "reasons" => RecentReasons::from_bytes(bytes).is_ok(),
        "staff" => Staff::from_bytes(bytes).is_ok(),
        "role" => Role::from_bytes(bytes).is_ok(),
        "staff_keys" => StaffKeys::from_bytes(bytes).is_ok(),
        "sealed" => Sealed::from_bytes(bytes).is_ok(),
        "grant" => Grant::from_bytes(bytes).is_ok(),
        "leaf" => leaf::decode(bytes).is_ok(),
        "texts" => SideTexts::from_bytes(bytes).is_ok(),
        _ => false,
    }
}

#[test]
fn every_kind_of_record_has_a_seed_that_still_reads() {
    if std::env::var_os("VEILBOOK_UPDATE").is_some() {
        write();
    }
    for (kind, first) in KINDS.iter().zip(0..) {
        let seed = std::fs::read(path(kind)).unwrap_or_else(|error| panic!("the seed {kind}: {error}"));
        assert_eq!(seed.first(), Some(&first), "{kind}");
        assert!(reads(kind, &seed[1..]), "a {kind} record of an earlier day can no longer be read");
    }
}

/// Records of which a sample vault has none.
fn made(kind: &str) -> Option<Vec<u8>> {
    let id = CustomerId(7);
    match kind {
        "undo" => {
            let restores = vec![Restore::Customer(7, 2, None), Restore::Interaction(vec![1, 2, 3]), Restore::Job(4)];
            Some(UndoStep { action: "customer.edit".to_owned(), customer: Some(id), restores, group: None }.to_bytes())
        }
        "job" => {
            let job = Job {
                id: JobId(4),
                by: StaffId(2),
                at: NOON,
                file: "list.csv".to_owned(),
                source: "fair".to_owned(),
                basis: Basis::Consent,
                duplicates: 1,
                state: 2,
                added: 3,
                merged: 1,
                skipped: 1,
                ranges: vec![(7, 9)],
                owners: vec![(0, 2), (2, 1)],
            };
            Some(job.to_bytes())
        }
        "reasons" => Some(RecentReasons(vec!["a call back".to_owned()]).to_bytes()),
        "role" => Some(Role::shipped(RoleName::Sales).to_bytes()),
        "texts" => Some(crate::ledger::side(0).to_bytes()),
        _ => None,
    }
}

/// Only what is missing is written: a seed of an earlier version of a record has to be read for ever.
fn write() {
    let folder = tempfile::tempdir().unwrap();
    let book = folder.path().join("book.veil");
    let clock = Arc::new(FixedClock::new(NOON));
    let what = Sample { seed: 1, count: 60, lang: Lang::En };
    let passphrase = || Zeroizing::new(sample::PASSPHRASE.to_owned());
    let (gate, session) = sample::found(book.clone(), house::deps(&clock, 7), what, passphrase(), |_| {}).unwrap();
    session.perform(veilbook::service::Action::SetPreferences(Preferences::default())).unwrap();
    session.end();
    drop(session);
    gate.seal();
    drop(gate);
    let disk: Arc<dyn Disk> = Arc::new(FileDisk::open(&book).unwrap());
    let (head, _) = Superblock::read(&*disk).unwrap();
    let name = veilbook::demo::staff(Lang::En)[0].name.as_str().to_owned();
    let unlocked = head.unlock(&name, &Passphrase::attempt(&passphrase()).unwrap()).unwrap();
    let entropy: Arc<dyn Entropy> = Arc::new(SeededEntropy::new(9));
    let tables = opening::open(&disk, &head, &unlocked.root, &entropy).unwrap();
    let from = tables.read().unwrap();
    let find = |table: Table, kind: &str| -> Option<Vec<u8>> {
        let mut best: Option<Vec<u8>> = None;
        from.visit_prefix(table, &[], Way::Up, &mut |_, value| {
            if reads(kind, value) && best.as_ref().is_none_or(|b| value.len() > b.len() && value.len() < 700) {
                best = Some(value.to_vec());
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
        best
    };
    let tables = [
        Table::Customers,
        Table::Interactions,
        Table::FollowUps,
        Table::Deals,
        Table::Alerts,
        Table::Undo,
        Table::Jobs,
        Table::Meta,
        Table::Meta,
        Table::Preferences,
        Table::Reasons,
        Table::Staff,
        Table::Roles,
        Table::StaffKeys,
        Table::Customers,
        Table::Grants,
        Table::Leaves,
        Table::Texts,
    ];
    std::fs::create_dir_all(corpus("record")).unwrap();
    for ((kind, first), table) in KINDS.iter().zip(0_u8..).zip(tables) {
        let bytes = match *kind {
            "schema" | "policy" => from.get(Table::Meta, kind.as_bytes()).unwrap(),
            "sealed" => find(table, "customer").and_then(|bytes| {
                let customer = Customer::from_bytes(&bytes).unwrap();
                customer.fields.iter().find_map(|(_, stored)| match stored {
                    Stored::Sealed { sealed, .. } => Some(sealed.to_bytes()),
                    _ => None,
                })
            }),
            _ => find(table, kind).or_else(|| made(kind)),
        };
        match bytes {
            Some(bytes) if !path(kind).exists() => std::fs::write(path(kind), [&[first], &bytes[..]].concat()).unwrap(),
            Some(_) => {}
            None => println!("the sample vault has no {kind}"),
        }
    }
}

#[test]
fn an_export_of_the_record_is_a_seed() {
    let seed = corpus("audit_file").join("three_entries");
    if std::env::var_os("VEILBOOK_UPDATE").is_some() {
        std::fs::create_dir_all(corpus("audit_file")).unwrap();
        std::fs::write(&seed, crate::ledger::export(3)).unwrap();
    }
    assert_eq!(std::fs::read(seed).unwrap(), crate::ledger::export(3));
}

#[test]
fn a_backups_head_and_manifest_are_seeds_that_still_read() {
    let (head, manifest) = (corpus("backup").join("head"), corpus("backup").join("manifest"));
    if std::env::var_os("VEILBOOK_UPDATE").is_some() && !manifest.exists() {
        let bench = Bench::new(1);
        let store = bench.folder_store();
        bench.put(0, 10, 1, 100);
        let made = bench.backup(&*store, Want::Full).unwrap();
        let read = verify(&*store, &bench.vault, &made.head.id, &bench.opener(), Part::All, &mut on).unwrap();
        std::fs::create_dir_all(corpus("backup")).unwrap();
        std::fs::write(&manifest, read.manifest.encode()).unwrap();
        std::fs::write(&head, made.head.encode()).unwrap();
    }
    assert!(Head::decode(&std::fs::read(head).unwrap()).is_ok());
    assert!(decode_manifest(&std::fs::read(manifest).unwrap()).is_ok());
}
