//! Pairs of customers who are said not to be the same: kept, carried along by merges, erased with either, taken back; and
//! what is missing or contradictory in the data.

use std::ops::ControlFlow;

use veilbook::domain::customer::{Basis, Stage};
use veilbook::domain::id::CustomerId;
use veilbook::domain::loss::LossReason;
use veilbook::domain::role::RoleName;
use veilbook::privacy::class::FieldClass;
use veilbook::service::quality::QualityAction;
use veilbook::service::view::{DealAction, FlawKind, FlawWhy, QualityQuery, QualityView};
use veilbook::service::{Action, Change, Done, LossDraft, MergePart, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, add, callback, key, open, set, verbs};

pub fn pairs(who: &Session) -> Vec<(u64, Option<u64>)> {
    let Ok(Done::Hunt(hunt)) = who.perform(Action::FindDuplicates) else { panic!("not allowed") };
    let mut last = 0;
    let found = hunt.run(&mut |searched| {
        assert!(searched.done >= last && searched.done <= searched.total, "{searched:?}");
        last = searched.done;
        ControlFlow::Continue(())
    });
    found.unwrap().iter().map(|pair| (pair.keep.id.0, pair.other.as_ref().map(|row| row.id.0))).collect()
}

fn apart(who: &Session, one: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    who.perform(Action::Quality(QualityAction::Apart(one, other)))
}

pub fn merge(who: &Session, keep: CustomerId, other: CustomerId, take: Vec<MergePart>) -> Result<Done, Refusal> {
    let [keep, other] = [keep, other].map(|id| (id, open(who, id).profile.version));
    who.perform(Action::Merge { keep, other, take })
}

fn undo(who: &Session) {
    let undone = who.perform(Action::Undo);
    assert!(matches!(undone, Ok(Done::Undone(_))), "{undone:?}");
}

/// So many who look alike: the same name and phone.
fn alike(owner: &Session, count: usize) -> Vec<CustomerId> {
    (0..count).map(|_| add(owner, "欧阳小明", vec![set("mobile", "13800001234")])).collect()
}

#[test]
fn a_pair_that_is_said_not_to_be_one_does_not_come_back_until_that_is_taken_back() {
    let (house, owner) = House::new();
    let ids = alike(&owner, 2);
    let both = vec![(ids[0].0, Some(ids[1].0))];
    assert_eq!(pairs(&owner), both);
    apart(&owner, ids[1], ids[0]).unwrap();
    assert_eq!(pairs(&owner), []);
    // Once more changes nothing and leaves nothing to take back.
    apart(&owner, ids[0], ids[1]).unwrap();
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.apart").count(), 2);
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    assert_eq!(pairs(&owner), []);
    undo(&owner);
    assert_eq!(pairs(&owner), both);
}

#[test]
fn what_is_said_of_one_who_is_merged_away_is_said_of_the_kept_one_and_comes_apart_with_them() {
    let (_house, owner) = House::new();
    let ids = alike(&owner, 3);
    let [a, b, c] = [ids[0], ids[1], ids[2]];
    apart(&owner, a, c).unwrap();
    merge(&owner, b, a, vec![]).unwrap();
    assert_eq!(pairs(&owner), []);
    merge(&owner, c, b, vec![]).unwrap();
    undo(&owner);
    assert_eq!(pairs(&owner), []);
    undo(&owner);
    assert_eq!(pairs(&owner).len(), 2);
    undo(&owner);
    assert_eq!(pairs(&owner).len(), 3);
    // Two of whom it is said can be merged all the same; then nothing is left of it.
    apart(&owner, a, b).unwrap();
    merge(&owner, a, b, vec![]).unwrap();
    assert_eq!(pairs(&owner), [(a.0, Some(c.0))]);
    undo(&owner);
    assert_eq!(pairs(&owner).len(), 2);
}

#[test]
fn what_was_said_by_one_is_not_taken_back_once_somebody_else_merged_one_of_them() {
    let (house, owner) = House::new();
    let ids = alike(&owner, 3);
    let lead = house.staff(&owner, RoleName::Lead);
    apart(&owner, ids[0], ids[1]).unwrap();
    merge(&lead, ids[2], ids[1], vec![]).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(who)) if who == "lead person"));
    assert_eq!(pairs(&owner), []);
    undo(&lead);
    undo(&owner);
    assert_eq!(pairs(&owner).len(), 3);
}

#[test]
fn who_is_erased_is_in_no_pair_and_the_merges_of_others_can_still_be_taken_back() {
    let (house, owner) = House::new();
    let ids = alike(&owner, 3);
    let [a, b, c] = [ids[0], ids[1], ids[2]];
    apart(&owner, a, c).unwrap();
    merge(&owner, b, a, vec![]).unwrap();
    owner.perform(Action::EraseCustomer(c, callback())).unwrap();
    undo(&owner);
    assert_eq!(pairs(&owner), [(a.0, Some(b.0))]);
    // What was said of the erased one is not what is taken back next.
    let next = owner.perform(Action::Undo);
    assert!(matches!(&next, Ok(Done::Undone(label)) if label.action == "customer.add"), "{next:?}");
    assert!(matches!(apart(&owner, a, c), Err(Refusal::OutOfScope)));
    assert!(matches!(merge_unseen(&owner, a, c), Err(Refusal::OutOfScope)));
    drop(owner);
    house.gate.seal();
}

fn merge_unseen(who: &Session, keep: CustomerId, other: CustomerId) -> Result<Done, Refusal> {
    let version = open(who, keep).profile.version;
    who.perform(Action::Merge { keep: (keep, version), other: (other, 1), take: vec![] })
}

#[test]
fn it_is_said_only_of_two_who_are_both_in_scope_and_not_of_one_alone() {
    let (house, owner) = House::new();
    let ids = alike(&owner, 2);
    assert!(matches!(apart(&owner, ids[0], ids[0]), Err(Refusal::SameCustomer)));
    assert!(matches!(apart(&owner, ids[0], CustomerId(99)), Err(Refusal::OutOfScope)));
    let sales = house.staff(&owner, RoleName::Sales);
    let own = add(&sales, "欧阳小明", vec![set("mobile", "13800001234")]);
    assert!(matches!(apart(&sales, own, ids[0]), Err(Refusal::OutOfScope)));
    assert_eq!(pairs(&sales).iter().filter(|(_, other)| other.is_some()).count(), 0);
    merge(&owner, ids[0], ids[1], vec![]).unwrap();
    assert!(matches!(apart(&owner, ids[0], ids[1]), Err(Refusal::SameCustomer)));
}

#[test]
fn a_merge_takes_from_the_other_what_it_is_told_to_and_gives_it_back() {
    let (_house, owner) = House::new();
    let keep = add(&owner, "张三", vec![set("mobile", "13800001234"), set("company", "晨光")]);
    let other =
        add(&owner, "张三丰", vec![set("mobile", "13955556666"), set("company", "晚霞"), set("job_title", "掌门")]);
    let shown = |id| {
        let detail = open(&owner, id);
        let field = |name: &str| {
            detail.fields.iter().find(|f| f.key == key(name)).map(|f| f.shown.text().to_owned()).unwrap_or_default()
        };
        [detail.name.text().to_owned(), field("mobile"), field("company"), field("job_title")]
    };
    let take = vec![MergePart::Name, MergePart::Field(key("mobile")), MergePart::Field(key("passport"))];
    merge(&owner, keep, other, take).unwrap();
    assert_eq!(shown(keep), ["张三丰", "139****6666", "晨光", "掌门"]);
    let found = veilbook::domain::identifier::recognise("13955556666", "CN").unwrap();
    let found = owner.perform(Action::FindByIdentifier(found));
    assert!(matches!(&found, Ok(Done::Matches(rows)) if rows.len() == 1 && rows[0].id == keep), "{found:?}");
    undo(&owner);
    assert_eq!(shown(keep), ["张三", "138****1234", "晨光", ""]);
    assert_eq!(shown(other), ["张三丰", "139****6666", "晚霞", "掌门"]);
}

#[test]
fn a_search_that_is_stopped_or_whose_session_ended_shows_nothing() {
    let (_house, owner) = House::new();
    alike(&owner, 2);
    let hunt = |who: &Session| match who.perform(Action::FindDuplicates) {
        Ok(Done::Hunt(hunt)) => hunt,
        other => panic!("not allowed: {other:?}"),
    };
    assert!(matches!(hunt(&owner).run(&mut |_| ControlFlow::Break(())), Err(Refusal::Stopped)));
    let hunt = hunt(&owner);
    owner.end();
    assert!(hunt.run(&mut |_| ControlFlow::Continue(())).is_err());
}

/// The pairs that are found when the values of these classes are compared by likeness.
fn closer(who: &Session, classes: &[FieldClass]) -> Result<Vec<(u64, Option<u64>)>, Refusal> {
    let Done::Hunt(hunt) = who.perform(Action::Quality(QualityAction::Closer(classes.to_vec())))? else {
        panic!("no search")
    };
    let found = hunt.run(&mut |_| ControlFlow::Continue(()))?;
    Ok(found.iter().map(|pair| (pair.keep.id.0, pair.other.as_ref().map(|row| row.id.0))).collect())
}

#[test]
fn whoever_holds_a_class_may_have_its_values_compared_by_likeness_on_record_and_nothing_is_shown() {
    let (house, owner) = House::new();
    // One digit of the phone and one letter of the mailbox apart: their tokens have nothing in common.
    let fields = |mobile: &str, email: &str, street: &str| {
        vec![set("mobile", mobile), set("email", email), set("address", street)]
    };
    let one =
        add(&owner, "欧阳小明", fields("13800001234", "ouyangxiaoming88@example.com", "北京市海淀区中关村大街27号"));
    let other =
        add(&owner, "欧阳晓明", fields("13800001235", "ouyangxiaomin88@example.com", "北京市海淀区中关村大街 27 号"));
    assert_eq!(pairs(&owner), []);
    assert_eq!(closer(&owner, &[FieldClass::Contact]).unwrap(), [(one.0, Some(other.0))]);
    let request = veilbook::service::AuditRequest { limit: 10, ..Default::default() };
    let Ok(View::Audit(page)) = owner.query(Query::Audit(request)) else { panic!("no record") };
    let entries = page.rows.iter().filter(|row| row.entry.what.action == "customer.compare");
    let said: Vec<_> = entries.map(|row| (row.entry.what.count, row.entry.what.texts.after.clone())).collect();
    assert_eq!(said, [(Some(6), Some("contact".to_owned()))]);
    // The same who share everything are found either way, and weigh no less for being known twice.
    let support = house.staff(&owner, RoleName::Support);
    assert_eq!(closer(&support, &[FieldClass::Contact]).unwrap().len(), 1);
    assert!(matches!(closer(&support, &[FieldClass::Sensitive]), Err(Refusal::NeverRevealed { .. })));
    let lead = house.staff(&owner, RoleName::Lead);
    assert!(matches!(closer(&lead, &[FieldClass::Sensitive]), Err(Refusal::ApprovalNeeded { .. })));
    assert!(matches!(closer(&owner, &[FieldClass::Open]), Err(Refusal::NotMasked)));
    // What is another's is not opened: it counts by its tokens alone.
    let sales = house.staff(&owner, RoleName::Sales);
    add(&sales, "欧阳小明", fields("13800001236", "ouyangxiaomimg88@example.com", "北京市海淀区中关村大街27号"));
    assert!(closer(&sales, &[FieldClass::Contact]).unwrap().iter().all(|(_, other)| other.is_none()));
    let entry = last_compared(&owner);
    assert_eq!(entry, Some(3));
}

fn last_compared(who: &Session) -> Option<u64> {
    let request = veilbook::service::AuditRequest { limit: 10, ..Default::default() };
    let Ok(View::Audit(page)) = who.query(Query::Audit(request)) else {
        return None;
    };
    page.rows.iter().find(|row| row.entry.what.action == "customer.compare")?.entry.what.count
}

/// How much is wrong of each kind, over all stretches.
fn counted(who: &Session) -> [u64; 3] {
    let mut out = [0; 3];
    let mut place = None;
    loop {
        let answer = who.query(Query::Quality(QualityQuery::Counts(place)));
        let Ok(View::Quality(QualityView::Counts(found))) = answer else { panic!("no counts: {answer:?}") };
        found.counts.iter().zip(&mut out).for_each(|((_, count), sum)| *sum += count);
        place = found.resume;
        if place.is_none() {
            return out;
        }
    }
}

fn wrong(who: &Session, kind: FlawKind) -> Vec<(String, String, FlawWhy)> {
    let (mut out, mut place) = (Vec::new(), None);
    loop {
        let answer = who.query(Query::Quality(QualityQuery::List(kind, place)));
        let Ok(View::Quality(QualityView::Page(page))) = answer else { panic!("no list: {answer:?}") };
        out.extend(page.rows.into_iter().map(|row| (row.name.text().to_owned(), row.part, row.why)));
        place = page.resume;
        if place.is_none() {
            return out;
        }
    }
}

fn whole(owner: &Session, name: &str, rest: Vec<Change>) -> CustomerId {
    let mut changes = vec![Change::Basis(Basis::Contract), Change::Owner(Some(owner.staff()))];
    changes.extend(rest);
    let id = add(owner, name, changes);
    owner
        .perform(Action::AddFollowUp(
            id,
            NextStep { due: NOON.plus_seconds(3_600), text: "call".into(), repeats: None },
        ))
        .unwrap();
    id
}

#[test]
fn what_is_missing_and_contradictory_is_counted_and_listed_within_scope_and_goes_once_it_is_mended() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    whole(&owner, "Whole", vec![]);
    let bare = add(&owner, "Bare", vec![]);
    let said = LossDraft { why: LossReason::PRICE, text: "".into(), back: None };
    let lost = whole(&owner, "Lost", vec![Change::Stage(Stage::Lost), Change::Lost(said)]);
    owner.perform(Action::Deal(DealAction::Add(lost, crate::deals::draft("tea", "1")))).unwrap();
    assert_eq!(counted(&owner), [3, 0, 1]);
    let row = |name: &str, part: &str, why| (name.to_owned(), part.to_owned(), why);
    assert_eq!(
        wrong(&owner, FlawKind::Missing),
        [
            row("Bare", "owner", FlawWhy::NoOwner),
            row("Bare", "basis", FlawWhy::NoBasis),
            row("Bare", "next", FlawWhy::NoNextStep)
        ]
    );
    assert_eq!(wrong(&owner, FlawKind::Contradictory), [row("Lost", "stage", FlawWhy::OpenDeal)]);
    assert_eq!((counted(&sales), wrong(&sales, FlawKind::Missing)), ([0; 3], vec![]));
    let mended = vec![Change::Basis(Basis::Consent), Change::Owner(Some(owner.staff()))];
    owner.perform(Action::EditCustomer(bare, 1, mended)).unwrap();
    owner.perform(Action::AddFollowUp(bare, NextStep { due: NOON, text: "call".into(), repeats: None })).unwrap();
    let version = open(&owner, lost).profile.version;
    owner.perform(Action::EditCustomer(lost, version, vec![Change::Stage(Stage::Customer)])).unwrap();
    assert_eq!(counted(&owner), [0; 3]);
    // A reminder of somebody who is shut out reaches nobody.
    let theirs = add(&sales, "Theirs", vec![Change::Basis(Basis::Contract)]);
    sales.perform(Action::AddFollowUp(theirs, NextStep { due: NOON, text: "call".into(), repeats: None })).unwrap();
    owner.perform(Action::DisableStaff(sales.staff())).unwrap();
    assert_eq!(wrong(&owner, FlawKind::Contradictory), [row("Theirs", "next", FlawWhy::ShutOut)]);
}

#[test]
fn a_list_of_what_is_wrong_goes_on_page_by_page_and_is_on_record() {
    let (_house, owner) = House::new();
    for n in 0..70 {
        add(&owner, &format!("Customer {n:03}"), vec![]);
    }
    assert_eq!(counted(&owner), [210, 0, 0]);
    assert_eq!(wrong(&owner, FlawKind::Missing).len(), 210);
    assert_eq!(wrong(&owner, FlawKind::Invalid).len(), 0);
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "customer.list").count(), 4);
}
