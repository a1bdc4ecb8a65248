//! Cases: opened, taken, handed on, closed; their tickets on contacts and reveals, and the list of those that are open.

use veilbook::domain::case::{CaseDraft, CaseState};
use veilbook::domain::id::{CaseId, CustomerId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::reason::Reason;
use veilbook::domain::role::RoleName;
use veilbook::service::view::{CaseAction, CaseDetail, CaseQuery, CaseRow, CaseView, Effort, Happening, Held, When};
use veilbook::service::{Action, Contact, Done, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, callback, key, open, set};

pub fn draft(subject: &str) -> CaseDraft {
    CaseDraft { subject: subject.into(), ticket: "".into(), due: Some(NOON.plus_seconds(7_200)) }
}

pub fn open_case(who: &Session, customer: CustomerId, subject: &str) -> CaseId {
    match who.perform(Action::Case(CaseAction::Open(customer, draft(subject)))) {
        Ok(Done::Case(id, 1, _)) => id,
        other => panic!("no case: {other:?}"),
    }
}

fn act(who: &Session, action: CaseAction) -> Result<Done, Refusal> {
    who.perform(Action::Case(action))
}

fn one(who: &Session, id: CaseId) -> Option<CaseRow> {
    match who.query(Query::Cases(CaseQuery::One(id))) {
        Ok(View::Cases(CaseView::One(row))) => Some(*row),
        _ => None,
    }
}

fn listed(who: &Session, held: Held) -> Vec<String> {
    let Ok(View::Cases(CaseView::Rows(rows))) = who.query(Query::Cases(CaseQuery::Open(held, 50))) else {
        panic!("no list")
    };
    rows.iter().map(|row| row.case.subject.to_string()).collect()
}

fn today(who: &Session) -> Vec<(String, When)> {
    let Ok(View::Today(today)) = who.query(Query::Today) else { panic!("no today") };
    today.cases.iter().map(|row| (row.case.subject.to_string(), row.when)).collect()
}

fn log(who: &Session, customer: CustomerId, text: &str) {
    let kind = InteractionKind::Call;
    who.perform(Action::LogInteraction(customer, Contact { kind, text: text.into(), ..Contact::default() })).unwrap();
}

fn tickets(who: &Session, customer: CustomerId) -> Vec<Option<String>> {
    let items = open(who, customer).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Interaction(contact) => Some(contact.ticket),
        _ => None,
    });
    items.collect()
}

#[test]
fn a_case_is_opened_waits_is_closed_and_each_step_is_taken_back() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = open_case(&owner, customer, "发票");
    act(&owner, CaseAction::Set(id, 1, CaseState::Waiting)).unwrap();
    act(&owner, CaseAction::Set(id, 2, CaseState::Closed)).unwrap();
    assert_eq!(listed(&owner, Held::All), Vec::<String>::new());
    for expected in [CaseState::Waiting, CaseState::Open] {
        owner.perform(Action::Undo).unwrap();
        assert_eq!(one(&owner, id).map(|row| row.case.state), Some(expected));
    }
    owner.perform(Action::Undo).unwrap();
    assert!(one(&owner, id).is_none());
    let told = open(&owner, customer).timeline.into_iter().any(
        |item| matches!(item.what, Happening::Case(verb, what) if verb == "case.close" && what.as_str() == "C-1 · 发票"),
    );
    assert!(told);
}

#[test]
fn what_is_logged_while_a_case_is_at_hand_gets_its_ticket() {
    let (_house, owner) = House::new();
    let (customer, other) = (add(&owner, "张三丰", vec![]), add(&owner, "李四", vec![]));
    log(&owner, customer, "before");
    let id = open_case(&owner, customer, "invoice");
    log(&owner, customer, "about the invoice");
    log(&owner, other, "somebody else");
    act(&owner, CaseAction::Set(id, 1, CaseState::Closed)).unwrap();
    log(&owner, customer, "after");
    let mut seen = tickets(&owner, customer);
    seen.sort();
    assert_eq!(seen, [None, None, Some("C-1".to_owned())]);
    assert_eq!(tickets(&owner, other), [None]);
}

#[test]
fn a_look_is_asked_again_lightly_only_for_the_same_case() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let prompt = |who: &Session| match who.query(Query::RevealPrompt(customer, key("mobile"))) {
        Ok(View::RevealPrompt(prompt)) => prompt,
        other => panic!("{other:?}"),
    };
    open_case(&owner, customer, "invoice");
    assert_eq!(prompt(&owner).ticket.map(|t| t.to_string()), Some("C-1".into()));
    let reason = Reason { ticket: Some("C-1".into()), ..callback() };
    owner.perform(Action::Reveal(customer, key("mobile"), reason)).unwrap();
    assert!(matches!(prompt(&owner).effort, Effort::Again(_)));
    open_case(&owner, customer, "delivery");
    assert_eq!(prompt(&owner).ticket.map(|t| t.to_string()), Some("C-2".into()));
    assert!(!matches!(prompt(&owner).effort, Effort::Again(_)), "another case needs a reason of its own");
}

#[test]
fn support_sees_open_cases_by_due_time_takes_one_and_hands_it_on() {
    let (house, owner) = House::new();
    let support = house.staff(&owner, RoleName::Support);
    let customer = add(&owner, "张三丰", vec![]);
    let late = CaseDraft { due: Some(NOON.plus_seconds(-60)), ..draft("overdue") };
    act(&owner, CaseAction::Open(customer, late)).unwrap();
    open_case(&owner, customer, "later");
    act(&owner, CaseAction::Open(customer, CaseDraft { due: None, ..draft("whenever") })).unwrap();
    assert_eq!(listed(&support, Held::All), ["overdue", "later", "whenever"]);
    assert_eq!(listed(&support, Held::MineOrNobodys), Vec::<String>::new());
    act(&support, CaseAction::Take(CaseId(1), 1)).unwrap();
    assert_eq!(today(&support), [("overdue".to_owned(), When::Overdue)]);
    let auditor = house.staff(&owner, RoleName::Auditor);
    let out_of_reach = act(&support, CaseAction::Hand(CaseId(1), 2, auditor.staff()));
    assert!(matches!(out_of_reach, Err(Refusal::Invalid(_))), "{out_of_reach:?}");
    act(&support, CaseAction::Hand(CaseId(1), 2, owner.staff())).unwrap();
    assert_eq!(today(&support), []);
    assert!(matches!(act(&support, CaseAction::Take(CaseId(1), 2)), Err(Refusal::Conflict(_))));
    assert!(open(&support, customer).cases.len() == 3);
    let sales = house.staff(&owner, RoleName::Sales);
    assert_eq!(listed(&sales, Held::All), Vec::<String>::new(), "beyond the scope there is nothing");
    for unseen in [CaseId(1), CaseId(99)] {
        let handed = act(&sales, CaseAction::Hand(unseen, 3, sales.staff()));
        assert!(matches!(handed, Err(Refusal::OutOfScope)), "{handed:?}: that there is one is not said");
    }
    assert!(matches!(act(&sales, CaseAction::Take(CaseId(1), 3)), Err(Refusal::OutOfScope)));
}

#[test]
fn cases_go_with_a_merge_come_back_with_its_undo_and_go_when_erased() {
    let (_house, owner) = House::new();
    let (keep, other) = (add(&owner, "张三丰", vec![]), add(&owner, "张三", vec![]));
    let id = open_case(&owner, other, "invoice");
    let versions = [keep, other].map(|id| open(&owner, id).profile.version);
    let merge = Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: Vec::new() };
    owner.perform(merge).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.case.customer), Some(keep));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(one(&owner, id).map(|row| row.case.customer), Some(other));
    owner.perform(Action::EraseCustomer(other, callback())).unwrap();
    assert!(one(&owner, id).is_none());
    assert_eq!(listed(&owner, Held::All), Vec::<String>::new());
}

#[test]
fn a_case_needs_a_subject_and_takes_the_ticket_of_another_system() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    assert!(matches!(act(&owner, CaseAction::Open(customer, draft(" "))), Err(Refusal::Invalid(_))));
    let of_another = CaseDraft { ticket: "T-1042".into(), ..draft("invoice") };
    let opened = act(&owner, CaseAction::Open(customer, of_another));
    assert!(matches!(opened, Ok(Done::Case(_, 1, ticket)) if ticket.as_str() == "T-1042"));
}

fn looked(who: &Session, id: CaseId) -> CaseDetail {
    match act(who, CaseAction::Look(id)) {
        Ok(Done::CaseOpened(detail)) => *detail,
        other => panic!("not opened: {other:?}"),
    }
}

/// What happened about a case, newest first: texts of contacts and fields that were looked at.
fn told(detail: &CaseDetail) -> Vec<String> {
    let items = detail.timeline.iter().filter_map(|item| match &item.what {
        Happening::Interaction(contact) => Some(contact.text.to_string()),
        Happening::Revealed(field, _) => Some(field.to_string()),
        _ => None,
    });
    items.collect()
}

#[test]
fn contacts_and_looks_belong_to_a_case_by_its_number_where_two_have_one_ticket() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let shared = |subject: &str| CaseDraft { ticket: "T-1".into(), ..draft(subject) };
    act(&owner, CaseAction::Open(customer, shared("invoice"))).unwrap();
    log(&owner, customer, "about the invoice");
    house.clock.advance(1);
    let reason = || Reason { ticket: Some("T-1".into()), ..callback() };
    owner.perform(Action::Reveal(customer, key("mobile"), reason())).unwrap();
    house.clock.advance(1);
    act(&owner, CaseAction::Open(customer, shared("delivery"))).unwrap();
    log(&owner, customer, "about the delivery");
    let prompt = owner.query(Query::RevealPrompt(customer, key("mobile")));
    let Ok(View::RevealPrompt(prompt)) = prompt else { panic!("{prompt:?}") };
    assert!(!matches!(prompt.effort, Effort::Again(_)), "the same ticket, and another case");
    let ids = [CaseId(1), CaseId(2)];
    let [invoice, delivery] = ids.map(|id| told(&looked(&owner, id)));
    assert_eq!(invoice, ["mobile", "about the invoice"]);
    assert_eq!(delivery, ["about the delivery"]);
    // Whoever has none of them at hand says which.
    owner.end();
    let owner = house.again();
    log(&owner, customer, "about neither");
    let contact = Contact { text: "about the first".into(), ticket: Some("T-1".into()), ..Contact::default() };
    owner.perform(Action::LogInteraction(customer, Contact { case: Some(CaseId(1)), ..contact.clone() })).unwrap();
    owner.perform(Action::LogInteraction(customer, contact)).unwrap();
    assert_eq!(told(&looked(&owner, CaseId(1))).len(), 3);
    assert_eq!(told(&looked(&owner, CaseId(2))).len(), 1);
}

#[test]
fn a_look_at_a_case_is_on_record_counts_as_a_look_at_its_customer_and_stays_within_scope() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![]);
    let id = open_case(&owner, customer, "invoice");
    let (sales, auditor) = (house.staff(&owner, RoleName::Sales), house.staff(&owner, RoleName::Auditor));
    assert!(matches!(act(&sales, CaseAction::Look(id)), Err(Refusal::OutOfScope)));
    assert!(matches!(act(&sales, CaseAction::Look(CaseId(99))), Err(Refusal::OutOfScope)));
    assert!(matches!(act(&auditor, CaseAction::Look(id)), Err(Refusal::NotPermitted { .. })));
    let support = house.staff(&owner, RoleName::Support);
    assert!(matches!(support.query(Query::Cases(CaseQuery::Again(id))), Err(Refusal::OutOfScope)));
    assert_eq!(looked(&support, id).row.case.subject.as_str(), "invoice");
    assert!(matches!(support.query(Query::Cases(CaseQuery::Again(id))), Ok(View::Cases(CaseView::Again(_)))));
    let looks = open(&owner, customer).looks;
    assert!(looks.iter().any(|look| look.action == "case.look" && look.by == "support person"), "{looks:?}");
    owner.perform(Action::SetPolicy("opens_per_hour".into(), "10".into())).unwrap();
    for n in 0..12 {
        let other = add(&owner, &format!("C {n}"), vec![]);
        open_case(&owner, other, "a matter");
    }
    let limit = (2..=13).map(|n| act(&support, CaseAction::Look(CaseId(n)))).find(Result::is_err);
    assert!(matches!(limit, Some(Err(Refusal::ReadingLimit { .. }))), "{limit:?}");
}

#[test]
fn a_vault_with_cases_and_what_belongs_to_them_is_sound_and_leaves_nothing_when_erased() {
    let (house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    open_case(&owner, customer, "invoice");
    let reason = Reason { ticket: Some("C-1".into()), ..callback() };
    owner.perform(Action::Reveal(customer, key("mobile"), reason)).unwrap();
    owner.end();
    drop(owner);
    for _ in 0..2 {
        house.gate.seal();
        let done =
            house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        let owner = house.again();
        _ = owner.perform(Action::EraseCustomer(customer, callback()));
        owner.end();
    }
}
