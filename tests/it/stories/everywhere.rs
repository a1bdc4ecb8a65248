//! What holds on every screen: sizes, languages, keymaps, help, palette.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use veilbook::app::model::Start;
use veilbook::app::msg::Msg;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;

use super::desk::Desk;

/// Ways to every screen and layer.
const WAYS: &[&str] = &[
    "f2",
    "f3",
    "f4",
    "f6",
    "f9",
    "f3 enter",
    "f3 D",
    "f3 T",
    "f3 C",
    "f3 |",
    "f3 * b left enter",
    "f3 C enter",
    "f3 T e",
    "f3 T x",
    "f3 D enter",
    "f3 D enter m",
    "f3 enter tab",
    "f3 enter tab tab",
    "f3 enter r",
    "f3 enter r 7",
    "f3 enter v",
    "f3 enter w",
    "f3 enter y",
    "f3 enter r 1 enter",
    "f1",
    ":",
    "g",
    "f3 enter ?",
    "f3 / 1 2 3 4",
];

#[test]
fn every_screen_draws_at_every_size() {
    for (start, ways) in [(Start::SignedIn, WAYS), (Start::Unlock, &["tab", "f2"]), (Start::FirstRun, &["tab"])] {
        for way in ways {
            let mut desk = Desk::begin(RoleName::Owner, start, Lang::ZhCn);
            desk.press(way).wait(1);
            for columns in (1..=120).step_by(11).chain([39, 40, 80, 119, 120, 500]) {
                for rows in (1..=40).step_by(5).chain([9, 10, 24, 200]) {
                    desk.app.input(desk.now, Msg::Resize(columns, rows));
                    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
                    let drawn = desk.app.draw(&mut buffer);
                    if let Some(cursor) = drawn.cursor {
                        assert!(cursor.x < columns && cursor.y < rows, "{way} {columns}×{rows}");
                    }
                }
            }
        }
    }
}

#[test]
fn below_the_least_size_there_is_one_sentence() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.resize(39, 24).shows("veilbook needs at least 40 x 10");
}

#[test]
fn the_language_changes_at_once_and_is_remembered() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc , l").shows("300 位客户").shows("客服");
    assert!(desk.did("SetPreferences"));
    desk.press("ctrl-x l").shows("300 customers");
}

#[test]
fn help_shows_the_keys_in_force_and_the_palette_says_why_not() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc ?").shows("Keys that work here").shows("Change the order").press("esc");
    desk.press(":").type_text("copy the value").shows("your role may not: copy values");
    desk.press("esc :").type_text("lock at").press("enter").shows("Locked.");
}

#[test]
fn a_sequence_that_waits_shows_how_it_goes_on() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("g").hides("Go to Customers").wait(1).shows("Go to Customers").press("c").shows("300 customers");
    desk.press("g x").shows("does nothing here");
}

#[test]
fn typed_letters_are_text_in_a_field_and_commands_outside() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.type_text("L?:gq").shows("L?:gq").press("esc Ｌ").shows("Locked.");
}

#[test]
fn each_role_begins_where_its_work_is() {
    for (role, tab) in [
        (RoleName::Support, "[Customers]"),
        (RoleName::Sales, "[Today]"),
        (RoleName::Auditor, "[Audit]"),
        (RoleName::Administrator, "[Admin]"),
    ] {
        Desk::signed_in(role).shows(tab);
    }
    Desk::signed_in(RoleName::Auditor).hides("Customers");
}

/// Prints screens to be read by a person: `cargo test --test it look_at -- --ignored --nocapture`.
#[test]
#[ignore = "for a person to read"]
fn look_at_the_screens() {
    for lang in [Lang::En, Lang::ZhCn] {
        for size in [(80, 24), (120, 40)] {
            for way in WAYS {
                let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, lang);
                desk.resize(size.0, size.1).press(way).wait(1);
                println!("──── {way} {size:?}\n{}", desk.screen());
            }
            let mut desk = Desk::begin(RoleName::Owner, Start::Unlock, lang);
            println!("{}", desk.resize(size.0, size.1).type_text("li.na").press("tab").screen());
            let mut desk = Desk::begin(RoleName::Owner, Start::FirstRun, lang);
            println!("{}", desk.resize(size.0, size.1).type_text("li.na").press("tab").screen());
        }
    }
}
