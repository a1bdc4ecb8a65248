//! Stories of deals: moved on the board by a key, won, lost with a reason, opened for somebody, and worked in a detail.

use veilbook::app::model::Start;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;

use super::board::Deals;
use super::desk::Desk;

fn at_the_board() -> Desk {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.service.deals = Deals::some();
    desk.press("g p");
    desk
}

#[test]
fn the_board_shows_each_stage_with_count_and_sum_and_marks_what_sits_too_long() {
    let mut desk = at_the_board();
    desk.shows("[new 2]").shows("24,500.50 CNY").shows("offered 1").shows("900.00 EUR").shows("sits 20 d");
    desk.shows("negotiation 0").shows("2›").hides("Kettles");
    desk.press("right right right").shows("[won 1]").shows("Kettles").shows("‹2");
    desk.press("right").shows("[lost 0]").hides("new 2");
}

#[test]
fn a_key_moves_a_deal_and_the_cursor_goes_with_it() {
    let mut desk = at_the_board();
    desk.press("down >").shows("Moved: 第二季度茶叶").shows("[offered 2]").shows("new 1");
    desk.press("> >").shows("There is no further stage").press("<").shows("[offered 2]");
    desk.press("w").shows("Won: 第二季度茶叶").shows("[won 2]");
    desk.press("w").shows("reopen it first").press("o").shows("Under way again").shows("[negotiation 1]");
}

#[test]
fn a_deal_is_lost_only_with_a_reason() {
    let mut desk = at_the_board();
    desk.press("x").shows("Why was it lost?").press("enter").shows("A reason is needed");
    desk.type_text("too dear").press("enter").shows("Lost: Annual tea").shows("[lost 1]");
}

#[test]
fn a_list_shows_the_same_one_below_the_other_and_the_same_keys_work() {
    let mut desk = at_the_board();
    desk.press("v").shows("Cups").shows("Kettles").shows("12,500.50 CNY").press("end").press("home > v");
    desk.shows("[offered 2]");
}

#[test]
fn a_deal_is_opened_for_somebody_by_a_few_letters() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f5").shows("n opens one").press("n").shows("New deal").type_text("张三").shows("→ 张三丰");
    desk.press("enter").type_text("Spring tea").press("enter").type_text("1.2万").shows("12,000.00 CNY");
    desk.press("down").type_text("31 February").hides("→ 31").press("ctrl-u").type_text("2026-12-31").press("enter");
    desk.shows("Opened: Spring tea").shows("[new 1]").shows("12,000.00 CNY");
}

#[test]
fn what_is_wrong_with_an_amount_is_said_while_it_is_typed() {
    let mut desk = at_the_board();
    desk.press("e").shows("Deal with").press("down ctrl-u").type_text("1,2").shows("a comma stands between groups");
    desk.press("enter").shows("a comma stands between groups").shows("Deal with");
    desk.press("ctrl-u").type_text("8k").press("enter").shows("Changed:").shows("8,000.00 CNY");
}

#[test]
fn a_customer_s_deals_are_worked_where_they_are_listed() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f3 enter tab tab tab tab").shows("No deals yet: n opens one").press("n").shows("New deal with");
    desk.type_text("Tea").press("enter").type_text("5").press("enter").shows("Opened: Tea");
}

#[test]
fn support_has_no_pipeline() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc f5").hides("offered").hides("Pipeline");
}

#[test]
fn the_board_is_said_in_chinese_and_draws_at_any_size() {
    let mut desk = Desk::begin(RoleName::Sales, Start::SignedIn, Lang::ZhCn);
    desk.service.deals = Deals::some();
    desk.press("g p right").shows("已报价 1").shows("停留 20 天").shows("进行中 3");
    for (columns, rows) in [(40, 10), (60, 12), (80, 24), (120, 30), (200, 60)] {
        desk.resize(columns, rows);
    }
    desk.resize(200, 40).shows("谈判中").shows("失去 0");
}

#[test]
fn a_deal_is_handed_on_from_the_board() {
    let mut desk = at_the_board();
    desk.press("a")
        .shows("Hand on: Annual tea")
        .type_text("zhao")
        .shows("zhao.wei")
        .press("enter")
        .shows("handed to zhao");
}

#[test]
fn a_deal_is_made_somebody_elses_in_its_form() {
    let mut desk = at_the_board();
    desk.press("e").shows("li.na").press("up").press("ctrl-u").shows("it to them").type_text("nobody").shows("Nobody");
    desk.press("ctrl-u").type_text("zh").shows("→ zhao.wei").press("enter").shows("Changed:");
}

#[test]
fn stages_are_changed_where_deals_are_by_who_may() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f5 S").shows("Pipelines and stages").shows("negotiation").shows("too long after 21 days");
    desk.press("down e").shows("What this stage is called").shows("Chinese   新建").press("ctrl-u").type_text("Fresh");
    desk.press("enter").shows("called that now");
    desk.press("p").shows("How probable").press("ctrl-u").type_text("lots").press("enter").shows("from 0 to 100");
    desk.press("esc x")
        .shows("is changed")
        .press("n")
        .shows("Another stage")
        .shows("< open >")
        .press("down down right")
        .shows("< won >");
    desk.press("esc esc").hides("Pipelines and");
    desk.press("f9 D").shows("Pipelines and stages");
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.press("f5 S").shows("role").hides("Pipelines and stages");
}
