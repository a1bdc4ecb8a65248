//! The customer form: new, edited, refused, in conflict, kept over a lock.

use veilbook::app::form;
use veilbook::app::form::customer::CustomerForm;
use veilbook::domain::customer::Stage as CustomerStage;
use veilbook::domain::field::{FieldKey, Lang};
use veilbook::domain::id::CustomerId;
use veilbook::domain::loss::LossReason;
use veilbook::domain::role::RoleName;
use veilbook::domain::value::ValueFault;
use veilbook::service::refusal::FieldFault;
use veilbook::service::{Action, Change, Done, Query, Refusal, View};
use veilbook::text::Printable;

use super::stage::*;

fn new_form(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    stage.answer_view(|q| matches!(q, Query::Today), View::Today(today()));
    stage.press("n");
    stage
}

fn edit_form(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    let form = CustomerForm::edit(&stage.app.model.env, &detail());
    stage.app.model.env.open(Box::new(form));
    stage.wait(1);
    stage
}

/// Moves to the line with this label.
fn to(stage: &mut Stage, label: &str) {
    for _ in 0..40 {
        if stage
            .screen()
            .lines()
            .any(|line| line.contains(&format!("> {label}")) || line.contains(&format!("! {label}")))
        {
            return;
        }
        stage.press("tab");
    }
    panic!("no line {label:?}:\n{}", stage.screen());
}

#[test]
fn a_new_customer_is_judged_while_typed_and_duplicates_are_found() {
    let mut stage = new_form(Lang::En);
    stage.shows("New customer").shows("> Name *");
    stage.type_in("王芳").press("enter");
    to(&mut stage, "Mobile");
    stage.type_in("1380013").hides("! ").type_in("8000").hides("! ");
    assert!(stage.is_idle());
    stage.wait(2);
    let (ticket, action) = stage.action();
    let Action::CheckDuplicate(key, text) = action else { panic!("{action:?}") };
    assert_eq!((key.as_str(), text.as_str()), ("mobile", "13800138000"));
    stage.done(ticket, Done::Duplicates { within: vec![row(12, "王小芳")], beyond: 2 });
    stage.shows("Known already: 王小芳 (#12, of wang) and 2 more");
    stage.wait(9);
    assert!(stage.is_idle(), "the same text is asked for once");
    stage.type_in("9").shows("! ").press("backspace").hides("Known already");
    to(&mut stage, "Email");
    stage.type_in("wang@@x").shows("Behind the @ stands no domain").press("ctrl-u");
    stage.press("ctrl-s");
    let (ticket, action) = stage.action();
    let Action::AddCustomer(changes) = action else { panic!("{action:?}") };
    let shown: Vec<String> = changes.iter().map(|change| format!("{change:?}")).collect();
    assert!(shown.contains(&"Set(mobile, ..)".to_owned()) && shown.contains(&"Name(..)".to_owned()), "{shown:?}");
    stage.done(ticket, Done::Saved(CustomerId(88), 1));
    stage.shows("王芳 is saved").hides("New customer");
}

#[test]
fn what_is_needed_is_asked_for_in_words() {
    let mut stage = new_form(Lang::ZhCn);
    stage.press("ctrl-s").shows("未保存：1 项标了 !");
    assert!(stage.is_idle());
    stage.press("esc").hides("新客户");
    let mut stage = new_form(Lang::ZhCn);
    stage.type_in("张三").press("esc").shows("不保存就离开").press("n").shows("张三").press("esc y").hides("新客户");
}

#[test]
fn a_masked_value_is_replaced_unseen_taken_out_or_marked_declined() {
    let mut stage = edit_form(Lang::En);
    to(&mut stage, "Mobile");
    stage.shows("138****1234").shows("Type to replace it unseen");
    stage.type_in("139").hides("138****1234").press("ctrl-u").shows("138****1234");
    stage.press("backspace").shows("will be taken out").press("backspace").shows("138****1234");
    stage.press("ctrl-o").shows("declined to give").press("ctrl-s");
    let (_, action) = stage.action();
    let Action::EditCustomer(CustomerId(7), 5, changes) = action else { panic!("{action:?}") };
    assert!(matches!(changes.as_slice(), [Change::Declined(key)] if key.as_str() == "mobile"), "{changes:?}");
}

#[test]
fn an_edit_without_a_change_writes_nothing() {
    let mut stage = edit_form(Lang::En);
    stage.press("ctrl-s").shows("Nothing was changed").hides("Edit 王芳");
    assert!(stage.is_idle());
}

#[test]
fn faults_from_the_door_stand_under_their_fields() {
    let mut stage = edit_form(Lang::ZhCn);
    to(&mut stage, "手机");
    stage.type_in("13900139000").press("ctrl-s");
    let (ticket, _) = loop {
        let (ticket, action) = stage.action();
        if matches!(action, Action::EditCustomer(..)) {
            break (ticket, action);
        }
    };
    let fault = FieldFault::field(&FieldKey::new("mobile").unwrap(), ValueFault::NotAPhone);
    stage.refused(ticket, Refusal::Invalid(vec![fault]));
    stage.shows("没有这样的电话号码").shows("未保存：1 项");
}

#[test]
fn a_conflict_shows_what_somebody_else_wrote_and_waits_for_another_save() {
    let mut stage = edit_form(Lang::En);
    to(&mut stage, "Tags");
    stage.type_in(", shanghai").press("ctrl-s");
    let (ticket, _) = stage.action();
    let mut theirs = detail();
    theirs.profile.version = 6;
    theirs.profile.stage = CustomerStage::Customer;
    theirs.profile.tags = vec!["vip".into(), "beijing".into()];
    stage.refused(ticket, Refusal::Conflict(Some(Box::new(theirs))));
    stage.shows("somebody changed stage, tags meanwhile").shows("vip, shanghai");
    stage.shows("Somebody put here: vip, beijing").shows("taken over");
    stage.press("ctrl-s");
    let (_, action) = stage.action();
    let Action::EditCustomer(_, 6, changes) = action else { panic!("{action:?}") };
    assert!(matches!(changes.as_slice(), [Change::Tags(tags)] if tags.len() == 2), "{changes:?}");
}

#[test]
fn notes_warn_of_numbers_that_belong_elsewhere() {
    let mut stage = new_form(Lang::En);
    to(&mut stage, "Notes");
    stage.type_in("ID 11010519491231002X").shows("This looks like an ID number");
    stage.press("alt-enter").type_in("second line").shows("second line").shows("ID 11010519491231002X");
}

#[test]
fn a_draft_comes_back_as_it_was_left() {
    let mut stage = new_form(Lang::En);
    stage.type_in("王芳");
    to(&mut stage, "Mobile");
    stage.type_in("13800138000");
    let draft = stage.app.model.top().draft().unwrap();
    assert_eq!(format!("{draft:?}"), "Draft(customer)");
    let mut later = Stage::new(RoleName::Owner, Lang::En);
    let form = form::restore(&later.app.model.env, draft.form, &draft.content).unwrap();
    later.app.model.env.open(form);
    later.wait(1);
    later.shows("王芳").shows("13800138000").shows("> Mobile");
}

#[test]
fn a_draft_of_an_edit_opens_its_customer_first_and_holds_no_mask() {
    let mut stage = edit_form(Lang::En);
    to(&mut stage, "Tags");
    stage.type_in(", x");
    let draft = stage.app.model.top().draft().unwrap();
    assert!(!String::from_utf8_lossy(&draft.content).contains("138"));
    let mut later = Stage::new(RoleName::Owner, Lang::En);
    let form = form::restore(&later.app.model.env, draft.form, &draft.content).unwrap();
    later.app.model.env.open(form);
    later.wait(1);
    let (ticket, action) = later.action();
    assert!(matches!(action, Action::OpenCustomer(CustomerId(7))), "{action:?}");
    let mut now = detail();
    now.name = veilbook::service::view::Shown::Open(Printable::line("王芳芳"));
    later.done(ticket, Done::Customer(Box::new(now)));
    later.shows("王芳芳").shows("vip, x");
}

#[test]
fn the_cursor_stands_where_text_goes_and_stays_in_sight() {
    for size in [(80, 24), (60, 14), (40, 10)] {
        let mut stage = Stage::sized(RoleName::Owner, Lang::ZhCn, size);
        stage.answer_view(|q| matches!(q, Query::Today), View::Today(today()));
        stage.press("n");
        for _ in 0..30 {
            let screen = stage.screen();
            let (x, y) = stage.cursor().unwrap_or_else(|| panic!("no cursor:\n{screen}"));
            let line = screen.lines().nth(usize::from(y)).unwrap();
            assert!(line.contains("> ") || line.contains("! "), "{x},{y} at {size:?}:\n{screen}");
            stage.press("tab");
        }
    }
}

#[test]
fn who_is_lost_has_a_reason_and_may_be_won_back_at_a_date_that_is_read_back() {
    let mut stage = edit_form(Lang::En);
    to(&mut stage, "Stage");
    stage.hides("Lost because").type_in("l").shows("Lost because").shows("Win back");
    stage.press("ctrl-s").shows("say why they are lost");
    stage.press("right").shows("< price >").press("down").type_in("too dear").press("down");
    stage.shows("in 3 months").type_in("31 February").press("ctrl-s").shows("February");
    assert!(stage.is_idle(), "a day that is none sets nothing");
    stage.press("ctrl-u").type_in("every day").press("ctrl-s");
    assert!(stage.is_idle(), "what comes again for ever is no date");
    stage.press("ctrl-u").type_in("in 3 months").press("ctrl-s");
    let (_, action) = stage.action();
    let Action::EditCustomer(CustomerId(7), 5, changes) = action else { panic!("{action:?}") };
    let [Change::Stage(CustomerStage::Lost), Change::Lost(loss)] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((loss.why, loss.text.as_str()), (LossReason::PRICE, "too dear"));
    assert_eq!(loss.back.as_ref().map(|step| step.text.as_str()), Some("win back (lost: price)"));
    // Another stage takes the question away, and what was said with it.
    let mut stage = edit_form(Lang::ZhCn);
    to(&mut stage, "阶段");
    stage.type_in("流").shows("流失原因").shows("挽回时间").press("left").hides("流失原因");
}
