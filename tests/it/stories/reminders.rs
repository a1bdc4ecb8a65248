//! Stories of reminders that come due while something else is on the screen.

use veilbook::app::effect::Effect;
use veilbook::app::msg::Msg;
use veilbook::domain::role::RoleName;
use veilbook::domain::staff::Alarm;
use veilbook::service::view::Reminders;

use super::desk::{Desk, NOON};

/// Somebody at work, with a reminder in five minutes.
fn at_work() -> Desk {
    let mut desk = Desk::signed_in(RoleName::Sales);
    let mut row = desk.service.detail(0).follow_ups.swap_remove(0);
    row.follow_up.due = NOON.plus_seconds(300);
    desk.service.reminders = Reminders { due: Vec::new(), next: Some(row.follow_up.due) };
    desk.send(Msg::Changed);
    desk.service.reminders = Reminders { due: vec![row], next: None };
    desk
}

fn alarms(desk: &mut Desk) -> Vec<Alarm> {
    let left = std::mem::take(&mut desk.left);
    left.into_iter()
        .filter_map(|effect| if let Effect::Alarm(alarm, _) = effect { Some(alarm) } else { None })
        .collect()
}

#[test]
fn a_reminder_that_comes_due_stands_on_whatever_screen_is_open_and_rings_once() {
    let mut desk = at_work();
    desk.press("f4").hides("call about the invoice").wait(299).hides("call about the invoice");
    assert!(alarms(&mut desk).is_empty());
    desk.wait(1).shows("call about the invoice");
    assert_eq!(alarms(&mut desk), [Alarm::Bell]);
    desk.press("f2").shows("call about the invoice").send(Msg::Changed).shows("call about the invoice");
    assert!(alarms(&mut desk).is_empty(), "it was heard");
}

#[test]
fn one_key_takes_it_up_and_shows_its_customer() {
    let mut desk = at_work();
    desk.wait(300).shows("take up").press("!").shows("Who looked").hides("take up");
    desk.press("f2 !").shows("no reminder came due lately");
}

#[test]
fn what_is_being_typed_is_not_lost_to_a_reminder() {
    let mut desk = at_work();
    desk.press("f3 enter i").type_text("spoke to").wait(300).press("f11");
    desk.shows("finish or leave the form first").shows("spoke to");
}

#[test]
fn what_was_due_before_somebody_came_rings_for_nobody() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    let row = desk.service.detail(0).follow_ups.swap_remove(0);
    desk.service.reminders = Reminders { due: vec![row], next: None };
    desk.now = NOON.plus_seconds(3_600);
    desk.press("L");
    desk.left.clear();
    desk.type_text("a quiet lake at dawn").press("enter").shows("call about the invoice");
    assert!(alarms(&mut desk).is_empty());
}

#[test]
fn how_reminders_are_heard_is_chosen_and_tried_at_once() {
    let mut desk = at_work();
    let mut heard = Vec::new();
    for _ in Alarm::ALL {
        desk.press(", r");
        heard.extend(alarms(&mut desk));
    }
    assert_eq!(heard, [Alarm::Osc9, Alarm::Osc777, Alarm::Bell]);
}

#[test]
fn where_a_reminder_leads_it_is_finished_with_one_key_from_any_part() {
    let mut desk = at_work();
    desk.wait(300).press("!").shows("d done");
    desk.press("d").shows("call about the invoice").press("esc");
    // In the part of follow-ups the keys are of the one under the cursor.
    desk.press("tab tab").shows("s snooze").press("s esc x");
    assert!(desk.did("DropFollowUp"));
}
