//! Stories of cases: opened, taken and closed where a customer's are listed.

use veilbook::domain::case::{Case, CaseState};
use veilbook::domain::id::{CaseId, CustomerId, StaffId};
use veilbook::domain::role::RoleName;
use veilbook::service::Done;
use veilbook::service::view::{
    CaseAction, CaseDetail, CaseQuery, CaseRow, CaseView, Happening, Shown, TimelineItem, When,
};
use veilbook::text::Printable;

use super::desk::{Desk, NOON};

/// What the stand-in for the door does with cases.
pub fn act(cases: &mut Vec<CaseRow>, action: CaseAction) -> Done {
    match action {
        CaseAction::Open(customer, draft) => {
            let id = CaseId(cases.len() as u64 + 1);
            let ticket = Printable::line(&format!("C-{id}"));
            let (subject, due) = (draft.subject, draft.due);
            let (state, holder, created) = (CaseState::Open, Some(StaffId(1)), NOON);
            let case = Case { id, version: 1, customer, subject, ticket: ticket.clone(), state, due, holder, created };
            let customer = Shown::Open(Printable::line("张三丰"));
            cases.push(CaseRow { case, customer, holder: Some("li.na".into()), when: When::Later });
            Done::Case(id, 1, ticket)
        }
        CaseAction::Set(id, version, state) => {
            cases.iter_mut().filter(|row| row.case.id == id).for_each(|row| row.case.state = state);
            Done::Case(id, version + 1, Printable::line("C-1"))
        }
        CaseAction::Edit(id, ..) | CaseAction::Take(id, _) | CaseAction::Hand(id, ..) => {
            cases.iter_mut().filter(|row| row.case.id == id).for_each(|row| row.holder = Some("li.na".into()));
            Done::Case(id, 2, Printable::line("C-1"))
        }
        CaseAction::Look(id) => Done::CaseOpened(Box::new(opened(cases, id))),
    }
}

/// What it answers about cases.
pub fn answer(cases: &[CaseRow], query: CaseQuery) -> CaseView {
    match query {
        CaseQuery::Open(..) => {
            CaseView::Rows(cases.iter().filter(|row| row.case.state != CaseState::Closed).cloned().collect())
        }
        CaseQuery::One(id) => CaseView::One(Box::new(opened(cases, id).row)),
        CaseQuery::Again(id) => CaseView::Again(Box::new(opened(cases, id))),
    }
}

/// A case with one thing that happened about it.
pub fn opened(cases: &[CaseRow], id: CaseId) -> CaseDetail {
    let row = cases.iter().find(|row| row.case.id == id).expect("a case").clone();
    let said = Happening::Case("case.open".into(), row.case.subject.clone());
    let item = TimelineItem { at: NOON, by: "li.na".into(), with: None, what: said };
    CaseDetail { row, timeline: vec![item] }
}

fn at_a_customer() -> Desk {
    let mut desk = Desk::signed_in(RoleName::Support);
    desk.press("esc enter");
    desk
}

#[test]
fn a_case_is_opened_with_what_it_is_about_and_a_due_time_and_closed() {
    let mut desk = at_a_customer();
    desk.press("o").shows("New case of").type_text("Invoice of October").press("enter");
    desk.type_text("tomorrow 15:00").shows("15:00").press("enter").shows("Opened C-1");
    desk.press("tab tab tab").shows("[Cases 1]").shows("Invoice of October").shows("li.na");
    desk.press("w").shows("C-1 waits.").shows("waiting").press("x").shows("C-1 is closed.").shows("closed");
    desk.press("x").shows("reopen it first").press("R").shows("C-1 is open again.");
}

#[test]
fn a_contact_that_is_logged_on_a_case_has_its_ticket() {
    let mut desk = at_a_customer();
    desk.press("o").type_text("Invoice").press("enter enter").press("tab tab tab i").shows("C-1");
}

#[test]
fn today_shows_cases_and_works_them_without_their_customer() {
    let mut desk = at_a_customer();
    desk.press("o").type_text("Invoice").press("enter enter").press("f2").shows("Cases (1)").shows("Invoice");
    desk.press("t").shows("C-1").press("i").shows("C-1").press("esc");
    desk.press("h").shows("Hand on: C-1").press("esc").press("w").shows("C-1 waits.");
    desk.press("enter").shows("opened case: Invoice").shows("waiting").press("x").shows("C-1 is closed.");
    desk.press("enter").shows("Who looked");
}

#[test]
fn open_cases_are_listed_from_anywhere_and_opened() {
    let mut desk = at_a_customer();
    desk.press("g o").shows("No case is open.").press("esc");
    desk.press("o").type_text("Invoice").press("enter enter").press("f2 g o").shows("Open cases").shows("Invoice");
    desk.press("tab").shows("mine and nobody's").press("enter").shows("opened case: Invoice").press("esc esc");
    desk.press("ctrl-x o").shows("Open cases");
    Desk::signed_in(RoleName::Auditor).press("g o").shows("role");
}

#[test]
fn a_case_is_handed_on_by_the_first_letters_of_a_name() {
    let mut desk = at_a_customer();
    desk.press("o").type_text("Invoice").press("enter enter").press("tab tab tab h").shows("Hand on: C-1");
    desk.type_text("zhao").shows("zhao.wei").press("enter").shows("C-1: handed to zhao.wei");
    assert_eq!(desk.service.cases[0].case.customer, CustomerId(0));
}
