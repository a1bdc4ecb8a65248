//! The record of actions and the administration.

use veilbook::domain::audit::{Entry, NewEntry, Object, Origin, Outcome, Texts};
use veilbook::domain::field::{FieldKey, FieldState, Lang};
use veilbook::domain::id::{EntrySeq, SessionId, StaffId};
use veilbook::domain::policy::Policy;
use veilbook::domain::reason::ReasonCode;
use veilbook::domain::role::{Role, RoleName};
use veilbook::domain::staff::{Staff, StaffState};
use veilbook::service::view::{AuditPage, AuditRow, ChainCheck, ChainState, StaffRow};
use veilbook::service::{Action, Done, Query, View};
use zeroize::Zeroizing;

use super::stage::*;

fn entry(seq: u64, action: &str, outcome: Outcome) -> AuditRow {
    let what = NewEntry {
        time: minutes(-i64::try_from(100 - seq.min(100)).unwrap() * 7),
        actor: Some(StaffId(2)),
        session: SessionId(4),
        origin: Origin::Screen,
        action: action.into(),
        object: Object::Customer(12),
        field: FieldKey::new("mobile"),
        reason: Some(ReasonCode::VerifyIdentity),
        count: None,
        outcome,
        texts: Texts { reason: Some("caller asked".into()), after: Some("138****1234".into()), ..Texts::default() },
        value_hmac: Some([7; 32]),
    };
    AuditRow { entry: Entry { seq: EntrySeq(seq), what, erased: false }, actor: "wang".into(), object: "王芳".into() }
}

fn chain(check: Option<ChainCheck>) -> ChainState {
    ChainState {
        size: 4021,
        root: "q2fDk3oVZl9xJ0c".into(),
        checkpoint: Some((4000, minutes(-60))),
        vkey: "desk+1+key".into(),
        check,
    }
}

fn on_audit(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::PrivacyOfficer, lang);
    stage.press("g a");
    let rows = (0..100).rev().map(|seq| {
        if seq % 3 == 0 {
            entry(seq, "customer.reveal", Outcome::Refused)
        } else {
            entry(seq, "customer.open", Outcome::Done)
        }
    });
    let page = AuditPage { rows: rows.collect(), more: true, size: 4021 };
    stage.answer_view(|q| matches!(q, Query::Audit(_)), View::Audit(page));
    while stage.asks(|q| matches!(q, Query::Chain)) {
        stage.answer_view(|q| matches!(q, Query::Chain), View::Chain(chain(None)));
    }
    stage
}

#[test]
fn entries_stand_newest_first_with_the_state_of_the_chain() {
    let mut stage = on_audit(Lang::En);
    stage.shows("4021 entries").shows("q2fDk3oV").shows("21 since").shows("Not verified yet");
    stage.shows("revealed").shows("! refused").shows("王芳").shows("Mobile");
    let mut chinese = on_audit(Lang::ZhCn);
    chinese.shows("共 4021 条").shows("显示").shows("! 被拒").shows("手机");
}

#[test]
fn older_entries_are_asked_for_before_the_end_is_reached() {
    let mut stage = on_audit(Lang::En);
    stage.press("end");
    assert!(stage.asks(|q| matches!(q, Query::Audit(r) if r.before == Some(EntrySeq(0)))));
}

#[test]
fn a_question_in_words_becomes_a_filter_and_a_fault_points_at_its_place() {
    let mut stage = on_audit(Lang::En);
    stage.press("/").type_in("reveal actor:nobody");
    let screen = stage.screen();
    let lines: Vec<&str> = screen.lines().collect();
    let at = lines.iter().position(|line| line.contains("actor:nobody")).unwrap();
    assert_eq!(lines[at].find("nobody"), lines[at + 1].find("^^^^^^"), "{screen}");
    stage.shows("nobody of that name: lin, wang").press("enter").shows("^^^^^^");
    for _ in 0..6 {
        stage.press("backspace");
    }
    stage.type_in("wang outcome:refused").press("enter");
    assert!(stage.asks(|q| matches!(q, Query::Audit(r) if r.filter.actor == Some(StaffId(2))
        && r.filter.action == "customer.reveal" && r.filter.outcome == Some(Outcome::Refused))));
}

#[test]
fn an_entry_opens_with_all_that_it_says() {
    let mut stage = on_audit(Lang::En);
    stage.press("enter").shows("Entry #99").shows("revealed (customer.reveal)").shows("caller asked");
    stage.shows("138****1234").shows("committed to by its HMAC");
    assert!(stage.asks(|q| matches!(q, Query::AuditEntry(EntrySeq(99)))));
    stage.press("esc").hides("Entry #99");
}

#[test]
fn the_record_is_verified_and_a_checkpoint_is_signed_on_request() {
    let mut stage = on_audit(Lang::En);
    stage.press("v").shows("Verifying the whole record");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::VerifyRecord), "{action:?}");
    stage.done(ticket, Done::Verdict(chain(Some(ChainCheck::Broken("entry 17 differs".into())))));
    stage.shows("BROKEN: entry 17 differs").press("ctrl-k");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::Checkpoint), "{action:?}");
    stage.done(ticket, Done::Checkpoint("desk\n4021\nq2fDk3oVZl9xJ0c=\n\n— desk sig".into()));
    stage.shows("Signed checkpoint").shows("— desk sig").press("esc").shows("BROKEN: entry 17 differs");
}

fn on_admin(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    stage.press("g m");
    let staff = |id, who: &str, role, state| StaffRow {
        staff: Staff { id: StaffId(id), version: 1, name: name(who), role, team: String::new(), state, created: NOW },
        awaiting: Vec::new(),
        factor: None,
        last_login: None,
        ssh: Vec::new(),
    };
    let rows = vec![
        staff(1, "lin", RoleName::Owner, StaffState::Active),
        staff(2, "wang", RoleName::Support, StaffState::Invited),
    ];
    stage.answer_view(|q| matches!(q, Query::Staff), View::Staff(rows));
    stage
}

#[test]
fn a_setup_code_is_shown_once_and_on_its_own_paper() {
    let mut stage = on_admin(Lang::En);
    stage.shows("wang").shows("invited").press("n").type_in("zhao").press("tab left").shows("< sales >");
    stage.press("enter");
    let (ticket, action) = stage.action();
    let Action::AddStaff(who, role) = action else { panic!("{action:?}") };
    assert_eq!((who.as_str(), role), ("zhao", RoleName::Sales));
    stage.done(ticket, Done::SetupCode(StaffId(3), Zeroizing::new("KQ7-MMX-204".into())));
    stage.shows("Setup code for zhao").shows("KQ7-MMX-204").shows("shown this once");
    assert!(!format!("{:?}", stage.app).contains("KQ7"));
    stage.press("esc").hides("KQ7-MMX-204");
}

#[test]
fn nobody_is_shut_out_by_one_key() {
    let mut stage = on_admin(Lang::ZhCn);
    stage.press("down x").shows("永久停用 wang").press("enter");
    assert!(stage.is_idle());
    stage.press("x y");
    let (_, action) = stage.action();
    assert!(matches!(action, Action::DisableStaff(StaffId(2))), "{action:?}");
}

#[test]
fn somebody_is_put_into_a_team() {
    let mut stage = on_admin(Lang::ZhCn);
    stage.press("down m").shows("wang 所在团队").shows("主管能看到本团队的客户").type_in("南区").press("enter");
    let (_, action) = stage.action();
    assert!(matches!(&action, Action::SetTeam(StaffId(2), team) if team.as_str() == "南区"), "{action:?}");
}

#[test]
fn policy_values_are_held_to_their_bounds_while_typed() {
    let mut stage = on_admin(Lang::En);
    stage.press("tab");
    stage.answer_view(
        |q| matches!(q, Query::Roles),
        View::Roles(RoleName::ALL.iter().map(|name| Role::shipped(*name)).collect()),
    );
    stage.shows("with approval").shows("May: ").press("tab");
    stage.answer_view(|q| matches!(q, Query::Policy), View::Policy(Policy::default()));
    stage.shows("Contact reveals an hour").shows("40").press("enter").press("ctrl-u").type_in("99999");
    stage.shows("a number from 0 to 10000 is needed").press("enter");
    assert!(stage.is_idle());
    stage.press("backspace enter");
    let (_, action) = stage.action();
    assert!(
        matches!(&action, Action::SetPolicy(key, value) if key == "contact_per_hour" && value == "9999"),
        "{action:?}"
    );
}

#[test]
fn a_field_comes_into_use_only_with_a_purpose() {
    let mut stage = on_admin(Lang::En);
    stage.press("tab tab tab");
    stage.answer_view(|q| matches!(q, Query::Schema), View::Schema(veilbook::domain::schema::shipped()));
    for _ in 0..20 {
        if stage.screen().lines().any(|line| line.starts_with(" >") && line.contains(" off")) {
            break;
        }
        stage.press("down");
    }
    stage.press("s ctrl-u enter").shows("write why the field is needed");
    assert!(stage.is_idle());
    stage.type_in("invoices by law").press("enter");
    let (_, action) = stage.action();
    let Action::SetFieldInUse(_, FieldState::On, purpose) = action else { panic!("{action:?}") };
    assert_eq!(purpose.as_str(), "invoices by law");
}
