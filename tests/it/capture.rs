//! What a server sends to a session, kept byte by byte: no sealed value that was not revealed in that very session.
//!
//! **Invariant:** what is looked through is all that came over the socket, as bytes, without its escape sequences, as the
//! screens that it made, and as what it put on a clipboard.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use veilbook::domain::role::RoleName;

use crate::canary::{CANARIES, customer};
use crate::serving::{Serving, Wired};

/// Of each sealed field a piece that its mask hides, too long to come about by chance in times and numbers. A birthday is
/// left out: any day could have its four digits.
const HIDDEN: [(&str, &str); 9] = [
    ("mobile", "3987654"),
    ("phone", "7911123"),
    ("email", "uetzalcoatl"),
    ("chat_id", "ylophonist"),
    ("address", "夜莺"),
    ("resident_id", "1010519491"),
    ("passport", "9876123"),
    ("bank_card", "2220275391"),
    ("date_of_birth", "19491231"),
];

/// Letters and digits alone, so that no way of grouping, wrapping or addressing hides a value.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The text without escape sequences, and what stood in those that have a text of their own.
fn parted(bytes: &[u8]) -> (String, Vec<String>) {
    let text = String::from_utf8_lossy(bytes);
    let (mut plain, mut inner) = (String::new(), Vec::new());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            plain.push(c);
            continue;
        }
        match chars.next() {
            // Control sequences end with a letter or one of a few signs.
            Some('[') => _ = chars.by_ref().find(|c| ('@'..='~').contains(c)),
            Some(']' | 'P' | '_' | '^' | 'X') => {
                let mut held = String::new();
                while let Some(c) = chars.next_if(|c| !['\u{7}', '\u{1b}'].contains(c)) {
                    held.push(c);
                }
                if chars.next() == Some('\u{1b}') {
                    chars.next();
                }
                inner.push(held);
            }
            _ => {}
        }
    }
    (plain, inner)
}

/// Every reading of what came to a session, by its name.
fn readings(person: &Wired) -> Vec<(&'static str, String)> {
    let (plain, inner) = parted(&person.bytes);
    let mut out = vec![
        ("the bytes", squeezed(&String::from_utf8_lossy(&person.bytes))),
        ("the bytes without sequences", squeezed(&plain)),
        ("the screens", person.screens.iter().map(|screen| squeezed(screen) + "\n").collect()),
    ];
    for held in inner {
        // A clipboard's sequence is "52;c;" and base64.
        let text = held.rsplit(';').next().and_then(|last| STANDARD.decode(last).ok());
        out.push(("a clipboard", squeezed(&String::from_utf8_lossy(&text.unwrap_or_default()))));
        out.push(("a sequence", squeezed(&held)));
    }
    out
}

/// A value in other clothes, in which bytes could carry it.
fn clothes(value: &str) -> Vec<String> {
    let hex: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![squeezed(value), squeezed(&STANDARD.encode(value)), hex.to_uppercase(), hex]
}

#[track_caller]
fn holds_only(person: &Wired, whose: &str, revealed: &[&str]) {
    let readings = readings(person);
    for (field, piece) in HIDDEN.iter().filter(|(field, _)| !revealed.contains(field)) {
        let (_, value, _) = CANARIES.iter().find(|(name, ..)| name == field).unwrap();
        for (what, text) in &readings {
            let found = text.contains(piece) || clothes(value).iter().any(|cloth| text.contains(cloth.as_str()));
            assert!(!found, "{field} stands in {what} that went to {whose}");
        }
    }
    for field in revealed {
        let (_, piece) = HIDDEN.iter().find(|(name, _)| name == field).unwrap();
        assert!(readings.iter().any(|(_, text)| text.contains(piece)), "{field} is nowhere in what went to {whose}");
    }
}

/// Brings the cursor of an open customer to the row of `label`, whose value is asked for with `key`, and gives a reason.
fn ask(person: &mut Wired, downs: usize, key: &str, seen: &'static str) {
    person.keys(&"\u{1b}[B".repeat(downs)).keys(key).wait_for("complaint").keys("1").keys("\r");
    person.wait(seen, |screen| squeezed(screen).contains(seen));
}

#[test]
fn a_session_is_sent_no_sealed_value_that_was_not_revealed_in_it() {
    let serving = Serving::of(|house, owner| {
        customer(owner);
        house.staff(owner, RoleName::Owner).end();
    });
    let (mut walker, mut colleague) = (serving.wired("Olga"), serving.wired("owner person"));
    for person in [&mut walker, &mut colleague] {
        person.sign_in().wait_for("[Today]").keys("gc").wait_for("张三丰").keys("\r").wait_for("Who looked");
        person.wait_for("139****4321");
    }
    // The colleague reveals a value, and copies another.
    ask(&mut colleague, 0, "r", "13987654321");
    // Meanwhile the walker goes through everything in which that customer stands.
    for (key, form) in [
        ("i", "Log a contact: 张三丰"),
        ("f", "Follow-up: 张三丰"),
        ("w", "The old value is not shown"),
        ("v", "three tries"),
        ("e", "Edit 张三丰"),
        ("r", "complaint"),
    ] {
        walker.keys(key).wait_for(form).keys("\u{1b}").wait_until_gone(form);
    }
    walker.keys("\u{1b}").wait_until_gone("Who looked").keys("/").keys("张三").wait_for("1 customer");
    walker.keys("\u{15}4321").wait_for("last four digits").keys("\r").wait_for("found by last four digits");
    walker.keys("\u{1b}OS").wait_for("[Follow-ups]").keys("\u{1b}[17~").wait_for("[Audit]").wait_for("revealed");
    walker.keys("\r").wait_for("Entry ").keys("\u{1b}").wait_until_gone("Entry ");
    walker.keys("\u{1b}[20~").wait_for("[Admin]").keys("\t\t\t?").wait_for("Keys that work here");
    walker.keys("\u{1b}").wait_until_gone("Keys that work here").keys(":").wait_for("All commands");
    walker.keys("\u{1b}").wait_until_gone("All commands").keys("\u{1b}OQ").wait_for("[Today]");
    holds_only(&walker, "the walker", &[]);
    holds_only(&colleague, "the colleague", &["mobile"]);

    // What each reveals from now on is with them alone, also what goes to the clipboard.
    walker.keys("gc").wait_for("张三丰").keys("\r").wait_for("Who looked");
    ask(&mut walker, 2, "r", "quetzalcoatl");
    colleague.keys("\u{1b}").wait_for("139****4321");
    colleague.keys("\u{1b}[B\u{1b}[B\u{1b}[B").keys("y").wait_for("complaint").keys("1").keys("\r");
    colleague.wait_for("On the clipboard now").keys("\u{1b}OQ").wait_for("[Today]");
    walker.keys("\u{1b}OQ").wait_for("[Today]");
    serving.signal("-TERM");
    for person in [&mut walker, &mut colleague] {
        person.until_the_end();
        assert!(person.end.is_some());
    }
    holds_only(&walker, "the walker", &["email"]);
    holds_only(&colleague, "the colleague", &["mobile", "chat_id"]);
}

#[test]
fn what_looks_through_a_capture_finds_a_value_in_every_reading() {
    let (plain, inner) =
        parted(b"\x1b[1;2H139\x1b[0m 8765\r\n\x1b]52;c;eHlsb3Bob25pc3Q3Nw==\x07 4321\x1b]0;title\x1b\\!");
    assert_eq!(squeezed(&plain), "13987654321");
    assert_eq!(inner, ["52;c;eHlsb3Bob25pc3Q3Nw==", "0;title"]);
}
