//! A support agent's and a salesperson's day on the Customers screen.

use veilbook::app::effect::Effect;
use veilbook::app::msg::Msg;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::service::view::Effort;
use veilbook::service::{Action, Refusal};

use super::desk::{Desk, MOBILE};

#[test]
fn support_begins_in_the_search_and_enter_opens_the_customer_found() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.shows("300 customers");
    desk.type_text("静").shows("欧阳静").shows("1 customer").hides("Alice");
    desk.press("enter").shows("call about the invoice").shows("138****1234").hides(MOBILE);
    assert!(desk.did("Perform(") && !desk.log.iter().any(|l| l.contains("欧阳")));
}

#[test]
fn enter_pressed_before_the_list_came_opens_what_the_list_then_finds() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.type_text("alice").press("enter").shows("Alice Martin").shows("Timeline");
}

#[test]
fn the_last_four_digits_are_a_search_that_says_it_is_recorded() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.type_text("1234").shows("Enter: search by last four digits of a phone; the search is recorded");
    desk.press("enter");
    assert!(desk.did("FindByIdentifier"));
    desk.shows("2 found by last four digits of a phone").press("down enter").shows("Alice Martin");
    desk.press("esc esc").shows("300 customers");
}

#[test]
fn the_usual_reveal_is_two_keys_after_r_and_counts_down_and_goes() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r").shows("7 of 40").shows("T-1042").shows("1 call back").shows("7 other").hides(MOBILE);
    desk.press("1 enter").shows(MOBILE).shows("in sight, 60 s");
    assert!(desk.did("Reveal"));
    desk.wait(59).shows(MOBILE).shows("in sight, 1 s");
    desk.wait(1).hides(MOBILE).shows("138****1234");
}

#[test]
fn the_first_esc_hides_the_second_leaves() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r 1 enter").shows(MOBILE);
    desk.press("esc").hides(MOBILE).shows("Timeline");
    desk.press("esc").hides("Timeline").shows("300 customers");
}

#[test]
fn a_value_in_sight_goes_with_the_record_the_screen_the_lock_and_idleness() {
    type Leave = fn(&mut Desk);
    let ways: [Leave; 4] = [
        |desk| {
            desk.press("]");
        },
        |desk| {
            desk.press("f4 f3");
        },
        |desk| {
            desk.press("L");
        },
        |desk| {
            desk.service.used = 0;
            for _ in 0..16 {
                desk.wait(60);
            }
        },
    ];
    for leave in ways {
        let mut desk = Desk::signed_in(RoleName::Owner);
        desk.press("f3 down enter r 1 enter").shows(MOBILE);
        leave(&mut desk);
        desk.hides(MOBILE);
    }
}

#[test]
fn a_late_answer_to_a_prompt_that_was_left_shows_nothing() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r 1");
    // Enter and Esc arrive before the answer does: the answer belongs to nobody.
    let effects = desk.app.input(desk.now, Msg::Key("enter".parse().expect("a key")));
    desk.app.input(desk.now, Msg::Key("esc".parse().expect("a key")));
    let Some(Effect::Perform(ticket, Action::Reveal(..))) = effects.into_iter().next() else { panic!("a reveal") };
    let value = veilbook::privacy::reveal::Revealed::new(
        zeroize::Zeroizing::new(MOBILE.to_owned()),
        1,
        desk.now.plus_seconds(60),
    );
    let answer = veilbook::app::msg::Answer::Done(veilbook::service::Done::Revealed(value));
    desk.send(Msg::Reply(ticket, Box::new(Ok(answer)))).hides(MOBILE);
}

#[test]
fn ones_own_customer_takes_enter_alone_and_again_repeats_the_reason() {
    let mut desk = Desk::signed_in(RoleName::Sales);
    desk.service.effort = Effort::Light;
    desk.press("f3 enter r").shows("Your own customer").press("enter").shows(MOBILE);
    desk.press("esc");
    desk.service.effort = Effort::Again(Reason::code(ReasonCode::Complaint));
    desk.press("r").shows("Asked a while ago for \"complaint\"").press("enter").shows(MOBILE);
}

#[test]
fn a_reason_is_demanded_and_filler_is_refused_where_it_is_typed() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r enter").shows("Choose a reason with a digit").hides(MOBILE);
    desk.press("7 enter").shows("This reason needs a few words");
    desk.type_text("aaa").press("enter").shows("The text says nothing").hides(MOBILE);
    desk.press("ctrl-u").type_text("bank asks for it").press("enter").shows(MOBILE);
}

#[test]
fn a_full_width_digit_chooses_a_reason_as_well() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter ctrl-r １ enter").shows(MOBILE);
}

#[test]
fn a_refused_reveal_says_why_and_shows_nothing() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.service.refuse =
        Some(|action| matches!(action, Action::Reveal(..)).then_some(Refusal::QuotaSpent { quota: 40, minutes: 12 }));
    desk.press("enter r 1 enter").shows("The quota of 40 is used up. It opens again in 12 min.").hides(MOBILE);
}

#[test]
fn verify_answers_yes_or_no_and_never_shows() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter v").type_text("999").press("enter").shows("It does not match. 2 tries are left.");
    desk.type_text("13800001234").press("enter").shows("what the caller says is right").hides(MOBILE);
}

#[test]
fn copy_says_that_the_clipboard_is_outside_our_control_and_shows_nothing() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 enter y").shows("The clipboard is outside our control").press("1 enter").hides(MOBILE);
    assert!(matches!(desk.left.last(), Some(Effect::Clipboard(_))));
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter y").shows("your role may not: copy values");
}

#[test]
fn a_value_is_replaced_without_seeing_the_old_one() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter w").type_text("12x").shows("Enter").press("ctrl-u").type_text("13911112222").press("enter");
    assert!(desk.did("EditCustomer"));
    desk.hides("13911112222").shows("Mobile is replaced.");
}

#[test]
fn the_list_slides_to_its_ends_and_back_without_losing_the_cursor() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 end").shows("Customer 299").press("home").shows("张三丰");
    for _ in 0..12 {
        desk.press("pagedown");
    }
    let screen = desk.screen();
    assert!(screen.contains("Customer 204"), "{screen}");
    for _ in 0..12 {
        desk.press("pageup");
    }
    desk.shows("张三丰");
    for _ in 0..299 {
        desk.press("down");
    }
    desk.shows("Customer 299").press("enter [").shows("Customer 298").press("] ]").shows("no further customer");
}

#[test]
fn reading_asks_for_no_more_rows_than_come_near() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 down down down down down");
    assert_eq!(desk.service.customers_asked, 1);
}

#[test]
fn a_list_without_rows_says_what_to_do() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.type_text("nobody at all").shows("Nobody within your scope matches.").shows("Try fewer letters");
    desk.service.names.clear();
    desk.press("ctrl-u").shows("There are no customers here yet.").shows("veilbook import FILE");
}

#[test]
fn on_a_wide_terminal_the_detail_stands_beside_the_list() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.resize(120, 40).press("enter").shows("Alice Martin").shows("Timeline").shows("Search");
}

#[test]
fn a_list_that_moves_by_a_row_says_so() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3");
    desk.draw();
    for _ in 0..17 {
        desk.press("down");
        assert_eq!(desk.draw().1.scroll, None);
    }
    desk.press("down");
    assert_eq!(desk.draw().1.scroll.map(|s| s.up), Some(1));
}

#[test]
fn the_call_and_follow_up_forms_keep_the_value_in_sight() {
    for key in ["i", "f"] {
        let mut desk = Desk::signed_in(RoleName::Support);
        desk.press("enter r 1 enter").shows(MOBILE).press(key).shows(MOBILE);
        desk.wait(60).hides(MOBILE);
    }
}

#[test]
fn a_list_that_is_a_number_nobody_has_in_words_points_to_the_search_by_it() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.type_text("9876").shows("Enter searches by last four digits of a phone instead");
}

#[test]
fn a_conflict_while_replacing_asks_for_the_customer_anew_and_keeps_what_was_typed() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.service.refuse = Some(|action| matches!(action, Action::EditCustomer(..)).then_some(Refusal::Conflict(None)));
    desk.press("enter w").type_text("13911112222");
    desk.log.clear();
    desk.press("enter").shows("13911112222").shows("reading it anew");
    assert!(desk.did("Refresh"));
    // Until what stands there now is known, Enter saves nothing.
    desk.press("enter").hides("is replaced");
    assert!(!desk.did("EditCustomer"));
    desk.service.refuse = None;
    desk.service.version += 1;
    desk.send(Msg::Changed).shows("It is 138****1234 now").press("enter").shows("Mobile is replaced.");
    assert!(desk.did("EditCustomer"));
}

#[test]
fn debug_of_the_model_shows_nothing_typed_and_nothing_revealed() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r 1 enter w").type_text("13911112222");
    let model = format!("{:?}", desk.app.model);
    assert!(!model.contains("13911112222") && !model.contains(MOBILE));
}

#[test]
fn the_ticket_of_a_reveal_stands_in_the_contact_that_is_logged_afterwards() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter r 1 enter").shows("in sight").press("i").shows("T-1042");
}

#[test]
fn a_prompt_of_one_line_says_that_tab_leads_nowhere() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("enter v tab").shows("there is one line to fill in here");
}
