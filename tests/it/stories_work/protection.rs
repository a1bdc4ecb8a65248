//! How a field is protected, changed on the screens: stricter at once, looser by way of Today.

use veilbook::domain::field::{Lang, Schema};
use veilbook::domain::role::RoleName;
use veilbook::domain::schema;
use veilbook::privacy::class::FieldClass::{Contact, Open, Sensitive};
use veilbook::privacy::mask::MaskKind;
use veilbook::service::fields::FieldAction;
use veilbook::service::view::{
    CustomerRow, FieldProgress, FieldUse, OnTheWay, Page, Today, Total, Turning, UndoAsks, UndoLabel, UsedIn,
};
use veilbook::service::{Action, Done, Query, View};

use super::stage::{Stage, row};
use crate::house::key;

fn on_fields(lang: Lang) -> Stage {
    let mut stage = Stage::new(RoleName::Owner, lang);
    stage.press("f9 tab tab tab");
    let rows = schema::shipped().all().iter().take(3).cloned().collect();
    stage.answer_view(|q| matches!(q, Query::Schema), View::Schema(Schema::new(rows)));
    stage.press("down");
    stage
}

#[test]
fn a_field_is_protected_better_at_once_and_the_list_says_how_far_it_is() {
    let mut stage = on_fields(Lang::En);
    stage.press("P").shows("How the field is protected: Mobile").shows("< contact >").shows("As it is now");
    stage.press("right").shows("< sensitive >").shows("Stricter").press("left left").shows("< open >");
    stage.shows("Looser").press("left").shows("< sensitive >").press("enter enter");
    let (ticket, action) = stage.action();
    assert!(matches!(&action, Action::Field(FieldAction::Classify(k, Sensitive)) if *k == key("mobile")), "{action:?}");
    stage.done(ticket, Done::Done);
    let running = Some(OnTheWay { turning: Turning::Stricter, looked: 12_000, all: 100_000 });
    let row = FieldProgress { field: key("mobile"), wanted: None, running };
    stage.answer_view(|q| matches!(q, Query::FieldChanges), View::FieldChanges(vec![row]));
    stage.shows("re-sealing 12,000 of 100,000");
}

#[test]
fn class_and_mask_are_changed_one_after_the_other_in_chinese() {
    let mut stage = on_fields(Lang::ZhCn);
    stage
        .press("P")
        .shows("字段的保护方式：手机")
        .press("right down left")
        .shows("全部星号")
        .shows("更严格")
        .press("ctrl-s");
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::Field(FieldAction::Classify(_, Sensitive))), "{action:?}");
    stage.done(ticket, Done::Done);
    let (ticket, action) = stage.action();
    assert!(matches!(action, Action::Field(FieldAction::Mask(_, MaskKind::Other))), "{action:?}");
    stage.done(ticket, Done::Done);
    stage.hides("字段的保护方式");
}

#[test]
fn what_is_to_be_looser_waits_in_today_for_a_y() {
    for (lang, head, line) in [
        (Lang::En, "Fields to be less protected (1)", "Email: open, mask: none"),
        (Lang::ZhCn, "待放宽保护的字段（1）", "邮箱：公开，掩码：无"),
    ] {
        let mut stage = Stage::new(RoleName::Sales, lang);
        let today = Today { fields: vec![(key("email"), Open, MaskKind::Email)], ..Today::default() };
        stage.answer_view(|q| matches!(q, Query::Today), View::Today(today));
        stage.shows(head).shows(line).press("enter y");
        let (_, action) = stage.action();
        assert!(matches!(&action, Action::Field(FieldAction::Confirm(k)) if *k == key("email")), "{action:?}");
    }
}

#[test]
fn taking_a_field_out_of_use_says_first_what_has_it_in_it() {
    let mut stage = on_fields(Lang::En);
    stage.press("s");
    let used = |place, name: &str| FieldUse { place, name: name.into() };
    let uses = vec![used(UsedIn::View, "hot ones"), used(UsedIn::Template, "greeting"), used(UsedIn::View, "")];
    stage.answer_view(|q| matches!(q, Query::FieldUses(_)), View::FieldUses(uses));
    stage.shows("the view hot ones").shows("the template greeting");
    let mut waiting = on_fields(Lang::En);
    let wanted = Some((Contact, MaskKind::Mobile, "Ann".to_owned(), veilbook::clock::Timestamp(0)));
    let row = FieldProgress { field: key("mobile"), wanted, running: None };
    waiting.answer_view(|q| matches!(q, Query::FieldChanges), View::FieldChanges(vec![row]));
    waiting.shows("waits for a key holder").shows("Ann wants contact");
}

fn page(rows: Vec<CustomerRow>) -> Page {
    let total = Total::Exactly(rows.len() as u64);
    Page { rows, total, before: false, after: false, resume: None, identifier: None }
}

#[test]
fn a_masked_name_is_found_whole_and_the_search_says_so() {
    for (lang, hint, nobody, found) in [
        (Lang::En, "Names are masked: name: and", "only a whole name", "1 found by masked name"),
        (Lang::ZhCn, "姓名已遮盖：输入", "只能按完整姓名", "1"),
    ] {
        let mut stage = Stage::new(RoleName::Owner, lang);
        let mut rows: Vec<_> = schema::shipped().rows().cloned().collect();
        rows.iter_mut().filter(|row| row.key == key("name")).for_each(|row| row.class = Contact);
        stage.press("f9 tab tab tab");
        stage.answer_view(|q| matches!(q, Query::Schema), View::Schema(Schema::new(rows)));
        stage.press("f3");
        stage.press("/").type_in("zhang san");
        stage.answer_view(|q| matches!(q, Query::Customers(_)), View::Customers(page(vec![row(1, "Acme")])));
        stage.shows(hint);
        stage.type_in("f");
        stage.answer_view(|q| matches!(q, Query::Customers(_)), View::Customers(page(vec![])));
        stage.shows(nobody).press("enter");
        let (ticket, action) = stage.action();
        assert!(matches!(action, Action::FindByIdentifier(_)), "{action:?}");
        stage.done(ticket, Done::Matches(vec![row(1, "Z***")]));
        stage.shows(found);
    }
}

#[test]
fn an_undo_that_would_reach_past_what_cannot_be_taken_back_asks_first() {
    for (lang, question, done) in [
        (Lang::En, "What you did last (changed the class of a field)", "Taken back: imported"),
        (Lang::ZhCn, "不能撤销", "已撤销"),
    ] {
        let label = |asks| UndoLabel { action: "import.finish".into(), about: "list.csv".into(), asks };
        let behind = Some(UndoAsks::Behind("field.classify".into()));
        let mut stage = Stage::new(RoleName::Owner, lang);
        stage.press("u");
        stage.answer_view(|q| matches!(q, Query::UndoNext), View::UndoNext(Some(label(behind))));
        stage.shows(question).shows("list.csv").press("esc");
        assert!(stage.is_idle(), "any key but y leaves things as they are");
        stage.press("u");
        stage.answer_view(|q| matches!(q, Query::UndoNext), View::UndoNext(Some(label(Some(UndoAsks::Import)))));
        stage.press("y");
        let (ticket, action) = stage.action();
        assert!(matches!(action, Action::Undo), "{action:?}");
        stage.done(ticket, Done::Undone(label(None)));
        stage.shows(done);
        // What is plain is done at once.
        stage.press("u");
        stage.answer_view(|q| matches!(q, Query::UndoNext), View::UndoNext(Some(label(None))));
        assert!(matches!(stage.action().1, Action::Undo));
    }
}
