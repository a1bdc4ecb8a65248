//! The shared pool: who is left alone is warned of, goes back, is claimed again, and nobody is taken by surprise.

use veilbook::domain::customer::Stage;
use veilbook::domain::id::{CustomerId, StaffId};
use veilbook::domain::interaction::InteractionKind;
use veilbook::domain::role::RoleName;
use veilbook::service::refusal::PoolFault;
use veilbook::service::view::{
    Bulk, DealAction, FollowUpRequest, Happening, ListRequest, PoolAction, PoolPage, PoolQuery, PoolTakes, PoolWarning,
    Target, Total, days_left,
};
use veilbook::service::{Action, Change, Contact, Done, NextStep, Query, Refusal, Session, View};

use crate::house::{House, NOON, PASSPHRASE, add, callback, named, open, verbs};

fn act(who: &Session, action: PoolAction) -> Result<Done, Refusal> {
    who.perform(Action::Pool(action))
}

/// Has the pool look: how many it warned of, and how many it took.
fn look(who: &Session) -> (u64, u64) {
    match act(who, PoolAction::Run) {
        Ok(Done::Swept(swept)) => (swept.warned, swept.returned),
        other => panic!("not run: {other:?}"),
    }
}

fn list(who: &Session) -> PoolPage {
    match who.query(Query::Pool(PoolQuery::List(None, 50))) {
        Ok(View::Pool(page)) => page,
        other => panic!("no pool: {other:?}"),
    }
}

fn dry(who: &Session, days: u32) -> PoolTakes {
    match act(who, PoolAction::DryRun(Some(days))) {
        Ok(Done::PoolTakes(takes)) => *takes,
        other => panic!("no dry run: {other:?}"),
    }
}

fn set(who: &Session, key: &str, value: u32) {
    who.perform(Action::SetPolicy(key.into(), value.to_string())).unwrap();
}

fn warning(who: &Session) -> PoolWarning {
    let Ok(View::Today(today)) = who.query(Query::Today) else { panic!("no today") };
    today.pool
}

fn found(who: &Session, query: &str) -> Vec<CustomerId> {
    let request = ListRequest { text: query.into(), limit: 50, ..ListRequest::default() };
    let Ok(View::Customers(page)) = who.query(Query::Customers(request)) else { panic!("no list") };
    page.rows.iter().map(|row| row.id).collect()
}

fn speak(who: &Session, id: CustomerId) {
    let contact = Contact { kind: InteractionKind::Call, text: "spoke".into(), ..Contact::default() };
    who.perform(Action::LogInteraction(id, contact)).unwrap();
}

fn owner_of(who: &Session, id: CustomerId) -> Option<StaffId> {
    open(who, id).profile.owner
}

fn give(who: &Session, id: CustomerId, to: Option<StaffId>) {
    let version = open(who, id).profile.version;
    who.perform(Action::EditCustomer(id, version, vec![Change::Owner(to)])).unwrap();
}

fn mine() -> Vec<Change> {
    vec![Change::Owner(Some(StaffId(1)))]
}

/// Somebody who can sign in again after days have gone by.
struct Person(String);

impl Person {
    fn new(house: &House, owner: &Session, role: RoleName) -> Self {
        house.staff(owner, role).end();
        Self(format!("{} person", role.code()))
    }

    fn now(&self, house: &House) -> Session {
        house.gate.login(&self.0, PASSPHRASE, veilbook::domain::audit::Origin::Screen).unwrap()
    }
}

fn days(house: &House, n: i64) -> Session {
    house.clock.advance(n * 86_400);
    house.again()
}

#[test]
fn a_customer_left_alone_is_warned_of_goes_back_and_rests_before_the_last_owner_claims_again() {
    let (house, owner) = House::new();
    let sales = Person::new(&house, &owner, RoleName::Sales);
    let at_work = sales.now(&house);
    let mei = add(&at_work, "Mei", vec![Change::Tags(vec!["vip".into()])]);
    set(&owner, "pool_days", 30);
    assert_eq!(look(&owner), (0, 0));
    assert_eq!(days_left(NOON, open(&at_work, mei).goes.unwrap()), 30);
    assert!(warning(&at_work).is_empty());

    let owner = days(&house, 24);
    let at_work = sales.now(&house);
    assert_eq!(look(&owner), (1, 0), "warned of, and nobody taken");
    assert_eq!(look(&owner), (0, 0), "warned of once");
    assert_eq!(warning(&at_work), PoolWarning { count: Total::Exactly(1), days: 7 });
    assert_eq!((found(&at_work, "pool<=7d"), found(&at_work, "pool<3d")), (vec![mei], vec![]));
    assert_eq!(found(&at_work, "owner:me pool:1w -pool>20d"), [mei]);

    let owner = days(&house, 8);
    assert_eq!(look(&owner), (0, 1));
    assert_eq!(look(&owner), (0, 0));
    let row = list(&owner).rows.remove(0);
    assert_eq!((row.id, row.tags, row.stage, row.since), (mei, vec!["vip".to_owned()], Stage::Lead, house_now(&house)));
    // Who had them last sees them in the pool and nowhere else.
    let at_work = sales.now(&house);
    assert!(matches!(at_work.perform(Action::OpenCustomer(mei)), Err(Refusal::OutOfScope)));
    assert!(found(&at_work, "").is_empty() && found(&at_work, "owner:nobody").is_empty());
    assert!(list(&at_work).rows[0].rests_until.is_some());
    let resting = act(&at_work, PoolAction::Claim(mei));
    assert!(matches!(resting, Err(Refusal::Pool(PoolFault::Resting { .. }))), "{resting:?}");

    let owner = days(&house, 31);
    let at_work = sales.now(&house);
    assert!(act(&at_work, PoolAction::Claim(mei)).is_ok());
    let detail = open(&at_work, mei);
    assert!(detail.mine && detail.goes.is_some());
    let told: Vec<&str> = detail
        .timeline
        .iter()
        .filter_map(|item| if let Happening::Pool(verb, ..) = &item.what { Some(verb.as_str()) } else { None })
        .collect();
    assert_eq!(told, ["pool.claim", "pool.return"]);
    let returned = verbs(&owner).iter().filter(|verb| *verb == "pool.return").count();
    assert_eq!(returned, 1);
    // Becoming the owner counts: nobody loses what they were just given.
    assert_eq!(look(&owner), (0, 0));
}

fn house_now(house: &House) -> veilbook::clock::Timestamp {
    use veilbook::clock::Clock;
    house.clock.now()
}

#[test]
fn what_counts_keeps_a_customer_a_contact_a_deal_under_way_and_one_settled_lately() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 30);
    let [alone, spoken, open_deal, settled] =
        ["Alone", "Spoken with", "Open deal", "Settled"].map(|name| add(&owner, name, mine()));
    crate::deals::add_deal(&owner, open_deal, "tea", "1");
    let deal = crate::deals::add_deal(&owner, settled, "tea", "1");
    let owner = days(&house, 25);
    speak(&owner, spoken);
    owner.perform(Action::Deal(DealAction::Lose(deal, 1, "dear".into()))).unwrap();
    assert_eq!(look(&owner), (1, 0));
    let owner = days(&house, 8);
    assert_eq!(look(&owner), (0, 1));
    assert_eq!([alone, spoken, open_deal, settled].map(|id| owner_of(&owner, id).is_some()), [false, true, true, true]);
    assert!(open(&owner, open_deal).goes.is_none(), "a deal under way protects for as long as it is");
    assert_eq!(found(&owner, "pool<99d").len(), 2);
    // A deal that never was one protects nobody, and nobody is taken without a warning for it.
    let id = open(&owner, open_deal).deals[0].deal.id;
    owner.perform(Action::Deal(DealAction::Remove(id, 1))).unwrap();
    let goes = open(&owner, open_deal).goes.unwrap();
    assert_eq!(days_left(house_now(&house), goes), 7);
    assert_eq!(look(&owner), (1, 0));
    let owner = days(&house, 6);
    assert_eq!(look(&owner).1, 0);
    let owner = days(&house, 1);
    assert_eq!(look(&owner).1, 1);
}

#[test]
fn a_policy_that_is_set_or_made_shorter_takes_nobody_before_the_warning_has_run() {
    let (house, owner) = House::new();
    add(&owner, "Mei", mine());
    add(&owner, "In the pool", vec![]);
    let owner = days(&house, 400);
    set(&owner, "pool_days", 365);
    assert_eq!(look(&owner), (1, 0));
    let owner = days(&house, 3);
    // Made shorter while warned: the warning begins anew.
    set(&owner, "pool_days", 30);
    assert_eq!(look(&owner), (1, 0));
    let owner = days(&house, 6);
    assert_eq!((look(&owner), warning(&owner).count), ((0, 0), Total::Exactly(1)));
    let owner = days(&house, 1);
    assert_eq!(look(&owner), (0, 1));
    // Made longer, or switched off, it takes nobody for it.
    let lin = add(&owner, "Lin", mine());
    set(&owner, "pool_days", 60);
    let owner = days(&house, 40);
    assert_eq!(look(&owner), (0, 0));
    set(&owner, "pool_days", 0);
    let owner = days(&house, 400);
    assert_eq!((look(&owner), open(&owner, lin).goes), ((0, 0), None));
    assert!(warning(&owner).is_empty() && found(&owner, "pool<999d").is_empty());
}

#[test]
fn a_vault_that_was_closed_over_the_days_warns_before_it_takes() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 30);
    add(&owner, "Mei", mine());
    owner.end();
    drop(owner);
    let owner = days(&house, 90);
    assert_eq!(look(&owner), (1, 0));
    let owner = days(&house, 7);
    assert_eq!(look(&owner), (0, 1));
}

#[test]
fn quiet_moments_warn_and_take_in_bites_and_a_pass_cut_off_takes_nobody_twice() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 30);
    let all: Vec<CustomerId> = (0..120).map(|n| add(&owner, &format!("Customer {n}"), mine())).collect();
    drop(owner);
    let owner = days(&house, 25);
    (0..12).for_each(|_| owner.settle());
    drop(owner);
    let owner = days(&house, 8);
    // A pass is begun, looks first at those with whom somebody spoke, and is cut off.
    (0..3).for_each(|_| owner.settle());
    let taken = list(&owner).total;
    assert!((1..=50).contains(&taken), "{taken}");
    owner.end();
    drop(owner);
    house.gate.seal();
    let owner = house.again();
    (0..12).for_each(|_| owner.settle());
    assert_eq!(list(&owner).total, 120);
    let entries = verbs(&owner).iter().filter(|verb| *verb == "pool.return").count();
    assert_eq!(entries, 120);
    assert!(all.iter().all(|id| owner_of(&owner, *id).is_none()));
    owner.end();
    drop(owner);
    house.gate.seal();
    let done = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn claims_are_counted_a_day_and_an_undo_gives_the_customer_back_but_not_the_claim() {
    let (house, owner) = House::new();
    set(&owner, "pool_claims_per_day", 2);
    let [one, two, three] = ["One", "Two", "Three"].map(|name| add(&owner, name, vec![]));
    let person = Person::new(&house, &owner, RoleName::Sales);
    let sales = person.now(&house);
    assert_eq!((list(&sales).claims, list(&sales).rows.len()), ((2, 2), 3));
    act(&sales, PoolAction::Claim(one)).unwrap();
    sales.perform(Action::Undo).unwrap();
    assert_eq!((owner_of(&owner, one), list(&sales).claims.0), (None, 1));
    assert!(list(&sales).rows.iter().all(|row| row.rests_until.is_none()), "who took nothing rests from nothing");
    act(&sales, PoolAction::Claim(two)).unwrap();
    // To claim what one has is none.
    assert!(matches!(act(&sales, PoolAction::Claim(two)), Ok(Done::Saved(id, _)) if id == two));
    let over = act(&sales, PoolAction::Claim(three));
    assert!(matches!(over, Err(Refusal::Pool(PoolFault::Limit { limit: 2, hours: 1..=24 }))), "{over:?}");
    assert!(verbs(&owner).contains(&"pool.claim".to_owned()));
    house.clock.advance(1);
    let _owner = days(&house, 1);
    assert!(act(&person.now(&house), PoolAction::Claim(three)).is_ok());
}

#[test]
fn of_two_who_claim_one_the_second_is_told_who_was_faster_and_later_nothing() {
    let (house, owner) = House::new();
    let mei = add(&owner, "Mei", vec![]);
    let (sales, lead) = (Person::new(&house, &owner, RoleName::Sales), Person::new(&house, &owner, RoleName::Lead));
    act(&lead.now(&house), PoolAction::Claim(mei)).unwrap();
    let late = act(&sales.now(&house), PoolAction::Claim(mei));
    assert!(matches!(&late, Err(Refusal::Pool(PoolFault::Taken(who))) if who == "lead person"), "{late:?}");
    // Whom somebody added or was given a moment ago never was in the pool: nothing is told of them.
    let theirs = add(&lead.now(&house), "Another", vec![]);
    assert!(matches!(act(&sales.now(&house), PoolAction::Claim(theirs)), Err(Refusal::OutOfScope)));
    house.clock.advance(2 * 3_600);
    assert!(matches!(act(&sales.now(&house), PoolAction::Claim(mei)), Err(Refusal::OutOfScope)));
    assert!(matches!(act(&sales.now(&house), PoolAction::Claim(CustomerId(99))), Err(Refusal::OutOfScope)));
}

#[test]
fn one_s_own_customer_is_given_back_and_an_undo_takes_it_again() {
    let (house, owner) = House::new();
    let sales = house.staff(&owner, RoleName::Sales);
    let mei = add(&sales, "Mei", vec![]);
    let before = open(&sales, mei).profile;
    assert!(matches!(act(&sales, PoolAction::Release(mei, 9)), Err(Refusal::Conflict(None))));
    act(&sales, PoolAction::Release(mei, before.version)).unwrap();
    assert_eq!(list(&sales).rows[0].id, mei);
    assert!(matches!(sales.perform(Action::OpenCustomer(mei)), Err(Refusal::OutOfScope)));
    sales.perform(Action::Undo).unwrap();
    let again = open(&sales, mei).profile;
    assert_eq!((again.owner, again.owned_since), (before.owner, before.owned_since), "as if it had not been");
    // What others have is not theirs to give; whoever assigns customers may.
    let others = add(&owner, "Lin", mine());
    assert!(matches!(act(&sales, PoolAction::Release(others, 1)), Err(Refusal::OutOfScope)));
    let version = open(&owner, mei).profile.version;
    act(&owner, PoolAction::Release(mei, version)).unwrap();
    act(&owner, PoolAction::Release(mei, version + 1)).unwrap();
    // Somebody else claimed it meanwhile: there is nothing of it to take back.
    act(&sales, PoolAction::Claim(mei)).unwrap_err();
    act(&owner, PoolAction::Claim(mei)).unwrap();
    assert!(sales.perform(Action::Undo).is_err());
}

#[test]
fn whose_customer_somebody_else_s_undo_brings_back_has_them_as_if_given_anew() {
    let (house, owner) = House::new();
    let sales = Person::new(&house, &owner, RoleName::Sales);
    let mei = add(&sales.now(&house), "Mei", vec![]);
    set(&owner, "pool_days", 30);
    let owner = days(&house, 29);
    give(&owner, mei, Some(owner.staff()));
    owner.perform(Action::Undo).unwrap();
    assert_eq!(days_left(house_now(&house), open(&owner, mei).goes.unwrap()), 30);
    // So is whoever is assigned many at once.
    house.clock.advance(60);
    let whom = sales.now(&house).staff();
    owner.perform(Action::Bulk(Target::Marked(vec![mei]), Bulk::Assign(None))).unwrap();
    owner.perform(Action::Bulk(Target::Marked(vec![mei]), Bulk::Assign(Some(whom)))).unwrap();
    assert_eq!(open(&owner, mei).profile.owned_since, house_now(&house));
}

#[test]
fn open_follow_ups_of_who_cannot_reach_the_customer_go_to_whoever_claims_them_and_back_with_an_undo() {
    let (house, owner) = House::new();
    let sales = Person::new(&house, &owner, RoleName::Sales);
    let at_work = sales.now(&house);
    let mei = add(&at_work, "Mei", vec![]);
    at_work.perform(Action::AddFollowUp(mei, NextStep::once(NOON.plus_seconds(3_600), "call".into()))).unwrap();
    let version = open(&at_work, mei).profile.version;
    act(&at_work, PoolAction::Release(mei, version)).unwrap();
    let due = |who: &Session| {
        let request = FollowUpRequest { limit: 10, ..FollowUpRequest::default() };
        let Ok(View::FollowUps(rows)) = who.query(Query::FollowUps(request)) else { panic!("no agenda") };
        rows.len()
    };
    assert_eq!((due(&at_work), due(&owner)), (0, 0));
    act(&owner, PoolAction::Claim(mei)).unwrap();
    assert_eq!(due(&owner), 1);
    owner.perform(Action::Undo).unwrap();
    at_work.perform(Action::Undo).unwrap_err();
    assert_eq!(due(&owner), 0);
}

#[test]
fn nobody_under_restriction_moves_and_who_is_in_the_pool_is_not_warned_of() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 5);
    add(&owner, "Nobody's", vec![]);
    let owner = days(&house, 60);
    assert_eq!(look(&owner), (0, 0));
    assert!(open(&owner, CustomerId(1)).goes.is_none());
}

#[test]
fn a_dry_run_counts_by_owner_within_scope_and_does_nothing() {
    let (house, owner) = House::new();
    let sales = Person::new(&house, &owner, RoleName::Sales);
    let his = add(&sales.now(&house), "Mei", vec![]);
    add(&owner, "Lin", mine());
    let owner = days(&house, 20);
    let young = add(&owner, "Young", mine());
    let admin = house.staff(&owner, RoleName::Administrator);
    let told = |takes: &PoolTakes| {
        let by = takes.owners.iter().map(|t| (t.owner.clone(), t.now, t.soon)).collect::<Vec<_>>();
        (by, takes.whom.iter().map(|(id, ..)| *id).collect::<Vec<_>>())
    };
    let both = vec![("Olga".to_owned(), 1, 0), ("sales person".to_owned(), 1, 0)];
    assert_eq!(told(&dry(&owner, 10)), (both.clone(), vec![his, CustomerId(2)]));
    assert_eq!(told(&dry(&owner, 25)).0[0], ("Olga".to_owned(), 0, 1), "within the days of the warning");
    assert_eq!(told(&dry(&sales.now(&house), 10)), (vec![both[1].clone()], vec![his]));
    assert_eq!(told(&dry(&admin, 10)), (both, vec![]), "numbers, and nobody's name");
    assert!(act(&owner, PoolAction::DryRun(None)).is_err(), "the policy takes nobody, so it says no days");
    assert!(act(&owner, PoolAction::DryRun(Some(9_999))).is_err());
    assert_eq!((list(&owner).total, owner_of(&owner, young).is_some()), (0, true));
    assert_eq!(verbs(&owner).iter().filter(|verb| *verb == "pool.dry_run").count(), 4);
}

#[test]
fn reading_the_pool_is_on_record_and_counts_as_rows_of_a_list() {
    let (house, owner) = House::new();
    set(&owner, "rows_per_hour", 10);
    for n in 0..130 {
        owner.perform(named(&format!("Customer {n}"), vec![])).unwrap();
    }
    let sales = house.staff(&owner, RoleName::Sales);
    let page = |after, limit| sales.query(Query::Pool(PoolQuery::List(after, limit)));
    let Ok(View::Pool(first)) = page(None, 100) else { panic!("no pool") };
    assert!(first.more && first.total == 130);
    let last = first.rows.last().map(|row| row.cursor.clone());
    let further = page(last, 100);
    assert!(matches!(further, Err(Refusal::ReadingLimit { limit: 10, .. })), "{further:?}");
    sales.end();
    assert!(verbs(&owner).contains(&"customer.list".to_owned()));
    let support = house.staff(&owner, RoleName::Support);
    assert!(matches!(support.query(Query::Pool(PoolQuery::List(None, 9))), Err(Refusal::NotPermitted { .. })));
}

#[test]
fn a_merge_and_an_erasure_leave_no_warning_behind() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 30);
    let [keep, other, gone] = ["Mei", "Mei L", "Gone"].map(|name| add(&owner, name, mine()));
    drop(owner);
    let owner = days(&house, 25);
    assert_eq!(look(&owner), (3, 0));
    let versions = [keep, other].map(|id| open(&owner, id).profile.version);
    let merge = Action::Merge { keep: (keep, versions[0]), other: (other, versions[1]), take: vec![] };
    owner.perform(merge).unwrap();
    owner.perform(Action::EraseCustomer(gone, callback())).unwrap();
    drop(owner);
    let owner = days(&house, 6);
    assert_eq!(look(&owner), (0, 0), "warned for six days");
    owner.perform(Action::Undo).unwrap();
    drop(owner);
    let owner = days(&house, 1);
    assert_eq!(look(&owner), (0, 2), "both were warned for seven days");
    owner.end();
    drop(owner);
    house.gate.seal();
    let done = house.program().env("XDG_STATE_HOME", house.folder.path()).args(["doctor", "--deep"]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
}

#[test]
fn the_command_line_lists_claims_gives_back_tries_and_runs() {
    let (house, owner) = House::new();
    add(&owner, "Mei", vec![Change::Tags(vec!["vip".into()])]);
    owner.end();
    drop(owner);
    house.gate.seal();
    let run = |args: &[&str]| {
        let out = house.program().arg("pool").args(args).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, out, err) = run(&["list", "--json"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with(r#"{"id":1,"name":"Mei","kind":"person","stage":"lead","tags":["vip"],"since":"#), "{out}");
    assert!(run(&["list"]).1.contains("Mei"));
    assert_eq!(run(&["claim", "1"]).0, Some(0));
    assert_eq!(run(&["release", "1"]).0, Some(0));
    let (code, _, err) = run(&["claim", "1"]);
    assert!(code == Some(1) && err.contains("yours until lately"), "{err}");
    assert_eq!(run(&["claim", "99"]).0, Some(1));
    let (_, out, err) = run(&["dry-run", "--days", "30", "--json"]);
    assert_eq!(out.trim(), r#"{"days":30,"warn_days":7,"exact":true,"owners":[],"whom":[]}"#, "{err}");
    let (code, _, err) = run(&["dry-run"]);
    assert!(code == Some(1) && err.contains("--days"), "{err}");
    assert_eq!(run(&["run", "--json"]).1.trim(), r#"{"warned":0,"returned":0}"#);
}

#[test]
fn scripts_read_how_many_days_a_customer_has_left() {
    let (house, owner) = House::new();
    set(&owner, "pool_days", 365);
    add(&owner, "Mei", mine());
    add(&owner, "Nobody's", vec![Change::Owner(None)]);
    owner.end();
    drop(owner);
    house.gate.seal();
    for args in [&["customers", "--json"][..], &["show", "1", "--json"]] {
        let out = house.program().env("XDG_STATE_HOME", house.folder.path()).args(args).output().unwrap();
        let printed = String::from_utf8(out.stdout).unwrap();
        let counted = printed.lines().filter(|line| line.contains("\"pool_days_left\":")).count();
        assert_eq!(counted, 1, "{printed}");
    }
}
