//! Queries to the list of customers: who is found, in whose scope, what is refused, and what goes on record.

use veilbook::domain::columns::{Chosen, Column, Columns, Part};
use veilbook::domain::customer::{Basis, CustomerKind, Stage};
use veilbook::domain::field::FieldState;
use veilbook::domain::id::CustomerId;
use veilbook::domain::query::{MOST_CONDITIONS, QueryFaultKind};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Anchor, ListRequest, Page, Sharing, Sort, Total};
use veilbook::service::{
    Action, AuditRequest, Change, Done, ImportRecord, NextStep, OnDuplicate, Query, Refusal, Session, View, ViewDraft,
};

use crate::house::{House, NOON, add, callback, set};

fn ask(who: &Session, request: ListRequest) -> Result<Page, Refusal> {
    match who.query(Query::Customers(request))? {
        View::Customers(page) => Ok(page),
        other => panic!("no list: {other:?}"),
    }
}

fn page(who: &Session, text: &str) -> Page {
    ask(who, ListRequest { text: text.into(), limit: 50, ..ListRequest::default() })
        .unwrap_or_else(|refusal| panic!("{text}: {refusal}"))
}

fn names(page: &Page) -> Vec<&str> {
    page.rows.iter().map(|row| row.name.text()).collect()
}

fn check(who: &Session, text: &str, wanted: &[&str]) {
    let page = page(who, text);
    assert_eq!(names(&page), wanted, "{text}");
    assert!(!page.after && page.total == Total::Exactly(wanted.len() as u64), "{text}: {:?}", page.total);
}

fn tags(tags: &[&str]) -> Change {
    Change::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect())
}

/// Ann and Bo are sales's, Cai is the owner's, Dong and Eve are nobody's.
fn house() -> (House, Session, Session) {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    add(&sales, "Ann", vec![tags(&["vip", "cold"]), Change::Stage(Stage::Lead), set("email", "ann@example.com")]);
    let bo = add(&sales, "Bo", vec![tags(&["VIP"]), Change::Stage(Stage::Qualified), set("company", "Acme Ltd")]);
    let cai =
        add(&owner, "蔡明", vec![tags(&["老客户"]), Change::Kind(CustomerKind::Company), set("company", "阿里巴巴")]);
    owner.perform(Action::EditCustomer(cai, 1, vec![Change::Owner(Some(owner.staff()))])).unwrap();
    add(&owner, "Dong", vec![Change::Basis(Basis::Contract), Change::Source("Fair in Ulm".into())]);
    add(&owner, "Eve", vec![tags(&["vip"]), Change::Stage(Stage::Lost)]);
    let step = NextStep::once(NOON.plus_seconds(3_600), "call".into());
    sales.perform(Action::AddFollowUp(bo, step)).unwrap();
    (house, owner, sales)
}

#[test]
fn each_condition_finds_whom_it_says() {
    let (house, owner, _sales) = house();
    for (text, wanted) in [
        ("tag:vip", vec!["Ann", "Bo", "Eve"]),
        ("tag:vip -tag:cold", vec!["Bo", "Eve"]),
        ("标签：老客户，cold", vec!["Ann", "蔡明"]),
        ("owner:me", vec!["蔡明"]),
        ("owner:nobody", vec!["Dong", "Eve"]),
        ("owner:\"sales person\" stage:lead", vec!["Ann"]),
        ("阶段:线索", vec!["Ann", "蔡明", "Dong"]),
        ("-stage:lead", vec!["Bo", "Eve"]),
        ("kind:company", vec!["蔡明"]),
        ("has:email", vec!["Ann"]),
        ("-has:company tag:vip", vec!["Ann", "Eve"]),
        ("company:acme", vec!["Bo"]),
        ("field.company=\"acme ltd\"", vec!["Bo"]),
        ("公司:巴巴", vec!["蔡明"]),
        ("basis:contract source:ulm", vec!["Dong"]),
        ("due:today", vec!["Bo"]),
        ("due:overdue", vec![]),
        ("due:never -owner:nobody", vec!["Ann", "蔡明"]),
        ("created:today stage:lost", vec!["Eve"]),
        ("last:never -tag:vip", vec!["蔡明", "Dong"]),
        ("last>90d", vec![]),
        ("updated<7d tag:cold", vec!["Ann"]),
        ("ann tag:vip", vec!["Ann"]),
        ("e tag:vip", vec!["Eve"]),
        ("-ann tag:vip", vec!["Bo", "Eve"]),
        ("id:2,4", vec!["Bo", "Dong"]),
        ("has:deal", vec![]),
        ("amount>5000", vec![]),
    ] {
        check(&owner, text, &wanted);
    }
    // Nobody spoke with them for ninety days: those who were added then count as well.
    house.clock.advance(91 * 86_400);
    let owner = house.again();
    assert_eq!(page(&owner, "last>90d").rows.len(), 5);
    check(&owner, "due:overdue", &["Bo"]);
}

#[test]
fn a_scope_is_applied_before_anything_is_listed_or_counted() {
    let (_house, _owner, sales) = house();
    for (text, wanted) in [
        ("tag:vip", vec!["Ann", "Bo"]),
        ("-tag:cold", vec!["Bo"]),
        ("owner:nobody", vec![]),
        ("id:3,5", vec![]),
        ("stage:lost,lead", vec!["Ann"]),
        ("created:today", vec!["Ann", "Bo"]),
        ("company:阿里", vec![]),
    ] {
        check(&sales, text, &wanted);
    }
    let unknown = ask(&sales, ListRequest { text: "owner:Olga".into(), limit: 10, ..ListRequest::default() });
    assert!(matches!(unknown, Err(Refusal::Query(fault)) if matches!(fault.kind, QueryFaultKind::UnknownOwner { .. })));
    let Ok(View::Vocabulary(words)) = sales.query(Query::Vocabulary) else { panic!("no vocabulary") };
    assert_eq!(words.tags, ["cold", "vip"]);
    assert_eq!(words.owners, ["sales person"]);
}

#[test]
fn what_masked_fields_say_and_deals_beyond_ones_rights_are_refused() {
    let (house, owner, sales) = house();
    for text in ["email:ann", "field.email=\"ann@example.com\"", "-mobile:138", "resident_id:1"] {
        let answer = ask(&sales, ListRequest { text: text.into(), limit: 10, ..ListRequest::default() });
        let sealed = |kind: &QueryFaultKind| matches!(kind, QueryFaultKind::Sealed(_));
        assert!(matches!(&answer, Err(Refusal::Query(fault)) if sealed(&fault.kind)), "{text}: {answer:?}");
    }
    let support = house.staff(&owner, RoleName::Support);
    for text in ["amount>5000", "has:deal"] {
        let answer = ask(&support, ListRequest { text: text.into(), limit: 10, ..ListRequest::default() });
        assert!(matches!(answer, Err(Refusal::NotPermitted { .. })), "{text}: {answer:?}");
    }
    let View::Audit(record) = owner.query(Query::Audit(AuditRequest { limit: 1, ..Default::default() })).unwrap()
    else {
        panic!("no record")
    };
    assert_eq!(record.rows[0].entry.what.action, "customer.list");
}

#[test]
fn a_query_goes_on_record_with_its_dates_and_without_numbers() {
    let (_house, owner, _sales) = house();
    page(&owner, "tag:vip created:2026-11-20..2026-11-22 \"138 0000 1234\"");
    owner.end();
    let after = _house.again();
    let View::Audit(record) = after.query(Query::Audit(AuditRequest { limit: 20, ..Default::default() })).unwrap()
    else {
        panic!("no record")
    };
    let texts: Vec<String> = record
        .rows
        .iter()
        .filter(|row| row.entry.what.action == "customer.list")
        .filter_map(|row| row.entry.what.texts.after.clone())
        .collect();
    let said = texts.first().expect("an entry");
    assert!(said.contains("tag:vip") && said.contains("created:2026-11-20..2026-11-22"), "{said}");
    assert!(!said.contains("138") && !said.contains("1234"), "{said}");
}

#[test]
fn hostile_queries_are_refused_with_the_limit() {
    let (_house, owner, _sales) = house();
    for (text, wanted) in [("tag:a ".repeat(60), true), ("a".repeat(10_000), false), ("-".repeat(1_000), true)] {
        let answer = ask(&owner, ListRequest { text, limit: 10, ..ListRequest::default() });
        match answer {
            Err(Refusal::Query(fault)) => assert_eq!(
                matches!(fault.kind, QueryFaultKind::TooManyConditions { most: MOST_CONDITIONS }),
                wanted && !matches!(fault.kind, QueryFaultKind::LoneMinus | QueryFaultKind::NothingToFind)
            ),
            Ok(page) => assert!(page.rows.len() <= 10),
            Err(other) => panic!("{other}"),
        }
    }
}

/// Imports `count` customers: every tenth has the tag `ten`, every third is contacted, the last one alone has `last`.
fn many(owner: &Session, count: usize) {
    let begin = Action::BeginImport {
        file: "many.csv".into(),
        source: "test".into(),
        basis: Basis::Contract,
        duplicates: OnDuplicate::Keep,
    };
    let Ok(Done::ImportBegun(job)) = owner.perform(begin) else { panic!("not begun") };
    let row = |n: usize| {
        let mut with = vec![if n.is_multiple_of(10) { "ten" } else { "other" }];
        with.extend((n == count - 1).then_some("last"));
        let stage = if n.is_multiple_of(3) { Stage::Contacted } else { Stage::Lead };
        let name = Change::Name(format!("Customer {n:05}").as_str().into());
        ImportRecord {
            row: n as u64,
            owner: None,
            created: None,
            consents: vec![],
            changes: vec![name, tags(&with), Change::Stage(stage)],
        }
    };
    let rows: Vec<ImportRecord> = (0..count).map(row).collect();
    for chunk in rows.chunks(2_000) {
        owner.perform(Action::ImportRows(job, chunk.to_vec())).unwrap();
    }
    owner.perform(Action::FinishImport(job)).unwrap();
}

/// All names that a query gives page by page, from the top down or from the bottom up.
fn all(who: &Session, text: &str, sort: Sort, first: Anchor) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut anchor = first;
    loop {
        let upwards = matches!(anchor, Anchor::Bottom | Anchor::Before(_));
        let page = ask(who, ListRequest { text: text.into(), sort, anchor, limit: 90 }).unwrap();
        let got: Vec<String> = page.rows.iter().map(|row| row.name.text().to_owned()).collect();
        if upwards {
            out.splice(0..0, got);
            let first = page.resume.or_else(|| page.rows.first().map(|row| row.cursor.clone()));
            match first.filter(|_| page.before) {
                Some(place) => anchor = Anchor::Before(place),
                None => return out,
            }
        } else {
            out.extend(got);
            let last = page.resume.or_else(|| page.rows.last().map(|row| row.cursor.clone()));
            match last.filter(|_| page.after) {
                Some(place) => anchor = Anchor::After(place),
                None => return out,
            }
        }
    }
}

#[test]
fn pages_of_a_query_hold_everybody_once_in_order_whatever_way_they_were_found() {
    let (_house, owner) = House::new();
    owner.perform(Action::SetPolicy("rows_per_hour".into(), "100000".into())).unwrap();
    many(&owner, 6_000);
    let wanted = |holds: &dyn Fn(usize) -> bool| -> Vec<String> {
        (0..6_000).filter(|n| holds(*n)).map(|n| format!("Customer {n:05}")).collect()
    };
    for (text, holds) in [
        ("tag:ten", &(|n: usize| n.is_multiple_of(10)) as &dyn Fn(usize) -> bool),
        ("tag:other,ten stage:contacted", &|n| n % 3 == 0),
        ("-tag:other stage:contacted", &|n| n % 30 == 0),
        ("tag:last -stage:customer", &|n| n == 5_999),
        ("stage:lead -tag:other -tag:ten", &|_| false),
        ("has:tag", &|_| true),
        ("customer -tag:other stage:contacted", &|n| n % 30 == 0),
    ] {
        assert_eq!(all(&owner, text, Sort::Name, Anchor::Top), wanted(holds), "{text}");
        assert_eq!(all(&owner, text, Sort::Name, Anchor::Bottom), wanted(holds), "{text} from the bottom");
        let mut recent = all(&owner, text, Sort::Recent, Anchor::Top);
        recent.sort();
        assert_eq!(recent, wanted(holds), "{text} by change");
    }
}

#[test]
fn customers_stand_in_their_new_places_after_a_change_an_undo_and_an_erasure() {
    let (_house, owner) = House::new();
    let id = add(&owner, "Ann", vec![tags(&["vip"])]);
    check(&owner, "tag:vip stage:lead", &["Ann"]);
    owner.perform(Action::EditCustomer(id, 1, vec![tags(&["cold"]), Change::Stage(Stage::Lost)])).unwrap();
    check(&owner, "tag:vip", &[]);
    check(&owner, "tag:cold stage:lost", &["Ann"]);
    owner.perform(Action::Undo).unwrap();
    check(&owner, "tag:vip stage:lead", &["Ann"]);
    check(&owner, "tag:cold", &[]);
}

fn save(who: &Session, name: &str, query: &str, sharing: Sharing) -> Result<Done, Refusal> {
    let (name, query) = (name.into(), query.into());
    let (sort, columns) = (Sort::Recent, Columns::Standard);
    who.perform(Action::SaveView(ViewDraft { id: None, name, query, sort, sharing, columns }))
}

#[test]
fn a_view_that_names_somebody_goes_with_them() {
    let (_house, owner, _sales) = house();
    save(&owner, "Call", "蔡明 due:today", Sharing::Own).unwrap();
    save(&owner, "VIPs", "tag:vip", Sharing::Own).unwrap();
    save(&owner, "Gone", "蔡明", Sharing::Own).unwrap();
    let View::SavedViews(rows) = owner.query(Query::SavedViews).unwrap() else { panic!("no views") };
    let gone = rows.iter().find(|row| row.view.name.as_str() == "Gone").unwrap().view.id;
    owner.perform(Action::RemoveView(gone)).unwrap();
    owner.perform(Action::EraseCustomer(CustomerId(3), callback())).unwrap();
    assert_eq!(views(&owner), [("VIPs".to_owned(), true)]);
    // No undo brings one back: what is taken back next is the view that names nobody.
    owner.perform(Action::Undo).unwrap();
    assert_eq!(views(&owner), []);
}

fn views(who: &Session) -> Vec<(String, bool)> {
    let View::SavedViews(rows) = who.query(Query::SavedViews).unwrap() else { panic!("no views") };
    rows.into_iter().map(|row| (row.view.name.as_str().to_owned(), row.mine)).collect()
}

#[test]
fn views_are_ones_own_or_shared_and_nobody_elses_to_change() {
    let (house, owner, sales) = house();
    save(&owner, "Everyone's", "tag:vip", Sharing::Shared).unwrap();
    save(&owner, "Olga's", "owner:me", Sharing::Own).unwrap();
    save(&sales, "Mine", "due:today", Sharing::Own).unwrap();
    assert_eq!(views(&sales), [("Mine".to_owned(), true), ("Everyone's".to_owned(), false)]);
    assert_eq!(views(&owner), [("Everyone's".to_owned(), true), ("Olga's".to_owned(), true)]);
    assert!(matches!(save(&sales, "mine", "tag:vip", Sharing::Own), Err(Refusal::NameTaken)));
    assert!(matches!(save(&sales, "", "tag:vip", Sharing::Own), Err(Refusal::Invalid(_))));
    assert!(matches!(save(&sales, "Wrong", "stge:lead", Sharing::Own), Err(Refusal::Query(_))));
    assert!(matches!(save(&sales, "Oracle", "mobile:138", Sharing::Own), Err(Refusal::Query(_))));
    let View::SavedViews(rows) = owner.query(Query::SavedViews).unwrap() else { panic!("no views") };
    let (shared, own) = (rows[0].view.id, rows[1].view.id);
    for id in [shared, own] {
        assert!(matches!(sales.perform(Action::RemoveView(id)), Err(Refusal::NotFound(_))));
        let (name, query, sort, sharing) = ("x".into(), "tag:y".into(), Sort::Name, Sharing::Own);
        let over = ViewDraft { id: Some(id), name, query, sort, sharing, columns: Columns::Standard };
        assert!(matches!(sales.perform(Action::SaveView(over)), Err(Refusal::NotFound(_))));
    }
    let owner = house.again();
    owner.perform(Action::RemoveView(shared)).unwrap();
    assert_eq!(views(&owner), [("Olga's".to_owned(), true)]);
}

#[test]
fn a_view_keeps_no_query_that_is_too_long_and_columns_of_fields_that_are_gone_do_no_harm() {
    let (_house, owner, _sales) = house();
    let long = "a".repeat(10_001);
    assert!(matches!(save(&owner, "Long", &long, Sharing::Own), Err(Refusal::Invalid(_))));
    let many = "tag:a ".repeat(1_000);
    assert!(matches!(save(&owner, "Many", many.trim(), Sharing::Own), Err(Refusal::Invalid(_))));
    let sixty = "tag:a ".repeat(60);
    assert!(matches!(save(&owner, "Sixty", sixty.trim(), Sharing::Own), Err(Refusal::Query(_))));
    let width = 20;
    let part = |field: &str| Part::Field(crate::house::key(field));
    let chosen = ["company", "never_was"].map(|field| Column { part: part(field), width });
    let columns = Columns::Chosen(Chosen::new(30, chosen));
    let (name, query) = ("Firms".into(), "has:company".into());
    let draft = ViewDraft { id: None, name, query, sort: Sort::Name, sharing: Sharing::Shared, columns };
    owner.perform(Action::SaveView(draft.clone())).unwrap();
    let off = Action::SetFieldInUse(crate::house::key("company"), FieldState::Off, "".into());
    owner.perform(off).unwrap();
    let View::SavedViews(rows) = owner.query(Query::SavedViews).unwrap() else { panic!("no views") };
    assert_eq!(rows[0].view.columns, draft.columns);
}

/// How long queries take over so many customers, and whether pages are full: `VEILBOOK_MEASURE=100000`.
#[test]
#[ignore = "for a person to read"]
fn how_long_queries_take() {
    let count = std::env::var("VEILBOOK_MEASURE").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let (_house, owner) = House::new();
    many(&owner, count);
    for text in [
        "",
        "tag:ten stage:contacted created:today",
        "tag:ten stage:lead -tag:last",
        "tag:last stage:lead,contacted updated<7d",
        "tag:other stage:lead -has:email",
        "-tag:other stage:contacted kind:person",
        "stage:lost kind:company tag:other",
        "due:today stage:lead tag:ten",
        "stage:lead kind:company has:email",
        "has:email stage:lead -tag:ten",
        "customer tag:ten stage:contacted",
    ] {
        let (mut times, mut last) = (Vec::new(), None);
        for _ in 0..20 {
            let started = std::time::Instant::now();
            let request = ListRequest { text: text.into(), limit: 50, ..ListRequest::default() };
            last = Some(ask(&owner, request).unwrap_or_else(|refusal| panic!("{text}: {refusal}")));
            times.push(started.elapsed());
        }
        times.sort();
        let page = last.unwrap();
        let further = if page.resume.is_some() { ", goes on" } else { "" };
        let (median, worst, rows) = (times[10], times[19], page.rows.len());
        println!("{text:42} median {median:>9.2?} worst {worst:>9.2?}  {rows} rows, {:?}{further}", page.total);
    }
}
