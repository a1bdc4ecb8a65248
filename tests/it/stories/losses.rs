//! Stories of the reasons for which customers are lost: kept in Admin and beside the tags, and offered where one is chosen.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::loss_reasons::LossReasons;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{LossRow, Total};

use super::desk::Desk;

/// What the stand-in for the door answers: 7 customers and a rule have the first reason.
pub fn rows(list: &LossReasons) -> Vec<LossRow> {
    let row = |(at, def): (usize, &veilbook::domain::loss_reasons::ReasonDef)| LossRow {
        def: def.clone(),
        customers: Some(Total::Exactly(if at == 0 { 7 } else { 0 })),
        rules: Some(usize::from(at == 0)),
    };
    list.all().iter().enumerate().map(row).collect()
}

#[test]
fn reasons_are_added_called_something_else_moved_and_retired() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f9 B").shows("Why customers are lost").shows("went to a competitor").shows("7 lost · rules: 1");
    desk.shows("price ¦ 价格 · in queries lost:price");
    desk.press("n").shows("Another reason for being lost").type_text("Too far away").press("tab").type_text("太远");
    desk.press("enter").shows("The reason is on the list.").press("end").shows("lost:too_far_away");
    desk.press("K K").press("e").shows("What this reason is called").press("ctrl-u").type_text("Distance");
    desk.press("enter").shows("Distance").press("x").shows("retired").press("x");
    let keys: Vec<&str> = desk.service.losses.all().iter().map(|def| def.key.as_str()).collect();
    assert_eq!(keys, ["price", "competitor", "no_need", "no_answer", "moved_away", "too_far_away", "service", "other"]);
}

#[test]
fn what_will_not_do_is_said_and_what_was_typed_stays() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f9 B n enter").shows("A label in one language at least is needed.");
    desk.type_text("Price").press("enter").shows("Another reason is called that already").shows("Price");
}

#[test]
fn each_reads_the_reasons_in_their_own_language() {
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 B").shows("流失原因").shows("转向竞争对手").shows("7 人 · 规则 1 条");
    desk.press("n").type_text("没有预算").press("enter").press("end").shows("lost:reason_100");
}

#[test]
fn who_may_not_change_policy_has_the_command_with_its_reason_only() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 B").hides("Why customers are lost");
}

#[test]
fn forms_offer_a_new_reason_at_once() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 B n").type_text("Too far away").press("enter").press("end K K K K K K K esc");
    assert_eq!(desk.app.model.env.me.as_ref().map(|me| me.losses.all()[0].key.clone()), Some("too_far_away".into()));
}
