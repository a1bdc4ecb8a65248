//! What each kind of value takes, refuses and makes of it.

use proptest::prelude::*;

use super::*;
use crate::domain::schema;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).expect("a date")
}

fn good(kind: FieldKind, cases: &[(&str, &str)]) {
    for (raw, normal) in cases {
        let checked = check(kind, raw, "CN", today()).unwrap_or_else(|fault| panic!("{raw:?}: {fault}"));
        assert_eq!(checked.normal, *normal, "{raw:?}");
        let again = check(kind, &checked.shown, "CN", today()).expect("what is shown can be typed in again");
        assert_eq!(again, checked, "{raw:?}");
    }
}

fn bad(kind: FieldKind, cases: &[(&str, ValueFault)]) {
    for (raw, fault) in cases {
        assert_eq!(check(kind, raw, "CN", today()).err(), Some(*fault), "{raw:?}");
    }
}

#[test]
fn phones_become_e164_however_they_are_written() {
    good(
        FieldKind::Phone,
        &[
            ("13800001234", "+8613800001234"),
            ("138 0000 1234", "+8613800001234"),
            ("138-0000-1234", "+8613800001234"),
            ("+86-138 0000 1234", "+8613800001234"),
            ("0086 13800001234", "+8613800001234"),
            ("8613800001234", "+8613800001234"),
            ("１３８００００１２３４", "+8613800001234"),
            ("＋８６ 138 0000 1234", "+8613800001234"),
            ("010-8234 5678", "+861082345678"),
            ("（010）82345678", "+861082345678"),
            ("010-82345678转123", "+861082345678"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+1 (202) 555-0143", "+12025550143"),
            ("0044 20 7946 0958", "+442079460958"),
            ("+852 2123 4567", "+85221234567"),
        ],
    );
    bad(
        FieldKind::Phone,
        &[
            ("", ValueFault::Empty),
            ("123", ValueFault::TooShort),
            ("1.38E+10", ValueFault::Eaten),
            ("call me", ValueFault::Letters),
            ("12800001234", ValueFault::NotAPhone),
            ("138000012345", ValueFault::NotAPhone),
            ("+99912345678", ValueFault::NotAPhone),
            ("12345678901234567890", ValueFault::TooLong),
        ],
    );
    let british = check(FieldKind::Phone, "020 7946 0958", "GB", today()).expect("a number of the region");
    assert_eq!(british.normal, "+442079460958");
    let shown = check(FieldKind::Phone, "13800001234", "CN", today()).expect("good").shown;
    assert_eq!(shown, "+86 138 0000 1234");
    assert_eq!(check(FieldKind::Phone, &shown, "GB", today()).expect("good").normal, "+8613800001234");
}

#[test]
fn emails_are_sane_and_international() {
    good(
        FieldKind::Email,
        &[
            ("Wang.Fang@Example.COM", "wang.fang@example.com"),
            ("<a+b@x.co.uk>", "a+b@x.co.uk"),
            ("张三@例子.中国", "张三@例子.中国"),
            ("w＠example.com", "w@example.com"),
        ],
    );
    bad(
        FieldKind::Email,
        &[
            ("wang", ValueFault::NotAnEmail),
            ("@example.com", ValueFault::NotAnEmail),
            ("a b@example.com", ValueFault::NotAnEmail),
            (".a@example.com", ValueFault::NotAnEmail),
            ("a@", ValueFault::NoDomain),
            ("a@localhost", ValueFault::NoDomain),
            ("a@b@c.com", ValueFault::NoDomain),
            ("a@-x.com", ValueFault::NoDomain),
            ("a@1.2.3.4", ValueFault::NoDomain),
        ],
    );
}

#[test]
fn identity_numbers_follow_the_standard() {
    good(
        FieldKind::ResidentId,
        &[
            ("11010519491231002X", "11010519491231002X"),
            ("11010519491231002x", "11010519491231002X"),
            ("110105 19491231 002X", "11010519491231002X"),
            ("440524188001010014", "440524188001010014"),
        ],
    );
    bad(
        FieldKind::ResidentId,
        &[
            ("110105194912310021", ValueFault::CheckDigit),
            ("110105491231002", ValueFault::OldId),
            ("11010519491331002X", ValueFault::NotADate),
            ("11010520991231002X", ValueFault::Future),
            ("1101051949123100", ValueFault::TooShort),
            ("1101051949123100211", ValueFault::TooLong),
            ("1101051949A231002X", ValueFault::NotAnId),
            ("1.10105E+17", ValueFault::Eaten),
        ],
    );
}

#[test]
fn cards_pass_luhn_and_passports_have_their_shape() {
    good(
        FieldKind::BankCard,
        &[("4111 1111 1111 1111", "4111111111111111"), ("6222-0212-3456-7890-128", "6222021234567890128")],
    );
    bad(
        FieldKind::BankCard,
        &[
            ("4111 1111 1111 1112", ValueFault::Luhn),
            ("41111", ValueFault::TooShort),
            ("41111111111111111111", ValueFault::TooLong),
            ("4111x", ValueFault::Letters),
            ("0000000000000000", ValueFault::Luhn),
            ("4.11111E+15", ValueFault::Eaten),
        ],
    );
    good(FieldKind::Passport, &[("e1234 5678", "E12345678"), ("EA1234567", "EA1234567")]);
    bad(FieldKind::Passport, &[("E12", ValueFault::TooShort), ("PASSPORT", ValueFault::NotAPassport)]);
}

#[test]
fn dates_are_never_guessed() {
    for raw in [
        "1988-03-07",
        "1988-3-7",
        "1988/3/7",
        "1988.3.7",
        "1988年3月7日",
        "1988 年 3 月 7 日",
        "19880307",
        "07.03.1988",
        "7.3.1988",
        "1988-03-07 00:00:00",
        "1988-03-07T00:00:00",
        "１９８８年３月７日",
    ] {
        good(FieldKind::Date, &[(raw, "1988-03-07")]);
    }
    good(
        FieldKind::Date,
        &[
            ("25/3/1988", "1988-03-25"),
            ("3/25/1988", "1988-03-25"),
            ("3/3/1988", "1988-03-03"),
            ("2024-02-29", "2024-02-29"),
        ],
    );
    bad(
        FieldKind::Date,
        &[
            ("3/7/1988", ValueFault::AmbiguousDate),
            ("3-7-1988", ValueFault::AmbiguousDate),
            ("1988-13-01", ValueFault::NotADate),
            ("2023-02-29", ValueFault::NotADate),
            ("88-3-7", ValueFault::NotADate),
            ("yesterday", ValueFault::NotADate),
            ("1988-03", ValueFault::NotADate),
            ("0001-01-01", ValueFault::NotADate),
        ],
    );
    let schema = schema::sample();
    let born = schema.get("date_of_birth").expect("shipped");
    assert_eq!(check_field(born, "2027-01-01", "CN", today()).err(), Some(ValueFault::Future));
    assert!(check_field(born, "2026-11-21", "CN", today()).is_ok());
}

#[test]
fn birthdays_are_month_and_day() {
    for raw in ["03-07", "3-7", "--03-07", "3月7日", "3/7", "3.7", "7.3.", "1988-03-07"] {
        good(FieldKind::MonthDay, &[(raw, "03-07")]);
    }
    good(FieldKind::MonthDay, &[("02-29", "02-29")]);
    bad(
        FieldKind::MonthDay,
        &[("13-01", ValueFault::NotADate), ("02-30", ValueFault::NotADate), ("3", ValueFault::NotADate)],
    );
    assert_eq!(check(FieldKind::MonthDay, "3/7", "GB", today()).err(), Some(ValueFault::AmbiguousDate));
}

#[test]
fn purchases_are_lines_of_date_item_and_amount() {
    good(
        FieldKind::Purchases,
        &[
            ("2026-03-01 desk lamp 129", "2026-03-01 desk lamp 129.00"),
            ("2026/3/1 台灯 ¥1,129.5; 2026年3月2日 椅子 300元", "2026-03-01 台灯 1129.50\n2026-03-02 椅子 300.00"),
            (
                "2026-03-01 returned lamp -129.00\n2026-03-02 x 1.00",
                "2026-03-01 returned lamp -129.00\n2026-03-02 x 1.00",
            ),
        ],
    );
    bad(
        FieldKind::Purchases,
        &[
            ("lamp", ValueFault::NotAPurchase),
            ("2026-03-01 129.00", ValueFault::NotAPurchase),
            ("2026-03-01 lamp cheap", ValueFault::NotAPurchase),
            ("yesterday lamp 1.00", ValueFault::NotADate),
            ("2026-03-01 lamp 1.234", ValueFault::NotAPurchase),
        ],
    );
}

#[test]
fn nothing_that_moves_a_cursor_gets_into_a_value() {
    let checked = check(FieldKind::Text, " Ac\u{1b}me\u{202e}\r\nLtd ", "CN", today()).expect("text");
    assert_eq!((checked.shown.as_str(), checked.normal.as_str()), ("Acme Ltd", "acme ltd"));
    assert_eq!(check(FieldKind::Notes, "a\nb", "CN", today()).expect("text").shown, "a\nb");
    bad(FieldKind::Text, &[("\u{1b}\u{200b} ", ValueFault::Empty), (&"x".repeat(5_000), ValueFault::TooLong)]);
    bad(FieldKind::Notes, &[(&"x".repeat(70_000), ValueFault::TooLong)]);
    assert_eq!(format!("{checked:?}"), "Checked(..)");
}

#[test]
fn typing_is_not_shouted_at_until_it_cannot_become_right() {
    let cases: &[(FieldKind, &str)] = &[
        (FieldKind::Phone, "13800001234"),
        (FieldKind::Phone, "+442079460958"),
        (FieldKind::Phone, "010-82345678"),
        (FieldKind::Email, "wang@example.com"),
        (FieldKind::ResidentId, "11010519491231002X"),
        (FieldKind::BankCard, "4111111111111111"),
        (FieldKind::Date, "1988-03-07"),
        (FieldKind::Date, "1988年3月7日"),
        (FieldKind::MonthDay, "03-07"),
        (FieldKind::Purchases, "2026-03-01 lamp 129.00"),
    ];
    for (kind, whole) in cases {
        for end in whole.char_indices().map(|(at, _)| at) {
            let so_far = progress(*kind, &whole[..end], "CN", today());
            assert!(!matches!(so_far, Progress::Bad(_)), "{} {}: {so_far:?}", kind.code(), &whole[..end]);
        }
        assert_eq!(progress(*kind, whole, "CN", today()), Progress::Good, "{whole}");
    }
    for (kind, typed, fault) in [
        (FieldKind::Phone, "138y", ValueFault::Letters),
        (FieldKind::Phone, "12800001234", ValueFault::NotAPhone),
        (FieldKind::ResidentId, "11010519491331", ValueFault::TooShort),
        (FieldKind::ResidentId, "110105194912310021", ValueFault::CheckDigit),
        (FieldKind::BankCard, "4111x", ValueFault::Letters),
        (FieldKind::Email, "a b", ValueFault::NotAnEmail),
        (FieldKind::Date, "1988-13", ValueFault::NotADate),
    ] {
        assert_eq!(progress(kind, typed, "CN", today()), Progress::Bad(fault), "{typed}");
    }
}

#[test]
fn tokens_are_made_of_what_people_search_by() {
    let phone = token_values(FieldKind::Phone, "+8613800001234");
    assert_eq!(phone, [(TokenKind::Phone, "+8613800001234".into()), (TokenKind::LastFour, "1234".into())]);
    assert_eq!(token_values(FieldKind::Email, "a@b.cn"), [(TokenKind::Email, "a@b.cn".into())]);
    assert_eq!(token_values(FieldKind::Passport, "E1"), [(TokenKind::Identity, "E1".into())]);
    assert_eq!(token_values(FieldKind::BankCard, "41"), [(TokenKind::Whole, "41".into())]);
}

#[test]
fn notes_are_scanned_for_what_belongs_in_fields() {
    for (text, found) in [
        ("call 13800001234 tomorrow", vec![(Suspected::Phone, "13800001234")]),
        ("手机１３８ ００００ １２３４。", vec![(Suspected::Phone, "１３８ ００００ １２３４")]),
        ("or +44 20 7946 0958 now", vec![(Suspected::Phone, "+44 20 7946 0958")]),
        ("座机010-82345678", vec![(Suspected::Phone, "010-82345678")]),
        ("ID 11010519491231002x ok", vec![(Suspected::ResidentId, "11010519491231002x")]),
        ("card 4111 1111 1111 1111, 2 times", vec![(Suspected::BankCard, "4111 1111 1111 1111")]),
        ("13800001234 2 times 13900001234", vec![(Suspected::Phone, "13800001234"), (Suspected::Phone, "13900001234")]),
        ("order A20261121000123 of 2026-11-21 15:00, 12 pieces for 1299.00", vec![]),
        ("", vec![]),
    ] {
        let seen: Vec<_> =
            scan_for_identifiers(text).iter().map(|s| (s.kind, &text[s.start..s.start + s.len])).collect();
        assert_eq!(seen, found, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_a_check_panic_and_what_is_shown_checks_again(raw in "\\PC{0,60}") {
        for kind in FieldKind::ALL {
            if let Ok(checked) = check(*kind, &raw, "CN", today()) {
                let again = check(*kind, &checked.shown, "CN", today());
                prop_assert_eq!(again.map(|c| c.normal), Ok(checked.normal), "{}", kind.code());
            }
            let _ = progress(*kind, &raw, "GB", today());
        }
        for s in scan_for_identifiers(&raw) {
            prop_assert!(raw.get(s.start..s.start + s.len).is_some());
        }
    }

    #[test]
    fn a_number_like_text_never_makes_a_check_panic(raw in "[-+0-9xX#转./ ()]{0,40}", region in "[A-Z]{2}") {
        for kind in FieldKind::ALL {
            let _ = check(*kind, &raw, &region, today());
        }
    }

    #[test]
    fn one_wrong_digit_of_an_identity_number_is_always_noticed(at in 0usize..17, by in 1u8..10) {
        let mut number = b"11010519491231002X".to_vec();
        number[at] = b'0' + (number[at] - b'0' + by) % 10;
        let number = String::from_utf8(number).expect("ascii");
        prop_assert!(check(FieldKind::ResidentId, &number, "CN", today()).is_err());
    }
}
