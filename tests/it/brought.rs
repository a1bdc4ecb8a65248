//! Consents that come with an import: put down with it, said to be so, taken back with it, and over nobody's own word.

use std::ops::ControlFlow;

use veilbook::domain::audit::Origin;
use veilbook::domain::consent::{ConsentDraft, ConsentHow, ConsentState, Purpose, UNKNOWN_WORDING};
use veilbook::domain::customer::Basis;
use veilbook::domain::id::{CustomerId, JobId};
use veilbook::domain::role::RoleName;
use veilbook::service::view::{Asked, ChunkReport, ConsentAction, Happening, ListRequest};
use veilbook::service::{Action, Change, Done, ImportRecord, OnDuplicate, Query, Refusal, Session, View};
use veilbook::vault::store::{Table, Way};

use crate::consents::{row, say};
use crate::house::{House, PASSPHRASE, add, callback, named, open, set};
use crate::record::tamper;

use ConsentState::{Given, Refused, Withdrawn};
use Purpose::{CrossBorder, Marketing, Service};

type Said = Vec<(Purpose, ConsentState)>;

fn begin(who: &Session, duplicates: OnDuplicate) -> JobId {
    let (file, source) = ("list.csv".into(), "spring fair".into());
    match who.perform(Action::BeginImport { file, source, basis: Basis::Consent, duplicates }) {
        Ok(Done::ImportBegun(job)) => job,
        other => panic!("not begun: {other:?}"),
    }
}

fn record(row: u64, name: &str, mobile: &str, consents: Said) -> ImportRecord {
    let changes = vec![Change::Name(name.into()), set("mobile", mobile)];
    ImportRecord { row, owner: None, created: None, consents, changes }
}

fn bring(who: &Session, job: JobId, rows: Vec<ImportRecord>) -> ChunkReport {
    match who.perform(Action::ImportRows(job, rows)) {
        Ok(Done::Imported(report)) => report,
        other => panic!("not brought in: {other:?}"),
    }
}

fn import(who: &Session, duplicates: OnDuplicate, rows: Vec<ImportRecord>) -> ChunkReport {
    let job = begin(who, duplicates);
    let report = bring(who, job, rows);
    who.perform(Action::FinishImport(job)).unwrap();
    report
}

fn found(who: &Session, text: &str) -> Vec<(CustomerId, String)> {
    let request = ListRequest { text: text.into(), limit: 100, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list of {text}") };
    page.rows.iter().map(|row| (row.id, row.name.text().to_owned())).collect()
}

fn names(who: &Session, text: &str) -> Vec<String> {
    found(who, text).into_iter().map(|(_, name)| name).collect()
}

fn only(who: &Session, name: &str) -> CustomerId {
    found(who, name).first().unwrap_or_else(|| panic!("no {name}")).0
}

fn undo(who: &Session) {
    let undone = who.perform(Action::Undo);
    assert!(matches!(undone, Ok(Done::Undone(_))), "{undone:?}");
}

/// Rows of the table of consents that came with imports.
fn kept(house: &House) -> usize {
    house.gate.seal();
    let count = std::cell::Cell::new(0);
    tamper(house, |to| {
        to.visit_prefix(Table::JobConsents, &[], Way::Up, &mut |_, _| {
            count.set(count.get() + 1);
            ControlFlow::Continue(())
        })
        .unwrap();
    });
    count.get()
}

#[test]
fn what_comes_with_an_import_is_put_down_when_it_is_published_and_says_where_it_came_from() {
    let (house, owner) = House::new();
    let job = begin(&owner, OnDuplicate::Skip);
    let rows = vec![
        record(1, "Ada", "13800001234", vec![(Marketing, Given), (CrossBorder, Withdrawn)]),
        record(2, "Bea", "13800001235", vec![(Marketing, Refused)]),
        record(3, "Cleo", "13800001236", vec![]),
    ];
    let report = bring(&owner, job, rows);
    assert_eq!((report.added, report.consents), (3, 3));
    assert_eq!(names(&owner, "consent:marketing=yes"), [""; 0]);
    owner.perform(Action::FinishImport(job)).unwrap();
    assert_eq!(names(&owner, "consent:marketing=yes"), ["Ada"]);
    let ada = only(&owner, "Ada");
    let said = row(&owner, ada, Marketing);
    assert_eq!((said.state(), said.asked, said.wording.is_none()), (Some(Given), Asked::Current, true));
    let consent = &said.now.as_ref().unwrap().consent;
    assert_eq!((consent.how, consent.version), (ConsentHow::Import, UNKNOWN_WORDING));
    assert_eq!((consent.by, consent.note.as_str()), (owner.staff(), "spring fair"));
    assert_eq!(row(&owner, ada, CrossBorder).state(), Some(Withdrawn));
    assert_eq!(row(&owner, only(&owner, "Cleo"), Marketing).state(), None);
    let told = open(&owner, ada).timeline.into_iter().filter_map(|item| match item.what {
        Happening::Consent(what) => Some((what.purpose, what.before, what.after, what.version)),
        _ => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|(purpose, ..)| *purpose);
    assert_eq!(told, [(Marketing, None, Given, 0), (CrossBorder, None, Withdrawn, 0)]);
    // Words that nobody knows are older than those that are written from now on.
    assert_eq!(names(&owner, "consent:marketing=older"), [""; 0]);
    house.clock.advance(60);
    let texts = ["New words.".into(), "".into()];
    owner.perform(Action::Consent(ConsentAction::Word(Marketing, 1, texts))).unwrap();
    assert_eq!(names(&owner, "consent:marketing=older"), ["Ada"]);
    assert_eq!(row(&owner, ada, Marketing).asked, Asked::Older);
    // A no that came along is nothing to withdraw, and a yes is.
    let say_of = |id, state| Action::Consent(ConsentAction::Say(id, ConsentDraft::now(Marketing, state)));
    assert!(owner.perform(say_of(only(&owner, "Bea"), Withdrawn)).is_err());
    owner.perform(say_of(ada, Withdrawn)).unwrap();
    assert_eq!(names(&owner, "consent:marketing=yes"), [""; 0]);
}

#[test]
fn what_customers_said_before_stands_and_only_what_nobody_knew_is_filled_in() {
    let (house, owner) = House::new();
    let known = add(&owner, "Ada", vec![set("mobile", "13800001234")]);
    say(&owner, known, Marketing, Refused);
    let rows = || {
        vec![
            record(1, "Ada", "13800001234", vec![(Marketing, Given), (Service, Given)]),
            record(2, "Ada", "13800001234", vec![(Service, Refused)]),
            record(3, "Bea", "13800001235", vec![(Marketing, Given)]),
            record(4, "Bea", "13800001235", vec![(Marketing, Refused), (Service, Given)]),
        ]
    };
    let skipped = import(&owner, OnDuplicate::Skip, rows());
    assert_eq!((skipped.added, skipped.skipped, skipped.consents), (1, 3, 1));
    undo(&owner);
    let Ok(Done::Rehearsed(found)) = owner.perform(Action::RehearseRows(rows())) else { panic!("no rehearsal") };
    assert_eq!((found.known, found.consents), (vec![1, 2], vec![(1, 1), (2, 1)]));
    let merged = import(&owner, OnDuplicate::Merge, rows());
    assert_eq!((merged.added, merged.merged, merged.skipped, merged.consents), (1, 2, 1, 3));
    let states = |id| [Marketing, Service].map(|purpose| row(&owner, id, purpose).state());
    assert_eq!(states(known), [Some(Refused), Some(Given)]);
    assert_eq!(states(only(&owner, "Bea")), [Some(Given), Some(Given)]);
    undo(&owner);
    assert_eq!(states(known), [Some(Refused), None]);
    assert_eq!(names(&owner, ""), ["Ada"]);
    owner.end();
    drop(owner);
    assert_eq!(kept(&house), 0);
    let deep = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(deep.status.success(), "{}", String::from_utf8_lossy(&deep.stdout));
}

#[test]
fn an_import_under_whom_somebody_said_more_is_not_taken_back() {
    let (house, owner) = House::new();
    let lead = house.staff(&owner, RoleName::Lead);
    import(&owner, OnDuplicate::Keep, vec![record(1, "Ada", "13800001234", vec![(Marketing, Given)])]);
    let ada = only(&owner, "Ada");
    say(&lead, ada, Marketing, Withdrawn);
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(who)) if who.contains("lead")));
    undo(&lead);
    assert_eq!(row(&owner, ada, Marketing).state(), Some(Given));
    undo(&owner);
    assert_eq!(names(&owner, ""), [""; 0]);
}

#[test]
fn nothing_stays_of_an_import_that_is_cancelled_or_of_somebody_who_is_erased() {
    let (house, owner) = House::new();
    let rows = || (1..=130).map(|n| record(n, &format!("Ada {n}"), &format!("138000{n:05}"), vec![(Marketing, Given)]));
    let job = begin(&owner, OnDuplicate::Keep);
    assert_eq!(bring(&owner, job, rows().collect()).consents, 130);
    owner.perform(Action::CancelImport(job)).unwrap();
    owner.end();
    drop(owner);
    assert_eq!(kept(&house), 0);
    let owner = house.gate.login("olga", PASSPHRASE, Origin::Screen).unwrap();
    import(&owner, OnDuplicate::Keep, rows().take(2).collect());
    let kept_one = add(&owner, "Kept", vec![]);
    let ids: Vec<CustomerId> = found(&owner, "Ada").into_iter().map(|(id, _)| id).collect();
    let version = |id| (id, open(&owner, id).profile.version);
    owner.perform(Action::Merge { keep: version(kept_one), other: version(ids[0]), take: vec![] }).unwrap();
    assert_eq!(row(&owner, kept_one, Marketing).state(), Some(Given));
    for id in [kept_one, ids[1]] {
        owner.perform(Action::EraseCustomer(id, callback())).unwrap();
    }
    owner.end();
    drop(owner);
    assert_eq!(kept(&house), 0);
}

#[test]
fn an_import_that_was_cut_off_brings_nothing_and_the_next_one_does() {
    let (house, owner) = House::new();
    let job = begin(&owner, OnDuplicate::Keep);
    bring(&owner, job, vec![record(1, "Ada", "13800001234", vec![(Marketing, Given)])]);
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    assert_eq!(names(&owner, "consent:marketing=yes"), [""; 0]);
    assert!(matches!(owner.perform(Action::FinishImport(job)), Err(Refusal::ImportState)));
    import(&owner, OnDuplicate::Keep, vec![record(1, "Ada", "13800001234", vec![(Marketing, Given)])]);
    assert_eq!(names(&owner, "consent:marketing=yes"), ["Ada"]);
    assert!(matches!(owner.perform(named("Bea", vec![])), Ok(Done::Saved(..))));
}
