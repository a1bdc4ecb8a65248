//! The tags as a whole: counts within scope, renaming, merging, retiring, removing, and one undo for everybody.

use veilbook::domain::id::CustomerId;
use veilbook::domain::role::RoleName;
use veilbook::service::tags::TagAction;
use veilbook::service::view::{ListRequest, Retired, Total};
use veilbook::service::{Action, Change, Done, Query, Refusal, Session, View};

use crate::house::{House, add, open, verbs};

fn tagged(who: &Session, name: &str, tags: &[&str]) -> CustomerId {
    add(who, name, vec![Change::Tags(tags.iter().map(|tag| (*tag).to_owned()).collect())])
}

fn counts(who: &Session) -> Vec<(String, u64, bool)> {
    let Ok(View::Tags(rows)) = who.query(Query::Tags) else { panic!("no tags") };
    let count = |total| match total {
        Total::Exactly(n) | Total::AtLeast(n) => n,
    };
    rows.into_iter().map(|row| (row.tag, count(row.count), row.retired == Retired::Yes)).collect()
}

fn act(who: &Session, action: TagAction) -> Result<Done, Refusal> {
    who.perform(Action::Tags(action))
}

fn found(who: &Session, text: &str) -> usize {
    let request = ListRequest { text: text.into(), limit: 100, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.len()
}

fn row(tag: &str, count: u64) -> (String, u64, bool) {
    (tag.to_owned(), count, false)
}

#[test]
fn a_tag_is_renamed_and_merged_at_everybody_and_taken_back_as_one() {
    let (_house, owner) = House::new();
    for n in 0..210 {
        tagged(&owner, &format!("Customer {n:03}"), if n % 3 == 0 { &["Vip", "keen"] } else { &["Vip"] });
    }
    let other = tagged(&owner, "Other", &["老客户"]);
    assert_eq!(counts(&owner), [row("keen", 70), row("Vip", 210), row("老客户", 1)]);
    let renamed = act(&owner, TagAction::Rename("VIP".into(), "Best".into()));
    assert!(matches!(&renamed, Ok(Done::Bulk(report)) if report.changed == 210), "{renamed:?}");
    assert_eq!(counts(&owner), [row("Best", 210), row("keen", 70), row("老客户", 1)]);
    // Into one that is there: whoever had both has it once.
    act(&owner, TagAction::Rename("keen".into(), "best".into())).unwrap();
    assert_eq!(counts(&owner), [row("Best", 210), row("老客户", 1)]);
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "tag.rename").count(), 2);
    owner.perform(Action::Undo).unwrap();
    owner.perform(Action::Undo).unwrap();
    assert_eq!(counts(&owner), [row("keen", 70), row("Vip", 210), row("老客户", 1)]);
    assert_eq!(open(&owner, other).profile.tags, ["老客户"]);
    act(&owner, TagAction::Remove("vip".into())).unwrap();
    assert_eq!((found(&owner, "tag:vip"), found(&owner, "tag:keen")), (0, 70));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(counts(&owner).len(), 3);
}

#[test]
fn an_undo_is_refused_whole_where_somebody_changed_one_since() {
    let (house, owner) = House::new();
    let ids: Vec<_> = (0..3).map(|n| tagged(&owner, &format!("Customer {n}"), &["old"])).collect();
    act(&owner, TagAction::Rename("old".into(), "new".into())).unwrap();
    let lead = house.staff(&owner, RoleName::Lead);
    let version = open(&lead, ids[1]).profile.version;
    lead.perform(Action::EditCustomer(ids[1], version, vec![Change::Name("Changed".into())])).unwrap();
    assert!(matches!(owner.perform(Action::Undo), Err(Refusal::UndoStale(_))));
    assert_eq!(counts(&owner), [row("new", 3)]);
}

#[test]
fn a_retired_tag_is_no_longer_offered_and_stays_with_whoever_has_it() {
    let (house, owner) = House::new();
    let id = tagged(&owner, "Somebody", &["Fair"]);
    act(&owner, TagAction::Retire("fair".into())).unwrap();
    let offered = |who: &Session| match who.query(Query::Vocabulary) {
        Ok(View::Vocabulary(words)) => words.tags.clone(),
        _ => panic!("no vocabulary"),
    };
    assert!(offered(&owner).is_empty());
    assert_eq!(counts(&owner), [("Fair".to_owned(), 1, true)]);
    assert_eq!((open(&owner, id).profile.tags, found(&owner, "tag:fair")), (vec!["Fair".to_owned()], 1));
    act(&owner, TagAction::Remove("FAIR".into())).unwrap();
    assert_eq!(counts(&owner), [("fair".to_owned(), 0, true)]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    act(&owner, TagAction::Offer("fair".into())).unwrap();
    assert!(counts(&owner).is_empty());
    for _ in ["offered", "removed"] {
        owner.perform(Action::Undo).unwrap();
    }
    assert_eq!(counts(&owner), [("Fair".to_owned(), 1, true)]);
    owner.perform(Action::Undo).unwrap();
    assert_eq!(offered(&owner), ["fair"]);
}

#[test]
fn counts_are_within_scope_and_only_who_edits_everybody_changes_a_tag() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    tagged(&owner, "Theirs", &["vip", "secret"]);
    tagged(&sales, "Own", &["vip"]);
    assert_eq!(counts(&sales), [row("vip", 1)]);
    assert_eq!(counts(&owner), [row("secret", 1), row("vip", 2)]);
    let lead = house.staff(&owner, RoleName::Lead);
    for who in [&sales, &lead] {
        for action in [
            TagAction::Rename("vip".into(), "x".into()),
            TagAction::Remove("vip".into()),
            TagAction::Retire("vip".into()),
        ] {
            assert!(matches!(act(who, action), Err(Refusal::NeedsEverybody(_))));
        }
    }
    for wrong in ["", &"x".repeat(41)] {
        let refused = act(&owner, TagAction::Rename("vip".into(), wrong.into()));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
    assert_eq!(counts(&owner), [row("secret", 1), row("vip", 2)]);
}
