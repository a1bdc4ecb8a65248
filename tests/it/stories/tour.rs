//! What a day's work takes, in keys: each step of the README's tour, counted beside what has to be typed as text.

use veilbook::app::msg::Msg;
use veilbook::domain::role::RoleName;
use veilbook::service::view::Reminders;

use super::board::Deals;
use super::desk::{Desk, NOON};

/// Presses keys and counts them.
struct Count<'d> {
    desk: &'d mut Desk,
    keys: usize,
}

impl<'d> Count<'d> {
    fn of(desk: &'d mut Desk) -> Self {
        Self { desk, keys: 0 }
    }

    fn press(mut self, keys: &str) -> Self {
        self.keys += keys.split_whitespace().count();
        self.desk.press(keys);
        self
    }

    fn typing(self, text: &str) -> Self {
        self.desk.type_text(text);
        self
    }

    fn shows(self, words: &str) -> Self {
        self.desk.shows(words);
        self
    }
}

/// What the README's tour says of a step.
fn promised(step: &str) -> usize {
    let readme = include_str!("../../../README.md");
    let row = readme.lines().find(|line| line.starts_with('|') && line.contains(step)).unwrap();
    row.trim_end_matches('|').rsplit('|').next().unwrap().trim().parse().unwrap()
}

#[test]
fn a_caller_is_found_verified_logged_and_followed_up_in_under_ten_keys_each() {
    let mut desk = Desk::signed_in(RoleName::Support);
    // Support begins in the search; the four digits are keys as well.
    let found = Count::of(&mut desk).press("1 2 3 4 enter").shows("2 found by last four digits").press("enter");
    assert_eq!(found.keys, promised("Find a caller"));
    let verified = Count::of(found.desk).press("v").typing("13800001234").press("enter");
    let verified = verified.shows("what the caller says is right");
    assert_eq!(verified.keys, promised("Verify"));
    let logged = Count::of(verified.desk).press("i").typing("asked for the invoice -> tomorrow 15:00 send it");
    let logged = logged.press("enter").shows("Next step");
    assert_eq!(logged.keys, promised("Log the call"));
    assert!(logged.desk.did("LogInteraction"));
}

#[test]
fn one_is_reminded_and_a_deal_is_moved_in_under_ten_keys_each() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.service.deals = Deals::some();
    let mut row = desk.service.detail(0).follow_ups.swap_remove(0);
    row.follow_up.due = NOON.plus_seconds(300);
    desk.service.reminders = Reminders { due: Vec::new(), next: Some(row.follow_up.due) };
    desk.send(Msg::Changed);
    desk.service.reminders = Reminders { due: vec![row], next: None };
    desk.wait(300).shows("take up");
    let reminded = Count::of(&mut desk).press("!").shows("Who looked");
    assert_eq!(reminded.keys, promised("Be reminded"));
    let moved = Count::of(reminded.desk).press("g p >").shows("Moved");
    assert_eq!(moved.keys, promised("Move a deal"));
    for step in ["Find a caller", "Verify", "Log the call", "Be reminded", "Move a deal"] {
        assert!(promised(step) < 10, "{step}");
    }
}
