//! Everything that reads bytes from outside, or from the file after its encryption is taken off.

use std::io::Cursor;

use chrono::{FixedOffset, NaiveDate};
use veilbook::app::keymap::Keymap;
use veilbook::clock::Timestamp;
use veilbook::domain::audit_query::{self, Ground};
use veilbook::domain::deal::Deal;
use veilbook::domain::field::{Lang, Schema};
use veilbook::domain::follow_up::FollowUp;
use veilbook::domain::interaction::Interaction;
use veilbook::domain::policy::Policy;
use veilbook::domain::query as customers;
use veilbook::domain::role::Role;
use veilbook::domain::staff::{Preferences, Staff};
use veilbook::domain::{schema, when};
use veilbook::exchange::mapping::{MapFile, Mapping};
use veilbook::exchange::rows::Drafting;
use veilbook::exchange::table::Table;
use veilbook::hosts::input::{InputEvent, MouseUse, Tokenizer};
use veilbook::ledger::checkpoint::Checkpoint;
use veilbook::ledger::export::{Expected, verify_file};
use veilbook::ledger::leaf;
use veilbook::ledger::note::{SignedNote, Vkey};
use veilbook::ledger::side::SideTexts;
use veilbook::privacy::seal::Sealed;
use veilbook::text::Printable;
use veilbook::vault::backup::{Head, Place, Recipient, decode_manifest};
use veilbook::vault::keyring::Grant;
use veilbook::vault::records::{Alert, Customer, Job, RecentReasons, Record, StaffKeys, UndoStep};

/// What was read is written the same way again, or it was refused. A record of an older version is written as a newer
/// one, which then reads the same.
fn settles<R: Record>(bytes: &[u8]) {
    if let Ok(record) = R::from_bytes(bytes) {
        let written = record.to_bytes();
        let again = R::from_bytes(&written).unwrap_or_else(|_| panic!("a {} record that was written", R::KIND));
        assert_eq!(again.to_bytes(), written, "a {} record does not settle", R::KIND);
    }
}

/// Stored records: the first byte says of which kind, the rest is read as one.
pub fn record(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else { return };
    match kind % 18 {
        0 => settles::<Customer>(bytes),
        1 => settles::<Interaction>(bytes),
        2 => settles::<FollowUp>(bytes),
        3 => settles::<Deal>(bytes),
        4 => settles::<Alert>(bytes),
        5 => settles::<UndoStep>(bytes),
        6 => settles::<Job>(bytes),
        7 => settles::<Schema>(bytes),
        8 => settles::<Policy>(bytes),
        9 => settles::<Preferences>(bytes),
        10 => settles::<RecentReasons>(bytes),
        11 => settles::<Staff>(bytes),
        12 => settles::<Role>(bytes),
        13 => settles::<StaffKeys>(bytes),
        14 => {
            if let Ok(sealed) = Sealed::from_bytes(bytes) {
                assert_eq!(sealed.to_bytes(), bytes, "a sealed value has two forms");
            }
        }
        15 => {
            if let Ok(grant) = Grant::from_bytes(bytes) {
                assert_eq!(grant.to_bytes(), bytes, "a grant has two forms");
            }
        }
        16 => drop(leaf::decode(bytes)),
        _ => {
            if let Ok(side) = SideTexts::from_bytes(bytes) {
                assert_eq!(side.to_bytes(), bytes, "texts of an entry have two forms");
            }
        }
    }
}

/// A table to be imported: every row is a draft or a reject, and no draft holds what could move a cursor.
pub fn import(data: &[u8]) {
    let Ok(table) = Table::from_file(Cursor::new(data.to_vec())) else { return };
    let schema = schema::sample();
    let Ok(mapping) = Mapping::of(table.headers(), &schema, &MapFile::default(), "CN") else { return };
    let drafting = Drafting::new(&mapping, &schema, "CN", NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day"));
    for row in table.take(2_000) {
        let Ok(row) = row else { break };
        drop(drafting.draft(&row));
    }
}

/// Bytes of a terminal, cut anywhere: the same keys come of them, and none from a reply.
pub fn tokenizer(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else { return };
    let whole = events(&[bytes]);
    let (head, tail) = bytes.split_at(usize::from(*cut) % (bytes.len() + 1));
    assert_eq!(events(&[head, tail]), whole, "a cut changes what was typed");
}

fn events(parts: &[&[u8]]) -> Vec<String> {
    let (mut tokenizer, mut events) = (Tokenizer::new(MouseUse::On), Vec::new());
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() {
            let taken = tokenizer.feed(rest, Timestamp(0), &mut events);
            rest = &rest[taken..];
        }
    }
    tokenizer.expire(Timestamp(1_000_000), &mut events);
    let texts = events.iter().map(|event| match event {
        InputEvent::Paste(text) => {
            assert!(!text.contains('\u{1b}'), "a paste holds an escape");
            format!("paste {text:?}")
        }
        other => format!("{other:?}"),
    });
    texts.collect()
}

/// A question to the record, and a moment as people write it: read, or refused at a place that is there.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let offset = FixedOffset::east_opt(8 * 3600).expect("an offset");
    let now = Timestamp(1_795_000_000_000);
    let ground = Ground { staff: &[], verbs: &["customer.reveal", "customer.search"], now, offset };
    if let Err(fault) = audit_query::parse(&text, &ground) {
        assert!(fault.at.start <= fault.at.end && fault.at.end <= text.chars().count(), "a fault beyond the text");
    }
    let _ = when::parse(&text, now, offset);
    customer_query(&text, customers::Here { now, offset });
    let printed = Printable::line(&text);
    assert_eq!(Printable::line(printed.as_str()), printed, "cleaning twice changes the text");
}

/// A question to the list of customers: read, and written as what reads the same, or refused at a place that is there.
fn customer_query(text: &str, here: customers::Here) {
    let mut words = customers::Vocabulary::of(&schema::sample());
    words.owners.push("wang".to_owned());
    match customers::parse(text, &words, here) {
        Ok(query) => {
            assert_eq!(customers::parse(&query.to_string(), &words, here), Ok(query), "a query has two meanings")
        }
        Err(fault) => {
            let written = text.chars().count();
            assert!(fault.at.start < fault.at.end && fault.at.end <= written, "a fault beyond the text");
        }
    }
    let cursor = text.chars().count() / 2;
    let done = customers::complete(text, cursor, &words, Lang::ZhCn);
    assert!(done.replaces.end <= cursor, "an offer beyond the cursor");
}

/// A keymap of somebody's own.
pub fn keymap(data: &[u8]) {
    drop(Keymap::parse("own", &String::from_utf8_lossy(data)));
}

/// An export of the record: refused, or signed by the key that it names.
pub fn audit_file(data: &[u8]) {
    drop(verify_file(data, &Expected { key: None, kept: Vec::new() }));
}

/// What a backup says of itself: its head, a manifest that was decrypted, a recipient's key, a place.
pub fn backup(data: &[u8]) {
    let _ = Head::decode(data);
    if let Ok(manifest) = decode_manifest(data) {
        assert_eq!(manifest.encode(), data, "a manifest has two forms");
    }
    let text = String::from_utf8_lossy(data);
    if let Ok(recipient) = text.trim_end().parse::<Recipient>() {
        assert_eq!(recipient.to_string().parse::<Recipient>(), Ok(recipient), "a recipient does not settle");
    }
    if let Ok(place) = Place::parse(text.trim_end()) {
        assert_eq!(Place::parse(&place.to_string()), Ok(place), "a place does not settle");
    }
}

/// Signed notes, checkpoints and keys as text.
pub fn note(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    drop(Vkey::parse(text.trim_end()));
    if let Ok(note) = SignedNote::parse(&text)
        && let Ok(checkpoint) = Checkpoint::parse(note.text())
    {
        assert_eq!(checkpoint.body(), note.text(), "a checkpoint has two forms");
    }
}
