//! One encoding for each entry, and texts that can go without a trace in it.

use proptest::prelude::*;

use super::*;
use crate::clock::SeededEntropy;
use crate::domain::audit::Texts;

fn entry() -> NewEntry {
    NewEntry {
        time: Timestamp(1_795_000_000_000),
        actor: Some(StaffId(7)),
        session: SessionId(300),
        origin: Origin::Screen,
        action: "customer.reveal".into(),
        object: Object::Customer(42),
        field: FieldKey::new("mobile"),
        reason: Some(ReasonCode::Callback),
        count: None,
        outcome: Outcome::Done,
        texts: Texts {
            before: None,
            after: Some("138****1234".into()),
            reason: Some("张三 asked".into()),
            ticket: None,
        },
        value_hmac: Some([9; 32]),
    }
}

fn salts() -> Salts {
    Salts::fresh(&SeededEntropy::new(1))
}

#[test]
fn an_entry_comes_back_whole_from_leaf_and_side_texts() {
    let side = SideTexts::new(&entry(), &salts());
    let leaf = decode(&encode(EntrySeq(5), &entry(), &salts())).unwrap();
    let side = SideTexts::from_bytes(&side.to_bytes()).unwrap();
    side.check(&leaf).unwrap();
    assert_eq!(leaf.entry(&side), Entry { seq: EntrySeq(5), what: entry(), erased: false });
}

#[test]
fn the_encoding_is_the_one_that_is_written_down() {
    let plain = NewEntry {
        actor: None,
        session: SessionId(0),
        object: Object::None,
        field: None,
        reason: None,
        count: Some(24),
        time: Timestamp(-1),
        texts: Texts::default(),
        value_hmac: None,
        action: "vault.open".into(),
        ..entry()
    };
    let want =
        b"\x8e\x01\x00\x20\xf6\x00\x66screen\x6avault.open\x60\x00\xf6\xf6\x18\x18\x64done\x85\xf6\xf6\xf6\xf6\xf6";
    assert_eq!(encode(EntrySeq(0), &plain, &salts()), want);
}

#[test]
fn a_leaf_holds_neither_texts_nor_salts_nor_the_hmac() {
    let leaf = encode(EntrySeq(5), &entry(), &salts());
    for secret in [&b"138****"[..], "张三".as_bytes(), &[9; 32], &salts().0[1]] {
        assert!(!leaf.windows(secret.len()).any(|w| w == secret));
    }
    assert!(!format!("{:?}{:?}", SideTexts::new(&entry(), &salts()), salts()).contains("张三"));
}

#[test]
fn an_erased_text_leaves_the_leaf_valid_and_shows_as_erased() {
    let leaf = decode(&encode(EntrySeq(5), &entry(), &salts())).unwrap();
    let mut side = SideTexts::new(&entry(), &salts());
    side.erase(Part::After);
    side.erase(Part::Value);
    side.check(&leaf).unwrap();
    let read = leaf.entry(&side);
    assert!(read.erased && read.what.texts.after.is_none() && read.what.texts.reason.is_some());
}

#[test]
fn another_text_or_salt_does_not_match_its_commitment() {
    let leaf = decode(&encode(EntrySeq(5), &entry(), &salts())).unwrap();
    let mut other = entry();
    other.texts.reason = Some("a better story".into());
    assert_eq!(SideTexts::new(&other, &salts()).check(&leaf), Err(LeafError::Commitment(Part::Reason)));
    let salts = Salts::fresh(&SeededEntropy::new(2));
    assert_eq!(SideTexts::new(&entry(), &salts).check(&leaf), Err(LeafError::Commitment(Part::After)));
    other = entry();
    other.texts.ticket = Some("slipped in later".into());
    assert_eq!(SideTexts::new(&other, &self::salts()).check(&leaf), Err(LeafError::Commitment(Part::Ticket)));
}

#[test]
fn an_encoding_that_is_not_canonical_is_refused() {
    let good = encode(EntrySeq(5), &entry(), &salts());
    let check = |bytes: Vec<u8>, want| assert_eq!(decode(&bytes), Err(want));
    check([&good[..], &[0xf6]].concat(), LeafError::NotCanonical);
    // The sequence number 5 in two bytes instead of one.
    check([&good[..2], &[0x18, 0x05], &good[3..]].concat(), LeafError::NotCanonical);
    // The origin in capitals, which queries would take.
    let at = good.windows(6).position(|w| w == b"screen").unwrap();
    check([&good[..at], b"SCREEN", &good[at + 6..]].concat(), LeafError::NotCanonical);
    // An array of indefinite length.
    check([&[0x9f], &good[1..], &[0xff]].concat(), LeafError::Malformed);
    let mut later = good.clone();
    later[1] = 2;
    check(later, LeafError::Version(2));
    for cut in 0..good.len() {
        assert!(decode(&good[..cut]).is_err());
    }
}

proptest! {
    #[test]
    fn bytes_from_anywhere_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        let _ = SideTexts::from_bytes(&bytes);
    }

    #[test]
    fn a_changed_byte_is_refused_or_is_another_leaf(at in 0_usize..150, to: u8) {
        let mut bytes = encode(EntrySeq(5), &entry(), &salts());
        let at = at % bytes.len();
        prop_assume!(bytes[at] != to);
        let was = decode(&bytes).unwrap();
        bytes[at] = to;
        prop_assert_ne!(decode(&bytes), Ok(was));
    }
}
