//! Names in a class: masked on every path, found whole only, revealed as any field.

use veilbook::domain::identifier::{Identifier, name_of_words, recognise_in};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass::{Contact, Open, Sensitive};

use veilbook::service::fields::FieldAction;
use veilbook::service::view::{
    AuditRow, Bulk, CadenceAction, ListRequest, Match, QualityQuery, QualityView, Shown, Target, TemplateAction,
    TemplateQuery, TemplateView, Whose,
};
use veilbook::service::{Action, AuditRequest, Change, Done, MergePart, Query, Refusal, Session, View};
use zeroize::Zeroizing;

use crate::house::{House, add, callback, key, open, set};
use crate::protection::{field, found, revealed, settled, shown, stands};

const NAME: &str = "Zephyrine Quillfeather";

fn protect(who: &Session) {
    who.perform(field(FieldAction::Classify(key("name"), Contact))).unwrap();
}

fn identifier(who: &Session, text: &str) -> Option<Identifier> {
    let Ok(View::Schema(schema)) = who.query(Query::Schema) else { panic!("no schema") };
    recognise_in(text, "CN", &schema).or_else(|| name_of_words(text, &schema))
}

fn found_whole(who: &Session, text: &str) -> Vec<veilbook::domain::id::CustomerId> {
    let identifier = identifier(who, text).unwrap_or_else(|| panic!("{text} is no name"));
    match who.perform(Action::FindByIdentifier(identifier)) {
        Ok(Done::Matches(rows)) => rows.into_iter().map(|row| row.id).collect(),
        other => panic!("not searched: {other:?}"),
    }
}

fn listed(who: &Session, text: &str) -> Vec<String> {
    let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.into_iter().map(|row| row.name.text().to_owned()).collect()
}

fn record(who: &Session, verb: &str) -> Vec<AuditRow> {
    let request = AuditRequest { limit: 500, ..AuditRequest::default() };
    let View::Audit(page) = who.query(Query::Audit(request)).unwrap() else { panic!("no record") };
    page.rows.into_iter().filter(|row| row.entry.what.action == verb).collect()
}

#[test]
fn a_name_in_a_class_is_its_mask_at_once_and_found_whole_alone() {
    let (_house, owner) = House::new();
    let chinese = add(&owner, "张三丰", vec![set("company", "晨光")]);
    let other = add(&owner, "欧阳锋", vec![]);
    let western = add(&owner, NAME, vec![]);
    protect(&owner);
    let mut names = listed(&owner, "");
    names.sort();
    assert_eq!(names, ["Z*** Q****", "张**", "欧阳*"]);
    for words in ["张", "三丰", "zhangsf", "zsf", "zeph", "Zephyrine Quillfeather", "欧阳"] {
        assert_eq!(found(&owner, words), 0, "{words}");
    }
    assert_eq!(listed(&owner, "晨光"), ["张**"]);
    settled(&owner);
    for (text, who) in [
        ("张三丰", chinese),
        ("name:张三丰", chinese),
        ("姓名： 张 三 丰", chinese),
        ("ｚｅｐｈｙｒｉｎｅ　quillfeather", western),
        ("name:\"Zephyrine Quillfeather\"", western),
        ("欧阳锋", other),
    ] {
        assert_eq!(found_whole(&owner, text), [who], "{text}");
    }
    assert_eq!(found_whole(&owner, "Zephyrine"), []);
    assert_eq!(identifier(&owner, "tag:vip zephyrine"), None);
    assert_eq!(identifier(&owner, "  "), None);
    let searched: Vec<_> =
        record(&owner, "customer.search").into_iter().map(|row| row.entry.what.texts.after).collect();
    assert!(searched.iter().flatten().all(|text| text.contains('*')), "{searched:?}");
}

#[test]
fn a_masked_name_is_revealed_verified_and_replaced_as_any_field() {
    let (house, owner) = House::new();
    let id = add(&owner, NAME, vec![]);
    assert!(open(&owner, id).fields.iter().all(|field| field.key != key("name")), "an open name stands by itself");
    protect(&owner);
    let support = house.staff(&owner, RoleName::Support);
    for _ in 0..2 {
        // Before it is sealed and after.
        assert_eq!(shown(&support, id, "name").text(), "Z*** Q****");
        assert_eq!(revealed(&support, id, "name"), NAME);
        let said = Action::Verify(id, key("name"), Zeroizing::new("zephyrine  QUILLFEATHER".into()));
        assert!(matches!(support.perform(said), Ok(Done::Verified(verdict)) if verdict.matched == Match::Yes));
        settled(&support);
    }
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Name("Brightwater".into())])).unwrap();
    assert_eq!((open(&owner, id).name.text(), revealed(&owner, id, "name").as_str()), ("B***", "Brightwater"));
    assert_eq!(found_whole(&owner, "brightwater"), [id]);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(revealed(&owner, id, "name"), NAME);
    let version = open(&owner, id).profile.version;
    for change in [Change::Clear(key("name")), Change::Declined(key("name"))] {
        let refused = owner.perform(Action::EditCustomer(id, version, vec![change]));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
    let auditor = house.staff(&owner, RoleName::Auditor);
    assert!(auditor.perform(Action::Reveal(id, key("name"), callback())).is_err());
}

#[test]
fn of_a_name_that_was_open_nothing_stands_in_the_vault_once_it_is_sealed() {
    let (house, owner) = House::new();
    let id = add(&owner, "Brightwater", vec![set("mobile", "13800001234")]);
    let version = open(&owner, id).profile.version;
    owner.perform(Action::EditCustomer(id, version, vec![Change::Name(NAME.into())])).unwrap();
    let company = add(&owner, "Acme", vec![Change::Kind(veilbook::domain::customer::CustomerKind::Company)]);
    owner.perform(Action::Link(veilbook::service::view::LinkAction::Join(id, company))).unwrap();
    crate::deals::add_deal(&owner, id, "lamp", "12.00");
    crate::cases::open_case(&owner, id, "broken lamp");
    let tag = Bulk::Tag("vip".into());
    owner.perform(Action::Bulk(Target::Query("zephyrine".into()), tag)).unwrap();
    assert_eq!(found(&owner, "zephyrine"), 1);
    owner.settle();
    protect(&owner);
    let said = |owner: &Session| {
        let of = |verb: &str| record(owner, verb).into_iter().filter_map(|row| row.entry.what.texts.after);
        of("customer.list").chain(of("customer.bulk")).collect::<Vec<_>>()
    };
    assert!(said(&owner).iter().all(|text| !text.to_lowercase().contains("zeph")), "{:?}", said(&owner));
    let Ok(Done::Export(bytes)) = owner.perform(Action::ExportRecord) else { panic!("no export") };
    assert!(!bytes.windows(4).any(|part| part.eq_ignore_ascii_case(b"zeph")));
    // What is searched for from now on goes on record masked.
    assert_eq!(found(&owner, "zephyrine"), 0);
    owner.perform(Action::Bulk(Target::Query("tag:vip zephyrine".into()), Bulk::Tag("gold".into()))).unwrap();
    settled(&owner);
    assert!(matches!(owner.perform(Action::VerifyRecord), Ok(Done::Verdict(_))));
    assert_eq!(revealed(&owner, id, "name"), NAME);
    drop(owner);
    for part in ["Zephyrine", "zephyrine", "Brightwater", "brightwater"] {
        assert_eq!(stands(&house, part), Vec::<&str>::new(), "{part}");
    }
}

#[test]
fn a_template_an_export_and_the_lists_say_the_mask() {
    let (_house, owner) = House::new();
    let id = add(&owner, NAME, vec![set("mobile", "13800001234")]);
    crate::deals::add_deal(&owner, id, "lamp", "12.00");
    crate::cases::open_case(&owner, id, "broken lamp");
    let greeting = crate::templates::draft("greeting", "Dear {name}");
    let Ok(Done::Template(template, _)) = owner.perform(Action::Template(TemplateAction::Add(greeting))) else {
        panic!("no template")
    };
    owner.perform(Action::Cadence(CadenceAction::Add(crate::cadences::draft("welcome", "0 call @greeting")))).unwrap();
    protect(&owner);
    let Ok(View::Templates(TemplateView::Filled(filled))) =
        owner.query(Query::Templates(TemplateQuery::Filled(template, id)))
    else {
        panic!("not filled")
    };
    assert_eq!(filled.text.as_str(), "Dear {name}");
    let masked: Vec<_> =
        filled.masked.iter().map(|(word, field, mask)| (word.as_str(), field.as_str(), mask.as_str())).collect();
    assert_eq!(masked, [("name", "name", "Z*** Q****")]);
    let Ok(View::Quality(QualityView::Page(page))) =
        owner.query(Query::Quality(QualityQuery::List(veilbook::service::view::FlawKind::Missing, None)))
    else {
        panic!("no list")
    };
    assert!(page.rows.iter().all(|row| matches!(row.name, Shown::Masked(_))));
    assert!(
        crate::deals::board(&owner, Whose::All)
            .columns
            .iter()
            .flat_map(|column| &column.cards)
            .all(|card| matches!(card.customer, Shown::Masked(_)))
    );
    assert!(open(&owner, id).cases.iter().all(|case| matches!(case.customer, Shown::Masked(_))));
    let out = crate::export::lines(&crate::export::export(&owner, crate::export::order("", Some(&[]), &[])).unwrap());
    assert_eq!(out, ["name_masked", "Z*** Q****"]);
    let out =
        crate::export::lines(&crate::export::export(&owner, crate::export::order("", Some(&[]), &["name"])).unwrap());
    assert_eq!(out, ["name", NAME]);
    assert_eq!(record(&owner, "customer.copy").len(), 1, "a value that leaves is a reveal");
}

#[test]
fn names_are_opened_again_when_a_holder_agrees_and_are_found_by_words() {
    let (house, owner) = House::new();
    let administrator = house.staff(&owner, RoleName::Administrator);
    let id = add(&owner, "张三丰", vec![]);
    protect(&administrator);
    settled(&owner);
    administrator.perform(field(FieldAction::Classify(key("name"), Open))).unwrap();
    assert_eq!(listed(&owner, ""), ["张**"]);
    owner.perform(field(FieldAction::Confirm(key("name")))).unwrap();
    settled(&owner);
    assert_eq!(
        (listed(&owner, "zhangsf"), open(&owner, id).name),
        (vec!["张三丰".to_owned()], Shown::Open("张三丰".into()))
    );
    assert!(open(&owner, id).fields.iter().all(|field| field.key != key("name")));
    assert_eq!(identifier(&owner, "张三丰"), None);
}

#[test]
fn of_the_name_nothing_but_class_and_mask_can_be_changed() {
    let (_house, owner) = House::new();
    owner.perform(field(FieldAction::Classify(key("name"), Sensitive))).unwrap();
    let text =
        veilbook::service::fields::FieldText { label_en: "Nom".into(), purpose: "x".into(), ..Default::default() };
    for action in [
        Action::Field(FieldAction::Change(key("name"), text)),
        Action::Field(FieldAction::Move(key("name"), veilbook::service::fields::Way::Down)),
        Action::SetFieldInUse(key("name"), veilbook::domain::field::FieldState::Off, "".into()),
    ] {
        let refused = owner.perform(action);
        assert!(matches!(refused, Err(Refusal::NotFound(_))), "{refused:?}");
    }
    // A change of other fields leaves its class as it is.
    owner.perform(Action::Field(FieldAction::Move(key("mobile"), veilbook::service::fields::Way::Down))).unwrap();
    owner.perform(Action::Undo).unwrap();
    let Ok(View::Schema(schema)) = owner.query(Query::Schema) else { panic!("no schema") };
    assert_eq!(schema.name().class, Sensitive);
}

#[test]
fn two_with_one_masked_name_and_one_phone_are_a_pair_and_a_merge_keeps_either_name_sealed() {
    let (house, owner) = House::new();
    let kept = add(&owner, "张三丰", vec![set("mobile", "13800001234")]);
    let gone = add(&owner, "张三丰", vec![set("mobile", "13800001234"), set("email", "zsf@example.com")]);
    add(&owner, "张三丰", vec![set("mobile", "13900005678")]);
    protect(&owner);
    settled(&owner);
    assert_eq!(crate::quality::pairs(&owner), [(kept.0, Some(gone.0))], "a name alone makes no pair");
    let take = vec![MergePart::Name];
    crate::quality::merge(&owner, kept, gone, take).unwrap();
    assert_eq!(revealed(&owner, kept, "name"), "张三丰");
    owner.perform(Action::Undo).unwrap();
    assert_eq!(revealed(&owner, gone, "name"), "张三丰");
    assert!(matches!(owner.perform(Action::VerifyRecord), Ok(Done::Verdict(_))));
    drop(owner);
    assert_eq!(stands(&house, "三丰"), Vec::<&str>::new());
}

#[test]
fn on_the_command_line_no_masked_name_is_said() {
    let (house, owner) = House::new();
    let id = add(&owner, NAME, vec![set("mobile", "13800001234"), Change::Tags(vec!["vip".into()])]);
    crate::deals::add_deal(&owner, id, "lamp", "12.00");
    crate::cases::open_case(&owner, id, "broken lamp");
    protect(&owner);
    drop(owner);
    house.gate.seal();
    let number = id.0.to_string();
    for args in [
        &["customers"][..],
        &["customers", "--json"],
        &["customers", "tag:vip"],
        &["customers", "zephyrine"],
        &["show", &number],
        &["show", &number, "--json"],
        &["deals", "list"],
        &["cases", "list"],
        &["follow-ups"],
        &["duplicates", "list"],
        &["pool", "list"],
        &["fields", "list"],
        &["audit", "list"],
    ] {
        let out = house.program().args(args).output().unwrap();
        let said = [out.stdout, out.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(out.status.success() || args[0] == "customers", "{args:?}: {said}");
        // What was typed may be said back; the name in full is not.
        assert!(!said.contains("Zephyrine") && !said.contains("Quillfeather"), "{args:?}: {said}");
    }
    let out = house.program().args(["customers", "zephyrine"]).output().unwrap();
    assert!(String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).contains("Names are masked"));
    let out = house.program().args(["customers", "name:zephyrine quillfeather"]).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("Z***"));
}

#[test]
fn a_number_in_a_field_that_was_opened_is_found_whole_and_by_its_end_and_stops_an_import() {
    let (_house, owner) = House::new();
    let id = add(&owner, "张三丰", vec![set("mobile", "138 0000 1234"), set("email", "Zsf@Example.com")]);
    add(&owner, "李四", vec![set("mobile", "13900001234")]);
    for name in ["mobile", "email"] {
        owner.perform(field(FieldAction::Classify(key(name), Open))).unwrap();
        owner.perform(field(FieldAction::Confirm(key(name)))).unwrap();
    }
    settled(&owner);
    assert!(matches!(shown(&owner, id, "mobile"), Shown::Open(_)));
    assert_eq!(found_whole(&owner, "+86 138-0000-1234"), [id]);
    assert_eq!(found_whole(&owner, "zsf@example.com"), [id]);
    assert_eq!(found_whole(&owner, "1234").len(), 2);
    assert_eq!(found_whole(&owner, "13800001235"), []);
    let known = owner.perform(Action::CheckDuplicate(key("mobile"), Zeroizing::new("13800001234".into())));
    assert!(matches!(known, Ok(Done::Duplicates { within, .. }) if within.len() == 1));
    // In a class again it is found by its tokens.
    owner.perform(field(FieldAction::Classify(key("mobile"), Contact))).unwrap();
    assert_eq!(found_whole(&owner, "13800001234"), [id]);
    settled(&owner);
    assert_eq!(found_whole(&owner, "13800001234"), [id]);
}
