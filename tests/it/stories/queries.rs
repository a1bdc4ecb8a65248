//! Queries typed, completed, pointed at where they are wrong, and kept as views.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Sort, Target};

use super::desk::Desk;

#[test]
fn tab_writes_the_key_and_then_the_value() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 /").type_text("ta").shows("Tab: tag:").press("tab").shows("tag:").shows("wholesale").shows("老客户");
    desk.type_text("w").press("tab").shows("tag:wholesale").hides("老客户");
    desk.type_text("stage:l").press("tab").shows("lead").shows("lost").press("down tab").shows("stage:lost");
    assert!(desk.did("ListRequest"));
    desk.press("esc").shows("tag:wholesale stage:lost");
}

#[test]
fn what_is_wrong_is_said_under_the_bar_and_goes_when_it_is_right() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 /").type_text("onwer:me ").shows("Did you mean owner?");
    desk.press("ctrl-u").type_text("mobile:138 ").shows("Mobile is masked");
    desk.press("ctrl-u").type_text("consent:marketing=maybe ").shows("There is no such value");
    desk.press("ctrl-u").type_text("consent:markting=no ").shows("Did you mean marketing?");
    desk.press("ctrl-u").type_text("alice tag:vip").shows("1 customer").hides("!");
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 /").type_text("阶断:线索 ").shows("没有这样的条件名").shows("是否想写 阶段");
    desk.press("ctrl-u").type_text("标签:老").press("tab").shows("标签:老客户");
}

#[test]
fn letters_are_text_whatever_is_offered() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 /").type_text("sta").press("tab").type_text("lead").shows("stage:lead");
    desk.press("ctrl-u").type_text("s").press("tab").shows("where it came from");
    desk.press("esc").hides("where it came from").type_text("ong").shows("song");
}

#[test]
fn a_query_is_kept_as_a_view_and_shown_by_its_number() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 V").shows("No view is kept yet").press("esc");
    desk.press("/").type_text("alice tag:vip").press("esc s S").shows("Keep the query under a name");
    desk.type_text("Alices")
        .press("f7")
        .shows("everybody who lists customers")
        .press("enter")
        .shows("The view is kept");
    assert_eq!(desk.service.views.first().map(|view| view.sort), Some(Sort::Recent));
    desk.press("esc s").shows("300 customers").press("1").shows("1 customer").shows("View: Alices");
    desk.press("esc 2").shows("There is no view 2");
    desk.press("V").shows("Alices").shows("shared").press("e").shows("Change a saved view").type_text("!").press("f8");
    desk.shows("Alices!").press("x").shows("Remove the view Alices!?").press("y").shows("No view is kept yet");
}

#[test]
fn something_is_done_to_the_marked_after_it_was_said_to_how_many() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 b").shows("nobody is marked").press("space down M").shows("3 marked").press("b");
    desk.shows("With 3 marked").shows("put a tag on").press("enter").type_text("fair");
    desk.shows("2 will change · 1 so already · 1 left: restricted").press("f8").shows("Changed: 2 · 1 so already");
    assert!(matches!(&desk.service.bulk, Some(Target::Marked(ids)) if ids.len() == 3));
    desk.press("esc").shows("300 customers").press("*").shows("Everybody whom the query finds is marked").press("b f7");
    desk.shows("take a tag off")
        .press("f7")
        .shows("move to a stage")
        .press("down right")
        .shows("< contacted >")
        .press("f8");
    assert!(matches!(&desk.service.bulk, Some(Target::Query(text)) if text.is_empty()));
}

#[test]
fn with_the_query_the_marks_of_everybody_whom_it_finds_go_too() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 /").type_text("tag:vip").press("esc *").shows("Everybody whom the query finds is marked");
    desk.press("esc").hides("Everybody whom the query finds").press("b").shows("nobody is marked");
}
