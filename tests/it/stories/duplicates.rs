//! The pairs of customers who are probably one, and two of them side by side.

use veilbook::app::effect::Effect;
use veilbook::app::model::Start;
use veilbook::app::msg::Msg;
use veilbook::domain::field::Lang;
use veilbook::domain::role::RoleName;
use veilbook::service::{Action, MergePart, Refusal};

use super::desk::Desk;

#[test]
fn a_pair_is_opened_side_by_side_masked_and_merged_after_one_question() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 D").shows("4 pairs").shows("sure").shows("same name").shows("alike phone").shows("differs address");
    desk.press("enter").shows("#0 · kept").shows("#4 · merged away").shows("138****1234").hides("13800001234");
    desk.press("m").shows("Merge #4 into #0? y merges").press("n").hides("y merges");
    desk.did("");
    desk.press("m m").hides("y merges");
    assert!(!desk.did("Merge"), "another key merged");
    desk.press("m y").shows("#4 was merged into #0. u takes it back");
    // Whoever was merged away is the kept one in the other pairs.
    desk.shows("3 pairs").press("enter").shows("#1 · kept").shows("#0 · merged away");
}

#[test]
fn parts_are_taken_from_the_other_and_either_can_be_kept() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 D end enter space").press("down space").shows("Nothing to choose here");
    desk.press("down space m y");
    assert_eq!(desk.service.taken, [MergePart::Name, MergePart::Stage]);
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 D enter w").shows("#4 · kept").shows("#0 · merged away");
    desk.press("m").shows("Merge #0 into #4?").press("y").shows("#0 was merged into #4");
}

#[test]
fn a_pair_is_said_not_to_be_one_or_left_for_now() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 D x").shows("does not come back").shows("3 pairs").press("s").shows("2 pairs");
    // The one that is left first is another's: nothing is shown of them, and nothing can be done.
    desk.shows("exists with another owner").press("enter").shows("nothing more is shown").hides("merged away");
    desk.press("x").shows("one of the two is with another owner").press("m").shows("open a pair first");
    desk.press("r").shows("No two customers look alike").press("esc").shows("300 customers");
}

#[test]
fn while_it_is_looked_for_the_screen_says_so_and_esc_stops_it() {
    let mut desk = Desk::begin(RoleName::Owner, Start::SignedIn, Lang::ZhCn);
    desk.service.keep_back = Some(|action| matches!(action, Action::FindDuplicates));
    desk.press("f3 D").wait(3).shows("正在读取客户").shows("3 秒");
    let ticket = desk.log.iter().find_map(|line| {
        let number = line.strip_prefix("Perform(")?.strip_suffix(", FindDuplicates)")?;
        Some(veilbook::app::msg::Ticket(number.parse().ok()?))
    });
    let progress = veilbook::app::msg::Progress { done: 3, total: 4 };
    desk.send(Msg::Progress(ticket.expect("asked"), progress)).shows("正在比较").shows("####");
    desk.press("esc").shows("300 位客户");
    assert!(desk.left.iter().any(|effect| matches!(effect, Effect::Stop)));
}

#[test]
fn what_is_refused_is_said_and_the_pair_stays() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.service.refuse = Some(|action| matches!(action, Action::Merge { .. }).then_some(Refusal::Conflict(None)));
    desk.press("f3 D enter m y").shows("#0 · kept");
    assert!(desk.did("Refresh"));
    let mut desk = Desk::signed_in(RoleName::Owner);
    let limit = Refusal::ReadingLimit { limit: 120, minutes: 7 };
    assert!(limit.is_of_right());
    desk.service.refuse = Some(|action| {
        matches!(action, Action::FindDuplicates).then_some(Refusal::ReadingLimit { limit: 120, minutes: 7 })
    });
    desk.press("f3 D").shows("120");
    let mut auditor = Desk::signed_in(RoleName::PrivacyOfficer);
    auditor.press("f3 D").hides("Probably the same");
}
