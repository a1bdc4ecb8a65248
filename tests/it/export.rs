//! Customers into a file: who may, what stands in it, what goes on record, and what it counts against.

use veilbook::domain::audit::{EntryFilter, Outcome};
use veilbook::domain::columns::Part;
use veilbook::domain::customer::Stage;
use veilbook::domain::field::{FieldKey, FieldState};
use veilbook::domain::id::CustomerId;
use veilbook::domain::reason::{Reason, ReasonCode};
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::fields::FieldAction;
use veilbook::service::view::{AlertKind, AuditRow, ExportOrder, ExportReport, Exported, Left, Target, Total};
use veilbook::service::{Action, AuditRequest, Change, Done, Query, Refusal, Session, View};
use veilbook::text::Printable;

use crate::house::{House, add, callback, key, set, verbs};

pub fn order(query: &str, parts: Option<&[&str]>, values: &[&str]) -> ExportOrder {
    let parts = parts.map(|parts| parts.iter().map(|part| Part::from_code(part).unwrap()).collect());
    ExportOrder { target: Target::Query(query.into()), parts, values: values.iter().map(|field| key(field)).collect() }
}

pub fn export(who: &Session, order: ExportOrder) -> Result<Exported, Refusal> {
    match who.perform(Action::ExportCustomers(order, callback(), "list.csv".into()))? {
        Done::Exported(out) => Ok(out),
        other => panic!("not exported: {other:?}"),
    }
}

fn foretold(who: &Session, order: ExportOrder) -> Result<ExportReport, Refusal> {
    match who.query(Query::ExportPreview(order))? {
        View::ExportPreview(report) => Ok(report),
        other => panic!("no preview: {other:?}"),
    }
}

/// The file as lines, without its mark.
pub fn lines(out: &Exported) -> Vec<String> {
    let text = std::str::from_utf8(&out.csv).unwrap().strip_prefix('\u{FEFF}').unwrap();
    text.lines().map(str::to_owned).collect()
}

fn entries(owner: &Session, verb: &str) -> Vec<AuditRow> {
    let filter = EntryFilter::default();
    let View::Audit(page) = owner.query(Query::Audit(AuditRequest { filter, before: None, limit: 200 })).unwrap()
    else {
        panic!("no record")
    };
    page.rows.into_iter().filter(|row| row.entry.what.action == verb).collect()
}

fn policy(owner: &Session, key: &str, value: &str) {
    owner.perform(Action::SetPolicy(key.into(), value.into())).unwrap();
}

fn tagged(owner: &Session, name: &str, tag: &str, mut rest: Vec<Change>) -> CustomerId {
    rest.push(Change::Tags(vec![tag.into()]));
    add(owner, name, rest)
}

#[test]
fn a_file_holds_names_parts_open_fields_and_masks_but_no_notes() {
    let (_house, owner) = House::new();
    let fields = vec![
        set("mobile", "13800001234"),
        set("company", "=cmd|' /C calc'!A0"),
        set("notes", "owes us a favour"),
        set("resident_id", "11010519491231002X"),
    ];
    tagged(&owner, "张三丰", "vip", fields);
    tagged(&owner, "O'Neill, \"Bob\"\r\n\u{202E}", "vip", vec![Change::Stage(Stage::Customer)]);
    add(&owner, "Another", vec![]);
    let expected = ExportReport { going: 2, left: Vec::new(), values: 0 };
    assert_eq!(foretold(&owner, order("tag:vip", None, &[])).unwrap(), expected);
    let out = export(&owner, order("tag:vip", None, &[])).unwrap();
    assert_eq!(out.report, expected);
    let [head, first, second] = lines(&out).try_into().unwrap();
    assert!(
        head.starts_with("name,number,kind,stage,owner,tags,created,last_contact,next_follow_up,source,"),
        "{head}"
    );
    assert!(head.contains(",mobile_masked,") && head.contains(",company,") && !head.contains("notes"), "{head}");
    assert!(first.starts_with("张三丰,1,person,lead,,vip,2026-11-21,"), "{first}");
    assert!(first.contains("138****1234") && first.contains("1****************X"), "{first}");
    assert!(first.contains("'=cmd|' /C calc'!A0"), "{first}");
    assert!(!first.contains("favour") && !first.contains("13800001234"), "{first}");
    assert!(second.starts_with("\"O'Neill, \"\"Bob\"\"\",2,person,customer,"), "{second}");
    // What goes out by its name alone does when it is named.
    let named = export(&owner, order("tag:vip", Some(&["notes", "stage", "stage"]), &[])).unwrap();
    assert_eq!(lines(&named)[..2], ["name,notes,stage", "张三丰,owes us a favour,lead"]);
    let debug = format!("{named:?}");
    assert!(!debug.contains("favour") && debug.contains("2 customers"), "{debug}");
}

#[test]
fn the_entry_says_which_query_which_columns_why_how_many_and_what_the_file_is_called() {
    let (_house, owner) = House::new();
    tagged(&owner, "张三丰", "vip", vec![]);
    let reason = Reason {
        code: ReasonCode::Other,
        text: Some("for the yearly letter".into()),
        ticket: Some(Printable::line("T-7")),
    };
    let asked = order("tag:vip 13800001234", Some(&["stage", "mobile"]), &[]);
    let nobody = owner.perform(Action::ExportCustomers(asked, reason.clone(), "x.csv".into()));
    assert!(matches!(nobody, Err(Refusal::Invalid(_))), "a file without anybody is none: {nobody:?}");
    let asked = order("tag:vip", Some(&["stage", "mobile"]), &[]);
    owner.perform(Action::ExportCustomers(asked.clone(), reason, "letter 13800001234.csv".into())).unwrap();
    let [entry] = entries(&owner, "customer.export").try_into().unwrap();
    let what = entry.entry.what;
    assert_eq!((what.count, what.reason, what.outcome), (Some(1), Some(ReasonCode::Other), Outcome::Done));
    assert_eq!(what.texts.after.as_deref(), Some("tag:vip · name stage mobile_masked · letter ********.csv"));
    assert_eq!(
        (what.texts.reason.as_deref(), what.texts.ticket.as_deref()),
        (Some("for the yearly letter"), Some("T-7"))
    );
    // Words that say nothing are no reason, and nothing leaves.
    let filler = Reason { code: ReasonCode::Other, text: Some("aaa".into()), ticket: None };
    let refused = owner.perform(Action::ExportCustomers(asked, filler, "x.csv".into()));
    assert!(matches!(refused, Err(Refusal::Reason(_))));
    assert_eq!(entries(&owner, "customer.export")[0].entry.what.outcome, Outcome::Refused);
    // Nothing takes it back.
    let View::UndoNext(Some(next)) = owner.query(Query::UndoNext).unwrap() else { panic!("nothing to undo") };
    assert_eq!(next.action, "customer.add");
}

#[test]
fn who_was_erased_is_not_named_by_the_entry_of_an_export() {
    let (_house, owner) = House::new();
    let id = add(&owner, "蔡明亮", vec![]);
    let out = Action::ExportCustomers(order("蔡明亮", Some(&["stage"]), &[]), callback(), "蔡明亮.csv".into());
    owner.perform(out).unwrap();
    assert!(entries(&owner, "customer.export")[0].entry.what.texts.after.is_some());
    owner.perform(Action::EraseCustomer(id, callback())).unwrap();
    assert_eq!(entries(&owner, "customer.export")[0].entry.what.texts.after, None);
}

#[test]
fn scope_and_cap_are_foretold_and_held() {
    let (house, owner) = House::new();
    let lead = house.staff(&owner, RoleName::Lead);
    let theirs = tagged(&owner, "Theirs", "x", vec![]);
    owner.perform(Action::EditCustomer(theirs, 1, vec![Change::Owner(Some(owner.staff()))])).unwrap();
    let sales = house.staff(&owner, RoleName::Sales);
    let of_sales = tagged(&sales, "Of sales", "x", vec![]);
    let marked = |ids: &[CustomerId]| ExportOrder { target: Target::Marked(ids.to_vec()), parts: None, values: vec![] };
    let report = export(&sales, marked(&[of_sales])).err();
    assert!(matches!(report, Some(Refusal::NotPermitted { .. })), "{report:?}");
    // All are of one team here, but for who does not exist.
    let report = foretold(&lead, marked(&[theirs, of_sales, CustomerId(99)])).unwrap();
    assert_eq!((report.going, report.left), (2, vec![(Left::OutOfScope, 1)]));
    policy(&owner, "export_most", "1");
    for answer in [foretold(&owner, order("tag:x", None, &[])).err(), export(&owner, order("", None, &[])).err()] {
        let found = Total::Exactly(2);
        assert!(matches!(&answer, Some(Refusal::ExportLimit { limit: 1, found: f }) if *f == found), "{answer:?}");
    }
    policy(&owner, "export_most", "0");
    let nobody = export(&owner, marked(&[theirs])).err();
    assert!(matches!(nobody, Some(Refusal::ExportLimit { limit: 0, .. })), "{nobody:?}");
    assert!(!entries(&owner, "customer.export").iter().any(|row| row.entry.what.outcome == Outcome::Done));
}

#[test]
fn an_export_counts_as_rows_read_and_a_large_one_raises_an_alert() {
    let (_house, owner) = House::new();
    for n in 0..5 {
        tagged(&owner, &format!("Customer {n}"), "x", vec![]);
    }
    policy(&owner, "rows_per_hour", "12");
    policy(&owner, "export_alert", "5");
    let alerts = |owner: &Session| {
        let View::Today(today) = owner.query(Query::Today).unwrap() else { panic!("no today") };
        today.alerts.iter().map(|alert| (alert.kind, alert.count)).collect::<Vec<_>>()
    };
    export(&owner, order("id:1,2,3,4", None, &[])).unwrap();
    assert!(alerts(&owner).is_empty());
    export(&owner, order("tag:x", None, &[])).unwrap();
    assert_eq!(alerts(&owner), [(AlertKind::Exported, 5)]);
    // Nine of twelve rows are read.
    let refused = [foretold(&owner, order("tag:x", None, &[])).err(), export(&owner, order("tag:x", None, &[])).err()];
    for answer in refused {
        assert!(matches!(answer, Some(Refusal::ReadingLimit { limit: 12, .. })), "{answer:?}");
    }
    assert!(alerts(&owner).contains(&(AlertKind::RowsLimit, 12)));
}

#[test]
fn real_values_leave_all_or_none_each_with_its_entry_and_within_the_quota() {
    let (house, owner) = House::new();
    for n in 0..3 {
        tagged(&owner, &format!("Customer {n}"), "x", vec![set("mobile", &format!("1380000123{n}"))]);
    }
    tagged(&owner, "Without", "x", vec![]);
    let asked = || order("tag:x", Some(&["mobile", "stage"]), &["mobile"]);
    assert_eq!(foretold(&owner, asked()).unwrap(), ExportReport { going: 4, left: Vec::new(), values: 3 });
    policy(&owner, "contact_per_hour", "4");
    let out = export(&owner, asked()).unwrap();
    let expected = ["name,mobile,stage", "Customer 0,'+86 138 0000 1230,lead", "Customer 1,'+86 138 0000 1231,lead"];
    assert_eq!(lines(&out)[..3], expected);
    assert_eq!(lines(&out)[4], "Without,,lead");
    let copied = |owner: &Session| verbs(owner).iter().filter(|verb| *verb == "customer.copy").count();
    assert_eq!(copied(&owner), 3);
    for answer in [foretold(&owner, asked()).err(), export(&owner, asked()).err()] {
        assert!(matches!(answer, Some(Refusal::QuotaShort { needed: 3, left: 1 })), "{answer:?}");
    }
    // One still goes.
    export(&owner, order("id:1", None, &["mobile"])).unwrap();
    assert_eq!(copied(&owner), 4);
    let lead = house.staff(&owner, RoleName::Lead);
    let sensitive = export(&lead, order("tag:x", None, &["mobile", "bank_card"])).err();
    assert!(matches!(sensitive, Some(Refusal::ApprovalNeeded { .. })), "{sensitive:?}");
    let open = export(&owner, order("tag:x", None, &["company"])).err();
    assert!(matches!(open, Some(Refusal::NotMasked)), "{open:?}");
}

#[test]
fn a_field_out_of_use_goes_nowhere() {
    let (_house, owner) = House::new();
    tagged(&owner, "张三丰", "x", vec![set("company", "Acme"), set("bank_card", "4111111111111111")]);
    let off = |field: &str| owner.perform(Action::SetFieldInUse(key(field), FieldState::Off, Printable::default()));
    off("company").unwrap();
    off("bank_card").unwrap();
    let out = export(&owner, order("tag:x", None, &[])).unwrap();
    assert!(!lines(&out).concat().contains("Acme") && !lines(&out)[0].contains("bank_card"));
    let unknown = [("company", ""), ("no_such", ""), ("stage", "bank_card")];
    for (part, value) in unknown {
        let values: Vec<FieldKey> = FieldKey::new(value).into_iter().collect();
        let asked = ExportOrder { values, ..order("tag:x", Some(&[part]), &[]) };
        let answer = export(&owner, asked).err();
        assert!(matches!(answer, Some(Refusal::Invalid(_))), "{part}: {answer:?}");
    }
}

#[test]
fn a_field_on_its_way_into_a_class_or_out_of_it_goes_out_by_the_stricter_of_the_two() {
    let (_house, owner) = House::new();
    let id = tagged(&owner, "张三丰", "vip", vec![set("company", "Acme")]);
    let field = |action| owner.perform(Action::Field(action)).unwrap();
    let asked = |values: &[&str]| lines(&export(&owner, order("tag:vip", Some(&["company"]), values)).unwrap());
    field(FieldAction::Classify(key("company"), FieldClass::Contact));
    // Nothing was sealed yet: the mask has a name that no import reads, and the value counts as let out.
    assert_eq!(asked(&[])[0], "name,company_masked");
    assert_eq!(foretold(&owner, order("tag:vip", None, &["company"])).unwrap().values, 1);
    let copies = || entries(&owner, "customer.copy").len();
    let before = copies();
    assert!(asked(&["company"])[1].contains("Acme"));
    assert_eq!(copies(), before + 1);
    field(FieldAction::Reseal);
    field(FieldAction::Classify(key("company"), FieldClass::Open));
    field(FieldAction::Confirm(key("company")));
    // It is open, and what is stored still stands as its mask.
    assert_eq!(asked(&[])[0], "name,company_masked");
    field(FieldAction::Reseal);
    assert_eq!(asked(&[]), ["name,company", "张三丰,Acme"]);
    assert_eq!(crate::house::open(&owner, id).profile.id, id);
}

#[test]
fn who_is_under_restriction_is_left_out_of_a_file_with_the_reason_and_never_goes_alone() {
    use veilbook::vault::book::customers;
    use veilbook::vault::records::Record;
    use veilbook::vault::store::{Put, Table};
    let (house, owner) = House::new();
    let kept = tagged(&owner, "Locked away", "vip", vec![set("mobile", "13800001234")]);
    tagged(&owner, "Here", "vip", vec![set("mobile", "13900001234")]);
    drop(owner);
    house.gate.seal();
    crate::record::tamper(&house, |to: &mut dyn Put| {
        let mut customer = customers::get(to, kept).unwrap().unwrap();
        customer.profile.restricted = true;
        to.put(Table::Customers, &kept.0.to_be_bytes(), &customer.to_bytes()).unwrap();
    });
    let owner = house.again();
    let marked = |ids: &[CustomerId], values: &[&str]| ExportOrder {
        target: Target::Marked(ids.to_vec()),
        ..order("", None, values)
    };
    for values in [&[][..], &["mobile"][..]] {
        let out = export(&owner, order("tag:vip", None, values)).unwrap();
        assert_eq!((out.report.going, &out.report.left), (1, &vec![(Left::Restricted, 1)]));
        let text = lines(&out).join("\n");
        assert!(text.contains("Here") && !text.contains("Locked away") && !text.contains("13800001234"), "{text}");
        let alone = owner.perform(Action::ExportCustomers(marked(&[kept], values), callback(), "x.csv".into()));
        assert!(matches!(alone, Err(Refusal::Invalid(_))), "{alone:?}");
    }
    assert!(entries(&owner, "customer.copy").iter().all(|row| row.entry.what.object.to_string() != kept.to_string()));
}
