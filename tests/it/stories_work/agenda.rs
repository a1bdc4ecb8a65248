//! The agenda at work: reminders that come again, are written anew and handed on, the month, contacts, and fields.

use veilbook::domain::field::{FieldKind, Lang, Schema};
use veilbook::domain::id::StaffId;
use veilbook::domain::interaction::Direction;
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::domain::working_days::WorkingDays;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::{FieldAction, Way};
use veilbook::service::view::Whose;
use veilbook::service::{Action, Contact, Done, Query, View};

use super::stage::*;

fn rows() -> Vec<veilbook::service::view::FollowUpRow> {
    vec![
        task(1, "王芳", "send the revised quote", minutes(-60)),
        task(2, "Ada Miller", "ring about the fair", minutes(280)),
        task(3, "李四", "papers", minutes(10 * 1440)),
    ]
}

fn on_agenda(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    stage.press("f4");
    stage.answer_view(|q| matches!(q, Query::FollowUps(_)), View::FollowUps(rows()));
    stage
}

#[test]
fn a_reminder_is_made_to_come_again_and_says_what_was_understood() {
    let mut stage = on_agenda(Lang::En);
    stage.press("down e").shows("Change the follow-up: Ada Miller").shows("2026-11-21 15:00");
    stage.press("tab tab").type_in("every mon, th").shows("! Write how often").type_in("u");
    stage.shows("every week on Mon, Thu").press("enter");
    let (ticket, action) = stage.action();
    let Action::EditFollowUp(id, 3, change) = action else { panic!("{action:?}") };
    assert_eq!((id.0, change.due, change.text.as_str()), (2, minutes(280), "ring about the fair"));
    assert_eq!(change.repeats.unwrap().rule(), "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH");
    stage.done(ticket, Done::Logged);
    stage.shows("The follow-up is changed").hides("Change the follow-up");
}

#[test]
fn an_overdue_reminder_is_changed_without_touching_when_it_was_due() {
    let mut stage = on_agenda(Lang::ZhCn);
    stage.press("e").shows("修改跟进：王芳").press("tab end").type_in(" 再说").press("enter");
    let (_, action) = stage.action();
    let Action::EditFollowUp(_, 3, change) = action else { panic!("{action:?}") };
    assert_eq!((change.due, change.text.as_str()), (minutes(-60), "send the revised quote 再说"));
}

#[test]
fn a_reminder_is_handed_on_by_a_few_letters() {
    let mut stage = on_agenda(Lang::En);
    stage.press("a").shows("Hand on: 王芳").type_in("zzz").shows("Nobody has these letters");
    stage.press("ctrl-u").type_in("w").press("enter");
    let (_, action) = stage.action();
    assert!(matches!(action, Action::AssignFollowUp(_, 3, StaffId(2))), "{action:?}");
}

#[test]
fn the_month_shows_how_much_is_due_and_enter_leads_back_to_the_day() {
    let mut stage = on_agenda(Lang::En);
    stage.press("m").shows("November 2026").shows("Mon").shows("Sat 21 Nov 2026");
    stage.answer_view(|q| matches!(q, Query::FollowUps(r) if r.between.is_some()), View::FollowUps(rows()));
    let days = WorkingDays::read("2026-11-22 holiday Founders").unwrap();
    stage.answer_view(|q| matches!(q, Query::WorkingDays), View::WorkingDays(days));
    stage.shows("21· 2!").shows("ring about the fair").press("right").shows("Founders").shows("nothing is due");
    stage.press("pagedown").shows("December 2026");
    assert!(stage.asks(|q| matches!(q, Query::FollowUps(r) if r.between.is_some())));
    stage.press("home").shows("November 2026").press("enter");
    stage.answer_view(|q| matches!(q, Query::FollowUps(r) if r.between.is_none()), View::FollowUps(rows()));
    stage.shows("Overdue").hides("nothing is due");
    stage.press("w");
    assert!(stage.asks(|q| matches!(q, Query::FollowUps(r) if r.whose == Whose::All)));
}

#[test]
fn a_contact_says_who_began_it_and_how_long_it_took() {
    let mut stage = on_agenda(Lang::En);
    stage.press("i").type_in("asked for papers").press("f6").shows("< in >").press("tab tab").type_in("1x");
    stage.press("enter").shows("Write how many minutes").press("backspace").type_in("2").press("enter");
    let (_, action) = stage.action();
    let Action::LogInteraction(_, Contact { direction, minutes, .. }) = action else { panic!("{action:?}") };
    assert_eq!((direction, minutes), (Some(Direction::In), Some(12)));
}

#[test]
fn a_field_is_added_without_code_and_moved() {
    let mut stage = Stage::new(RoleName::Owner, Lang::En);
    stage.press("f9 tab tab tab");
    let rows = schema::shipped().all().iter().take(3).cloned().collect();
    stage.answer_view(|q| matches!(q, Query::Schema), View::Schema(Schema::new(rows)));
    stage.press("A").shows("Add a field").type_in("Shoe size").press("tab tab").shows("shoe_size");
    stage
        .press("tab left left")
        .shows("< choice >")
        .press("tab")
        .shows("< sensitive >")
        .press("right")
        .shows("< open >");
    stage.press("tab tab tab").type_in("small | large").press("ctrl-s").shows("why");
    stage.type_in("Order what fits").press("ctrl-s");
    let (ticket, action) = stage.action();
    let Action::Field(FieldAction::Add(new)) = action else { panic!("{action:?}") };
    assert_eq!((new.key.as_str(), new.kind, new.class), ("shoe_size", FieldKind::Choice, Some(FieldClass::Open)));
    assert_eq!(new.text.choices.len(), 2);
    stage.done(ticket, Done::Done);
    stage.press("down J");
    let (_, action) = stage.action();
    assert!(matches!(action, Action::Field(FieldAction::Move(_, Way::Down))), "{action:?}");
}
