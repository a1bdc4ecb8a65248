//! What waits: Today, the agenda, putting off and finishing.

use veilbook::domain::field::Lang;
use veilbook::domain::id::{AlertId, StaffId};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::view::{AlertKind, AlertRow, Due};
use veilbook::service::{Action, Contact, Done, Query, Refusal, View};

use super::stage::*;

fn on_today(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    stage.answer_view(|q| matches!(q, Query::Today), View::Today(today()));
    stage
}

#[test]
fn today_shows_what_is_overdue_first_and_what_comes_next() {
    let mut stage = on_today(Lang::En);
    let screen = stage.screen();
    let at = |text: &str| screen.find(text).unwrap_or_else(|| panic!("{text:?} is missing:\n{screen}"));
    assert!(at("Overdue (2)") < at("2 d overdue"));
    assert!(at("2 d overdue") < at("1 h overdue"));
    assert!(at("1 h overdue") < at("Today (1)"));
    assert!(at("today 15:00") < at("12 customers have no legal basis yet"));
    assert!(at("tomorrow 10:20") < at("Tue 10:20"));
    stage.shows("王芳").shows("! No place for backups");
    let mut chinese = on_today(Lang::ZhCn);
    chinese.shows("逾期（2）").shows("逾期2天").shows("今天 15:00").shows("明天 10:20").hides("overdue");
}

#[test]
fn what_lacks_a_legal_basis_opens_the_list_of_it() {
    let mut stage = on_today(Lang::En);
    stage.press("end up up enter");
    assert!(stage.asks(|q| matches!(q, Query::Customers(request) if request.text == "basis:not_known_yet")));
    stage.shows("basis:not_known_yet").shows("These lack a legal basis");
}

#[test]
fn a_reminder_is_finished_with_the_next_one_in_one_line() {
    let mut stage = on_today(Lang::En);
    stage.press("d").shows("Finish: 王芳").shows("send the revised quote").type_in("+1w 15:00 send the contract");
    stage.shows("Next step: Sat 28 Nov 2026, 15:00 · send the contract").press("enter");
    let (ticket, action) = stage.action();
    let Action::FinishFollowUp(id, version, Some(next)) = action else { panic!("{action:?}") };
    assert_eq!((id.0, version, next.text.as_str()), (1, 3, "send the contract"));
    assert_eq!(next.due, minutes(7 * 1440 + 280));
    stage.done(ticket, Done::Done);
    stage.shows("Done. Next step: 28 Nov 15:00");
    assert!(stage.asks(|q| matches!(q, Query::Today)));
}

#[test]
fn enter_alone_finishes_without_a_next_step() {
    let mut stage = on_today(Lang::ZhCn);
    stage.press("d enter");
    let (_, action) = stage.action();
    assert!(matches!(action, Action::FinishFollowUp(_, 3, None)), "{action:?}");
}

#[test]
fn putting_off_takes_two_keys() {
    let mut stage = on_today(Lang::En);
    stage.press("s").shows("1  In 1 hour").shows("Sun 22 Nov 2026, 09:00").shows("Mon 23 Nov 2026, 09:00");
    stage.press("2");
    let (ticket, action) = stage.action();
    let Action::SnoozeFollowUp(_, 3, due) = action else { panic!("{action:?}") };
    assert_eq!(due, minutes(1440 - 80));
    stage.done(ticket, Done::Done);
    stage.shows("Put off: tomorrow 09:00").hides("In 1 hour");
}

#[test]
fn a_time_of_ones_own_is_read_back_and_a_wrong_one_is_explained() {
    let mut stage = on_today(Lang::ZhCn);
    stage.press("s 4").type_in("2月30日").shows("没有 2027年2月30日：那个月只有 28 天。").press("enter");
    assert!(stage.is_idle());
    stage.press("ctrl-u").type_in("周五上午10点").shows("2026年11月27日 周五 10:00").press("enter");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::SnoozeFollowUp(..)), "{action:?}");
    stage.refused(ticket, Refusal::Conflict(None));
    stage.shows("有人改过这条记录").hides("其他时间");
}

#[test]
fn an_alert_and_a_waiting_key_are_confirmed_with_another_key() {
    let mut stage = Stage::new(RoleName::Owner, Lang::En);
    let mut view = today();
    view.overdue.clear();
    view.today.clear();
    view.alerts = vec![AlertRow {
        id: AlertId(4),
        at: minutes(-5),
        about: "wang".into(),
        kind: AlertKind::OpensLimit,
        count: 201,
    }];
    view.grants = vec![(StaffId(2), name("wang"), FieldClass::Contact)];
    stage.answer_view(|q| matches!(q, Query::Today), View::Today(view));
    stage.shows("Nothing is due today").shows("wang waits for the key of contact fields");
    stage.press("down enter").shows("too many customers opened (201)").press("enter");
    assert!(stage.is_idle());
    stage.hides("Mark it as seen").press("enter y");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::SettleAlert(AlertId(4))), "{action:?}");
    stage.done(ticket, Done::Done);
    stage.shows("Marked as seen").press("up enter").shows("Hand wang the key").press("y");
    let (_, action) = stage.action();
    assert!(matches!(action, Action::ConfirmGrant(StaffId(2), FieldClass::Contact)), "{action:?}");
}

#[test]
fn an_empty_today_says_how_it_fills() {
    let mut stage = Stage::new(RoleName::Sales, Lang::En);
    stage.answer_view(|q| matches!(q, Query::Today), View::Today(Default::default()));
    stage.shows("Nothing waits for you").press("d").shows("the cursor is not on a follow-up");
}

#[test]
fn the_agenda_goes_by_day_and_its_parts_by_tab() {
    let mut stage = on_today(Lang::En);
    stage.press("g f");
    let rows: Vec<_> = {
        let today = today();
        today.overdue.into_iter().chain(today.today).chain(today.next).collect()
    };
    stage.answer_view(|q| matches!(q, Query::FollowUps(r) if r.due == Due::All), View::FollowUps(rows));
    stage.shows("[all]").shows("5 open, 2 overdue").shows("Overdue").shows("Today · Sat 21 Nov 2026");
    stage.shows("Tomorrow · Sun 22 Nov 2026").shows("Tue 24 Nov 2026").shows("15:00   欧阳明月");
    stage.press("tab");
    assert!(stage.asks(|q| matches!(q, Query::FollowUps(r) if r.due == Due::Overdue)));
    stage.press("down down x");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::DropFollowUp(id, 3) if id.0 == 3), "{action:?}");
    stage.done(ticket, Done::Done);
    stage.shows("The follow-up is taken back");
    stage.answer_view(|q| matches!(q, Query::FollowUps(_)), View::FollowUps(Vec::new()));
    stage.shows("None here. Tab shows");
}

#[test]
fn a_call_is_logged_in_one_line_with_its_next_step() {
    let mut stage = on_today(Lang::En);
    stage.press("i").shows("Log a contact: 王芳").shows("[call]");
    stage.type_in("spoke to wife, wants quote -> tomorrow 15:00");
    stage.shows("Next step: Sun 22 Nov 2026, 15:00").press("ctrl-t").shows("[email]");
    stage.press("tab").type_in("T-19").press("enter");
    let (ticket, action) = stage.action();
    let Action::LogInteraction(customer, Contact { kind, text, ticket: number, next, .. }) = action else {
        panic!("{action:?}")
    };
    assert_eq!((customer.0, kind.code(), text.as_str()), (101, "email", "spoke to wife, wants quote"));
    assert_eq!(number.unwrap().as_str(), "T-19");
    let next = next.unwrap();
    assert_eq!((next.due, next.text.as_str()), (minutes(1440 + 280), "spoke to wife, wants quote"));
    stage.done(ticket, Done::Logged);
    stage.shows("The contact is logged. Next step: tomorrow 15:00").hides("Log a contact");
}

#[test]
fn a_call_with_a_date_that_cannot_be_read_is_not_logged() {
    let mut stage = on_today(Lang::ZhCn);
    stage.press("i enter").shows("请简单写一下说了什么");
    stage.type_in("客户要报价→明天再说").shows("再说").press("enter");
    let (ticket, action) = stage.action();
    let Action::LogInteraction(_, Contact { next: Some(next), .. }) = action else { panic!("{action:?}") };
    assert_eq!(next.text.as_str(), "再说");
    stage.refused(ticket, Refusal::RecordUnavailable("no room".into()));
    stage.shows("no room").press("ctrl-u").type_in("客户要报价→改天").shows("看不懂这个日期").press("enter");
    assert!(stage.is_idle());
    stage.press("ctrl-u").type_in("他的电话是13800138000").shows("这像是电话号码");
    stage.press("esc").shows("不保存就离开").press("n").shows("13800138000").press("esc y").hides("记录联系");
}
