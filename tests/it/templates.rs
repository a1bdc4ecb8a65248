//! Templates: kept and taken back, filled in with masks, and copied with real values for a reason, all or none.

use veilbook::domain::field::FieldState;
use veilbook::domain::id::{CustomerId, TemplateId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::domain::template::TemplateDraft;
use veilbook::service::view::{Filled, TemplateAction, TemplateQuery, TemplateRow, TemplateView};
use veilbook::service::{Action, Change, Done, Query, Refusal, Session, View};
use veilbook::text::Printable;

use crate::house::{House, NOON, add, callback, key, set, verbs};

pub fn draft(name: &str, text: &str) -> TemplateDraft {
    TemplateDraft { name: name.into(), kind: InteractionKind::Email, text: Printable::lines(text) }
}

fn act(who: &Session, action: TemplateAction) -> Result<Done, Refusal> {
    who.perform(Action::Template(action))
}

fn keep(who: &Session, name: &str, text: &str) -> (TemplateId, Vec<String>) {
    match act(who, TemplateAction::Add(draft(name, text))) {
        Ok(Done::Template(id, unknown)) => (id, unknown),
        other => panic!("not kept: {other:?}"),
    }
}

fn rows(who: &Session) -> Vec<TemplateRow> {
    match who.query(Query::Templates(TemplateQuery::List)) {
        Ok(View::Templates(TemplateView::Rows(rows))) => rows,
        other => panic!("no templates: {other:?}"),
    }
}

fn filled(who: &Session, id: TemplateId, customer: CustomerId) -> Filled {
    match who.query(Query::Templates(TemplateQuery::Filled(id, customer))) {
        Ok(View::Templates(TemplateView::Filled(filled))) => filled,
        other => panic!("not filled: {other:?}"),
    }
}

fn copied(done: Result<Done, Refusal>) -> String {
    match done {
        Ok(Done::Revealed(value)) => value.show(NOON).unwrap_or_default().to_owned(),
        other => panic!("not copied: {other:?}"),
    }
}

#[test]
fn a_template_is_kept_changed_and_removed_and_each_is_taken_back() {
    let (house, owner) = House::new();
    let (id, unknown) = keep(&owner, "Welcome", "Dear {name}, {field.nothing} {welcome}\n{me} {date}");
    assert_eq!(unknown, ["field.nothing", "welcome"]);
    assert!(matches!(act(&owner, TemplateAction::Add(draft("WELCOME", "x"))), Err(Refusal::NameTaken)));
    act(&owner, TemplateAction::Change(id, 1, draft("Hello", "Hi"))).unwrap();
    assert!(matches!(act(&owner, TemplateAction::Change(id, 1, draft("Late", "Hi"))), Err(Refusal::Conflict(_))));
    act(&owner, TemplateAction::Remove(id, 2)).unwrap();
    assert!(rows(&owner).is_empty());
    let names = |who: &Session| rows(who).iter().map(|row| row.template.name.to_string()).collect::<Vec<_>>();
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    for expected in ["Hello", "Welcome"] {
        owner.perform(Action::Undo).unwrap();
        assert_eq!(names(&owner), [expected]);
    }
    owner.perform(Action::Undo).unwrap();
    assert!(rows(&owner).is_empty());
    assert_eq!(verbs(&owner).iter().filter(|verb| verb.starts_with("template.")).count(), 3);
}

#[test]
fn an_undo_is_refused_where_somebody_changed_the_template_since() {
    let (house, owner) = House::new();
    let (id, _) = keep(&owner, "Welcome", "Hi");
    let other = house.staff(&owner, RoleName::Administrator);
    act(&other, TemplateAction::Change(id, 1, draft("Welcome", "Hello"))).unwrap();
    // What the owner did since is taken back first, which is the staff's own matter and has no undo.
    let refused = owner.perform(Action::Undo);
    assert!(matches!(&refused, Err(Refusal::UndoStale(who)) if who == "administrator person"), "{refused:?}");
}

#[test]
fn a_text_that_will_not_do_is_refused_and_a_hostile_one_is_cleaned() {
    let (_house, owner) = House::new();
    for (name, text) in [("", "x"), ("x", ""), (&*"x".repeat(41), "x"), ("x", &*"x".repeat(10_000))] {
        assert!(matches!(act(&owner, TemplateAction::Add(draft(name, text))), Err(Refusal::Invalid(_))));
    }
    keep(&owner, "a\u{1b}[2Jb\n", "one\u{7}\n\u{202e}two\u{0}");
    let row = rows(&owner).remove(0);
    assert_eq!((row.template.name.as_str(), row.template.text.as_str()), ("a[2Jb", "one\ntwo"));
}

#[test]
fn a_template_is_filled_in_with_what_is_open_and_masks_stay_in_braces() {
    let (house, owner) = House::new();
    let fields = vec![set("mobile", "13800001234"), set("company", "Acme")];
    let customer = add(&owner, "张三丰", fields);
    let text = "{name} {company} {me} {date} {field.mobile} {field.email} {nobody}{field.mobile}";
    let (id, _) = keep(&owner, "all", text);
    let support = house.staff(&owner, RoleName::Support);
    let found = filled(&support, id, customer);
    let expected = "张三丰 Acme support person 2026-11-21 {field.mobile}  {nobody?}{field.mobile}";
    assert_eq!(found.text.as_str(), expected);
    let [(word, field, mask)] = found.masked.as_slice() else { panic!("{:?}", found.masked) };
    assert_eq!((word.as_str(), field, mask.as_str()), ("field.mobile", &key("mobile"), "138****1234"));
    // Filling opens the customer, on record, once.
    filled(&support, id, customer);
    let opened = |who: &Session| verbs(who).iter().filter(|verb| *verb == "customer.open").count();
    assert_eq!(opened(&owner), 1);
    let sales = house.staff(&owner, RoleName::Sales);
    let out = sales.query(Query::Templates(TemplateQuery::Filled(id, customer)));
    assert!(matches!(out, Err(Refusal::OutOfScope)));
}

#[test]
fn a_field_out_of_use_is_shown_as_unknown_and_told_in_the_list() {
    let (_house, owner) = House::new();
    let customer = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("bank_card", "4111111111111111")]);
    let (id, unknown) = keep(&owner, "card", "{field.bank_card}");
    assert!(unknown.is_empty());
    owner.perform(Action::SetFieldInUse(key("bank_card"), FieldState::Off, Printable::default())).unwrap();
    assert_eq!(filled(&owner, id, customer).text.as_str(), "{field.bank_card?}");
    assert_eq!(rows(&owner).remove(0).unknown, ["field.bank_card"]);
    let text = "{field.bank_card} {field.mobile}";
    let copy = act(&owner, TemplateAction::Copy(customer, text.into(), Some(callback())));
    assert_eq!(copied(copy), "{field.bank_card?} +86 138 0000 1234");
}

#[test]
fn a_message_is_copied_with_real_values_each_with_its_entry_and_counted() {
    let (_house, owner) = House::new();
    let fields = vec![set("mobile", "13800001234"), set("email", "zhang@example.com"), set("company", "Acme")];
    let customer = add(&owner, "张三丰", fields);
    let text = Printable::lines("{name}, {field.mobile}\n{field.email} {field.mobile} {company} {x}");
    let done = act(&owner, TemplateAction::Copy(customer, text.clone(), Some(callback())));
    assert_eq!(copied(done), "张三丰, +86 138 0000 1234\nzhang@example.com +86 138 0000 1234 Acme {x?}");
    let seen = verbs(&owner);
    assert_eq!(seen.iter().filter(|verb| *verb == "customer.copy").count(), 2);
    assert_eq!(seen.iter().filter(|verb| *verb == "message.copy").count(), 1);
    let Ok(View::RevealPrompt(prompt)) = owner.query(Query::RevealPrompt(customer, key("mobile"))) else { panic!() };
    assert_eq!(prompt.used, 2);
    // What holds no masked value takes no reason, and is on record all the same.
    let plain = act(&owner, TemplateAction::Copy(customer, "{name}".into(), None));
    assert_eq!(copied(plain), "张三丰");
    let masked = act(&owner, TemplateAction::Copy(customer, text, None));
    assert!(matches!(masked, Err(Refusal::Reason(_))), "{masked:?}");
}

#[test]
fn all_values_of_a_message_leave_or_none() {
    let (house, owner) = House::new();
    let fields = vec![set("mobile", "13800001234"), set("bank_card", "4111111111111111")];
    let customer = add(&owner, "张三丰", fields);
    let lead = house.staff(&owner, RoleName::Lead);
    let text: Printable = "{field.mobile} {field.bank_card}".into();
    owner.perform(Action::EditCustomer(customer, 1, vec![Change::Owner(Some(lead.staff()))])).unwrap();
    let refused = act(&lead, TemplateAction::Copy(customer, text.clone(), Some(callback())));
    assert!(matches!(refused, Err(Refusal::ApprovalNeeded { .. })), "{refused:?}");
    assert!(!verbs(&owner).iter().any(|verb| verb == "customer.copy"));
    owner.perform(Action::SetPolicy("sensitive_per_hour".into(), "1".into())).unwrap();
    owner.perform(Action::SetPolicy("own_factor".into(), "1".into())).unwrap();
    let once = act(&owner, TemplateAction::Copy(customer, text.clone(), Some(callback())));
    copied(once);
    let spent = act(&owner, TemplateAction::Copy(customer, text, Some(callback())));
    assert!(matches!(spent, Err(Refusal::QuotaSpent { .. })), "{spent:?}");
    let seen = verbs(&owner);
    let count = |wanted: &str| seen.iter().filter(|verb| *verb == wanted).count();
    assert_eq!((count("customer.copy"), count("message.copy")), (2, 1 + 2), "and the refused tries");
}
