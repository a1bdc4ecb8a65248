//! Stories of rules: added, tried, switched and removed; and of staying in touch.

use veilbook::domain::id::{CustomerId, RuleId};
use veilbook::domain::role::RoleName;
use veilbook::domain::rule::{Rule, RuleState};
use veilbook::service::Done;
use veilbook::service::view::{DryRun, RuleAction, RuleRow, Shown, Swept, Total};
use veilbook::text::Printable;

use super::desk::Desk;

/// What the stand-in for the door does with rules.
pub fn act(rules: &mut Vec<RuleRow>, action: RuleAction) -> Done {
    match action {
        RuleAction::Add(text) => {
            let id = RuleId(rules.len() as u64 + 1);
            let state = if text.trigger.is_timed() { RuleState::Off } else { RuleState::On };
            let rule = Rule { id, version: 1, state, text };
            rules.push(RuleRow { rule, person: None, odd: None });
            Done::Rule(id, 1)
        }
        RuleAction::Change(id, version, text) => {
            rules.iter_mut().filter(|row| row.rule.id == id).for_each(|row| row.rule.text = text.clone());
            Done::Rule(id, version + 1)
        }
        RuleAction::Switch(id, version, state) => {
            rules.iter_mut().filter(|row| row.rule.id == id).for_each(|row| row.rule.state = state);
            Done::Rule(id, version + 1)
        }
        RuleAction::Remove(id, _) => {
            rules.retain(|row| row.rule.id != id);
            Done::Rule(id, 0)
        }
        RuleAction::DryRun(_) => {
            let whom = vec![(CustomerId(3), Shown::Open(Printable::line("张三丰")))];
            Done::DryRun(Box::new(DryRun { count: Total::Exactly(7), whom }))
        }
        RuleAction::Run => Done::Swept(Swept::default()),
        RuleAction::Touch(..) => Done::Logged,
    }
}

#[test]
fn a_rule_is_added_tried_switched_off_and_removed() {
    let mut desk = Desk::signed_in(RoleName::Lead);
    desk.press("f3 R").shows("Rules").shows("There is no rule yet").press("n").shows("New rule");
    desk.type_text("Win back").press("down right right").shows("nobody spoke with them for days");
    desk.press("down").type_text("90").press("down down").type_text("ask how it goes").press("ctrl-s");
    desk.shows("Saved, switched off").shows("Win back").shows("no contact for 90 days").shows("ask how it goes");
    desk.press("d").shows("7 customers").shows("张三丰").press("esc");
    desk.shows("off").press("t").hides("off").press("t");
    desk.press("x").shows("Remove the rule Win back?").press("y").shows("There is no rule yet");
}

#[test]
fn a_number_that_no_rule_can_have_is_refused_where_it_is_typed() {
    let mut desk = Desk::signed_in(RoleName::Owner);
    desk.press("f3 R n").type_text("Zero").press("down right right down").type_text("0").press("ctrl-s");
    desk.shows("a number from 1 to 3650");
    assert!(desk.service.rules.is_empty());
}

#[test]
fn an_administrator_reaches_the_rules_and_support_does_not() {
    let mut desk = Desk::signed_in(RoleName::Administrator);
    desk.press("g m R").shows("There is no rule yet");
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc R").hides("There is no rule yet");
}

#[test]
fn how_often_to_be_in_touch_is_said_in_the_customer_s_screen() {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc enter S").shows("Stay in touch").type_text("30").press("enter").shows("Every 30 days");
}
