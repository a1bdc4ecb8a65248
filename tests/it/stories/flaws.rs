//! What is wrong with the data: how much, where, and mending it.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;

use super::desk::Desk;

#[test]
fn counts_come_first_then_where_and_e_mends_it_at_its_part() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 C").shows("300 customers looked at").shows("missing").shows("        4");
    desk.press("enter").shows("nobody said on what ground").shows("next step").shows("e mend");
    desk.press("e");
    assert!(desk.did("OpenCustomer"));
    desk.shows("Edit").press("esc down e").shows("Follow-up: 欧阳静");
}

#[test]
fn what_cannot_be_mended_in_a_form_opens_the_customer() {
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.press("f3 C down down enter").shows("已流失，却有进行中的商机").press("enter").shows("李秀英").shows("下一步");
    desk.press("esc C down enter").shows("没有这类问题").press("e").shows("光标处没有可改正的内容");
}
